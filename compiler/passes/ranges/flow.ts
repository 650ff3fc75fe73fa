// Ranges of i32 variables at every place of a function: an abstract interpretation of the structured control. Where
// control meets, ranges are joined; a loop is walked until nothing changes any more at its head, with growing intervals
// widened to the constants that the function compares with. A last walk, with what holds at every place, rewrites.
import { isAccess } from "../../ir/access.js";
import { type Expr, type IrFunc, K, type Label, type LoopStmt, type Stmt, T } from "../../ir/ir.js";
import { endsAbruptly } from "../../lower/lower.js";
import { forEachStmt } from "../../ir/walk.js";
import { type AccessRewriter, Evaluator } from "./evaluate.js";
import { MAX, MIN, type Range, constant, equal, forget, isTop, join, widen, within } from "./range.js";
import { countersOf, keepInStep } from "./lockstep.js";
import { type State, assume, learn, peek } from "./refine.js";
import { Thresholds } from "./thresholds.js";

/** Statements walked, over all rounds of all loops, beyond which loops are taken as unknown in one round. */
const BUDGET = 400_000;
/** Rounds of a loop before its growing intervals are widened, and before they become unbounded. */
const PATIENCE = 2;
const LAST = 12;
/** Rounds that take back what widening overshot. */
const NARROWING = 2;

/** What becomes of statements that access memory. */
export interface Rewriter extends AccessRewriter {
  /** A store, its operands rewritten, as statements. */
  store(access: Expr, address: Range): Stmt[];
}

/** Walks `func` and rewrites it by what is known at each place. */
export function rewriteByRanges(func: IrFunc, rewriter: Rewriter): void {
  new Flow(func, rewriter).run();
}

class Flow {
  private readonly evaluator: Evaluator;
  private reachable = true;
  /** States at the branches to a label so far, joined. */
  private incoming = new Map<Label, State>();
  private readonly thresholds: Thresholds;
  private readonly assigned = new Map<LoopStmt, readonly number[]>();
  /** What the last walk found at the head of a loop, and from which entry. */
  private readonly heads = new Map<LoopStmt, { entry: State; head: State }>();
  private walked = 0;

  private readonly func: IrFunc;
  private readonly rewriter: Rewriter;

  constructor(func: IrFunc, rewriter: Rewriter) {
    this.func = func;
    this.rewriter = rewriter;
    this.evaluator = new Evaluator(rewriter);
    this.thresholds = new Thresholds(func);
  }

  run(): void {
    const { func, evaluator } = this;
    evaluator.state = new Array<Range | undefined>(func.vars.length).fill(undefined);
    for (const v of func.zeroed) if (func.vars[v] === T.i) evaluator.state[v] = constant(0);
    evaluator.rewriting = true;
    func.body = this.list(func.body);
  }

  private get state(): State {
    return this.evaluator.state;
  }
  private set state(state: State) {
    this.evaluator.state = state;
  }

  private list(body: Stmt[]): Stmt[] {
    const out: Stmt[] = [];
    for (const s of body) {
      if (!this.reachable) break;
      this.walked++;
      this.statement(s, out);
    }
    return this.evaluator.rewriting ? out : body;
  }

  private evaluate(e: Expr): Expr {
    this.evaluator.evaluate(e);
    return this.evaluator.out;
  }

  private statement(s: Stmt, out: Stmt[]): void {
    const { evaluator } = this;
    switch (s.kind) {
      case K.set: {
        const r = evaluator.evaluate(s.e);
        out.push({ kind: K.set, v: s.v, e: evaluator.out });
        return this.assign(s.v, s.e, r);
      }
      case K.expr:
        return this.effect(s.e, out);
      case K.return: {
        // Printed as `return S.h=…,first`.
        const [first, ...further] = s.args;
        const args = further.map((e) => this.evaluate(e));
        if (first !== undefined) args.unshift(this.evaluate(first));
        out.push({ kind: K.return, args });
        this.reachable = false;
        return;
      }
      case K.br:
        out.push(s);
        return this.leave(s.label);
      case K.switch: {
        const e = this.evaluate(s.e);
        out.push({ ...s, e });
        return this.switch_(s.e, s.targets, s.otherwise);
      }
      case K.if:
        return this.if_(s.cond, s.then, s.else, out);
      case K.loop:
        out.push({ kind: K.loop, label: s.label, body: this.loop(s) });
        return;
      case K.block: {
        const parts = s.parts.map((part, i) => {
          const list = this.list(part);
          this.arrive(s.labels[i]!);
          return list;
        });
        out.push({ kind: K.block, labels: s.labels, parts });
      }
    }
  }

  private effect(e: Expr, out: Stmt[]): void {
    const { evaluator } = this;
    if (evaluator.rewriting && isStore(e)) {
      const store = this.evaluate(e);
      for (const s of this.rewriter.store(store, evaluator.address)) out.push(s);
      return;
    }
    out.push({ kind: K.expr, e: this.evaluate(e) });
    if (endsAbruptly([{ kind: K.expr, e }])) this.reachable = false;
  }

  private assign(v: number, e: Expr, r: Range): void {
    const { state } = this;
    if (this.func.vars[v] !== T.i) return;
    for (let w = 0; w < state.length; w++) {
      const other = state[w];
      if (other !== undefined && other.below === v && w !== v) state[w] = forget(other, v);
    }
    r = forget(r, v);
    state[v] = isTop(r) && r.extent === -Infinity ? undefined : r;
  }

  // ---- control ----

  private leave(label: Label): void {
    this.record(label, this.state);
    this.reachable = false;
  }

  private record(label: Label, state: State): void {
    const before = this.incoming.get(label);
    this.incoming.set(label, before === undefined ? state.slice() : joinStates(before, state));
  }

