// Which variables are kept as indices (scale.ts), by what it would cost everywhere that they are read or assigned.
import { Op } from "../../../runtime/wasm/opcodes.js";
import { type Expr, Ir, type IrFunc, K, type Stmt, T } from "../../ir/ir.js";
import { isNonNegative } from "../../ir/make.js";
import { nestedLists } from "../../ir/walk.js";
import { type Linear, exactLinear, number } from "./linear.js";
import { Quotient } from "./quotient.js";

/** What a statement in a loop counts for. */
const LOOP_WEIGHT = 8;
const DEEPEST_LOOP = 4;
/** Rounds in which variables change their minds. */
const ROUNDS = 5;
/** Variables that change their minds together, and sites that are looked at for it. */
const MOST_TOGETHER = 32;
const MOST_WORK = 1_000_000;

/** A place where variables are read or assigned, as far as scaling them changes its cost. */
interface Site {
  readonly weight: number;
  /** The sum: variables, other things (v = -1), and a constant. */
  readonly terms: readonly { readonly v: number; readonly factor: number }[];
  readonly constant: number;
  /** What the sum is for: divided by 2^shift; assigned to a variable; compared; anything else. */
  readonly use: Use;
  readonly shift: number;
  readonly target: number;
  /** What the sum, if it is assigned, is known to be divisible by; as if by anything where quotients need not be whole. */
  readonly divisor: number;
}

const enum Use {
  index,
  assigned,
  compared,
  value,
}

/** What a parameter is assigned. */
const PARAMETER: Linear = { terms: [{ e: number(0), factor: 1 }], constant: 0 };

class Sites {
  readonly list: Site[] = [];
  private weight = 1;
  private depth = 0;

  private readonly divisors: ReadonlyMap<Expr, number> | undefined;

  /** `divisors`: what assigned values are known to be divisible by, if only whole quotients are wanted. */
  constructor(func: IrFunc, divisors: ReadonlyMap<Expr, number> | undefined) {
    this.divisors = divisors;
    for (const v of func.params) {
      if (func.vars[v] === T.i) this.add(Use.assigned, PARAMETER, 0, v, divisors === undefined ? Infinity : 1);
    }
    this.visitList(func.body);
  }

  private add(use: Use, sum: Linear, shift = 0, target = -1, divisor = Infinity): void {
    const terms = sum.terms.map(({ e, factor }) => ({ v: e.op === Op.local_get ? e.imm : -1, factor }));
    if (use !== Use.assigned && terms.every(({ v }) => v < 0)) return;
    this.list.push({ weight: this.weight, terms, constant: sum.constant, use, shift, target, divisor });
  }

  private visitList(body: readonly Stmt[]): void {
    for (const s of body) {
      switch (s.kind) {
        case K.set:
          if (s.e.type === T.i) this.sum(s.e, Use.assigned, 0, s.v);
          else this.visit(s.e);
          break;
        case K.if:
          this.condition(s.cond);
          break;
        case K.expr:
        case K.switch:
          this.visit(s.e);
          break;
        case K.return:
          for (const e of s.args) this.visit(e);
      }
      if (s.kind === K.loop && this.depth++ < DEEPEST_LOOP) this.weight *= LOOP_WEIGHT;
      if (s.kind === K.if && s.cond.op === (Ir.missing as number)) {
        // What stores where there is no element is slow anyway.
        this.visitList(s.else);
        continue;
      }
      for (const list of nestedLists(s)) this.visitList(list);
      if (s.kind === K.loop && --this.depth < DEEPEST_LOOP) this.weight /= LOOP_WEIGHT;
    }
  }

  private sum(e: Expr, use: Use, shift: number, target = -1): void {
    const sum = exactLinear(e);
    this.add(use, sum, shift, target, this.divisors === undefined ? Infinity : (this.divisors.get(e) ?? 1));
    for (const term of sum.terms) if (term.e.op !== Op.local_get) this.visit(term.e);
  }

