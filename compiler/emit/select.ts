// `select` of anything but an i64 (which is in bigint.ts). Engines compile `c?a:b` to a branch, and compilers make a `select` of
// what processors would guess wrong; so where the target gains by it, integers are selected without one.
import { Op } from "../../runtime/wasm/opcodes.js";
import { type Expr, T } from "../ir/ir.js";
import { isBoolean, isI32 } from "../ir/make.js";
import { type ExpressionHost, type ExpressionPrinter, Need, P } from "./expression.js";
import { numberLiteral } from "./literal.js";

export class SelectPrinter {
  private readonly out: ExpressionPrinter;
  private readonly host: ExpressionHost;

  constructor(out: ExpressionPrinter, host: ExpressionHost) {
    this.out = out;
    this.host = host;
  }

  select(e: Expr, need: Need): string {
    const { choices } = this.host;
    const extreme = choices.extremes ? extremeOf(e) : undefined;
    if (extreme !== undefined) return this.extreme(e, extreme, need);
    if (choices.masks && isMaskable(e)) return this.masked(e, need);
    const [cond, a, b] = e.args as [Expr, Expr, Expr];
    const text = `${this.out.print(cond, Need.truth, P.or)}?${this.out.print(a, need, P.assign)}`;
    return this.out.as(`${text}:${this.out.print(b, need, P.assign)}`, P.conditional);
  }

  private extreme(e: Expr, { name, signed }: Extreme, need: Need): string {
    // Those of the comparison: it is evaluated first, so assignments may be printed in it.
    const operands = this.out.arguments(e.args[0]!.args, signed ? Need.value : Need.unsigned);
    const text = `${this.host.refs.mathFunction(name)}(${operands})`;
    if (signed) return this.out.signed(e, text, P.call, need);
    return need === Need.value ? this.out.as(`${text}|0`, P.bitOr) : this.out.as(text, P.call);
  }

  private masked(e: Expr, need: Need): string {
    const { out } = this;
    const [cond, a, b] = e.args as [Expr, Expr, Expr];
    // The condition first: assignments may be printed in it.
    if (isI32(a, 0)) {
      const mask = `${out.print(cond, Need.integer, P.sum)}-1`;
      return out.signed(e, `${mask}&${out.print(b, Need.value, P.bitAnd + 1)}`, P.bitAnd, need);
    }
    const mask = `-(${out.print(cond, Need.mod32, P.comma)})`;
    if (isI32(b, 0)) return out.signed(e, `${mask}&${out.print(a, Need.value, P.bitAnd + 1)}`, P.bitAnd, need);
    if (b.op === Op.i32_const) {
      const difference =
        a.op === Op.i32_const
          ? numberLiteral(a.imm ^ b.imm)
          : `(${out.print(a, Need.value, P.bitXor)}^${numberLiteral(b.imm)})`;
      return out.signed(e, `${mask}&${difference}^${numberLiteral(b.imm)}`, P.bitXor, need);
    }
    const difference = `${out.print(a, Need.value, P.bitXor)}^${out.print(b, Need.value, P.bitXor + 1)}`;
    return out.signed(e, `${mask}&(${difference})^${this.host.local(b.imm)}`, P.bitXor, need);
  }
}

interface Extreme {
  readonly name: "min" | "max";
  readonly signed: boolean;
}

/** Comparisons, as "less" and by sign. */
const ORDER: Partial<Record<Op, readonly [less: boolean, signed: boolean]>> = {
  [Op.i32_lt_s]: [true, true],
  [Op.i32_le_s]: [true, true],
  [Op.i32_gt_s]: [false, true],
  [Op.i32_ge_s]: [false, true],
  [Op.i32_lt_u]: [true, false],
  [Op.i32_le_u]: [true, false],
  [Op.i32_gt_u]: [false, false],
  [Op.i32_ge_u]: [false, false],
};

/** Which of its two values a `select` picks, where it compares just them. */
function extremeOf({ args: [cond, a, b] }: Expr): Extreme | undefined {
  const order = ORDER[cond!.op as Op];
  if (order === undefined) return undefined;
  const [x, y] = cond!.args as [Expr, Expr];
  const isFirst = isSameLeaf(x, a!) && isSameLeaf(y, b!);
  if (!isFirst && !(isSameLeaf(x, b!) && isSameLeaf(y, a!))) return undefined;
  const [less, signed] = order;
  return { name: less === isFirst ? "min" : "max", signed };
}

function isMaskable({ type, args: [cond, a, b] }: Expr): boolean {
  return type === T.i && isBoolean(cond!) && isLeaf(a!) && isLeaf(b!);
}

function isLeaf({ op }: Expr): boolean {
  return op === Op.local_get || op === Op.i32_const;
}

function isSameLeaf(x: Expr, y: Expr): boolean {
  return x.op === y.op && x.imm === y.imm && isLeaf(x);
}
