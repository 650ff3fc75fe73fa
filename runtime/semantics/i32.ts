// Operations on i32, as signed JavaScript numbers. Comparisons give 0 or 1. One line each: this is what the instruction means;
// speed is the business of templates, helpers and interpreters, which are tested against it.
// https://webassembly.github.io/spec/core/exec/numerics.html#integer-operations
import { NumericTrap } from "./trap.js";

type I32 = number;

export const i32_eqz = (a: I32): I32 => Number(a === 0);
export const i32_eq = (a: I32, b: I32): I32 => Number(a === b);
export const i32_ne = (a: I32, b: I32): I32 => Number(a !== b);
export const i32_lt_s = (a: I32, b: I32): I32 => Number(a < b);
export const i32_lt_u = (a: I32, b: I32): I32 => Number(a >>> 0 < b >>> 0);
export const i32_gt_s = (a: I32, b: I32): I32 => Number(a > b);
export const i32_gt_u = (a: I32, b: I32): I32 => Number(a >>> 0 > b >>> 0);
export const i32_le_s = (a: I32, b: I32): I32 => Number(a <= b);
export const i32_le_u = (a: I32, b: I32): I32 => Number(a >>> 0 <= b >>> 0);
export const i32_ge_s = (a: I32, b: I32): I32 => Number(a >= b);
export const i32_ge_u = (a: I32, b: I32): I32 => Number(a >>> 0 >= b >>> 0);

export const i32_clz = (a: I32): I32 => Math.clz32(a);
export const i32_ctz = (a: I32): I32 => (a === 0 ? 32 : 31 - Math.clz32(a & -a));
export function i32_popcnt(a: I32): I32 {
  let count = 0;
  for (; a !== 0; a &= a - 1) count++;
  return count;
}

export const i32_add = (a: I32, b: I32): I32 => (a + b) | 0;
export const i32_sub = (a: I32, b: I32): I32 => (a - b) | 0;
export const i32_mul = (a: I32, b: I32): I32 => Math.imul(a, b);
export function i32_div_s(a: I32, b: I32): I32 {
  if (b === 0) throw new NumericTrap("integer divide by zero");
  if (a === -0x80000000 && b === -1) throw new NumericTrap("integer overflow");
  return (a / b) | 0;
}
export function i32_div_u(a: I32, b: I32): I32 {
  if (b === 0) throw new NumericTrap("integer divide by zero");
  return ((a >>> 0) / (b >>> 0)) | 0;
}
export function i32_rem_s(a: I32, b: I32): I32 {
  if (b === 0) throw new NumericTrap("integer divide by zero");
  return (a % b) | 0;
}
export function i32_rem_u(a: I32, b: I32): I32 {
  if (b === 0) throw new NumericTrap("integer divide by zero");
  return ((a >>> 0) % (b >>> 0)) | 0;
}

export const i32_and = (a: I32, b: I32): I32 => a & b;
export const i32_or = (a: I32, b: I32): I32 => a | b;
export const i32_xor = (a: I32, b: I32): I32 => a ^ b;
export const i32_shl = (a: I32, b: I32): I32 => a << b;
export const i32_shr_s = (a: I32, b: I32): I32 => a >> b;
export const i32_shr_u = (a: I32, b: I32): I32 => (a >>> b) | 0;
export const i32_rotl = (a: I32, b: I32): I32 => (a << b) | (a >>> -b);
export const i32_rotr = (a: I32, b: I32): I32 => (a >>> b) | (a << -b);
export const i32_extend8_s = (a: I32): I32 => (a << 24) >> 24;
export const i32_extend16_s = (a: I32): I32 => (a << 16) >> 16;