  private condition(e: Expr): void {
    if (e.op === Op.local_get || isComparable(e)) {
      for (const arg of e.op === Op.local_get ? [e] : e.args) this.sum(arg, Use.compared, 0);
    } else this.visit(e);
  }

  private visit(e: Expr): void {
    if (e.op === Op.local_get) {
      if (e.type === T.i) this.add(Use.value, { terms: [{ e, factor: 1 }], constant: 0 });
      return;
    }
    if (e.op === (Ir.quotient as number) && (e.imm2 & Quotient.unsigned) === 0)
      return this.sum(e.args[0]!, Use.index, e.imm);
    if (isComparable(e)) return this.condition(e);
    if (e.op === (Ir.outside as number)) return this.visit(e.args[0]!.args[0]!);
    if (e.op === (Ir.element as number) || e.op === (Ir.missing as number)) {
      this.visit(e.args[0]!);
      // The address is for the slow path only.
      const value = e.args[1]!.args[1];
      if (value !== undefined && e.op === (Ir.element as number)) this.visit(value);
      return;
    }
    for (const arg of e.args) this.visit(arg);
  }
}

/** Comparisons that come out the same if both sides are divided. */
export function isComparable(e: Expr): boolean {
  switch (e.op) {
    case Op.i32_eqz:
    case Op.i32_eq:
    case Op.i32_ne:
    case Op.i32_lt_s:
    case Op.i32_gt_s:
    case Op.i32_le_s:
    case Op.i32_ge_s:
      return true;
    case Op.i32_lt_u:
    case Op.i32_gt_u:
    case Op.i32_le_u:
    case Op.i32_ge_u:
      return e.args.every((arg) => isNonNegative(arg));
    default:
      return false;
  }
}

/** Dividing what is not divisible would make fractions of numbers, which are slow. */
const IMPOSSIBLE = 1e9;

/** Operations that a site costs beyond its sum. */
function costOf({ use, terms, constant, weight, ...site }: Site, shifts: Uint8Array): number {
  const wanted = use === Use.index ? site.shift : use === Use.assigned ? shifts[site.target]! : 0;
  let back = 0;
  let divisions = 0;
  const found = new Set<number>();
  for (const { v, factor } of terms) {
    const shift = v < 0 ? 0 : shifts[v]!;
    found.add(shift);
    if (shift === wanted) continue;
    // Variables of another scale are multiplied back; what is left is divided as one sum.
    if (shift !== 0) back++;
    if (factor % 2 ** wanted !== 0) divisions = 1;
  }
  switch (use) {
    case Use.index:
      return weight * (back + divisions);
    case Use.assigned:
      if (constant % 2 ** wanted !== 0 || (divisions > 0 && site.divisor < 2 ** wanted)) return IMPOSSIBLE;
      return weight * (back + divisions);
    case Use.compared: {
      const [shift = 0] = found;
      return found.size > 1 || constant % 2 ** shift !== 0 ? weight * back : 0;
    }
    case Use.value:
      return weight * back;
  }
}

/** The shift by which each variable is scaled, 0 for none; `divisors` as above. */
export function chooseScales(func: IrFunc, divisors?: ReadonlyMap<Expr, number>): Uint8Array {
  const sites = new Sites(func, divisors).list;
  const search = new Search(sites, func.vars.length);
  search.run();
  dropIdle(sites, search.shifts);
  return search.shifts;
}

/** Looks for the shifts that cost least, from all as they wish. */
class Search {
  readonly shifts: Uint8Array;
  private readonly touching: Site[][] = [];
  private readonly wishes = new Map<number, Set<number>>();
  private work = 0;

  constructor(sites: readonly Site[], variables: number) {
    this.shifts = new Uint8Array(variables);
    const { touching, wishes } = this;
    for (const site of sites) {
      for (const v of variablesOf(site)) (touching[v] ??= []).push(site);
      if (site.use !== Use.index) continue;
      for (const { v } of site.terms) if (v >= 0) wishes.set(v, (wishes.get(v) ?? new Set()).add(site.shift));
    }
    spreadWishes(sites, wishes);
    for (const [v, wanted] of wishes) this.shifts[v] = Math.max(...wanted);
  }

