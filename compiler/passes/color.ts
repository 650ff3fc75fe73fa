// Lets variables that are never alive at the same time share one JavaScript variable: fewer registers to set up at every
// call, smaller frames (deeper recursion), copies that vanish, and text that compresses better.
//
// Two variables must be kept apart where one is assigned while the other is alive, unless as a copy of it. Those used most
// choose first, and take the first home that is free: there are hardly more homes than variables alive at a time, and
// few of them have most of the uses, which is what gzip likes (RATIONALE.md).
import { Op } from "../../runtime/wasm/opcodes.js";
import { type Expr, type IrFunc, K, type Stmt } from "../ir/ir.js";
import { countUses, forEachRoot, forEachVariable, nestedLists } from "../ir/walk.js";
import { Liveness, type VarSet, add, forEachBit, has, unite } from "./liveness.js";

/** Variables above which the table of what to keep apart gets too large; programs have a few thousand at most. */
const MOST_VARIABLES = 16_000;

/** A variable that others become. */
interface Home {
  readonly v: number;
  /** What must be kept apart from those that live here. */
  readonly apart: VarSet;
}

export function shareVariables(func: IrFunc): void {
  const uses = countUses(func);
  if (uses.reduce((sum, count) => sum + (count > 0 ? 1 : 0), 0) > MOST_VARIABLES) return;
  const { home, liveness } = new Sharing(func, uses);
  // What only seems to be read before it is assigned need not start as zero.
  const { bits, entry } = liveness;
  func.zeroed = func.zeroed.filter((v) => bits[v]! >= 0 && has(entry, bits[v]!)).map((v) => home[v]!);
  rename(func, home);
}

class Sharing {
  /** The variable that each variable becomes. */
  readonly home: Int32Array;
  readonly liveness: Liveness;
  private readonly func: IrFunc;
  /** What each variable must be kept apart from; both by their numbers in `liveness`. */
  private readonly rows: VarSet[] = [];
  /** Variables that are assigned to each other somewhere. */
  private readonly copies = new Map<number, number[]>();
  private readonly homeOf: (Home | undefined)[] = [];

  constructor(func: IrFunc, uses: Uint32Array) {
    this.func = func;
    this.home = new Int32Array(func.vars.length).map((_, v) => v);
    this.liveness = new Liveness(func, [], (v, e, live, { bits }) => this.assigned(v, e, live, bits));
    this.begin();
    this.mirror();
    this.assign(uses);
  }

  /** A variable is assigned the value of `e` while `live` are alive. */
  private assigned(v: number, e: Expr, live: VarSet, bits: Int32Array): void {
    const b = bits[v]!;
    const row = this.row(b, live.length);
    if (e.op !== Op.local_get) return unite(row, live);
    const from = bits[e.imm]!;
    const kept = has(row, from);
    unite(row, live);
    if (!kept) row[from >>> 5]! &= ~(1 << (from & 31));
    this.noteCopy(v, e.imm);
    this.noteCopy(e.imm, v);
  }

  private row(b: number, length: number): VarSet {
    return (this.rows[b] ??= new Uint32Array(length));
  }

  private noteCopy(v: number, of: number): void {
    const list = this.copies.get(v);
    if (list === undefined) this.copies.set(v, [of]);
    else list.push(of);
  }

  /** Parameters are assigned where the function begins, and variables that start as zero. */
  private begin(): void {
    const { func, liveness } = this;
    const { bits, entry } = liveness;
    for (const v of func.params) if (bits[v]! >= 0) add(entry, bits[v]!);
    for (const v of [...func.params, ...func.zeroed]) if (bits[v]! >= 0) unite(this.row(bits[v]!, entry.length), entry);
  }

  private mirror(): void {
    const { rows } = this;
    rows.forEach((row, b) => forEachBit(row, (other) => add(this.row(other, row.length), b)));
  }

  private assign(uses: Uint32Array): void {
    const { func, liveness, rows, home, homeOf } = this;
    const params = new Set(func.params);
    const homes: Home[][] = [];
    const others = liveness.variables.filter((v) => !params.has(v)).sort((v, w) => uses[w]! - uses[v]! || v - w);
    for (const v of [...func.params, ...others]) {
      const b = liveness.bits[v]!;
      if (b < 0) continue;
      const list = (homes[func.vars[v]!] ??= []);
      let chosen = params.has(v) ? undefined : (this.homeOfCopy(v, b) ?? firstFree(list, b));
      if (chosen === undefined) list.push((chosen = { v, apart: new Uint32Array(liveness.entry.length) }));
      const row = rows[b];
      if (row !== undefined) unite(chosen.apart, row);
      homeOf[v] = chosen;
      home[v] = chosen.v;
    }
  }

  /** The home of a variable that this one is a copy of, or the other way round. */
  private homeOfCopy(v: number, b: number): Home | undefined {
    for (const other of this.copies.get(v) ?? []) {
      const candidate = this.homeOf[other];
      if (candidate !== undefined && this.func.vars[other] === this.func.vars[v] && !has(candidate.apart, b))
        return candidate;
    }
    return undefined;
  }
}

function firstFree(homes: readonly Home[], b: number): Home | undefined {
  for (let i = 0; i < homes.length; i++) if (!has(homes[i]!.apart, b)) return homes[i];
  return undefined;
}

function rename(func: IrFunc, home: Int32Array): void {
  // FAST: in place. Trees may share a node, and to rename it twice is harmless: a home is its own home.
  const visit = (e: Expr): void => {
    e.imm = home[e.imm]!;
  };
  const root = (e: Expr): void => forEachVariable(e, visit);
  const list = (body: Stmt[]): void => {
    let out = 0;
    for (let i = 0; i < body.length; i++) {
      const s = body[i]!;
      forEachRoot(s, root);
      if (s.kind === K.set) {
        s.v = home[s.v]!;
        if (s.e.op === Op.local_get && s.e.imm === s.v) continue;
      }
      const nested = nestedLists(s);
      for (let k = 0; k < nested.length; k++) list(nested[k]!);
      body[out++] = s;
    }
    body.length = out;
  };
  list(func.body);
}
