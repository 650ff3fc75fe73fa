// Undoes temporaries that straight-line code does not need. Two patterns, both within one list of statements:
//   t = E; …; x = t     → x = E; …          where x is neither read nor assigned in between (splitting leaves these)
//   t = E; … f(t) …     → … f(E) …          where t is read once and nothing in between clashes with E
import { Op } from "../../runtime/wasm/opcodes.js";
import { type Expr, Fx, Ir, type IrFunc, K, type SetStmt, type Stmt, clash, mayGrow, leaf } from "../ir/ir.js";
import {
  effectsOf,
  forEachList,
  forEachRead,
  forEachRoot,
  forEachStmt,
  holdsLists,
  mapReads,
  mapRoots,
  truncate,
} from "../ir/walk.js";

/** How many statements ahead a use is looked for. */
const WINDOW = 24;
/** Deepest tree that substitution makes. */
const MAX_DEPTH = 40;

export function removeCopies(func: IrFunc): void {
  new Copies(func).run();
}

class Copies {
  private readonly reads: Uint32Array;
  private readonly sets: Uint32Array;
  /** Statements that are to be removed from the list they are in. */
  private readonly gone = new Set<Stmt>();

  private readonly func: IrFunc;

  constructor(func: IrFunc) {
    this.func = func;
    this.reads = new Uint32Array(func.vars.length);
    this.sets = new Uint32Array(func.vars.length);
  }

  run(): void {
    const { func, reads, sets } = this;
    for (const v of func.params) sets[v]! += 2;
    for (const v of func.zeroed) sets[v]! += 2;
    const read = (v: number): number => reads[v]!++;
    const root = (e: Expr): void => forEachRead(e, read);
    forEachStmt(func.body, (s) => {
      if (s.kind === K.set) sets[s.v]!++;
      forEachRoot(s, root);
    });
    this.list(func.body);
  }

  private readonly nested = (list: Stmt[]): void => this.list(list);

  private list(body: Stmt[]): void {
    for (let i = 0; i < body.length; i++) forEachList(body[i]!, this.nested);
    // Backwards, so that what is substituted has itself been substituted into.
    const { gone } = this;
    const before = gone.size;
    for (let i = body.length - 1; i >= 0; i--) {
      const s = body[i]!;
      if (s.kind !== K.set || this.sets[s.v] !== 1) continue;
      if (this.rename(body, i, s, gone) || this.substitute(body, i, s, gone)) continue;
    }
    if (gone.size === before) return;
    let out = 0;
    for (let i = 0; i < body.length; i++) if (!gone.has(body[i]!)) body[out++] = body[i]!;
    truncate(body, out);
  }

  /** t = E; …; x = t. */
  private rename(body: Stmt[], at: number, s: SetStmt, gone: Set<Stmt>): boolean {
    const found = this.findCopy(body, at, s.v, gone);
    return found >= 0 && this.renameTo(body, at, s, gone, found);
  }

  private renameTo(body: Stmt[], at: number, s: SetStmt, gone: Set<Stmt>, found: number): boolean {
    const t = s.v;
    const copy = body[found] as SetStmt;
    const x = copy.v;
    if (this.func.vars[x] !== this.func.vars[t]) return false;
    // Every read of t must be one that x can serve: here, before x is assigned again.
    let count = 0;
    let end = at + 1;
    for (; end < body.length && end < at + 2 * WINDOW; end++) {
      const next = body[end]!;
      if (gone.has(next)) continue;
      forEachRoot(next, (e) => (count += countReads(e, t)));
      if (end !== found && next.kind === K.set && next.v === x) break;
      if (count === this.reads[t] || holdsLists(next)) break;
    }
    if (count !== this.reads[t]) return false;
    const get = leaf(Op.local_get, this.func.vars[x]!, x, 0, Fx.readLocal);
    for (let i = at + 1; i <= end && i < body.length; i++) {
      if (i !== found && !gone.has(body[i]!)) replaceReads(body[i]!, t, get);
    }
    s.v = x;
    gone.add(copy);
    this.reads[x]! += this.reads[t]! - 1;
    this.reads[t] = 0;
    this.sets[t] = 0;
    return true;
  }

