// Renames the webs of a local apart: two values that share a Wasm local but never meet get variables of their own. LLVM
// reuses locals for unrelated values; apart, one fact per variable says nearly as much as one per program point, and
// the zero that a local starts with is seen to be dead.
//
// A definition is a `set`, a parameter or the initial zero. Walking the structured control once, `current[v]` is the
// definition of v that reaches here; where control meets and definitions differ, a phi stands for them. Only phis that a
// read can reach unite their operands, so locals that are dead at a merge stay apart.
import { Op } from "../../runtime/wasm/opcodes.js";
import { type Expr, type IrFunc, K, type Label, type Stmt, leaf } from "../ir/ir.js";
import { forEachRoot, forEachStmt, mapReads, mapRoots } from "../ir/walk.js";
import { isAbrupt } from "../lower/lower.js";

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
  /** Variables with several definitions, by slot; and the slots by variable, -1 for those that are one web anyway. */
  private readonly candidates: number[] = [];
  private readonly slot: Int32Array;
  /** What variables without a slot become. */
  private readonly renamed: Int32Array;
  /** 1: assigned in a loop. */
  private readonly isInLoop: Uint8Array;
  /** Variable of each definition. */
  private readonly variable: number[] = [];
  /** Operands of the definitions that are phis. */
  private readonly operands: (number[] | undefined)[] = [];
  /** Definition of each read, in the order of the walk. */
  private readonly reads: number[] = [];
  /** Definition of each set, in the order of the walk. */
  private readonly sets: number[] = [];
  private current: Definitions = [];
  /** FAST: `current` is copied when it changes, if somebody else holds it: few branches meet different definitions. */
  private isShared = false;
  private reachable = true;
  /** Definitions at the branches to a label seen so far. */
  private readonly incoming = new Map<Label, Definitions[]>();
  private readonly phisOf = new Map<Label, Definitions>();

  private readonly func: IrFunc;
  private readonly noteReads = (e: Expr): void => {
    if (e.op === Op.local_get) {
      const slot = this.slot[e.imm]!;
      if (slot >= 0) this.reads.push(this.current[slot]!);
    } else for (let i = 0; i < e.args.length; i++) this.noteReads(e.args[i]!);
  };

  constructor(func: IrFunc) {
    this.func = func;
    this.slot = new Int32Array(func.vars.length).fill(-1);
    this.isInLoop = new Uint8Array(func.vars.length);
    this.renamed = new Int32Array(func.vars.length);
    for (let v = 0; v < func.vars.length; v++) this.renamed[v] = v;
    this.chooseCandidates();
    for (let slot = 0; slot < this.candidates.length; slot++) this.current.push(this.define(this.candidates[slot]!));
  }

  /** FAST: most variables are temporaries, assigned once and always before they are read. */
  private chooseCandidates(): void {
    const { func, slot, candidates } = this;
    const definitions = new Uint8Array(func.vars.length);
    for (const v of func.params) definitions[v] = 1;
    // Even those that are never assigned: they may never be read either.
    for (const v of func.zeroed) definitions[v] = 2;
    forEachStmt(func.body, (s) => {
      if (s.kind === K.set && definitions[s.v]! < 2) definitions[s.v]!++;
    });
    for (let v = 0; v < definitions.length; v++) if (definitions[v] === 2) slot[v] = candidates.push(v) - 1;
  }

  run(): void {
    const { func } = this;
    this.list(func.body);
    this.rename(this.unite());
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
        const slot = this.slot[s.v]!;
        if (slot < 0) {
          if (this.isInLoop[s.v] === 1) this.define(s.v);
          return;
        }
        const d = this.define(s.v);
        this.sets.push(d);
        this.assign(slot, d);
        return;
      }
      case K.expr:
        if (isAbrupt(s)) this.reachable = false;
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
        for (let i = 0; i < s.parts.length; i++) {
          this.list(s.parts[i]!);
          this.join(s.labels[i]!);
        }
    }
  }

  private assign(slot: number, d: number): void {
    if (this.isShared) {
      this.current = this.current.slice();
      this.isShared = false;
    }
    this.current[slot] = d;
  }

  /** The current definitions, which nobody changes any more. */
  private shared(): Definitions {
    this.isShared = true;
    return this.current;
  }

  private become(definitions: Definitions): void {
    this.current = definitions;
    this.isShared = true;
  }

  private branch(label: Label): void {
    if (!this.reachable) return;
    const phis = this.phisOf.get(label);
    if (phis !== undefined) return this.addOperands(phis);
    const list = this.incoming.get(label);
    if (list === undefined) this.incoming.set(label, [this.shared()]);
    else list.push(this.shared());
  }

  private addOperands(phis: Definitions): void {
    for (let slot = 0; slot < phis.length; slot++) {
      const phi = phis[slot]!;
      if (phi >= 0 && this.current[slot] !== phi) this.operands[phi]!.push(this.current[slot]!);
    }
  }

  /** The end of a block: what falls through meets what branches here. */
  private join(label: Label): void {
    const incoming = this.incoming.get(label) ?? [];
    if (this.reachable) incoming.push(this.shared());
    this.incoming.delete(label);
    this.merge(incoming);
  }

  private merge(incoming: readonly Definitions[]): void {
    this.reachable = incoming.length > 0;
    const first = incoming[0];
    if (first === undefined) return;
    this.become(first);
    for (let k = 1; k < incoming.length; k++) {
      const other = incoming[k]!;
      if (other === first) continue;
      for (let slot = 0; slot < first.length; slot++) {
        if (other[slot] === first[slot]) continue;
        const d = this.current[slot]!;
        // A phi made by this merge takes one more operand.
        if (d !== first[slot]) this.operands[d]!.push(other[slot]!);
        else this.assign(slot, this.define(this.candidates[slot]!, [first[slot]!, other[slot]!]));
      }
    }
  }

  private if_(then: readonly Stmt[], otherwise: readonly Stmt[]): void {
    const before = this.shared();
    const reached = this.reachable;
    this.list(then);
    const afterThen = this.reachable ? this.shared() : undefined;
    this.become(before);
    this.reachable = reached;
    this.list(otherwise);
    if (afterThen === undefined) return;
    this.merge(this.reachable ? [afterThen, this.shared()] : [afterThen]);
  }

  private loop(label: Label, body: readonly Stmt[]): void {
    const phis: Definitions = new Array<number>(this.current.length).fill(-1);
    forEachStmt(body, (s) => {
      if (s.kind !== K.set) return;
      const slot = this.slot[s.v]!;
      this.isInLoop[s.v] = 1;
      if (slot < 0 || phis[slot]! >= 0) return;
      phis[slot] = this.define(s.v, [this.current[slot]!]);
      this.assign(slot, phis[slot]!);
    });
    this.phisOf.set(label, phis);
    this.list(body);
    this.phisOf.delete(label);
  }

  // ---- webs ----

  /** The variable of each definition's web. A web keeps its local's number if it holds a parameter, or comes first. */
  private unite(): Int32Array {
    const { variable, operands } = this;
    const parent = new Int32Array(variable.length);
    for (let d = 0; d < parent.length; d++) parent[d] = d;
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
    for (let i = 0; i < this.reads.length; i++) use(this.reads[i]!);
    for (let d = work.pop(); d !== undefined; d = work.pop()) {
      const list = operands[d];
      if (list === undefined) continue;
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
    const { func, slot, isInLoop } = this;
    const taken = new Uint8Array(func.vars.length);
    const web = new Int32Array(variable.length);
    for (const v of func.params) taken[v] = 1;
    // Zeros that nothing reads are dead.
    func.zeroed = func.zeroed.filter((v) => used[slot[v]!] === 1);
    const initial = this.candidates.length;
    for (let d = 0; d < initial; d++) {
      web[d] = variable[d]!;
      if (used[d] === 1) taken[web[d]!] = 1;
    }
    for (let d = initial; d < variable.length; d++) {
      const v = variable[d]!;
      const root = find(d);
      if (root !== d) web[d] = web[root]!;
      // Variables of loops are numbered behind the others: in which order they choose names, gzip likes better.
      else if (operands[d] !== undefined && used[d] === 0) taken[v] = 1;
      else {
        web[d] = taken[v] === 1 || (slot[v]! < 0 && isInLoop[v] === 1) ? func.vars.push(func.vars[v]!) - 1 : v;
        taken[v] = 1;
        if (slot[v]! < 0) this.renamed[v] = web[d]!;
      }
    }
    return web;
  }

  /** The same walk again, replacing variables by webs. */
  private rename(web: Int32Array): void {
    const { reads, sets, slot, renamed } = this;
    let read = 0;
    let set = 0;
    const map = (get: Expr): Expr => {
      const v = slot[get.imm]! < 0 ? renamed[get.imm]! : web[reads[read++]!]!;
      return v === get.imm ? get : leaf(Op.local_get, get.type, v, 0, get.own);
    };
    const root = (e: Expr): Expr => mapReads(e, map);
    forEachStmt(this.func.body, (s) => {
      mapRoots(s, root);
      if (s.kind === K.set) s.v = slot[s.v]! < 0 ? renamed[s.v]! : web[sets[set++]!]!;
    });
  }
}
