// Which i64 variables have a high half that follows from the low one: zero (the value is below 2^32) or the low half's
// sign (the value fits an i32). Such a variable needs no second JavaScript variable, and arithmetic on it folds.
//
// Flow-insensitive, which after passes/webs.ts loses little, and optimistic: every variable starts with all properties
// and loses those that one of its assignments lacks, so that a loop counter does not lose them through itself.
import { Op } from "../../runtime/wasm/opcodes.js";
import type { Ir } from "../ir/ir.js";
import { type Expr, type IrFunc, K, T } from "../ir/ir.js";
import { isNonNegative } from "../ir/make.js";
import { forEachRead, forEachStmt } from "../ir/walk.js";

/** Properties of a 64-bit value, as bits. */
export const enum High {
  unknown = 0,
  /** 0 <= value < 2^32, unsigned */
  zero = 1,
  /** -2^31 <= value < 2^31, signed */
  sign = 2,
  both = 3,
}

/** Properties of every variable; only those of i64 variables mean anything. */
export function analyzeHighHalves(func: IrFunc): Uint8Array {
  const facts = new Uint8Array(func.vars.length).fill(High.both);
  for (const v of func.params) facts[v] = High.unknown;
  const sets: { v: number; e: Expr }[] = [];
  const readers: number[][] = [];
  const read = (v: number): void => {
    if (func.vars[v] === T.l) (readers[v] ??= []).push(sets.length - 1);
  };
  forEachStmt(func.body, (s) => {
    if (s.kind !== K.set || func.vars[s.v] !== T.l) return;
    sets.push(s);
    forEachRead(s.e, read);
  });
  const work = sets.map((_, i) => i);
  for (let i = work.pop(); i !== undefined; i = work.pop()) {
    const { v, e } = sets[i]!;
    const fact = facts[v]! & highOf(e, facts);
    if (fact === facts[v]) continue;
    facts[v] = fact;
    readers[v]?.forEach((reader) => work.push(reader));
  }
  return facts;
}

/** Properties of an i64 expression, given those of the variables. */
export function highOf(e: Expr, facts: Uint8Array): High {
  const arg = (i: number): High => highOf(e.args[i]!, facts);
  switch (e.op as Op | Ir) {
    case Op.local_get:
      return facts[e.imm]! as High;
    case Op.i64_const:
      return (e.imm2 === 0 ? High.zero : 0) | (e.imm2 === e.imm >> 31 ? High.sign : 0);
    case Op.i64_extend_i32_u:
      return isNonNegative(e.args[0]!) ? High.both : High.zero;
    case Op.i64_extend_i32_s:
      return isNonNegative(e.args[0]!) ? High.both : High.sign;
    case Op.i64_load8_u:
    case Op.i64_load16_u:
    case Op.i64_clz:
    case Op.i64_ctz:
    case Op.i64_popcnt:
      return High.both;
    case Op.i64_load32_u:
      return High.zero;
    case Op.i64_load8_s:
    case Op.i64_load16_s:
    case Op.i64_load32_s:
    case Op.i64_extend8_s:
    case Op.i64_extend16_s:
    case Op.i64_extend32_s:
      return High.sign;
    case Op.i64_and: {
      const [a, b] = [arg(0), arg(1)];
      // Both properties of one operand bound the result by a non-negative i32; the zero of one is the zero of both.
      if (a === High.both || b === High.both) return High.both;
      return ((a | b) & High.zero) | (a & b & High.sign);
    }
    case Op.i64_or:
    case Op.i64_xor:
      return arg(0) & arg(1);
    case Op.select:
      return arg(1) & arg(2);
    case Op.i64_shr_u: {
      const n = shiftCount(e);
      if (n > 32) return High.both;
      if (n === 32) return High.zero;
      const a = arg(0);
      return a === High.both || ((a & High.zero) !== 0 && n >= 1) ? High.both : a & High.zero;
    }
    case Op.i64_shr_s: {
      const n = shiftCount(e);
      const a = arg(0);
      if (n >= 32) return High.sign | (a & High.zero);
      return (a & High.zero) !== 0 && n >= 1 ? High.both : a;
    }
    case Op.i64_rem_u:
      return (arg(1) & High.zero) !== 0 ? High.zero : arg(0) & High.zero;
    case Op.i64_div_u:
      return arg(0) & High.zero;
    default:
      return High.unknown;
  }
}

/** A constant shift count modulo 64; 0 where it is not constant. */
function shiftCount(e: Expr): number {
  const count = e.args[1]!;
  return count.op === Op.i64_const ? count.imm & 63 : 0;
}
