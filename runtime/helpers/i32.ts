// Helpers for 32-bit integers: what JavaScript's operators do not do, or do without trapping. Arguments and results are
// signed int32. Written so that it can be down-levelled to ES5, like everything in this folder.
import { trap } from "./trap.js";
import { TrapCode } from "../trap-code.js";

export function i32_div_s(a: number, b: number): number {
  if (b === 0) trap(TrapCode.integerDivideByZero);
  if (b === -1 && a === -2147483648) trap(TrapCode.integerOverflow);
  return (a / b) | 0;
}

export function i32_div_u(a: number, b: number): number {
  if (b === 0) trap(TrapCode.integerDivideByZero);
  return ((a >>> 0) / (b >>> 0)) | 0;
}

export function i32_rem_s(a: number, b: number): number {
  if (b === 0) trap(TrapCode.integerDivideByZero);
  return (a % b) | 0;
}

export function i32_rem_u(a: number, b: number): number {
  if (b === 0) trap(TrapCode.integerDivideByZero);
  return ((a >>> 0) % (b >>> 0)) | 0;
}

export function i32_ctz(a: number): number {
  return a === 0 ? 32 : 31 - Math.clz32(a & -a);
}

export function i32_popcnt(a: number): number {
  a = (a - ((a >>> 1) & 0x55555555)) | 0;
  a = (a & 0x33333333) + ((a >>> 2) & 0x33333333);
  return Math.imul((a + (a >>> 4)) & 0x0f0f0f0f, 0x01010101) >>> 24;
}
