// Lets variables that are never alive at the same time share one JavaScript variable: fewer registers to set up at every
// call, smaller frames (deeper recursion), copies that vanish, and text that compresses better.
//
// Live ranges are intervals over the statements in order, without holes. Control only goes back in loops, so a variable
// that occurs inside and outside a loop is alive in all of it; one that occurs only inside is assigned in every round
// before it is read (or else its initial zero, which counts as an occurrence at the start, would be one outside).
import { Op } from "../../runtime/wasm/opcodes.js";
import { type Expr, type IrFunc, K, type Stmt } from "../ir/ir.js";
import { forEachGet, forEachRead, forEachRoot, forEachStmt, nestedLists } from "../ir/walk.js";

export function shareVariables(func: IrFunc): void {
  const ranges = new Ranges(func);
  rename(func, assign(func, ranges));
}

class Ranges {
  readonly first: Float64Array;
  readonly last: Float64Array;
  /** A variable whose value this one starts as a copy of; -1 where none. */
  readonly copyOf: Int32Array;
  private readonly occurrences: Uint32Array;
  private position = 1;
  /** Occurrences inside the loop being walked, by variable. */
  private inside = new Map<number, number>();

  constructor(func: IrFunc) {
    const n = func.vars.length;
    this.first = new Float64Array(n).fill(Infinity);
    this.last = new Float64Array(n).fill(-1);
    this.copyOf = new Int32Array(n).fill(-1);
    this.occurrences = new Uint32Array(n);
    for (const v of [...func.params, ...func.zeroed]) {
      this.first[v] = 0;
      this.last[v] = 0;
      this.occurrences[v]!++;
    }
    forEachStmt(func.body, (s) => {
      forEachRoot(s, (e) => forEachRead(e, (v) => this.occurrences[v]!++));
      if (s.kind === K.set) this.occurrences[s.v]!++;
    });
    this.list(func.body);
  }

  private list(body: readonly Stmt[]): void {
    for (const s of body) {
      // Reads happen at even positions, the assignment right behind them.
      this.position += 2;
      forEachRoot(s, (e) => forEachRead(e, (v) => this.occur(v, this.position)));
      if (s.kind === K.set) {
        this.occur(s.v, this.position + 1);
        if (s.e.op === Op.local_get && this.copyOf[s.v] === -1) this.copyOf[s.v] = s.e.imm;
      } else if (s.kind === K.loop) this.loop(s.body);
      else for (const nested of nestedLists(s)) this.list(nested);
    }
  }

  private occur(v: number, position: number): void {
    if (position < this.first[v]!) this.first[v] = position;
    if (position > this.last[v]!) this.last[v] = position;
    this.inside.set(v, (this.inside.get(v) ?? 0) + 1);
  }

  private loop(body: readonly Stmt[]): void {
    const outer = this.inside;
    const start = this.position;
    this.inside = new Map();
    this.list(body);
    this.position += 2;
    for (const [v, count] of this.inside) {
      outer.set(v, (outer.get(v) ?? 0) + count);
      if (count === this.occurrences[v]) continue;
      if (start < this.first[v]!) this.first[v] = start;
      if (this.position > this.last[v]!) this.last[v] = this.position;
    }
    this.inside = outer;
  }
}

/** Linear scan: the variable that each variable becomes. */
function assign(func: IrFunc, { first, last, copyOf }: Ranges): Int32Array {
  const n = func.vars.length;
  const home = new Int32Array(n).map((_, v) => v);
  // Shared variables by type, and where the last range in each ends.
  const shared: number[][] = [];
  const end = new Float64Array(n).fill(-1);
  const order = [...home].filter((v) => last[v]! >= 0).sort((a, b) => first[a]! - first[b]! || a - b);
  for (const v of order) {
    const type = func.vars[v]!;
    const list = (shared[type] ??= []);
    // A dead assignment (range of one point) still needs its place.
    const fits = (h: number): boolean => first[v]! > end[h]!;
    const source = copyOf[v]!;
    const hint = source >= 0 && end[home[source]!]! >= 0 ? home[source]! : -1;
    let h = -1;
    if (first[v]! > 0) {
      if (hint >= 0 && func.vars[hint] === type && fits(hint)) h = hint;
      else h = list.find(fits) ?? -1;
    }
    if (h < 0) {
      h = v;
      list.push(v);
    }
    home[v] = h;
    end[h] = last[v]!;
  }
  return home;
}

function rename(func: IrFunc, home: Int32Array): void {
  // FAST: in place. Trees may share a read, and to rename it twice is harmless: a home is its own home.
  const visit = (get: Expr): void => {
    get.imm = home[get.imm]!;
  };
  const root = (e: Expr): void => forEachGet(e, visit);
  const list = (body: Stmt[]): void => {
    let out = 0;
    for (const s of body) {
      forEachRoot(s, root);
      if (s.kind === K.set) {
        s.v = home[s.v]!;
        if (s.e.op === Op.local_get && s.e.imm === s.v) continue;
      }
      nestedLists(s).forEach(list);
      body[out++] = s;
    }
    body.length = out;
  };
  list(func.body);
  func.zeroed = func.zeroed.map((v) => home[v]!);
}
