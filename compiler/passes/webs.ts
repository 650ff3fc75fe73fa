// Renames the webs of a local apart: two values that share a Wasm local but never meet get variables of their own. LLVM
// reuses locals for unrelated values; apart, one fact per variable says nearly as much as one per program point, and
// the zero that a local starts with is seen to be dead.
//
// A definition is a `set`, a parameter or the initial zero. Walking the structured control once, `current[v]` is the
// definition of v that reaches here; where control meets and definitions differ, a phi stands for them. Only phis that a
// read can reach unite their operands, so locals that are dead at a merge stay apart.
import { Op } from "../../runtime/wasm/opcodes.js";
import { type Expr, type IrFunc, K, type Label, type Stmt, expr } from "../ir/ir.js";
import { forEachRoot, forEachStmt, mapReads, mapRoots } from "../ir/walk.js";
import { endsAbruptly } from "../lower/lower.js";

/** Variables times merges beyond which the function is left as it is: the walk copies that many entries. */
const BUDGET = 20_000_000;

// FAST: plain arrays; a typed array for every branch costs more in collection than the rest of the pass.
type Definitions = number[];

export function separateWebs(func: IrFunc): void {
  let branches = 1;
  forEachStmt(func.body, (s) => {
    if (s.kind === K.br || s.kind === K.if || s.kind === K.loop) branches++;
    else if (s.kind === K.switch) branches += new Set(s.targets).size + 1;
    else if (s.kind === K.block) branches += s.labels.length;
  });
  if (branches * func.vars.length <= BUDGET) new Webs(func).run();
}

class Webs {
  /** Variable of each definition. */
  private readonly variable: number[] = [];
  /** Operands of the definitions that are phis. */
  private readonly operands: (number[] | undefined)[] = [];
  /** Definition of each read, in the order of the walk. */
  private readonly reads: number[] = [];
  /** Definition of each set, in the order of the walk. */
  private readonly sets: number[] = [];
  private current: Definitions;
  private reachable = true;
  /** Definitions at the branches to a label seen so far. */
  private readonly incoming = new Map<Label, Definitions[]>();
  private readonly phisOf = new Map<Label, Definitions>();

  private readonly func: IrFunc;
  private readonly noteReads = (e: Expr): void => {
    if (e.op === Op.local_get) this.reads.push(this.current[e.imm]!);
    else for (let i = 0; i < e.args.length; i++) this.noteReads(e.args[i]!);
  };

  constructor(func: IrFunc) {
    this.func = func;
    this.current = func.vars.map((_, v) => this.define(v));
  }

  run(): void {
    const { func } = this;
    this.list(func.body);
    const web = this.unite();
    this.rename(web);
    func.params.forEach((v) => {
      if (web[v] !== v) throw new Error("BUG: a parameter's web has lost its variable");
    });
  }

  private define(v: number, operands?: number[]): number {
    this.operands.push(operands);
    return this.variable.push(v) - 1;
  }

  // ---- the walk ----

  private list(body: readonly Stmt[]): void {
    for (let i = 0; i < body.length; i++) this.statement(body[i]!);
  }

  private statement(s: Stmt): void {
    forEachRoot(s, this.noteReads);
    switch (s.kind) {
      case K.set: {
        const d = this.define(s.v);
        this.sets.push(d);
        this.current[s.v] = d;
        return;
      }
      case K.expr:
        if (endsAbruptly([s])) this.reachable = false;
        return;
      case K.return:
        this.reachable = false;
        return;
      case K.br:
        this.branch(s.label);
        this.reachable = false;
        return;
      case K.switch:
        for (const label of new Set([...s.targets, s.otherwise])) this.branch(label);
        this.reachable = false;
        return;
      case K.if:
        return this.if_(s.then, s.else);
      case K.loop:
        return this.loop(s.label, s.body);
      case K.block:
        s.parts.forEach((part, i) => {
          this.list(part);
          this.join(s.labels[i]!);
        });
    }
  }

  private branch(label: Label): void {
    if (!this.reachable) return;
    const phis = this.phisOf.get(label);
    if (phis !== undefined) return this.addOperands(phis);
    const list = this.incoming.get(label);
    if (list === undefined) this.incoming.set(label, [this.current.slice()]);
    else list.push(this.current.slice());
  }

  private addOperands(phis: Definitions): void {
    for (let v = 0; v < phis.length; v++) {
      const phi = phis[v]!;
      if (phi >= 0 && this.current[v] !== phi) this.operands[phi]!.push(this.current[v]!);
    }
  }