  /** The first `x = t` behind `at`, with x untouched in between; -1 if there is none. */
  private findCopy(body: Stmt[], at: number, t: number, gone: Set<Stmt>): number {
    for (let j = at + 1; j < body.length && j <= at + WINDOW; j++) {
      const s = body[j]!;
      if (gone.has(s)) continue;
      if (s.kind === K.set && s.e.op === Op.local_get && s.e.imm === t) {
        for (let k = at + 1; k < j; k++) if (!gone.has(body[k]!) && touches(body[k]!, s.v)) return -1;
        return j;
      }
      if (holdsLists(s) || s.kind === K.br || s.kind === K.return || s.kind === K.switch) return -1;
    }
    return -1;
  }

  /** t = E; … t …, read once. */
  private substitute(body: Stmt[], at: number, s: SetStmt, gone: Set<Stmt>): boolean {
    const t = s.v;
    const { e } = s;
    if (this.reads[t] !== 1) return false;
    for (let j = at + 1; j < body.length && j <= at + WINDOW; j++) {
      const next = body[j]!;
      if (gone.has(next)) continue;
      if (reads(next, t)) {
        if (!this.canReach(next, t, e)) return false;
        replaceReads(next, t, e);
        gone.add(s);
        this.reads[t] = 0;
        this.sets[t] = 0;
        return true;
      }
      // E moves behind this statement.
      if (holdsLists(next) || next.kind === K.br || next.kind === K.return || next.kind === K.switch) return false;
      if (next.kind === K.set && readsVariable(e, next.v)) return false;
      if (clash(e.fx, effectsOf(next))) return false;
    }
    return false;
  }

  /** True where evaluating E in the place of t disturbs nothing that this statement evaluates before it. */
  private canReach(s: Stmt, t: number, e: Expr): boolean {
    if (s.kind === K.return && s.args.length > 1) return false;
    let root: Expr | undefined;
    forEachRoot(s, (r) => {
      if (readsVariable(r, t)) root = r;
    });
    if (root === undefined || root.depth + e.depth > MAX_DEPTH) return false;
    return walkTo(root, t, e) === Found.yes;
  }
}

const enum Found {
  notYet,
  yes,
  no,
}

/** Looks for the read of `t` in evaluation order; `no` where something on the way clashes with `e`. */
function walkTo(node: Expr, t: number, e: Expr): Found {
  if (node.op === Op.local_get) return node.imm === t ? Found.yes : Found.notYet;
  for (let i = 0; i < node.args.length; i++) {
    const arg = node.args[i]!;
    const found = walkTo(arg, t, e);
    if (found === Found.no) return found;
    if (found === Found.yes) {
      // Arms are evaluated only sometimes, and a call_indirect's index twice; its callee is looked up before its arguments.
      if (isConditional(node.op) && i > 0) return Found.no;
      if (node.op === Op.call_indirect && (i === 0 || clash(Fx.readTable, e.fx))) return Found.no;
      return isAccess(node) && mayGrow(e.fx) ? Found.no : Found.yes;
    }
    if (clash(arg.fx, e.fx)) return Found.no;
  }
  return Found.notYet;
}

function isConditional(op: number): boolean {
  return op === Op.select || op === Ir.and_then || op === Ir.or_else;
}

function isAccess(e: Expr): boolean {
  return (e.own & Fx.trapMemory) !== 0;
}

/** Reads by any node, temporaries included (which `readsLocal` skips). */
function readsVariable(e: Expr, v: number): boolean {
  if (e.op === Op.local_get) return e.imm === v;
  for (let i = 0; i < e.args.length; i++) if (readsVariable(e.args[i]!, v)) return true;
  return false;
}

function countReads(e: Expr, v: number): number {
  if (e.op === Op.local_get) return e.imm === v ? 1 : 0;
  let count = 0;
  for (let i = 0; i < e.args.length; i++) count += countReads(e.args[i]!, v);
  return count;
}

/** True where a statement reads or assigns `v`. */
function touches(s: Stmt, v: number): boolean {
  return (s.kind === K.set && s.v === v) || reads(s, v);
}

/** True where an expression that the statement itself evaluates reads `v`. */
function reads(s: Stmt, v: number): boolean {
  switch (s.kind) {
    case K.set:
    case K.expr:
    case K.switch:
      return readsVariable(s.e, v);
    case K.if:
      return readsVariable(s.cond, v);
    case K.return: {
      for (let i = 0; i < s.args.length; i++) if (readsVariable(s.args[i]!, v)) return true;
      return false;
    }
    default:
      return false;
  }
}

function replaceReads(s: Stmt, v: number, by: Expr): void {
  mapRoots(s, (root) => mapReads(root, (get) => (get.imm === v ? by : get)));
}
