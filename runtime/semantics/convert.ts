// Conversions between number types. A float operand may be f32 or f64 alike: every f32 is an f64.
// https://webassembly.github.io/spec/core/exec/numerics.html#conversions
import { f32Bits, f32FromBits, f64Bits, f64FromBits } from "./bits.js";
import { quiet } from "./f64.js";
import { signed, unsigned } from "./i64.js";
import { NumericTrap } from "./trap.js";

type I32 = number;
type I64 = bigint;
type F32 = number;
type F64 = number;

const I32_RANGE = [-(2n ** 31n), 2n ** 31n - 1n] as const;
const U32_RANGE = [0n, 2n ** 32n - 1n] as const;
const I64_RANGE = [-(2n ** 63n), 2n ** 63n - 1n] as const;
const U64_RANGE = [0n, 2n ** 64n - 1n] as const;
type Range = readonly [bigint, bigint];

function truncate(x: F64, [min, max]: Range): bigint {
  if (Number.isNaN(x)) throw new NumericTrap("invalid conversion to integer");
  if (!Number.isFinite(x)) throw new NumericTrap("integer overflow");
  const integer = BigInt(Math.trunc(x));
  if (integer < min || integer > max) throw new NumericTrap("integer overflow");
  return integer;
}

function saturate(x: F64, [min, max]: Range): bigint {
  if (Number.isNaN(x)) return 0n;
  if (!Number.isFinite(x)) return x > 0 ? max : min;
  const integer = BigInt(Math.trunc(x));
  return integer < min ? min : integer > max ? max : integer;
}

const toI32 = (a: bigint): I32 => Number(BigInt.asIntN(32, a));

export const i32_wrap_i64 = toI32;
export const i32_trunc_f64_s = (x: F64): I32 => toI32(truncate(x, I32_RANGE));
export const i32_trunc_f64_u = (x: F64): I32 => toI32(truncate(x, U32_RANGE));
export const i32_trunc_f32_s = i32_trunc_f64_s;
export const i32_trunc_f32_u = i32_trunc_f64_u;
export const i32_trunc_sat_f64_s = (x: F64): I32 => toI32(saturate(x, I32_RANGE));
export const i32_trunc_sat_f64_u = (x: F64): I32 => toI32(saturate(x, U32_RANGE));
export const i32_trunc_sat_f32_s = i32_trunc_sat_f64_s;
export const i32_trunc_sat_f32_u = i32_trunc_sat_f64_u;

export const i64_extend_i32_s = (a: I32): I64 => BigInt(a);
export const i64_extend_i32_u = (a: I32): I64 => BigInt(a >>> 0);
export const i64_trunc_f64_s = (x: F64): I64 => signed(truncate(x, I64_RANGE));
export const i64_trunc_f64_u = (x: F64): I64 => signed(truncate(x, U64_RANGE));
export const i64_trunc_f32_s = i64_trunc_f64_s;
export const i64_trunc_f32_u = i64_trunc_f64_u;
export const i64_trunc_sat_f64_s = (x: F64): I64 => signed(saturate(x, I64_RANGE));
export const i64_trunc_sat_f64_u = (x: F64): I64 => signed(saturate(x, U64_RANGE));
export const i64_trunc_sat_f32_s = i64_trunc_sat_f64_s;
export const i64_trunc_sat_f32_u = i64_trunc_sat_f64_u;

export const f32_convert_i32_s = (a: I32): F32 => Math.fround(a);
export const f32_convert_i32_u = (a: I32): F32 => Math.fround(a >>> 0);
export const f32_convert_i64_s = (a: I64): F32 => (a < 0n ? -roundToF32(-a) : roundToF32(a));
export const f32_convert_i64_u = (a: I64): F32 => roundToF32(unsigned(a));
export const f32_demote_f64 = (x: F64): F32 => Math.fround(Number.isNaN(x) ? quiet(x) : x);

export const f64_convert_i32_s = (a: I32): F64 => a;
export const f64_convert_i32_u = (a: I32): F64 => a >>> 0;
export const f64_convert_i64_s = (a: I64): F64 => Number(a);
export const f64_convert_i64_u = (a: I64): F64 => Number(unsigned(a));
export const f64_promote_f32 = (x: F32): F64 => (Number.isNaN(x) ? quiet(x) : x);

export const i32_reinterpret_f32 = f32Bits;
export const i64_reinterpret_f64 = f64Bits;
export const f32_reinterpret_i32 = f32FromBits;
export const f64_reinterpret_i64 = f64FromBits;

// A magnitude below 2^64 rounded to 24 bits, ties to even. Not by way of Number(a), which has rounded once already.
function roundToF32(a: bigint): F32 {
  let shift = 0n;
  while (a >> shift >= 1n << 24n) shift++;
  if (shift === 0n) return Number(a);
  const half = 1n << (shift - 1n);
  const rest = a & ((1n << shift) - 1n);
  let kept = a >> shift;
  if (rest > half || (rest === half && (kept & 1n) === 1n)) kept++;
  return Number(kept << shift);
}
