// Operations on f32: those on f64, rounded once more. For + - * / and the square root rounding twice is exact, because 53 bits
// are more than twice 24 bits and two (Figueroa, "When is double rounding innocuous?"); the others give an f32 from f32s.
// https://webassembly.github.io/spec/core/exec/numerics.html#floating-point-operations
import { f32Bits, f32FromBits } from "./bits.js";
import * as f64 from "./f64.js";

type I32 = number;
type F32 = number;

const SIGN = -0x80000000;

export const f32_eq = (a: F32, b: F32): I32 => Number(a === b);
export const f32_ne = (a: F32, b: F32): I32 => Number(a !== b);
export const f32_lt = (a: F32, b: F32): I32 => Number(a < b);
export const f32_gt = (a: F32, b: F32): I32 => Number(a > b);
export const f32_le = (a: F32, b: F32): I32 => Number(a <= b);
export const f32_ge = (a: F32, b: F32): I32 => Number(a >= b);

export const f32_abs = (a: F32): F32 => f32FromBits(f32Bits(a) & ~SIGN);
export const f32_neg = (a: F32): F32 => f32FromBits(f32Bits(a) ^ SIGN);
export const f32_copysign = (a: F32, b: F32): F32 => f32FromBits((f32Bits(a) & ~SIGN) | (f32Bits(b) & SIGN));

export const f32_ceil = (a: F32): F32 => Math.fround(f64.f64_ceil(a));
export const f32_floor = (a: F32): F32 => Math.fround(f64.f64_floor(a));
export const f32_trunc = (a: F32): F32 => Math.fround(f64.f64_trunc(a));
export const f32_nearest = (a: F32): F32 => Math.fround(f64.f64_nearest(a));
export const f32_sqrt = (a: F32): F32 => Math.fround(f64.f64_sqrt(a));

export const f32_add = (a: F32, b: F32): F32 => Math.fround(a + b);
export const f32_sub = (a: F32, b: F32): F32 => Math.fround(a - b);
export const f32_mul = (a: F32, b: F32): F32 => Math.fround(a * b);
export const f32_div = (a: F32, b: F32): F32 => Math.fround(a / b);
export const f32_min = (a: F32, b: F32): F32 => Math.fround(f64.f64_min(a, b));
export const f32_max = (a: F32, b: F32): F32 => Math.fround(f64.f64_max(a, b));
