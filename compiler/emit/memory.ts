// Loads and stores by the methods of the memory's view, and what of an address and a stored value they need. Elements of typed arrays are in elements.ts.
import { Op } from "../../runtime/wasm/opcodes.js";
import type { Access, ViewMethod } from "../ir/access.js";
import { type Expr, Ir, T } from "../ir/ir.js";
import { isBoolean, isNonNegative } from "../ir/make.js";
import { maySignal } from "../passes/float-bits.js";
import { type ExpressionHost, type ExpressionPrinter, Need, P } from "./expression.js";
import { numberLiteral } from "./literal.js";
import { isRounded } from "./rounding.js";

export class MemoryPrinter {
  private readonly out: ExpressionPrinter;
  private readonly host: ExpressionHost;

  constructor(out: ExpressionPrinter, host: ExpressionHost) {
    this.out = out;
    this.host = host;
  }

  /** A load or store. */
  access(e: Expr, { method, littleEndian }: Access, need: Need): string {
    const value = e.args[1];
    if (value !== undefined) return this.store(e, value, method, littleEndian);
    // An f32 that is only moved goes by way of its bits, where they could be a signalling NaN's.
    if (e.op === Op.f32_load && need === Need.value) {
      return this.out.call(
        this.host.refs.helper("f32_reinterpret_i32"),
        this.accessThrough(e, "getInt32", true, undefined),
      );
    }
    const text = this.accessThrough(e, method, littleEndian, undefined);
    return e.type === T.i ? this.out.signed(e, text, P.call, need) : this.out.as(text, P.call);
  }

  private store(e: Expr, value: Expr, method: ViewMethod, littleEndian: boolean): string {
    const asBits = e.op === Op.f32_store && maySignal(value, (v) => this.host.maySignal(v), true);
    const text = asBits
      ? this.accessThrough(e, "setInt32", true, () => this.floatBits(value))
      : this.accessThrough(e, method, littleEndian, () => this.storedValue(value));
    return this.out.as(text, P.call);
  }

  /** A call of the view's method at the access's address. */
  accessThrough(e: Expr, method: ViewMethod, littleEndian: boolean, value: (() => string) | undefined): string {
    const { refs, accessors } = this.host;
    if (accessors) return this.accessByFunction(e, refs.accessor(e.imm2, method, littleEndian), value);
    let text = `${refs.memory(e.imm2)}.${method}(${this.address(e)}`;
    if (value !== undefined) text += "," + value();
    const address = e.args[0]!;
    if (address.op === Op.local_get) this.host.prove(address.imm);
    return text + (littleEndian ? `,${refs.littleEndian})` : ")");
  }

  /** Two stores of halves, the high one first, as one call; `isPair` (function.ts) has said that they may be. */
  storePair(high: Expr, low: Expr): string {
    const [address, h] = high.args as [Expr, Expr];
    const args = [
      this.out.print(address, Need.mod32, P.assign),
      this.storedValue(h),
      this.storedValue(low.args[1]!),
      numberLiteral(low.imm),
    ];
    return `${this.host.refs.pairAccessor(low.imm2)}(${args.join()})`;
  }

  /** A call of a function that adds the offset. */
  private accessByFunction(e: Expr, name: string, value: (() => string) | undefined): string {
    let text = `${name}(${this.out.print(e.args[0]!, Need.mod32, P.assign)}`;
    if (value !== undefined) text += "," + value();
    return `${text},${numberLiteral(e.imm)})`;
  }

  storedValue(value: Expr): string {
    // Storing rounds.
    if (isRounded(value)) return this.out.beforeRounding(value, P.assign);
    const { accessors, choices } = this.host;
    // V8 computes a sum that DataView is handed as a double, in an object on the heap: SHA-256's message schedule took 5 times native, now 1.5.
    const boxes = (value.op === Op.i32_add || value.op === Op.i32_sub) && choices.memory === "view" && !accessors;
    // JavaScriptCore gives compiled code up each time that DataView is handed a boolean: interp took 44 times native, now 1.3.
    const integer = boxes || isBoolean(value) ? Need.value : Need.mod32;
    const need = value.type === T.i ? integer : value.type === T.f ? Need.arithmetic : Need.value;
    return this.out.print(value, need, P.assign);
  }

  /** The bits of an f32 as an int32. */
  floatBits(e: Expr): string {
    if (e.op === (Ir.element as number)) return this.out.elements.bits(e);
    if (e.op === Op.f32_load) return this.accessThrough(e, "getInt32", true, undefined);
    return `${this.host.refs.helper("i32_reinterpret_f32")}(${this.out.print(e, Need.value, P.assign)})`;
  }

  /**
   * The effective address as a number that DataView checks exactly. Memories end at 2^31, so a signed address without
   * offset is as good as an unsigned one: what is negative is out of bounds either way. With an offset it is not (-4 + 8),
   * unless the address is known not to be negative.
   */
  private address(e: Expr): string {
    const address = e.args[0]!;
    const offset = e.imm;
    if (address.op === Op.i32_const) return numberLiteral((address.imm >>> 0) + offset);
    if (offset === 0) return this.out.print(address, Need.value, P.assign);
    const proven = address.op === Op.local_get && this.host.isProven(address.imm);
    const need = proven || isNonNegative(address) ? Need.value : Need.unsigned;
    return `${this.out.print(address, need, P.sum)}+${numberLiteral(offset)}`;
  }
}