  /** The end of a block: what falls through meets what branches here. */
  private arrive(label: Label): void {
    const branched = this.incoming.get(label);
    this.incoming.delete(label);
    if (branched === undefined) return;
    this.state = this.reachable ? joinStates(branched, this.state) : branched;
    this.reachable = true;
  }

  private if_(cond: Expr, then: Stmt[], otherwise: Stmt[], out: Stmt[]): void {
    const newCond = this.evaluate(cond);
    const before = this.state;
    const arm = (body: Stmt[], truth: boolean): { body: Stmt[]; end: State | undefined } => {
      this.state = before.slice();
      assume(cond, truth, this.state);
      this.reachable = true;
      const list = this.list(body);
      return { body: list, end: this.reachable ? this.state : undefined };
    };
    const a = arm(then, true);
    const b = arm(otherwise, false);
    out.push({ kind: K.if, cond: newCond, then: a.body, else: b.body });
    this.reachable = a.end !== undefined || b.end !== undefined;
    this.state = a.end === undefined ? (b.end ?? before) : b.end === undefined ? a.end : joinStates(a.end, b.end);
  }

  private switch_(e: Expr, targets: readonly Label[], otherwise: Label): void {
    const cases = new Map<Label, { lo: number; hi: number }>();
    targets.forEach((label, i) => {
      const known = cases.get(label);
      cases.set(label, { lo: known?.lo ?? i, hi: i });
    });
    cases.set(otherwise, { lo: MIN, hi: MAX });
    const value = peek(e, this.state);
    for (const [label, { lo, hi }] of cases) {
      const state = this.state.slice();
      learn(e, within(value, lo, hi), state);
      this.record(label, state);
    }
    this.reachable = false;
  }

  private loop(s: LoopStmt): Stmt[] {
    const { evaluator } = this;
    const entry = this.state;
    const { rewriting } = evaluator;
    evaluator.rewriting = false;
    const head = this.headOf(s, entry);
    evaluator.rewriting = rewriting;
    // Once more with what holds in every round.
    this.state = head.slice();
    this.reachable = true;
    const body = this.list(s.body);
    this.incoming.delete(s.label);
    return body;
  }

  private headOf(s: LoopStmt, entry: State): State {
    const known = this.heads.get(s);
    if (known !== undefined && sameStates(known.entry, entry)) return known.head;
    const head = this.walked > BUDGET ? this.unknownHead(s, entry) : this.fixpoint(s, entry);
    this.heads.set(s, { entry: entry.slice(), head });
    return head;
  }

  private unknownHead(s: LoopStmt, entry: State): State {
    const head = entry.slice();
    for (const v of this.assignedIn(s)) head[v] = undefined;
    const changed = new Set(this.assignedIn(s));
    for (let v = 0; v < head.length; v++) {
      const r = head[v];
      if (r !== undefined && changed.has(r.below)) head[v] = forget(r, r.below);
    }
    return head;
  }

  private fixpoint(s: LoopStmt, entry: State): State {
    let head = entry.slice();
    for (let round = 1; ; round++) {
      const next = this.around(s, entry, head);
      if (next === undefined) return head;
      const grown = joinStates(head, next);
      if (sameStates(grown, head)) return this.narrowed(s, entry, head, next);
      head =
        round <= PATIENCE
          ? grown
          : head.map((r, v) => {
              const to = grown[v];
              return r === undefined || to === undefined
                ? undefined
                : widen(r, to, this.thresholds.of(v), round >= LAST);
            });
    }
  }

  /** Takes back what widening overshot, as long as what comes back to the head is within what was assumed there. */
  private narrowed(s: LoopStmt, entry: State, head: State, next: State): State {
    const counters = countersOf(s);
    next = keepInStep(counters, entry, next);
    for (let round = 0; round < NARROWING && !sameStates(next, head); round++) {
      const back = this.around(s, entry, next);
      const closer = back === undefined ? next : keepInStep(counters, entry, back);
      if (!sameStates(joinStates(next, closer), next)) break;
      head = next;
      next = closer;
    }
    return head;
  }

  /** One round from `head`: what then holds at the head, or undefined where control never comes back. */
  private around(s: LoopStmt, entry: State, head: State): State | undefined {
    const { incoming } = this;
    this.incoming = new Map(incoming);
    this.state = head.slice();
    this.reachable = true;
    this.list(s.body);
    const back = this.incoming.get(s.label);
    this.incoming = incoming;
    return back === undefined ? undefined : joinStates(entry, back);
  }

  private assignedIn(s: LoopStmt): readonly number[] {
    let list = this.assigned.get(s);
    if (list === undefined) {
      const assigned = new Set<number>();
      forEachStmt(s.body, (inner) => {
        if (inner.kind === K.set) assigned.add(inner.v);
      });
      this.assigned.set(s, (list = [...assigned]));
    }
    return list;
  }
}

function isStore(e: Expr): boolean {
  return e.type === T.none && isAccess(e.op);
}

function joinStates(a: State, b: State): State {
  if (a === b) return a.slice();
  const out: State = new Array<Range | undefined>(a.length);
  for (let v = 0; v < a.length; v++) {
    const [x, y] = [a[v], b[v]];
    if (x === y) out[v] = x;
    else if (x === undefined || y === undefined) {
      // Nothing is known of one side, but a bound may follow from the other variable's interval.
      out[v] = undefined;
    } else {
      const r = join(x, y, a, b);
      out[v] = isTop(r) && r.extent === -Infinity ? undefined : r;
    }
  }
  return out;
}

function sameStates(a: State, b: State): boolean {
  for (let v = 0; v < a.length; v++) {
    const [x, y] = [a[v], b[v]];
    if (x !== y && (x === undefined || y === undefined || !equal(x, y))) return false;
  }
  return true;
}
