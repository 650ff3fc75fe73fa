// Lets variables that are never alive at the same time share one JavaScript variable: fewer registers to set up at every
// call, smaller frames (deeper recursion), copies that vanish, and text that compresses better.
//
// Two variables must be kept apart where one is assigned while the other is alive, unless as a copy of it. Those used most
// choose first, and take the first home that is free: there are hardly more homes than variables alive at a time, and
// few of them have most of the uses, which is what gzip likes (RATIONALE.md).
import { Op } from "../../runtime/wasm/opcodes.js";
import { type Expr, type IrFunc, K, type Stmt } from "../ir/ir.js";
import { countUses, forEachList, forEachRoot, forEachVariable, truncate } from "../ir/walk.js";
import { Liveness, type VarSet, add, has } from "./liveness.js";

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

const NO_ROWS = new Int32Array(0);

class Sharing {
  /** The variable that each variable becomes. */
  readonly home: Int32Array;
  readonly liveness: Liveness;
  private readonly func: IrFunc;
  /** What each variable must be kept apart from, both by their numbers in `liveness`: rows of `words` each. */
  private rows = NO_ROWS;
  private words = 0;
  /** Variables that are assigned to each other somewhere. */
  private readonly copies = new Map<number, number[]>();
  private readonly homeOf: (Home | undefined)[] = [];

  constructor(func: IrFunc, uses: Uint32Array) {
    this.func = func;
    this.home = new Int32Array(func.vars.length);
    for (let v = 0; v < func.vars.length; v++) this.home[v] = v;
    this.liveness = new Liveness(func, [], (v, e, live, { bits, slot }) => {
      if (this.words === 0) this.open(slot + 1, live.length);
      this.assigned(v, e, live, bits);
    });
    if (this.words === 0) this.open(this.liveness.slot + 1, this.liveness.entry.length);
    this.begin();
    this.mirror();
    this.assign(uses);
  }

  private open(count: number, words: number): void {
    this.rows = new Int32Array(count * words);
    this.words = words;
  }

  /** A variable is assigned the value of `e` while `live` are alive. */
  private assigned(v: number, e: Expr, live: VarSet, bits: Int32Array): void {
    const b = bits[v]!;
    if (e.op !== Op.local_get) return this.keepApart(b, live);
    const { rows } = this;
    const from = bits[e.imm]!;
    const at = b * this.words + (from >>> 5);
    const mask = 1 << (from & 31);
    const kept = rows[at]! & mask;
    this.keepApart(b, live);
    if (kept === 0) rows[at]! &= ~mask;
    this.noteCopy(v, e.imm);
    this.noteCopy(e.imm, v);
  }

  private keepApart(b: number, live: VarSet): void {
    const { rows, words } = this;
    const at = b * words;
    for (let i = 0; i < words; i++) rows[at + i]! |= live[i]!;
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
    for (const v of func.params) if (bits[v]! >= 0) this.keepApart(bits[v]!, entry);
    for (const v of func.zeroed) if (bits[v]! >= 0) this.keepApart(bits[v]!, entry);
  }

  private mirror(): void {
    const { rows, words } = this;
    const count = this.liveness.slot + 1;
    for (let b = 0; b < count; b++) {
      const word = b >>> 5;
      const mask = 1 << (b & 31);
      for (let i = 0; i < words; i++) {
        for (let bits = rows[b * words + i]!; bits !== 0; bits &= bits - 1) {
          const other = i * 32 + 31 - Math.clz32(bits & -bits);
          rows[other * words + word]! |= mask;
        }
      }
    }
  }

  private assign(uses: Uint32Array): void {
    const { func, liveness } = this;
    const isParam = new Uint8Array(func.vars.length);
    for (const v of func.params) isParam[v] = 1;
    const homes: Home[][] = [];
    for (const v of func.params) {
      const b = liveness.bits[v]!;
      if (b >= 0) this.settle(v, b, this.newHome(v, homes));
    }
    const others = liveness.variables.filter((v) => isParam[v] === 0).sort((v, w) => uses[w]! - uses[v]! || v - w);
    for (let i = 0; i < others.length; i++) {
      const v = others[i]!;
      const b = liveness.bits[v]!;
      this.settle(v, b, this.homeOfCopy(v, b) ?? firstFree(homes[func.vars[v]!], b) ?? this.newHome(v, homes));
    }
  }

  private newHome(v: number, homes: Home[][]): Home {
    const home: Home = { v, apart: new Array<number>(this.words).fill(0) };
    (homes[this.func.vars[v]!] ??= []).push(home);
    return home;
  }

  private settle(v: number, b: number, chosen: Home): void {
    const { rows, words } = this;
    const { apart } = chosen;
    const at = b * words;
    for (let i = 0; i < words; i++) apart[i]! |= rows[at + i]!;
    this.homeOf[v] = chosen;
    this.home[v] = chosen.v;
  }

  /** The home of a variable that this one is a copy of, or the other way round. */
  private homeOfCopy(v: number, b: number): Home | undefined {
    const copies = this.copies.get(v);
    if (copies === undefined) return undefined;
    for (let i = 0; i < copies.length; i++) {
      const candidate = this.homeOf[copies[i]!];
      if (candidate !== undefined && this.func.vars[copies[i]!] === this.func.vars[v] && !has(candidate.apart, b))
        return candidate;
    }
    return undefined;
  }
}

function firstFree(homes: readonly Home[] | undefined, b: number): Home | undefined {
  if (homes === undefined) return undefined;
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
      forEachList(s, list);
      body[out++] = s;
    }
    truncate(body, out);
  };
  list(func.body);
}
