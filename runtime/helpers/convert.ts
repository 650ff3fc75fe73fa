// Conversions between integers and floats. Float parameters may be f32 values as well: every f32 is an f64.
// The bit patterns go through one scratch cell, seen as a double and as two int32 (little-endian hosts, as everywhere).
//
// NaN bits. An f32 is a JavaScript number, so a signalling f32 NaN is kept as the double with the same sign and the payload
// shifted up by 29 bits, *without* the quiet bit: only these helpers make and read it. What holds (measured, and tested on the
// Node that runs the tests): V8 and QuickJS keep a double NaN's 64 bits in locals, arguments, results, closures and object
// fields, so reinterpret, abs, neg and copysign are exact for f32 and f64. V8 quiets a signalling NaN in a plain array
// of doubles and when it narrows one to float32 (`Math.fround`, `setFloat32`), so exact code stores an f32 by
// `setInt32(a, i32_reinterpret_f32(x))`. JavaScriptCore, SpiderMonkey and Hermes have one NaN per sign: the payload is lost,
// on reading it from a typed array at the latest; the sign survives.
import { S } from "../instance/store.js";
import { TrapCode } from "../trap-code.js";
import { trap } from "./trap.js";

/** @internal */
export const F64 = /* @__PURE__ */ new Float64Array(1);
/** @internal */
export const I32 = /* @__PURE__ */ new Int32Array(F64.buffer);
const F32 = /* @__PURE__ */ new Float32Array(F64.buffer);

const INV32 = 2.3283064365386963e-10; // 2^-32, exact

function invalid(x: number): never {
  return trap(x === x ? TrapCode.integerOverflow : TrapCode.invalidConversionToInteger);
}

export function i32_trunc_f64_s(x: number): number {
  if (!(x > -2147483649 && x < 2147483648)) invalid(x);
  return x | 0;
}

export function i32_trunc_f64_u(x: number): number {
  if (!(x > -1 && x < 4294967296)) invalid(x);
  return x | 0;
}

export function i32_trunc_sat_f64_s(x: number): number {
  return x >= 2147483647 ? 2147483647 : x <= -2147483648 ? -2147483648 : x | 0;
}

export function i32_trunc_sat_f64_u(x: number): number {
  return x >= 4294967295 ? -1 : x > 0 ? x | 0 : 0;
}

export function i64_trunc_f64_s(x: number): number {
  if (!(x >= -9223372036854775808 && x < 9223372036854775808)) invalid(x);
  return split(x);
}

export function i64_trunc_f64_u(x: number): number {
  if (!(x > -1 && x < 18446744073709551616)) invalid(x);
  return split(x);
}

export function i64_trunc_sat_f64_s(x: number): number {
  if (x >= -9223372036854775808 && x < 9223372036854775808) return split(x);
  S.h = x > 0 ? 2147483647 : x < 0 ? -2147483648 : 0;
  return x > 0 ? -1 : 0;
}

export function i64_trunc_sat_f64_u(x: number): number {
  if (x > -1 && x < 18446744073709551616) return split(x);
  S.h = x > 0 ? -1 : 0;
  return x > 0 ? -1 : 0;
}

// The halves of a double within the 64-bit range, truncated.
function split(x: number): number {
  x = Math.trunc(x);
  S.h = Math.floor(x * INV32) | 0;
  return x | 0;
}

export function i64_reinterpret_f64(x: number): number {
  F64[0] = x;
  S.h = I32[1]!;
  return I32[0]!;
}

export function f64_reinterpret_i64(low: number, high: number): number {
  I32[0] = low;
  I32[1] = high;
  return F64[0]!;
}

export function i32_reinterpret_f32(x: number): number {
  if (x === x) {
    F32[0] = x;
    return I32[0]!;
  }
  F64[0] = x;
  const high = I32[1]!;
  const payload = ((high & 0xfffff) << 3) | (I32[0]! >>> 29);
  return (high & -2147483648) | 0x7f800000 | (payload === 0 ? 0x400000 : payload);
}

export function f32_reinterpret_i32(bits: number): number {
  if ((bits & 0x7fffffff) <= 0x7f800000) {
    I32[0] = bits;
    return F32[0]!;
  }
  I32[0] = bits << 29;
  I32[1] = (bits & -2147483648) | 0x7ff00000 | ((bits & 0x7fffff) >> 3);
  return F64[0]!;
}

// From 2^53 on the sum of the halves would be rounded twice. Bits below 2^12 are then far below half a unit of an f32: they
// are replaced by one sticky bit, after which the sum is exact.
export function f32_convert_i64_s(low: number, high: number): number {
  if ((high + 0x200000) >>> 0 >= 0x400000 && low & 0x7ff) low = (low & -0x800) | 0x800;
  return Math.fround(high * 4294967296 + (low >>> 0));
}

export function f32_convert_i64_u(low: number, high: number): number {
  if (high >>> 0 >= 0x200000 && low & 0x7ff) low = (low & -0x800) | 0x800;
  return Math.fround((high >>> 0) * 4294967296 + (low >>> 0));
}
