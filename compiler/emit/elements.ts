// Accesses as elements of typed arrays (passes/elements), which stand beside the memory's view: `M_w` is memory 0 as int32.
import { Op } from "../../runtime/wasm/opcodes.js";
import { ACCESS, type ElementArray } from "../ir/access.js";
import { type Expr, T } from "../ir/ir.js";
import { isNonNegative } from "../ir/make.js";
import { maySignal } from "../passes/float-bits.js";
import { Quotient } from "../passes/elements/quotient.js";
import { type ExpressionHost, type ExpressionPrinter, Need, P } from "./expression.js";

/** What `p * SCALE[n]` divides by 2^n. */
const SCALE = ["1", ".5", ".25", ".125"];

export class ElementPrinter {
  private readonly out: ExpressionPrinter;
  private readonly host: ExpressionHost;
  /** Holds an element while it is compared. */
  private temp: string | undefined;

  constructor(out: ExpressionPrinter, host: ExpressionHost) {
    this.out = out;
    this.host = host;
  }

  element(e: Expr, need: Need): string {
    const access = e.args[1]!;
    const value = access.args[1];
    if (value !== undefined) return this.out.as(`${this.read(e)}=${this.stored(access, value)}`, P.assign);
    // An f32 that is only moved goes by way of its bits.
    if (access.op === Op.f32_load && need === Need.value) {
      return this.out.as(`${this.host.refs.helper("f32_reinterpret_i32")}(${this.bits(e)})`, P.call);
    }
    const { method, littleEndian } = ACCESS[access.op as Op]!;
    const text = this.checked(e, this.read(e), () =>
      this.out.memory.accessThrough(access, method, littleEndian, undefined),
    );
    const p = e.imm === 1 ? P.conditional : P.call;
    if (need !== Need.unsigned || e.type !== T.i || isNonNegative(access)) return this.out.as(text, p);
    return this.out.as(`${e.imm === 1 ? `(${text})` : text}>>>0`, P.shift);
  }

  /** The bits of an f32 that is loaded. */
  bits(e: Expr): string {
    const access = e.args[1]!;
    return this.checked(e, this.read(e, "w"), () => this.out.memory.accessThrough(access, "getInt32", true, undefined));
  }

  /** The condition that there is no such element. */
  missing(e: Expr): string {
    return this.out.as(`${this.read(e)}===void 0`, P.equality);
  }

  /** The condition that an address is behind the last one of its kind. */
  outside(e: Expr): string {
    const [access] = e.args as [Expr];
    const { width } = ACCESS[access.op as Op]!;
    const [address] = access.args as [Expr];
    const need = e.imm === 1 || isNonNegative(address) ? Need.value : Need.unsigned;
    // What the last address is less than the memory's length takes care of the width, and of the offset as far as it does.
    const offset = access.imm + width - e.imm2;
    const text = this.out.print(address, need, offset === 0 ? P.relation : P.sum);
    const limit = this.host.part(access.imm2, { kind: "end", bytes: e.imm2 });
    return this.out.as(`${text}${offset === 0 ? "" : `+${offset}`}>${limit}`, P.relation);
  }

  quotient(e: Expr): string {
    const { out } = this;
    const [x] = e.args as [Expr];
    const shift = e.imm;
    const unsigned = (e.imm2 & Quotient.unsigned) !== 0;
    const divisible = (e.imm2 & Quotient.divisible) !== 0;
    const { index } = this.host.choices;
    if (divisible && (unsigned || index !== "multiply")) {
      return out.as(`${out.print(x, Need.mod32, P.shift)}${unsigned ? ">>>" : ">>"}${shift}`, P.shift);
    }
    const exact = (e.imm2 & Quotient.exact) !== 0;
    if (index === "rotate" && !exact) {
      const isVariable = x.op === Op.local_get;
      const first = isVariable ? out.print(x, Need.mod32, P.shift) : out.print(x, Need.mod32, P.assign);
      // Nothing comes between an assignment and its reads, so one variable will do for all.
      const name = isVariable ? this.host.local(x.imm) : (this.temp ??= this.host.temp());
      const bits = `${isVariable ? first : `(${name}=${first})`}>>>${shift}|${name}<<${32 - shift}`;
      // Signed, what is no index is far enough below zero or above all indices for what is added to it, unless the address is negative.
      return unsigned ? out.as(`(${bits})>>>0`, P.shift) : out.as(bits, P.bitOr);
    }
    const need = unsigned ? Need.unsigned : exact ? Need.value : Need.integer;
    const dividend = out.print(x, need, P.product);
    return out.as(index === "multiply" ? `${dividend}*${SCALE[shift]}` : `${dividend}/${2 ** shift}`, P.product);
  }

  /** The element that an access is about. */
  private read(e: Expr, kind?: ElementArray): string {
    const [index, access] = e.args as [Expr, Expr];
    const part = { kind: kind ?? this.arrayOf(access), bytes: e.imm2 };
    return `${this.host.part(access.imm2, part)}[${this.out.print(index, Need.integer, P.comma)}]`;
  }

  private arrayOf(access: Expr): ElementArray {
    if (access.op === Op.f32_store && this.storesBits(access)) return "w";
    return ACCESS[access.op as Op]!.array;
  }

  private checked(e: Expr, text: string, slow: () => string): string {
    if (e.imm !== 1) return text;
    if (this.host.choices.missing === "nullish") return `${text}??${slow()}`;
    // Nothing comes between an assignment and its reads, so one variable will do for all.
    const t = (this.temp ??= this.host.temp());
    return `(${t}=${text})===void 0?${slow()}:${t}`;
  }

  private storesBits(access: Expr): boolean {
    return maySignal(access.args[1]!, (v) => this.host.maySignal(v), true);
  }

  private stored(access: Expr, value: Expr): string {
    if (access.op === Op.f32_store && this.storesBits(access)) return this.out.memory.floatBits(value);
    return this.out.memory.storedValue(value);
  }
}
