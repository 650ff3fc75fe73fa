// Ranges of results from ranges of operands, instruction by instruction. What is not listed may be anything.
import { Op } from "../../../runtime/wasm/opcodes.js";
import type { Expr } from "../../ir/ir.js";
import type { Ir } from "../../ir/ir.js";
import { isBoolean } from "../../ir/make.js";
import { MAX, MIN, type Range, TOP, alignment, constant, moved, range, sumClass, wrapped } from "./range.js";

const BOOLEAN = range(0, 1);
const COUNT = range(0, 32);

/** Where the signed result of an addition or subtraction of numbers in these ranges lies before it is wrapped. */
export function sumInterval(op: number, a: Range, b: Range): { lo: number; hi: number } {
  return op === Op.i32_add ? { lo: a.lo + b.lo, hi: a.hi + b.hi } : { lo: a.lo - b.hi, hi: a.hi - b.lo };
}

export function productInterval(a: Range, b: Range): { lo: number; hi: number } {
  const all = [a.lo * b.lo, a.lo * b.hi, a.hi * b.lo, a.hi * b.hi];
  return { lo: Math.min(...all), hi: Math.max(...all) };
}

export function fits({ lo, hi }: { lo: number; hi: number }): boolean {
  return lo >= MIN && hi <= MAX;
}

/** The range of an i32 operation's result, given those of its i32 operands (TOP for others). */
export function transfer(e: Expr, args: readonly Range[]): Range {
  const [a = TOP, b = TOP] = args;
  switch (e.op as Op | Ir) {
    case Op.i32_const:
      return constant(e.imm);
    case Op.i32_add:
    case Op.i32_sub:
      return sum(e.op, a, b);
    case Op.i32_mul:
      return multiply(a, b);
    case Op.i32_and:
      return and(a, b);
    case Op.i32_or:
    case Op.i32_xor:
      return or(a, b);
    case Op.i32_shl:
      return b.lo === b.hi ? multiply(a, constant(1 << b.lo)) : TOP;
    case Op.i32_shr_u:
      return b.lo === b.hi ? shiftRight(a, b.lo & 31, true) : a.lo >= 0 ? range(0, a.hi) : TOP;
    case Op.i32_shr_s:
      return b.lo === b.hi ? shiftRight(a, b.lo & 31, false) : range(Math.min(a.lo, 0), Math.max(a.hi, 0));
    case Op.i32_rem_u:
      // The remainder of a number that is not negative is no greater than it.
      if (b.lo > 0) return range(0, Math.min(b.hi - 1, a.lo >= 0 ? a.hi : MAX));
      return a.lo >= 0 ? range(0, a.hi) : TOP;
    case Op.i32_rem_s: {
      const most = Math.max(Math.abs(b.lo), Math.abs(b.hi)) - 1;
      return range(Math.max(-most, Math.min(a.lo, 0)), Math.min(most, Math.max(a.hi, 0)));
    }
    case Op.i32_div_u:
      if (a.lo < 0) return b.lo > 1 ? range(0, Math.floor((2 ** 32 - 1) / b.lo)) : TOP;
      return range(0, b.lo > 0 ? Math.floor(a.hi / b.lo) : a.hi);
    case Op.i32_div_s:
      return b.lo > 0 ? quotients(a, b) : TOP;
    case Op.i32_load8_u:
      return range(0, 255);
    case Op.i32_load16_u:
      return range(0, 65535);
    case Op.i32_load8_s:
      return range(-128, 127);
    case Op.i32_load16_s:
      return range(-32768, 32767);
    case Op.i32_extend8_s:
      return a.lo >= -128 && a.hi <= 127 ? a : range(-128, 127);
    case Op.i32_extend16_s:
      return a.lo >= -32768 && a.hi <= 32767 ? a : range(-32768, 32767);
    case Op.i32_clz:
    case Op.i32_ctz:
    case Op.i32_popcnt:
      return COUNT;
    case Op.memory_size:
      return range(0, 65536);
    default:
      return isBoolean(e) ? BOOLEAN : TOP;
  }
}

function sum(op: number, a: Range, b: Range): Range {
  const interval = sumInterval(op, a, b);
  const { mod, rem } = sumClass(a, b, op === Op.i32_add ? 1 : -1);
  const result = wrapped(interval.lo, interval.hi, mod, rem);
  if (!fits(interval)) return result;
  // What is known of a variable holds, moved, for the variable plus a constant.
  if (b.mod === 0) return moved(a, op === Op.i32_add ? b.rem : -b.rem, result);
  return op === Op.i32_add && a.mod === 0 ? moved(b, a.rem, result) : result;
}

function multiply(a: Range, b: Range): Range {
  const interval = productInterval(a, b);
  // 2^53 is where products of doubles stop being exact.
  if (a.mod === 0 && b.mod === 0) return constant(Math.imul(a.rem, b.rem));
  const [x, factor] = b.mod === 0 ? [a, b.rem] : [b, a.mod === 0 ? a.rem : 1];
  const known = b.mod === 0 || a.mod === 0;
  const mod = known ? Math.abs(factor) * x.mod : alignment(a) * alignment(b);
  if (mod === 0 || mod > 2 ** 40) return fits(interval) ? range(interval.lo, interval.hi) : TOP;
  return wrapped(interval.lo, interval.hi, mod, known ? factor * x.rem : 0);
}

/** The value with all bits of its highest set bit's position and below. */
function mask(hi: number): number {
  return hi <= 0 ? 0 : hi >= 2 ** 30 ? MAX : 2 ** (32 - Math.clz32(hi)) - 1;
}

function and(a: Range, b: Range): Range {
  if (a.mod === 0 && b.mod === 0) return constant(a.rem & b.rem);
  // Low zero bits of a constant mask are zero bits of the result.
  const bits = b.mod === 0 ? b.rem : a.mod === 0 ? a.rem : -1;
  const aligned = Math.max(lowestBit(bits), alignment(a), alignment(b));
  if (a.lo >= 0 && b.lo >= 0) return range(0, Math.min(a.hi, b.hi), aligned, 0);
  if (a.lo >= 0) return range(0, a.hi, aligned, 0);
  if (b.lo >= 0) return range(0, b.hi, aligned, 0);
  return range(MIN, Math.max(a.hi, b.hi), aligned, 0);
}

function lowestBit(bits: number): number {
  return bits === 0 ? 1 : (bits & -bits) >>> 0;
}

/** Or and exclusive or: of numbers that are not negative, no bit above the highest. */
function or(a: Range, b: Range): Range {
  const mod = Math.min(alignment(a), alignment(b));
  if (a.lo >= 0 && b.lo >= 0) return range(0, mask(Math.max(a.hi, b.hi)), mod, 0);
  return range(MIN, MAX, mod, 0);
}

function shiftRight(a: Range, n: number, unsigned: boolean): Range {
  if (n === 0) return a;
  if (unsigned && a.lo < 0) return range(0, 2 ** (32 - n) - 1);
  const power = 2 ** n;
  const even = a.mod !== 0 && a.mod % power === 0 && a.rem % power === 0;
  if (a.mod === 0) return constant(a.rem >> n);
  return range(a.lo >> n, a.hi >> n, even ? a.mod / power : 1, even ? a.rem / power : 0);
}

/** Quotients towards zero: the least divisor takes a number furthest, the greatest one nearest to zero. */
function quotients(a: Range, { lo, hi }: Range): Range {
  return range((a.lo / (a.lo < 0 ? lo : hi)) | 0, (a.hi / (a.hi < 0 ? hi : lo)) | 0);
}
