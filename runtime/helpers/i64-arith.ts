// Multiplication and division of 64-bit integers as int32 halves, exact, without BigInt.
//
// Products: the low 32 bits come from Math.imul; the high 32 bits of an unsigned 32x32 product from the double product,
// which is off by at most 2^10: subtracting the exact low half leaves a multiple of 2^32 off by as much, against the 2^31 it
// would take to change the rounded quotient.
//
// Quotients: of doubles, where both operands are integers below 2^53. Truncating a correctly rounded a/b gives floor(a/b)
// then: rounding up to an integer k takes k*b - a <= b*k*2^-53, so a >= 2^53. Larger operands go through divideLarge.
import { S } from "../instance/store.js";
import { TrapCode } from "../trap-code.js";
import { trap } from "./trap.js";

const TWO32 = 4294967296;
const INV32 = 2.3283064365386963e-10; // 2^-32, exact

function mulHigh(a: number, b: number): number {
  return (((a >>> 0) * (b >>> 0) - (Math.imul(a, b) >>> 0)) * INV32 + 0.5) | 0;
}

export function i64_mul_u32(a: number, b: number): number {
  const low = Math.imul(a, b);
  S.h = (((a >>> 0) * (b >>> 0) - (low >>> 0)) * INV32 + 0.5) | 0;
  return low;
}

export function i64_mul(aLow: number, aHigh: number, bLow: number, bHigh: number): number {
  const low = Math.imul(aLow, bLow);
  const carry = (((aLow >>> 0) * (bLow >>> 0) - (low >>> 0)) * INV32 + 0.5) | 0;
  S.h = (carry + Math.imul(aLow, bHigh) + Math.imul(aHigh, bLow)) | 0;
  return low;
}

export function i64_div_u(aLow: number, aHigh: number, bLow: number, bHigh: number): number {
  if ((aHigh | bHigh) === 0) {
    if (bLow === 0) trap(TrapCode.integerDivideByZero);
    S.h = 0;
    return ((aLow >>> 0) / (bLow >>> 0)) | 0;
  }
  if (aHigh >>> 0 < 0x200000) {
    // a < 2^53. A b from 2^53 on may be rounded here, but stays above a: the quotient is 0 as it should be.
    const b = (bHigh >>> 0) * TWO32 + (bLow >>> 0);
    if (b === 0) trap(TrapCode.integerDivideByZero);
    const q = ((aHigh >>> 0) * TWO32 + (aLow >>> 0)) / b;
    S.h = (q * INV32) | 0;
    return q | 0;
  }
  return divideLarge(aLow, aHigh, bLow, bHigh, false);
}

export function i64_rem_u(aLow: number, aHigh: number, bLow: number, bHigh: number): number {
  if ((aHigh | bHigh) === 0) {
    if (bLow === 0) trap(TrapCode.integerDivideByZero);
    S.h = 0;
    return ((aLow >>> 0) % (bLow >>> 0)) | 0;
  }
  if (aHigh >>> 0 < 0x200000) {
    const b = (bHigh >>> 0) * TWO32 + (bLow >>> 0);
    if (b === 0) trap(TrapCode.integerDivideByZero);
    const a = (aHigh >>> 0) * TWO32 + (aLow >>> 0);
    if (a < b) {
      S.h = aHigh;
      return aLow;
    }
    // FAST: on V8 a double's `%` is a call of fmod, several times slower than division and multiplication.
    const r = a - Math.floor(a / b) * b;
    S.h = (r * INV32) | 0;
    return r | 0;
  }
  return divideLarge(aLow, aHigh, bLow, bHigh, true);
}

