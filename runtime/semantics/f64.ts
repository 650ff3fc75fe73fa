// Operations on f64. Where the specification lets a NaN result be any of several, the one that the host's arithmetic gives is
// returned, always a quiet one; abs, neg and copysign change the sign bit and nothing else.
// https://webassembly.github.io/spec/core/exec/numerics.html#floating-point-operations
import { f64Bits, f64FromBits } from "./bits.js";

type I32 = number;
type F64 = number;

const SIGN = -0x8000_0000_0000_0000n;

/** The NaN operand made quiet. Addition does it on every host; `x * 1` and `Math.floor(x)` need not. */
export const quiet = (x: F64): F64 => x + x;

export const f64_eq = (a: F64, b: F64): I32 => Number(a === b);
export const f64_ne = (a: F64, b: F64): I32 => Number(a !== b);
export const f64_lt = (a: F64, b: F64): I32 => Number(a < b);
export const f64_gt = (a: F64, b: F64): I32 => Number(a > b);
export const f64_le = (a: F64, b: F64): I32 => Number(a <= b);
export const f64_ge = (a: F64, b: F64): I32 => Number(a >= b);

export const f64_abs = (a: F64): F64 => f64FromBits(f64Bits(a) & ~SIGN);
export const f64_neg = (a: F64): F64 => f64FromBits(f64Bits(a) ^ SIGN);
export const f64_copysign = (a: F64, b: F64): F64 => f64FromBits((f64Bits(a) & ~SIGN) | (f64Bits(b) & SIGN));

export const f64_ceil = (a: F64): F64 => (Number.isNaN(a) ? quiet(a) : Math.ceil(a));
export const f64_floor = (a: F64): F64 => (Number.isNaN(a) ? quiet(a) : Math.floor(a));
export const f64_trunc = (a: F64): F64 => (Number.isNaN(a) ? quiet(a) : Math.trunc(a));
export const f64_sqrt = (a: F64): F64 => (Number.isNaN(a) ? quiet(a) : Math.sqrt(a));
export function f64_nearest(a: F64): F64 {
  if (Number.isNaN(a)) return quiet(a);
  const below = Math.floor(a);
  const fraction = a - below;
  if (fraction === 0) return a;
  const up = fraction > 0.5 || (fraction === 0.5 && below % 2 !== 0);
  const rounded = up ? below + 1 : below;
  return rounded === 0 && a < 0 ? -0 : rounded;
}

export const f64_add = (a: F64, b: F64): F64 => a + b;
export const f64_sub = (a: F64, b: F64): F64 => a - b;
export const f64_mul = (a: F64, b: F64): F64 => a * b;
export const f64_div = (a: F64, b: F64): F64 => a / b;
export const f64_min = (a: F64, b: F64): F64 => (Number.isNaN(a) || Number.isNaN(b) ? a + b : Math.min(a, b));
export const f64_max = (a: F64, b: F64): F64 => (Number.isNaN(a) || Number.isNaN(b) ? a + b : Math.max(a, b));
