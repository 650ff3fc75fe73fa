// Constructors that simplify: every i32 node of the second level is made here, so a tree never holds `x + 0` or
// `3 * 4`. Only identities that need no facts about variables; those are the passes' business.
// Operands are dropped only where they have no effects.
import { type Expr, Fx, Ir, T, expr, isDroppable, leaf } from "./ir.js";
import { Op } from "../../runtime/wasm/opcodes.js";

export function i32(value: number): Expr {
  return leaf(Op.i32_const, T.i, value | 0);
}

export function isI32(e: Expr, value: number): boolean {
  return e.op === Op.i32_const && e.imm === value;
}

/** Of an i64, which passes/split.ts has not split yet. */
export function isZero64({ op, imm, imm2 }: Expr): boolean {
  return op === Op.i64_const && imm === 0 && imm2 === 0;
}

function isConst(e: Expr): boolean {
  return e.op === Op.i32_const;
}

/** \`imm\` of sums and products: what is known of the result before it is wrapped to 32 bits. */
export const enum Exact {
  no = 0,
  /** It is an i32: nothing is lost. For divisions: they can neither trap nor overflow. */
  value = 1,
  /** It is an integer that a double holds exactly. */
  number = 2,
}

/** Nodes whose value is 0 or 1. `known`: variables that never hold anything else. */
export function isBoolean(e: Expr, known?: Uint8Array): boolean {
  switch (e.op) {
    case Op.local_get:
      return known?.[e.imm] === 1;
    case Op.i32_const:
      return e.imm === 0 || e.imm === 1;
    case Op.i32_eqz:
    case Op.i32_eq:
    case Op.i32_ne:
    case Op.i32_lt_s:
    case Op.i32_lt_u:
    case Op.i32_gt_s:
    case Op.i32_gt_u:
    case Op.i32_le_s:
    case Op.i32_le_u:
    case Op.i32_ge_s:
    case Op.i32_ge_u:
    case Op.i64_eqz:
    case Op.i64_eq:
    case Op.i64_ne:
    case Op.i64_lt_s:
    case Op.i64_lt_u:
    case Op.i64_gt_s:
    case Op.i64_gt_u:
    case Op.i64_le_s:
    case Op.i64_le_u:
    case Op.i64_ge_s:
    case Op.i64_ge_u:
    case Op.f32_eq:
    case Op.f32_ne:
    case Op.f32_lt:
    case Op.f32_gt:
    case Op.f32_le:
    case Op.f32_ge:
    case Op.f64_eq:
    case Op.f64_ne:
    case Op.f64_lt:
    case Op.f64_gt:
    case Op.f64_le:
    case Op.f64_ge:
    case Op.ref_is_null:
    case Ir.and_then:
    case Ir.or_else:
    case Ir.carry:
    case Ir.borrow:
      return true;
    case Op.i32_and:
      return isBoolean(e.args[0]!, known) || isBoolean(e.args[1]!, known);
    case Op.select:
      return isBoolean(e.args[1]!, known) && isBoolean(e.args[2]!, known);
    default:
      return false;
  }
}

/**
 * True where the value is known to be in 0 … 2^31 - 1, so that it is the same signed and unsigned. Reads marked (imm2 = 1) by
 * passes/non-negative.ts are, and results marked by passes/ranges; the former itself hands over what it knows of the variables.
 */