export function i64_div_s(aLow: number, aHigh: number, bLow: number, bHigh: number): number {
  if (aHigh === aLow >> 31 && bHigh === bLow >> 31) {
    if (bLow === 0) trap(TrapCode.integerDivideByZero);
    const q = aLow / bLow;
    S.h = q <= -1 ? -1 : 0; // not `low >> 31`: -2^31 / -1 is 2^31 here
    return q | 0;
  }
  if ((aHigh + 0x200000) >>> 0 < 0x400000 && (bHigh + 0x200000) >>> 0 < 0x400000) {
    const b = bHigh * TWO32 + (bLow >>> 0);
    if (b === 0) trap(TrapCode.integerDivideByZero);
    const q = Math.trunc((aHigh * TWO32 + (aLow >>> 0)) / b);
    S.h = Math.floor(q * INV32) | 0;
    return q | 0;
  }
  if (aHigh === -2147483648 && aLow === 0 && (bLow & bHigh) === -1) trap(TrapCode.integerOverflow);
  const negative = (aHigh ^ bHigh) < 0;
  if (aHigh < 0) {
    aLow = -aLow | 0;
    aHigh = (~aHigh + (aLow === 0 ? 1 : 0)) | 0;
  }
  if (bHigh < 0) {
    bLow = -bLow | 0;
    bHigh = (~bHigh + (bLow === 0 ? 1 : 0)) | 0;
  }
  const low = i64_div_u(aLow, aHigh, bLow, bHigh);
  return negative ? negate(low, S.h) : low;
}

export function i64_rem_s(aLow: number, aHigh: number, bLow: number, bHigh: number): number {
  if (aHigh === aLow >> 31 && bHigh === bLow >> 31) {
    if (bLow === 0) trap(TrapCode.integerDivideByZero);
    const r = (aLow % bLow) | 0;
    S.h = r >> 31;
    return r;
  }
  if (bHigh < 0) {
    bLow = -bLow | 0;
    bHigh = (~bHigh + (bLow === 0 ? 1 : 0)) | 0;
  }
  if (aHigh >= 0) return i64_rem_u(aLow, aHigh, bLow, bHigh);
  aLow = -aLow | 0;
  aHigh = (~aHigh + (aLow === 0 ? 1 : 0)) | 0;
  const low = i64_rem_u(aLow, aHigh, bLow, bHigh);
  return negate(low, S.h);
}

function negate(low: number, high: number): number {
  S.h = (~high + (low === 0 ? 1 : 0)) | 0;
  return -low | 0;
}

// Unsigned quotient or remainder where a >= 2^53 or so; any operands would do.
//
// Where the quotient is below 2^32, the quotient of the operands rounded to doubles is off by less than 2^-19. Taking that off
// gives the floor or one less, so that the product cannot pass a, and one step of correction is enough. Where it is not below,
// b is one digit of 32 bits, and dividing the high digit of a first leaves such a case.
function divideLarge(aLow: number, aHigh: number, bLow: number, bHigh: number, remainder: boolean): number {
  let qHigh = 0;
  if (bHigh === 0 && aHigh >>> 0 >= bLow >>> 0) {
    if (bLow === 0) trap(TrapCode.integerDivideByZero);
    qHigh = ((aHigh >>> 0) / (bLow >>> 0)) | 0;
    aHigh = (aHigh - Math.imul(qHigh, bLow)) | 0;
  }
  const estimate = ((aHigh >>> 0) * TWO32 + (aLow >>> 0)) / ((bHigh >>> 0) * TWO32 + (bLow >>> 0));
  let q = (estimate - 0.0000019073486328125) | 0;
  const pLow = Math.imul(q, bLow);
  const pHigh = (mulHigh(q, bLow) + Math.imul(q, bHigh)) | 0;
  let rLow = (aLow - pLow) | 0;
  let rHigh = (aHigh - pHigh - (aLow >>> 0 < pLow >>> 0 ? 1 : 0)) | 0;
  if (rHigh === bHigh ? rLow >>> 0 >= bLow >>> 0 : rHigh >>> 0 > bHigh >>> 0) {
    q = (q + 1) | 0;
    rHigh = (rHigh - bHigh - (rLow >>> 0 < bLow >>> 0 ? 1 : 0)) | 0;
    rLow = (rLow - bLow) | 0;
  }
  if (remainder) {
    S.h = rHigh;
    return rLow;
  }
  S.h = qHigh;
  return q;
}
