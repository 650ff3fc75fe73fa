// The operand stack as trees: operations pop and push expressions; statements are appended to a list. Its one duty is
// order. A pushed expression is not evaluated yet, so before a statement is appended, every pending expression that the
// statement could disturb is stored in a temporary. LLVM's stackified code hardly ever needs one.
//
// Pending expressions never write locals (local.tee becomes a statement), which keeps the check cheap.
import type { T } from "../ir/ir.js";
import { type Expr, Fx, type Stmt, clash, isDroppable, isUndisturbed, exprStmt, setStmt, leaf } from "../ir/ir.js";
import { Op } from "../../runtime/wasm/opcodes.js";

/** Deepest tree that may stay pending. Parsers of some engines fail at 500 nested parentheses. */
const MAX_DEPTH = 40;
/** Most expressions that may stay pending: each is looked at before every statement, so this bounds compile time. */
const MAX_PENDING = 48;

export function readsLocal(e: Expr, v: number): boolean {
  if ((e.fx & Fx.readLocal) === 0) return false;
  if (e.op === Op.local_get) return e.imm === v;
  for (let i = 0; i < e.args.length; i++) if (readsLocal(e.args[i]!, v)) return true;
  return false;
}

export class Builder {
  readonly stack: Expr[] = [];
  /** Entries below this index have no effects and read only temporaries: nothing disturbs them. */
  private settled = 0;
  code: Stmt[] = [];
  /** FAST: lists are copied when they are complete: most have one or two statements, and one that grew has room for 17. */
  private readonly spare: Stmt[][] = [];
  readonly vars: T[];
  /** Temporaries are assigned once per evaluation, so a pending read of one is never disturbed. */
  private readonly temp: boolean[] = [];

  constructor(vars: T[]) {
    this.vars = vars;
  }

  /** Begins a list of statements; returns the one that it stands in. */
  open(): Stmt[] {
    const outer = this.code;
    this.code = this.spare.pop() ?? [];
    return outer;
  }

  /** Ends a list, and goes on with the one that it stands in. */
  close(outer: Stmt[]): Stmt[] {
    const { code } = this;
    const list = code.slice();
    while (code.length > 0) code.pop();
    this.spare.push(code);
    this.code = outer;
    return list;
  }

  newTemp(type: T): number {
    this.temp[this.vars.length] = true;
    return this.vars.push(type) - 1;
  }

  get(v: number): Expr {
    return leaf(Op.local_get, this.vars[v]!, v, 0, this.temp[v] ? 0 : Fx.readLocal);
  }

  push(e: Expr): void {
    if (e.depth > MAX_DEPTH) e = this.store(e);
    this.stack.push(e);
    const low = this.stack.length - MAX_PENDING;
    if (low > this.settled) this.settle(low);
  }

  pop(): Expr {
    const e = this.stack.pop()!;
    if (this.settled > this.stack.length) this.settled = this.stack.length;
    return e;
  }

  /** Pops `n` entries, in stack order. */
  popMany(n: number): Expr[] {
    const { stack } = this;
    if (n === 0) return [];
    if (n === 1) return [this.pop()];
    if (n === 2) {
      const y = this.pop();
      return [this.pop(), y];
    }
    const out = stack.slice(stack.length - n);
    // FAST: setting the length is a call into the runtime.
    for (let k = 0; k < n; k++) stack.pop();
    if (this.settled > this.stack.length) this.settled = this.stack.length;
    return out;
  }

  truncate(height: number): void {
    while (this.stack.length > height) this.stack.pop();
    if (this.settled > height) this.settled = height;
  }

  /** Assigns `e` to a new temporary and returns a read of it. */
  store(e: Expr): Expr {
    return isSettled(e) ? e : this.copy(e);
  }

  /** Assigns `e` to a new temporary even where it is only a read of another. */
  copy(e: Expr): Expr {
    const t = this.newTemp(e.type);
    this.set(t, e);
    return this.get(t);
  }

  set(v: number, e: Expr): void {
    this.before(e.fx, v);
    this.code.push(setStmt(v, e));
  }