export function isNonNegative(e: Expr, known?: Uint8Array): boolean {
  const { args } = e;
  switch (e.op) {
    case Op.local_get:
      return e.imm2 === 1 || known?.[e.imm] === 1;
    case Op.i32_const:
      return e.imm >= 0;
    case Op.i32_load8_u:
    case Op.i32_load16_u:
    case Op.i32_clz:
    case Op.i32_popcnt:
    case Op.memory_size:
      return true;
    case Op.i32_add:
    case Op.i32_sub:
    case Op.i32_mul:
    case Op.i32_shl:
    case Op.i32_div_s:
    case Op.i32_div_u:
    case Op.i32_rem_s:
    case Op.i32_rem_u:
      return e.imm2 === 1;
    case Op.i32_and:
      return e.imm2 === 1 || isNonNegative(args[0]!, known) || isNonNegative(args[1]!, known);
    case Op.i32_or:
    case Op.i32_xor:
      return e.imm2 === 1 || (isNonNegative(args[0]!, known) && isNonNegative(args[1]!, known));
    case Op.i32_shr_u:
      return e.imm2 === 1 || (isConst(args[1]!) && (args[1]!.imm & 31) !== 0) || isNonNegative(args[0]!, known);
    case Op.i32_shr_s:
      return e.imm2 === 1 || isNonNegative(args[0]!, known);
    case Op.select:
      return isNonNegative(args[1]!, known) && isNonNegative(args[2]!, known);
    default:
      return isBoolean(e);
  }
}

function foldBinary(op: number, a: number, b: number): number | undefined {
  switch (op) {
    case Op.i32_add:
      return (a + b) | 0;
    case Op.i32_sub:
      return (a - b) | 0;
    case Op.i32_mul:
      return Math.imul(a, b);
    case Op.i32_and:
      return a & b;
    case Op.i32_or:
      return a | b;
    case Op.i32_xor:
      return a ^ b;
    case Op.i32_shl:
      return a << b;
    case Op.i32_shr_s:
      return a >> b;
    case Op.i32_shr_u:
      return (a >>> b) | 0;
    case Op.i32_eq:
      return +(a === b);
    case Op.i32_ne:
      return +(a !== b);
    case Op.i32_lt_s:
      return +(a < b);
    case Op.i32_gt_s:
      return +(a > b);
    case Op.i32_le_s:
      return +(a <= b);
    case Op.i32_ge_s:
      return +(a >= b);
    case Op.i32_lt_u:
      return +(a >>> 0 < b >>> 0);
    case Op.i32_gt_u:
      return +(a >>> 0 > b >>> 0);
    case Op.i32_le_u:
      return +(a >>> 0 <= b >>> 0);
    case Op.i32_ge_u:
      return +(a >>> 0 >= b >>> 0);
    default:
      return undefined;
  }
}

const COMMUTES = new Set<number>([Op.i32_add, Op.i32_mul, Op.i32_and, Op.i32_or, Op.i32_xor, Op.i32_eq, Op.i32_ne]);

