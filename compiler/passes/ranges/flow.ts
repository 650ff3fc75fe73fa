// Ranges of i32 variables at every place of a function: an abstract interpretation of the structured control. Where
// control meets, ranges are joined; a loop is walked until nothing changes any more at its head, with growing intervals
// widened to the constants that the function compares with. A last walk, with what holds at every place, rewrites.
import { Op } from "../../../runtime/wasm/opcodes.js";
import { isAccess } from "../../ir/access.js";
import {
  type Expr,
  type IrFunc,
  K,
  type Label,
  type LoopStmt,
  type Stmt,
  T,
  blockStmt,
  exprStmt,
  ifStmt,
  loopStmt,
  returnStmt,
  setStmt,
  switchStmt,
} from "../../ir/ir.js";
import { endsAbruptly } from "../../lower/lower.js";
import { forEachStmt } from "../../ir/walk.js";
import { type AccessRewriter, Evaluator } from "./evaluate.js";
import { MAX, MIN, type Range, constant, forget, isTop, widen, within } from "./range.js";
import { countersOf, keepInStep } from "./lockstep.js";
import { assume, learn, peek, rangeOf } from "./refine.js";
import { State } from "./state.js";
import { Thresholds } from "./thresholds.js";

/** How often statements are walked on average, over all rounds of all loops, before loops are taken as unknown in one round. */
const BUDGET = 20;
/** Statements that may be walked in any case. */
const LEAST_BUDGET = 50_000;
/** Rounds of a loop before its growing intervals are widened, and before they become unbounded. */
const PATIENCE = 2;
const LAST = 12;
/** Rounds that take back what widening overshot. */
const NARROWING = 2;

/** Copies that are kept in mind: the last ones, for a hostile function has as many as it has statements. */
const MOST_COPIES = 16;
const NO_COPIES: readonly (readonly [number, number])[] = [];

