// Operations on i64, as signed BigInts; comparisons give an i32.
// https://webassembly.github.io/spec/core/exec/numerics.html#integer-operations
import { i32_clz, i32_ctz, i32_popcnt } from "./i32.js";
import { NumericTrap } from "./trap.js";

type I32 = number;
type I64 = bigint;

const MASK = 0xffff_ffff_ffff_ffffn;

/** The value modulo 2^64, signed. */
export const signed = (a: bigint): I64 => BigInt.asIntN(64, a);
/** The value as an unsigned number. By mask: QuickJS 2025-04 gets `asUintN(64, …)` wrong. */
export const unsigned = (a: I64): bigint => a & MASK;

const low = (a: I64): I32 => Number(BigInt.asIntN(32, a));
const high = (a: I64): I32 => Number(BigInt.asIntN(32, a >> 32n));

export const i64_eqz = (a: I64): I32 => Number(a === 0n);
export const i64_eq = (a: I64, b: I64): I32 => Number(a === b);
export const i64_ne = (a: I64, b: I64): I32 => Number(a !== b);
export const i64_lt_s = (a: I64, b: I64): I32 => Number(a < b);
export const i64_lt_u = (a: I64, b: I64): I32 => Number(unsigned(a) < unsigned(b));
export const i64_gt_s = (a: I64, b: I64): I32 => Number(a > b);
export const i64_gt_u = (a: I64, b: I64): I32 => Number(unsigned(a) > unsigned(b));
export const i64_le_s = (a: I64, b: I64): I32 => Number(a <= b);
export const i64_le_u = (a: I64, b: I64): I32 => Number(unsigned(a) <= unsigned(b));
export const i64_ge_s = (a: I64, b: I64): I32 => Number(a >= b);
export const i64_ge_u = (a: I64, b: I64): I32 => Number(unsigned(a) >= unsigned(b));

export const i64_clz = (a: I64): I64 => BigInt(high(a) === 0 ? 32 + i32_clz(low(a)) : i32_clz(high(a)));
export const i64_ctz = (a: I64): I64 => BigInt(low(a) === 0 ? 32 + i32_ctz(high(a)) : i32_ctz(low(a)));
export const i64_popcnt = (a: I64): I64 => BigInt(i32_popcnt(low(a)) + i32_popcnt(high(a)));

export const i64_add = (a: I64, b: I64): I64 => signed(a + b);
export const i64_sub = (a: I64, b: I64): I64 => signed(a - b);
export const i64_mul = (a: I64, b: I64): I64 => signed(a * b);
export function i64_div_s(a: I64, b: I64): I64 {
  if (b === 0n) throw new NumericTrap("integer divide by zero");
  if (a === -0x8000_0000_0000_0000n && b === -1n) throw new NumericTrap("integer overflow");
  return a / b;
}
export function i64_div_u(a: I64, b: I64): I64 {
  if (b === 0n) throw new NumericTrap("integer divide by zero");
  return signed(unsigned(a) / unsigned(b));
}
export function i64_rem_s(a: I64, b: I64): I64 {
  if (b === 0n) throw new NumericTrap("integer divide by zero");
  return a % b;
}
export function i64_rem_u(a: I64, b: I64): I64 {
  if (b === 0n) throw new NumericTrap("integer divide by zero");
  return signed(unsigned(a) % unsigned(b));
}

export const i64_and = (a: I64, b: I64): I64 => a & b;
export const i64_or = (a: I64, b: I64): I64 => a | b;
export const i64_xor = (a: I64, b: I64): I64 => a ^ b;
export const i64_shl = (a: I64, b: I64): I64 => signed(a << (b & 63n));
export const i64_shr_s = (a: I64, b: I64): I64 => a >> (b & 63n);
export const i64_shr_u = (a: I64, b: I64): I64 => signed(unsigned(a) >> (b & 63n));
export const i64_rotl = (a: I64, b: I64): I64 => signed((a << (b & 63n)) | (unsigned(a) >> (64n - (b & 63n))));
export const i64_rotr = (a: I64, b: I64): I64 => signed((unsigned(a) >> (b & 63n)) | (a << (64n - (b & 63n))));
export const i64_extend8_s = (a: I64): I64 => BigInt.asIntN(8, a);
export const i64_extend16_s = (a: I64): I64 => BigInt.asIntN(16, a);
export const i64_extend32_s = (a: I64): I64 => BigInt.asIntN(32, a);
