// f32 arithmetic is that of doubles, rounded by `Math.fround`, for interpreters a call: `fround(a*b)`. Where the consumer
// rounds anyway, or a comparison with a constant comes out the same, it may stand without.
import { Op } from "../../runtime/wasm/opcodes.js";
import { type Expr, T } from "../ir/ir.js";
import { f32Of } from "../ir/constants.js";
import { numberLiteral } from "./literal.js";

/** Whether an f32 is printed as a double that is rounded. */
export function isRounded(e: Expr): boolean {
  if (e.type !== T.f) return false;
  switch (e.op as Op) {
    case Op.f32_add:
    case Op.f32_sub:
    case Op.f32_mul:
    case Op.f32_div:
    case Op.f32_sqrt:
    case Op.f32_convert_i32_s:
    case Op.f32_convert_i32_u:
    case Op.f32_demote_f64:
      return true;
    default:
      return false;
  }
}

/**
 * What follows a double `x` in a condition that holds where `fround(x)` compared with the f32 constant does: `>4` becomes
 * `>4.000000238418579`, halfway to the next f32, from where on numbers are rounded up. Halfway itself goes to the even
 * neighbour. Undefined for other comparisons, and for constants without neighbours.
 */
export function beforeRounding(op: Op, constant: Expr): string | undefined {
  if (constant.op !== Op.f32_const) return undefined;
  const c = f32Of(constant.imm);
  if (!Number.isFinite(c)) return undefined;
  const isEven = (constant.imm & 1) === 0;
  const above = (): string => numberLiteral((c + neighbour(constant.imm, 1)) / 2);
  const below = (): string => numberLiteral((c + neighbour(constant.imm, -1)) / 2);
  switch (op) {
    case Op.f32_gt:
      return (isEven ? ">" : ">=") + above();
    case Op.f32_le:
      return (isEven ? "<=" : "<") + above();
    case Op.f32_lt:
      return (isEven ? "<" : "<=") + below();
    case Op.f32_ge:
      return (isEven ? ">=" : ">") + below();
    default:
      return undefined;
  }
}

/** The next f32 above (1) or below (-1) the one with these bits; that of the greatest is 2^128, as if there were no infinity. */
function neighbour(bits: number, direction: 1 | -1): number {
  const magnitude = bits & 0x7fffffff;
  const isNegative = bits < 0;
  if (magnitude === 0) return direction * f32Of(1);
  const next = magnitude + (isNegative ? -direction : direction);
  const value = next === 0x7f800000 ? 2 ** 128 : f32Of(next);
  return isNegative ? -value : value;
}