  /** Appends an expression evaluated for its effects. */
  effect(e: Expr): void {
    this.before(e.fx, -1);
    this.code.push(exprStmt(e));
  }

  /** Evaluates and forgets. */
  drop(e: Expr): void {
    if (!isDroppable(e.fx)) this.effect(e);
  }

  /** Settles what must happen before something with effects `fx` that assigns local `v` (-1: none). */
  before(fx: number, v: number): void {
    for (let i = this.stack.length; --i >= this.settled;) {
      const e = this.stack[i]!;
      if (!isUndisturbed(e) && (clash(e.fx, fx) || (v >= 0 && readsLocal(e, v)))) {
        this.settleClashing(i, fx, v);
        return;
      }
    }
  }

  /**
   * Before control may leave or enter here: pending effects happen now. `all` settles every pending expression, for the
   * entry of a nested block, whose statements must not settle anything from outside inside it.
   */
  beforeControl(fx: number, all: boolean): void {
    let i = this.stack.length;
    while (--i >= this.settled) {
      const e = this.stack[i]!;
      if (all ? !isUndisturbed(e) : !isDroppable(e.fx) || clash(e.fx, fx)) break;
    }
    this.settle(i + 1);
    if (all) this.settled = this.stack.length;
  }

  /** Settles entry `top`, and below it those that may not be overtaken by it. */
  private settleClashing(top: number, fx: number, v: number): void {
    // Entries are stored from the bottom up, so each keeps its place among those stored. One that stays pending below a
    // stored one is overtaken by it, which is fine only when the two do not clash.
    let later = 0;
    const store: boolean[] = [];
    for (let i = top; i >= this.settled; i--) {
      const e = this.stack[i]!;
      const clashes = !isUndisturbed(e) && (clash(e.fx, fx) || clash(e.fx, later) || (v >= 0 && readsLocal(e, v)));
      store[i] = clashes;
      if (clashes) later |= e.fx;
    }
    for (let i = this.settled; i <= top; i++) if (store[i]) this.storeEntry(i);
  }

  /**
   * Makes the entries among the top `n` whose bit is set in `mask` (bit 0 is the lowest of them) repeatable: constants or
   * reads of locals. Entries that a stored one would overtake are stored as well.
   */
  makeRepeatable(n: number, mask: number): void {
    const top = this.stack.length - 1;
    const base = this.stack.length - n;
    let later = 0;
    const store: boolean[] = [];
    for (let i = top; i >= this.settled; i--) {
      const e = this.stack[i]!;
      const wanted = i >= base && ((mask >> (i - base)) & 1) !== 0 && !isRepeatable(e);
      store[i] = wanted || (later !== 0 && !isUndisturbed(e) && clash(e.fx, later));
      if (store[i]) later |= e.fx;
    }
    for (let i = Math.min(this.settled, base); i <= top; i++) {
      if (i >= this.settled ? !store[i] : ((mask >> (i - base)) & 1) === 0 || i < base) continue;
      const e = this.stack[i]!;
      if (isRepeatable(e)) continue;
      const t = this.newTemp(e.type);
      this.code.push(setStmt(t, e));
      this.stack[i] = this.get(t);
    }
  }

  private settle(end: number): void {
    for (let i = this.settled; i < end; i++) this.storeEntry(i);
    if (end > this.settled) this.settled = end;
  }

  private storeEntry(i: number): void {
    const e = this.stack[i]!;
    if (isUndisturbed(e)) return;
    const t = this.newTemp(e.type);
    this.code.push(setStmt(t, e));
    this.stack[i] = this.get(t);
  }
}

/** Constants and reads of temporaries: the same whenever they are evaluated. */
export function isSettled(e: Expr): boolean {
  return e.args.length === 0 && isUndisturbed(e);
}

/** Constants and reads of locals: cheap enough to be written twice. */
export function isRepeatable(e: Expr): boolean {
  return e.op === Op.local_get || isConstant(e);
}

export function isConstant(e: Expr): boolean {
  return e.op === Op.i32_const || e.op === Op.i64_const || e.op === Op.f32_const || e.op === Op.f64_const;
}