/** A binary i32 operation that cannot trap. */
export function binary(op: Op, a: Expr, b: Expr): Expr {
  if (isConst(a) && isConst(b)) {
    const value = foldBinary(op, a.imm, b.imm);
    if (value !== undefined) return i32(value);
  }
  // Constants to the right: a constant has no effects, so nothing is reordered.
  if (isConst(a) && COMMUTES.has(op)) [a, b] = [b, a];
  if (isConst(b)) {
    const c = b.imm;
    switch (op) {
      case Op.i32_add:
        if (c === 0) return a;
        if (a.op === Op.i32_add && isConst(a.args[1]!)) return binary(op, a.args[0]!, i32(a.args[1]!.imm + c));
        break;
      case Op.i32_sub:
        // One form for adding a constant; the printer turns `x + -1` back into `x - 1`.
        return binary(Op.i32_add, a, i32(-c));
      case Op.i32_mul:
        if (c === 1) return a;
        if (c === 0 && isDroppable(a.fx)) return b;
        if (c > 0 && (c & (c - 1)) === 0) return binary(Op.i32_shl, a, i32(31 - Math.clz32(c)));
        break;
      case Op.i32_and:
        if (c === -1) return a;
        if (c === 0 && isDroppable(a.fx)) return b;
        if (c === 255 && a.op === Op.i32_load8_u) return a;
        if (c === 65535 && (a.op === Op.i32_load8_u || a.op === Op.i32_load16_u)) return a;
        if (c === 1 && isBoolean(a)) return a;
        if (a.op === Op.i32_and && isConst(a.args[1]!)) return binary(op, a.args[0]!, i32(a.args[1]!.imm & c));
        break;
      case Op.i32_or:
        if (c === 0) return a;
        if (c === -1 && isDroppable(a.fx)) return b;
        break;
      case Op.i32_xor:
        if (c === 0) return a;
        if (c === 1 && isBoolean(a)) return eqz(a);
        break;
      case Op.i32_shl:
      case Op.i32_shr_s:
      case Op.i32_shr_u: {
        const n = c & 31;
        if (n === 0) return a;
        if (a.op === op && isConst(a.args[1]!)) {
          const sum = (a.args[1]!.imm & 31) + n;
          if (sum < 32) return binary(op, a.args[0]!, i32(sum));
          if (op !== Op.i32_shr_s) return isDroppable(a.fx) ? i32(0) : expr(op, T.i, [a, i32(n)]);
          return binary(op, a.args[0]!, i32(31));
        }
        if (op === Op.i32_shr_s && isNonNegative(a)) return binary(Op.i32_shr_u, a, i32(n));
        if (n !== c) b = i32(n);
        break;
      }
      case Op.i32_eq:
        if (c === 0) return eqz(a);
        break;
      case Op.i32_ne:
        if (c === 0 && isBoolean(a)) return a;
        break;
      // Unsigned comparisons with the ends of the range.
      case Op.i32_lt_u:
        if (c === 1) return eqz(a);
        break;
      case Op.i32_le_u:
        if (c === 0) return eqz(a);
        break;
      case Op.i32_gt_u:
        if (c === 0) return binary(Op.i32_ne, a, b);
        break;
      case Op.i32_ge_u:
        if (c === 1) return binary(Op.i32_ne, a, i32(0));
        break;
    }
  }
  if (isConst(a) && a.imm === 0 && isDroppable(b.fx)) {
    if (op === Op.i32_shl || op === Op.i32_shr_s || op === Op.i32_shr_u) return a;
  }
  return expr(op, T.i, [a, b]);
}

const NEGATED = new Map<number, Op>([
  [Op.i32_eq, Op.i32_ne],
  [Op.i32_ne, Op.i32_eq],
  [Op.i32_lt_s, Op.i32_ge_s],
  [Op.i32_ge_s, Op.i32_lt_s],
  [Op.i32_gt_s, Op.i32_le_s],
  [Op.i32_le_s, Op.i32_gt_s],
  [Op.i32_lt_u, Op.i32_ge_u],
  [Op.i32_ge_u, Op.i32_lt_u],
  [Op.i32_gt_u, Op.i32_le_u],
  [Op.i32_le_u, Op.i32_gt_u],
  [Op.f32_eq, Op.f32_ne],
  [Op.f32_ne, Op.f32_eq],
  [Op.f64_eq, Op.f64_ne],
  [Op.f64_ne, Op.f64_eq],
]);

/** 1 where `a` is zero, else 0. Comparisons are negated in place, except the ordered ones of floats, which NaN forbids. */
export function eqz(a: Expr): Expr {
  if (isConst(a)) return i32(a.imm === 0 ? 1 : 0);
  if (a.op === Op.i32_ne && isI32(a.args[1]!, 0)) return expr(Op.i32_eqz, T.i, [a.args[0]!]);
  // De Morgan, where it gets rid of the negation.
  if (a.op === Ir.or_else) return andThen(eqz(a.args[0]!), eqz(a.args[1]!));
  if (a.op === Ir.and_then) return orElse(eqz(a.args[0]!), eqz(a.args[1]!));
  if (a.op === Op.select && isBoolean(a)) return select(a.args[0]!, eqz(a.args[1]!), eqz(a.args[2]!));
  const negated = NEGATED.get(a.op);
  if (negated !== undefined) return expr(negated, T.i, a.args);
  if (a.op === Op.i32_eqz && isBoolean(a.args[0]!)) return a.args[0]!;
  return expr(Op.i32_eqz, T.i, [a]);
}

