// Counters of one loop go in step: what bounds one of them bounds the number of rounds, and with it all the others. LLVM
// leaves several (an index that the loop ends by, and addresses), of which only one is compared.
import { Op } from "../../../runtime/wasm/opcodes.js";
import { type Expr, K, type Label, type LoopStmt, type Stmt } from "../../ir/ir.js";
import { forEachStmt } from "../../ir/walk.js";
import { MAX, MIN, type Range, range, sumClass, within } from "./range.js";
import type { State } from "./state.js";

/** A variable that every round of a loop changes once, by the same amount. */
interface Counter {
  readonly v: number;
  readonly step: number;
}

export function countersOf(loop: LoopStmt): Counter[] {
  const sets = new Map<number, number>();
  forEachStmt(loop.body, (s) => {
    if (s.kind === K.set) sets.set(s.v, (sets.get(s.v) ?? 0) + 1);
  });
  const found: Counter[] = [];
  // What a variable that is assigned once holds: another plus a constant.
  const sums = new Map<number, Counter>();
  for (const s of loop.body) {
    if (s.kind === K.set && sets.get(s.v) === 1) {
      const sum = asSum(s.e);
      const source = sum === undefined ? undefined : (sums.get(sum.v) ?? sum);
      // `t = v + 1; … v = t` as well as `v = v + 1`; t must be a sum of this round's v.
      const step = source === undefined ? 0 : source === sum ? sum.step : sum!.step + source.step;
      if (source?.v === s.v) found.push({ v: s.v, step });
      else if (source !== undefined) sums.set(s.v, { v: source.v, step });
    }
    // Behind a way back to the head, not every round comes by.
    if (branchesTo(s, loop.label)) break;
  }
  return found.filter(({ step }) => step !== 0);
}

function asSum(e: Expr): Counter | undefined {
  if (e.op === Op.local_get) return { v: e.imm, step: 0 };
  if (e.op !== Op.i32_add) return undefined;
  const [x, c] = e.args as [Expr, Expr];
  return x.op === Op.local_get && c.op === Op.i32_const ? { v: x.imm, step: c.imm } : undefined;
}

function branchesTo(s: Stmt, label: Label): boolean {
  let found = false;
  forEachStmt([s], (inner) => {
    if (inner.kind === K.br && inner.label === label) found = true;
    else if (inner.kind === K.switch && (inner.targets.includes(label) || inner.otherwise === label)) found = true;
  });
  return found;
}

/** Cuts the counters' ranges at the head of a loop down to where the number of rounds allows them; `entry` is from outside. */
export function keepInStep(counters: readonly Counter[], entry: State, head: State): State {
  let rounds = Infinity;
  for (const { v, step } of counters) {
    const [from, at] = [entry.get(v), head.get(v)];
    if (from !== undefined && at !== undefined) rounds = Math.min(rounds, roundsOf(from, at, step));
  }
  if (rounds === Infinity) return head;
  const out = head.copy();
  for (const { v, step } of counters) {
    const [from, at] = [entry.get(v), head.get(v)];
    if (from === undefined) continue;
    const lo = from.lo + Math.min(0, step * rounds);
    const hi = from.hi + Math.max(0, step * rounds);
    if (lo < MIN || hi > MAX) continue;
    const { mod, rem } = sumClass(from, range(MIN, MAX, Math.abs(step)), 1);
    out.set(v, at === undefined ? range(lo, hi, mod, rem) : within(at, lo, hi));
  }
  return out;
}

/** How often a counter can go round within its range, if it cannot wrap there. */
function roundsOf(from: Range, at: Range, step: number): number {
  if (at.lo + step < MIN || at.hi + step > MAX) return Infinity;
  return Math.floor((step > 0 ? at.hi - from.lo : from.hi - at.lo) / Math.abs(step));
}