  /** The end of a block: what falls through meets what branches here. */
  private join(label: Label): void {
    const incoming = this.incoming.get(label) ?? [];
    if (this.reachable) incoming.push(this.current);
    this.incoming.delete(label);
    this.merge(incoming);
  }

  private merge(incoming: readonly Definitions[]): void {
    this.reachable = incoming.length > 0;
    const first = incoming[0];
    if (first === undefined) return;
    this.current = first.slice();
    for (let k = 1; k < incoming.length; k++) {
      const other = incoming[k]!;
      for (let v = 0; v < first.length; v++) {
        if (other[v] === first[v]) continue;
        const d = this.current[v]!;
        // A phi made by this merge takes one more operand.
        if (d !== first[v]) this.operands[d]!.push(other[v]!);
        else this.current[v] = this.define(v, [first[v]!, other[v]!]);
      }
    }
  }

  private if_(then: readonly Stmt[], otherwise: readonly Stmt[]): void {
    const before = this.current.slice();
    const reached = this.reachable;
    this.list(then);
    const afterThen = this.reachable ? this.current : undefined;
    this.current = before;
    this.reachable = reached;
    this.list(otherwise);
    const ends = afterThen === undefined ? [] : [afterThen];
    if (this.reachable) ends.push(this.current);
    this.merge(ends);
  }

  private loop(label: Label, body: readonly Stmt[]): void {
    const assigned = new Set<number>();
    forEachStmt(body, (s) => {
      if (s.kind === K.set) assigned.add(s.v);
    });
    const phis: Definitions = new Array<number>(this.current.length).fill(-1);
    for (const v of assigned) {
      phis[v] = this.define(v, [this.current[v]!]);
      this.current[v] = phis[v];
    }
    this.phisOf.set(label, phis);
    this.list(body);
    this.phisOf.delete(label);
  }

  // ---- webs ----

  /** The variable of each definition's web. A web keeps its local's number if it holds a parameter, or comes first. */
  private unite(): Int32Array {
    const { variable, operands } = this;
    const parent = new Int32Array(variable.length).map((_, d) => d);
    const find = (d: number): number => {
      while (parent[d] !== d) d = parent[d] = parent[parent[d]!]!;
      return d;
    };
    const used = new Uint8Array(variable.length);
    const work: number[] = [];
    const use = (d: number): void => {
      if (used[d] === 1) return;
      used[d] = 1;
      work.push(d);
    };
    this.reads.forEach(use);
    for (let d = work.pop(); d !== undefined; d = work.pop()) {
      const list = operands[d] ?? [];
      for (let k = 0; k < list.length; k++) {
        const operand = list[k]!;
        use(operand);
        const a = find(d);
        const b = find(operand);
        // The lowest definition represents the web: initial definitions are numbered like their variables.
        if (a < b) parent[b] = a;
        else parent[a] = b;
      }
    }
    const { func } = this;
    const initial = func.vars.length;
    const zeroed = new Set(func.zeroed);
    const taken = new Uint8Array(initial);
    const web = new Int32Array(variable.length);
    const isParam = new Set(func.params);
    for (let d = 0; d < initial; d++) {
      web[d] = d;
      if (used[d] === 1 || isParam.has(d)) taken[d] = 1;
      else zeroed.delete(d);
    }
    for (let d = initial; d < variable.length; d++) {
      const root = find(d);
      if (root < initial) web[d] = root;
      else if (root !== d) web[d] = web[root]!;
      else {
        const v = variable[d]!;
        web[d] = taken[v] === 1 ? func.vars.push(func.vars[v]!) - 1 : v;
        taken[v] = 1;
      }
    }
    func.zeroed = [...zeroed];
    return web;
  }

  /** The same walk again, replacing variables by webs. */
  private rename(web: Int32Array): void {
    const { reads, sets } = this;
    let read = 0;
    let set = 0;
    const map = (get: Expr): Expr => {
      const v = web[reads[read++]!]!;
      return v === get.imm ? get : expr(Op.local_get, get.type, [], v, 0, get.own);
    };
    const root = (e: Expr): Expr => mapReads(e, map);
    forEachStmt(this.func.body, (s) => {
      mapRoots(s, root);
      if (s.kind === K.set) s.v = web[sets[set++]!]!;
    });
  }
}
