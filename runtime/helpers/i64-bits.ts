// Shifts, rotations and bit counts of 64-bit integers. An i64 is two int32 halves: parameters (low, high), the result's
// low half is returned and its high half left in `S.h`. JavaScript takes shift counts modulo 32, so `>>> ~n` is a shift
// by 31 - n: together with one fixed shift by 1 it makes a count of 0 come out right without a branch.
import { S } from "../instance/store.js";
import { i32_ctz } from "./i32.js";

export function i64_shl(low: number, high: number, n: number): number {
  if (n & 32) {
    S.h = low << n;
    return 0;
  }
  S.h = (high << n) | ((low >>> 1) >>> ~n);
  return low << n;
}

export function i64_shr_s(low: number, high: number, n: number): number {
  if (n & 32) {
    S.h = high >> 31;
    return high >> n;
  }
  S.h = high >> n;
  return (low >>> n) | ((high << 1) << ~n);
}

export function i64_shr_u(low: number, high: number, n: number): number {
  if (n & 32) {
    S.h = 0;
    return (high >>> n) | 0;
  }
  S.h = (high >>> n) | 0;
  return (low >>> n) | ((high << 1) << ~n);
}

// FAST: a rotation by 32 or more exchanges the halves first, without a branch: counts that vary would mispredict it
// (test/bench/questions; a third faster on the rotate kernel).
export function i64_rotl(low: number, high: number, n: number): number {
  const exchange = (low ^ high) & -((n >>> 5) & 1);
  low ^= exchange;
  high ^= exchange;
  S.h = (high << n) | ((low >>> 1) >>> ~n);
  return (low << n) | ((high >>> 1) >>> ~n);
}

export function i64_rotr(low: number, high: number, n: number): number {
  const exchange = (low ^ high) & -((n >>> 5) & 1);
  low ^= exchange;
  high ^= exchange;
  S.h = (high >>> n) | ((low << 1) << ~n);
  return (low >>> n) | ((high << 1) << ~n);
}

export function i64_clz(low: number, high: number): number {
  return high === 0 ? 32 + Math.clz32(low) : Math.clz32(high);
}

export function i64_ctz(low: number, high: number): number {
  return low === 0 ? 32 + i32_ctz(high) : i32_ctz(low);
}

export function i64_popcnt(low: number, high: number): number {
  // As i32_popcnt, but that the counts of four bits are added before they are summed up.
  low = (low - ((low >>> 1) & 0x55555555)) | 0;
  high = (high - ((high >>> 1) & 0x55555555)) | 0;
  low = (low & 0x33333333) + ((low >>> 2) & 0x33333333);
  low = (low + (high & 0x33333333) + ((high >>> 2) & 0x33333333)) | 0;
  return Math.imul((low & 0x0f0f0f0f) + ((low >>> 4) & 0x0f0f0f0f), 0x01010101) >>> 24;
}