/** What becomes of statements that access memory. */
export interface Rewriter extends AccessRewriter {
  /** A store, its operands rewritten, as statements. */
  store(access: Expr, address: Range): Stmt[];
  /** How many loops are around what is being rewritten. */
  loops: number;
  /** Told of every i32 that is assigned to a variable, rewritten. */
  assigned(value: Expr, range: Range): void;
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
  /** Variables that are the same here: what a condition says about one, `t` in `t = v + 1; …; v = t; if (t != n)`, holds for the other. */
  private copies: readonly (readonly [number, number])[] = NO_COPIES;
  private walked = 0;
  private budget = LEAST_BUDGET;

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
    evaluator.state = State.unknown(func.vars.length);
    for (const v of func.zeroed) if (func.vars[v] === T.i) evaluator.state.set(v, constant(0));
    let statements = 0;
    forEachStmt(func.body, () => statements++);
    this.budget += BUDGET * statements;
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
        out.push(setStmt(s.v, evaluator.out));
        if (evaluator.rewriting && s.e.type === T.i) this.rewriter.assigned(evaluator.out, r);
        return this.assign(s.v, s.e, r);
      }
      case K.expr:
        return this.effect(s.e, out);
      case K.return: {
        // Printed as `return S.h=…,first`.
        const [first, ...further] = s.args;
        const args = further.map((e) => this.evaluate(e));
        if (first !== undefined) args.unshift(this.evaluate(first));
        out.push(returnStmt(args));
        this.reachable = false;
        return;
      }
      case K.br:
        out.push(s);
        return this.leave(s.label);
      case K.switch: {
        const e = this.evaluate(s.e);
        out.push(switchStmt(e, s.targets, s.otherwise));
        return this.switch_(s.e, s.targets, s.otherwise);
      }
      case K.if:
        this.if_(s.cond, s.then, s.else, out);
        this.copies = NO_COPIES;
        return;
      case K.loop:
        out.push(loopStmt(s.label, this.loop(s)));
        this.copies = NO_COPIES;
        return;
      case K.block: {
        const parts = s.parts.map((part, i) => {
          const list = this.list(part);
          this.arrive(s.labels[i]!);
          this.copies = NO_COPIES;
          return list;
        });
        out.push(blockStmt(s.labels, parts));
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
    out.push(exprStmt(this.evaluate(e)));
    if (endsAbruptly([exprStmt(e)])) this.reachable = false;
  }

  private assign(v: number, e: Expr, r: Range): void {
    const { state } = this;
    if (this.func.vars[v] !== T.i) return;
    if (this.copies.length > 0) this.copies = this.copies.filter(([x, y]) => x !== v && y !== v);
    if (e.op === Op.local_get && e.imm !== v) this.copies = [...this.copies.slice(1 - MOST_COPIES), [v, e.imm]];
    if (this.thresholds.isCompared(v)) state.forgetBounds((w) => w === v);
    r = forget(r, v);
    state.set(v, isTop(r) && r.extent === -Infinity ? undefined : r);
  }

  // ---- control ----

  private leave(label: Label): void {
    this.record(label, this.state);
    this.reachable = false;
  }

  private record(label: Label, state: State): void {
    const before = this.incoming.get(label);
    this.incoming.set(label, before === undefined ? state.copy() : before.joined(state));
  }

  /** The end of a block: what falls through meets what branches here. */
  private arrive(label: Label): void {
    const branched = this.incoming.get(label);
    this.incoming.delete(label);
    if (branched === undefined) return;
    this.state = this.reachable ? branched.joined(this.state) : branched;
    this.reachable = true;
  }

  private if_(cond: Expr, then: Stmt[], otherwise: Stmt[], out: Stmt[]): void {
    const newCond = this.evaluate(cond);
    const before = this.state;
    const { copies } = this;
    const arm = (body: Stmt[], truth: boolean): { body: Stmt[]; end: State | undefined } => {
      this.state = before.copy();
      assume(cond, truth, this.state);
      this.copies = copies;
      this.alignCopies();
      this.reachable = true;
      const list = this.list(body);
      return { body: list, end: this.reachable ? this.state : undefined };
    };
    const a = arm(then, true);
    const b = arm(otherwise, false);
    out.push(ifStmt(newCond, a.body, b.body));
    this.reachable = a.end !== undefined || b.end !== undefined;
    this.state = a.end === undefined ? (b.end ?? before) : b.end === undefined ? a.end : a.end.joined(b.end);
  }

  /** What has been learned of one of two variables that are the same holds for the other as well. */
  private alignCopies(): void {
    const { state } = this;
    for (const [v, w] of this.copies) {
      const [a, b] = [rangeOf(v, state), rangeOf(w, state)];
      const meet = within(a, b.lo, b.hi);
      if (meet !== a) state.set(v, meet);
      const other = within(b, a.lo, a.hi);
      if (other !== b) state.set(w, other);
    }
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
      const state = this.state.copy();
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
    this.state = head.copy();
    this.reachable = true;
    this.copies = NO_COPIES;
    this.rewriter.loops++;
    const body = this.list(s.body);
    this.rewriter.loops--;
    this.incoming.delete(s.label);
    return body;
  }

  private headOf(s: LoopStmt, entry: State): State {
    const known = this.heads.get(s);
    if (known !== undefined && known.entry.equals(entry)) return known.head;
    const head = this.walked > this.budget ? this.unknownHead(s, entry) : this.fixpoint(s, entry);
    this.heads.set(s, { entry: entry.copy(), head });
    return head;
  }

  private unknownHead(s: LoopStmt, entry: State): State {
    const head = entry.copy();
    const changed = new Set(this.assignedIn(s));
    for (const v of changed) head.set(v, undefined);
    head.forgetBounds((v) => changed.has(v));
    return head;
  }

  private fixpoint(s: LoopStmt, entry: State): State {
    let head = entry.copy();
    for (let round = 1; ; round++) {
      const next = this.around(s, entry, head);
      if (next === undefined) return head;
      const grown = head.joined(next);
      if (grown.equals(head)) return this.narrowed(s, entry, head, next);
      head = round <= PATIENCE ? grown : this.widened(head, grown, round >= LAST);
    }
  }

  private widened(head: State, grown: State, last: boolean): State {
    const out = grown.copy();
    head.forEachDifference(grown, (v, from, to) => {
      const known = from !== undefined && to !== undefined;
      out.set(v, known ? widen(from, to, this.thresholds.of(v), last) : undefined);
      return true;
    });
    return out;
  }

  /** Takes back what widening overshot, as long as what comes back to the head is within what was assumed there. */
  private narrowed(s: LoopStmt, entry: State, head: State, next: State): State {
    const counters = countersOf(s);
    next = keepInStep(counters, entry, next);
    for (let round = 0; round < NARROWING && !next.equals(head); round++) {
      const back = this.around(s, entry, next);
      const closer = back === undefined ? next : keepInStep(counters, entry, back);
      if (!next.joined(closer).equals(next)) break;
      head = next;
      next = closer;
    }
    return head;
  }

  /** One round from `head`: what then holds at the head, or undefined where control never comes back. */
  private around(s: LoopStmt, entry: State, head: State): State | undefined {
    const { incoming } = this;
    this.incoming = new Map(incoming);
    this.state = head.copy();
    this.reachable = true;
    this.copies = NO_COPIES;
    this.list(s.body);
    const back = this.incoming.get(s.label);
    this.incoming = incoming;
    return back === undefined ? undefined : entry.joined(back);
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