  run(): void {
    const { shifts, wishes } = this;
    for (let round = 0; round < ROUNDS; round++) for (const v of wishes.keys()) this.changeMind(v);
    // Variables that hold each other to their scales cost less only if they give up together.
    for (const v of wishes.keys()) if (shifts[v]! > 0 && this.work < MOST_WORK) this.giveUp(v);
  }

  /** What the variable costs with that shift, the others as they are. */
  private cost(v: number, shift: number): number {
    const { shifts, touching } = this;
    const before = shifts[v]!;
    let total = 0;
    shifts[v] = shift;
    for (const site of touching[v]!) total += costOf(site, shifts);
    shifts[v] = before;
    this.work += touching[v]!.length;
    return total;
  }

  /** Gives the variable the shift that costs least, and returns by how much more that is than before. */
  private changeMind(v: number): number {
    const { shifts } = this;
    let best = 0;
    let least = this.cost(v, 0);
    let before = least;
    for (const shift of this.wishes.get(v)!) {
      const c = this.cost(v, shift);
      if (shift === shifts[v]) before = c;
      if (c < least) [best, least] = [shift, c];
    }
    shifts[v] = best;
    return least - before;
  }

  /** The variable is not scaled, and those beside it may change their minds, and so on: for good, if all that saves something. */
  private giveUp(v: number): void {
    const { shifts, touching, wishes } = this;
    let more = this.cost(v, 0) - this.cost(v, shifts[v]!);
    /** What those that changed had before. */
    const before = new Map([[v, shifts[v]!]]);
    shifts[v] = 0;
    for (const u of before.keys()) {
      if (before.size > MOST_TOGETHER || this.work > MOST_WORK) break;
      for (const w of new Set(touching[u]!.flatMap(variablesOf))) {
        if (before.has(w) || !wishes.has(w)) continue;
        const shift = shifts[w]!;
        more += this.changeMind(w);
        if (shifts[w] !== shift) before.set(w, shift);
      }
      this.work += touching[u]!.length;
    }
    if (more >= 0) before.forEach((shift, u) => (shifts[u] = shift));
  }
}

function variablesOf(site: Site): number[] {
  const vars = site.terms.flatMap(({ v }) => (v < 0 ? [] : [v]));
  return site.target < 0 ? vars : [...vars, site.target];
}

/** What is assigned from or to a variable that would rather be an index may as well be one. */
function spreadWishes(sites: readonly Site[], wishes: Map<number, Set<number>>): void {
  for (let round = 0; round < 2; round++) {
    for (const site of sites) {
      const all = variablesOf(site);
      if (site.use !== Use.assigned || all.length < 2) continue;
      const wanted = all.flatMap((v) => [...(wishes.get(v) ?? [])]);
      if (wanted.length === 0) continue;
      for (const v of all) wishes.set(v, new Set([...(wishes.get(v) ?? []), ...wanted]));
    }
  }
}

/** Variables that hold each other to their scales, and all together gain nothing, stay as they are. */
function dropIdle(sites: readonly Site[], shifts: Uint8Array): void {
  const parent = Array.from(shifts, (_, v) => v);
  const find = (v: number): number => (parent[v] === v ? v : (parent[v] = find(parent[v]!)));
  for (const site of sites) {
    const scaled = variablesOf(site).filter((v) => shifts[v]! > 0);
    for (const v of scaled) parent[find(v)] = find(scaled[0]!);
  }
  const unscaled = new Uint8Array(shifts.length);
  const gain = new Map<number, number>();
  for (const site of sites) {
    const v = variablesOf(site).find((w) => shifts[w]! > 0);
    if (v === undefined) continue;
    gain.set(find(v), (gain.get(find(v)) ?? 0) + costOf(site, unscaled) - costOf(site, shifts));
  }
  shifts.forEach((shift, v) => {
    if (shift > 0 && (gain.get(find(v)) ?? 0) <= 0) shifts[v] = 0;
  });
}