/** A condition: only whether it is zero matters. */
export function condition(a: Expr): Expr {
  if (a.op === Op.i32_ne && isI32(a.args[1]!, 0)) return condition(a.args[0]!);
  if (a.op === Op.i32_eqz && a.args[0]!.op === Op.i32_eqz) return condition(a.args[0]!.args[0]!);
  return a;
}

/** `cond ? a : b`; the arms have no effects. */
export function select(cond: Expr, a: Expr, b: Expr): Expr {
  cond = condition(cond);
  if (isConst(cond)) return cond.imm !== 0 ? a : b;
  if (cond.op === Op.i32_eqz) return select(cond.args[0]!, b, a);
  if (isConst(a) && isConst(b)) {
    if (a.imm === b.imm && isDroppable(cond.fx)) return a;
    if (a.imm === 1 && b.imm === 0) return isBoolean(cond) ? cond : eqz(eqz(cond));
    if (a.imm === 0 && b.imm === 1) return eqz(cond);
  }
  return expr(Op.select, a.type, [cond, a, b]);
}

/** Both are nonzero; `b` is evaluated only if `a` is. Operands are 0 or 1 and have no effects. */
export function andThen(a: Expr, b: Expr): Expr {
  if (isConst(a)) return a.imm === 0 ? a : b;
  if (isConst(b) && isDroppable(a.fx)) return b.imm === 0 ? b : a;
  return expr(Ir.and_then, T.i, [a, b]);
}

export function orElse(a: Expr, b: Expr): Expr {
  if (isConst(a)) return a.imm !== 0 ? a : b;
  if (isConst(b) && isDroppable(a.fx)) return b.imm !== 0 ? b : a;
  return expr(Ir.or_else, T.i, [a, b]);
}

export const add = (a: Expr, b: Expr): Expr => binary(Op.i32_add, a, b);
export const sub = (a: Expr, b: Expr): Expr => binary(Op.i32_sub, a, b);
export const and = (a: Expr, b: Expr): Expr => binary(Op.i32_and, a, b);
export const or = (a: Expr, b: Expr): Expr => binary(Op.i32_or, a, b);
export const xor = (a: Expr, b: Expr): Expr => binary(Op.i32_xor, a, b);
export const shl = (a: Expr, n: number): Expr => binary(Op.i32_shl, a, i32(n));
export const shrS = (a: Expr, n: number): Expr => binary(Op.i32_shr_s, a, i32(n));
export const shrU = (a: Expr, n: number): Expr => binary(Op.i32_shr_u, a, i32(n));

/** Carry out of `sum = x + addend`, as 0 or 1. */
export function carry(sum: Expr, addend: Expr): Expr {
  if (isI32(addend, 0)) return i32(0);
  return expr(Ir.carry, T.i, [sum, addend]);
}

/** Borrow of `minuend - subtrahend`, as 0 or 1. */
export function borrow(minuend: Expr, subtrahend: Expr): Expr {
  if (isI32(subtrahend, 0)) return i32(0);
  return expr(Ir.borrow, T.i, [minuend, subtrahend]);
}

/** A load of the second level: `op` is an i32, f32 or f64 load that does part of what `of` does, from its offset plus `skip`. */
export function load(op: Op, type: T, address: Expr, of: Expr, skip = 0): Expr {
  const own = Fx.readMemory | Fx.trapMemory | (of.own & Fx.unaligned);
  return expr(op, type, [address], of.imm + skip, of.imm2, own, of.at);
}

/** A store, likewise. */
export function store(op: Op, address: Expr, value: Expr, of: Expr, skip = 0): Expr {
  const own = Fx.writeMemory | Fx.trapMemory | (of.own & Fx.unaligned);
  return expr(op, T.none, [address, value], of.imm + skip, of.imm2, own, of.at);
}
