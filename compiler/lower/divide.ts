// i64 division by a constant power of two, as shifts in every form that i64 has later. LLVM leaves the signed one to the engine, whose
// wasm compiler knows it; but V8 divides BigInts by it in 7 ns instead of 1, and halves would call a helper.
import { Op } from "../../runtime/wasm/opcodes.js";
import { type Expr, expr, T, leaf } from "../ir/ir.js";
import type { Builder } from "./builder.js";

/** Lowers a division of the two topmost operands, if it is such; it cannot trap. Returns whether it was. */
export function divideByPower(op: Op, b: Builder): boolean {
  const isSigned = op === Op.i64_div_s || op === Op.i64_rem_s;
  if (!isSigned && op !== Op.i64_div_u && op !== Op.i64_rem_u) return false;
  const k = exponentOf(b.stack[b.stack.length - 1]!);
  // The greatest one is negative to a signed division; by 1, there would be shifts by 64.
  if (k === undefined || k === 0 || (isSigned && k === 63)) return false;
  b.pop();
  const isQuotient = op === Op.i64_div_s || op === Op.i64_div_u;
  if (!isSigned) {
    const x = b.pop();
    b.push(isQuotient ? shift(Op.i64_shr_u, x, k) : binary(Op.i64_and, x, allBelow(k)));
    return true;
  }
  b.makeRepeatable(1, 1);
  const x = b.pop();
  // What makes shifting round towards zero: 2^k - 1 where x is negative.
  b.push(shift(Op.i64_shr_u, shift(Op.i64_shr_s, x, 63), 64 - k));
  if (!isQuotient) b.makeRepeatable(1, 1);
  const bias = b.pop();
  const sum = binary(Op.i64_add, x, bias);
  b.push(isQuotient ? shift(Op.i64_shr_s, sum, k) : binary(Op.i64_sub, binary(Op.i64_and, sum, allBelow(k)), bias));
  return true;
}

function exponentOf({ op, imm, imm2 }: Expr): number | undefined {
  if (op !== Op.i64_const) return undefined;
  const [half, above] = imm2 === 0 ? [imm, 0] : [imm2, 32];
  const isPower = half !== 0 && (half & (half - 1)) === 0 && (imm === 0 || imm2 === 0);
  return isPower ? 31 - Math.clz32(half) + above : undefined;
}

function constant(low: number, high: number): Expr {
  return leaf(Op.i64_const, T.l, low | 0, high | 0);
}

/** 2^k - 1. */
function allBelow(k: number): Expr {
  return k < 32 ? constant(2 ** k - 1, 0) : constant(-1, 2 ** (k - 32) - 1);
}

function binary(op: Op, x: Expr, y: Expr): Expr {
  return expr(op, T.l, [x, y]);
}

function shift(op: Op, x: Expr, count: number): Expr {
  return binary(op, x, constant(count, 0));
}
