// What a condition says about variables where it holds, and where it does not.
import { Op } from "../../../runtime/wasm/opcodes.js";
import { type Expr, Ir, T } from "../../ir/ir.js";
import { type Environment, MAX, MIN, type Range, TOP, inClass, isBelow, withBound, within, without } from "./range.js";
import type { State } from "./state.js";
import { transfer } from "./transfer.js";

/** The range of a variable, with what the variable above it says. */
export function rangeOf(v: number, state: Environment): Range {
  const r = state.get(v);
  if (r === undefined) return TOP;
  const above = r.below < 0 ? undefined : state.get(r.below);
  return above === undefined ? r : within(r, MIN, above.hi - (r.strict ? 1 : 0));
}

/** The range of an expression without effects, as far as variables and constants tell; nothing is learned from it. */
export function peek(e: Expr, state: Environment, depth = 8): Range {
  if (e.op === Op.local_get) return rangeOf(e.imm, state);
  if (e.type !== T.i || depth === 0) return TOP;
  return transfer(
    e,
    e.args.map((arg) => peek(arg, state, depth - 1)),
  );
}

const OPPOSITE: Partial<Record<number, Op>> = {
  [Op.i32_eq]: Op.i32_ne,
  [Op.i32_ne]: Op.i32_eq,
  [Op.i32_lt_s]: Op.i32_ge_s,
  [Op.i32_ge_s]: Op.i32_lt_s,
  [Op.i32_gt_s]: Op.i32_le_s,
  [Op.i32_le_s]: Op.i32_gt_s,
  [Op.i32_lt_u]: Op.i32_ge_u,
  [Op.i32_ge_u]: Op.i32_lt_u,
  [Op.i32_gt_u]: Op.i32_le_u,
  [Op.i32_le_u]: Op.i32_gt_u,
};

/** Cuts the ranges in `state` down to where `cond` is true, or false. */
export function assume(cond: Expr, truth: boolean, state: State): void {
  switch (cond.op as Op | Ir) {
    case Op.i32_eqz:
      return assume(cond.args[0]!, !truth, state);
    case Ir.and_then:
    case Ir.or_else:
      if ((cond.op === Ir.and_then) === truth) for (const arg of cond.args) assume(arg, truth, state);
      return;
    case Op.i32_and:
      return masked(cond, truth, state);
  }
  const opposite = OPPOSITE[cond.op];
  if (opposite !== undefined) {
    const [a, b] = cond.args as [Expr, Expr];
    return compare(truth ? cond.op : opposite, a, b, state);
  }
  // The value itself is zero, or is not.
  const value = peek(cond, state);
  learn(cond, truth ? without(value, 0) : within(value, 0, 0), state);
}

/** `x & (2^k - 1)` is zero: x is divisible by 2^k. */
function masked(cond: Expr, truth: boolean, state: State): void {
  const [x, mask] = cond.args as [Expr, Expr];
  if (truth || mask.op !== Op.i32_const || mask.imm <= 0 || (mask.imm & (mask.imm + 1)) !== 0) return;
  learn(x, inClass(peek(x, state), mask.imm + 1, 0), state);
}

function compare(op: number, a: Expr, b: Expr, state: State): void {
  const x = peek(a, state);
  const y = peek(b, state);
  switch (op as Op) {
    case Op.i32_eq: {
      learn(a, withClass(within(x, y.lo, y.hi), y), state);
      return learn(b, withClass(within(y, x.lo, x.hi), x), state);
    }
    case Op.i32_ne:
      if (y.mod === 0) learn(a, without(x, y.rem), state);
      if (x.mod === 0) learn(b, without(y, x.rem), state);
      return differ(a, b, state);
    case Op.i32_lt_s:
      return less(a, b, true, state);
    case Op.i32_le_s:
      return less(a, b, false, state);
    case Op.i32_gt_s:
      return less(b, a, true, state);
    case Op.i32_ge_s:
      return less(b, a, false, state);
    case Op.i32_lt_u:
      return lessUnsigned(a, b, true, state);
    case Op.i32_le_u:
      return lessUnsigned(a, b, false, state);
    case Op.i32_gt_u:
      return lessUnsigned(b, a, true, state);
    case Op.i32_ge_u:
      return lessUnsigned(b, a, false, state);
  }
}

function withClass(r: Range, of: Range): Range {
  return of.mod > 1 && (of.mod & (of.mod - 1)) === 0 ? inClass(r, of.mod, of.rem) : r;
}

function less(a: Expr, b: Expr, strict: boolean, state: State): void {
  const x = peek(a, state);
  const y = peek(b, state);
  const gap = strict ? 1 : 0;
  learn(a, bounded(within(x, MIN, y.hi - gap), b, strict), state);
  learn(b, within(y, x.lo + gap, MAX), state);
}

/** Below a number that is not negative there are no negative ones. */
function lessUnsigned(a: Expr, b: Expr, strict: boolean, state: State): void {
  const x = peek(a, state);
  const y = peek(b, state);
  const gap = strict ? 1 : 0;
  if (y.lo >= 0) learn(a, bounded(within(x, 0, y.hi - gap), b, strict), state);
  if (x.lo >= 0 && y.lo >= 0) learn(b, within(y, x.lo + gap, MAX), state);
  else if (strict) learn(b, without(y, 0), state);
}

/** What is less than or equal to a variable and differs from it is less. */
function differ(a: Expr, b: Expr, state: State): void {
  for (const [x, y] of [
    [a, b],
    [b, a],
  ] as const) {
    if (y.op === Op.local_get && isBelow(peek(x, state), y.imm, state) > 0) less(x, y, true, state);
  }
}

function bounded(r: Range, by: Expr, strict: boolean): Range {
  return by.op === Op.local_get ? withBound(r, by.imm, strict) : r;
}

/** Takes `r` down as the range of an expression: of a variable, or of a variable plus a constant. */
export function learn(e: Expr, r: Range, state: State): void {
  if (e.op === Op.local_get) {
    return state.set(e.imm, r.below === e.imm ? { ...r, below: -1, strict: false } : r);
  }
  const [x, c] = e.args;
  if (e.op !== Op.i32_add || c!.op !== Op.i32_const || x!.op !== Op.local_get) return;
  // Only an interval that does not wrap says something about the variable.
  const [lo, hi] = [r.lo - c!.imm, r.hi - c!.imm];
  if (lo >= MIN && hi <= MAX) learn(x!, within(rangeOf(x!.imm, state), lo, hi), state);
}
