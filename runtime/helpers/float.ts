// Float operations that JavaScript lacks. NaNs: abs, neg and copysign act on the sign bit alone, also of a NaN (convert.ts
// tells which engines keep the rest of its bits); arithmetic ones give a quiet NaN.
//
// An f32 NaN is kept in the sign and upper payload bits of a double (convert.ts), so the f32 operations are the f64 ones.
import { F64, I32 } from "./convert.js";

/** Rounds to the nearest integer, ties to even; of an f32 it gives an f32. */
export function f64_nearest(x: number): number {
  // Adding 2^52 leaves no room for a fraction, and rounds as asked for.
  if (x >= 0) return x < 4503599627370496 ? (x === 0 ? x : x + 4503599627370496 - 4503599627370496) : x;
  if (x < 0) return x > -4503599627370496 ? -(4503599627370496 - x - 4503599627370496) : x;
  return x + x; // quiets a NaN: V8 folds `x * 1` and `x - 0`, not this
}

export function f64_copysign(x: number, y: number): number {
  F64[0] = y;
  const sign = I32[1]! & -2147483648;
  F64[0] = x;
  I32[1] = (I32[1]! & 0x7fffffff) | sign;
  return F64[0]!;
}

export function f64_neg(x: number): number {
  if (x === x) return -x;
  F64[0] = x;
  I32[1]! ^= -2147483648;
  return F64[0]!;
}

export function f64_abs(x: number): number {
  if (x === x) return Math.abs(x);
  F64[0] = x;
  I32[1]! &= 0x7fffffff;
  return F64[0]!;
}

export const f32_copysign = f64_copysign;
export const f32_neg = f64_neg;
export const f32_abs = f64_abs;
