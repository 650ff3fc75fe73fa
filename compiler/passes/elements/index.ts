// Loads and stores as elements of typed arrays, for engines without a JIT, where a method call costs five times as much.
//
// An element is right only if its index is. So the fast path takes an index that is either the right one or none at all
// (negative, too large, a fraction), and reading it gives `undefined` where it is none; then the DataView does the access, and
// traps if it must: `M_w[p/4]??M.getInt32(p,1)`. Any index will do that is right whenever it is one: sums in it need not
// be wrapped, since what would have wrapped is out of range. Storing out of range is silent, so a store reads first.
// What ranges.ts knows of an address takes these checks away.
import { Op } from "../../../runtime/wasm/opcodes.js";
import { ACCESS } from "../../ir/access.js";
import {
  type Expr,
  Fx,
  Ir,
  type IrFunc,
  type Stmt,
  T,
  expr,
  isDroppable,
  withArgs,
  exprStmt,
  ifStmt,
  setStmt,
  leaf,
} from "../../ir/ir.js";
import type { Rewriter } from "../ranges/flow.js";
import { binary, i32 } from "../../ir/make.js";
import type { TargetChoices } from "../../targets.js";
import { MAX, type Range, alignment, inClass, within } from "../ranges/range.js";
import { type Linear, type Term, linear, number, sumOf } from "./linear.js";
import { mentions, negativeVariables } from "./negatives.js";
import { Quotient } from "./quotient.js";

/** Deepest address that is written twice. */
const DEEPEST = 6;

/** Bytes up to which arrays begin for any code's sake: at the fields of structures. */
const FIELDS = 64;
/** Where else arrays may begin for the sake of a function's loops. */
const MOST_STARTS = 8;

/** What may be greater than this is not known to have a bound. */
const UNBOUNDED = 2 ** 30;

interface Found {
  readonly index: Expr;
  /** Where the array begins whose index that is. */
  readonly start: number;
  /** What is known of the address; if both, the element is there. */
  readonly inside: boolean;
  readonly aligned: boolean;
  readonly checked: boolean;
}

export class Elements implements Rewriter {
  /** Bytes that each memory has at least. */
  private readonly memories: readonly number[];
  private readonly choices: TargetChoices;
  /** What assigned values are divisible by, for `scaleVariables`. */
  readonly alignments = new Map<Expr, number>();
  /** How many loops are around what is being rewritten. */
  loops = 0;
  private readonly starts = new Set<number>();
  private readonly newVariable: (type: T) => number;

  private readonly negatives: ReadonlySet<number>;

  constructor(func: IrFunc, memories: readonly number[], choices: TargetChoices) {
    this.memories = memories;
    this.choices = choices;
    this.newVariable = (type) => func.vars.push(type) - 1;
    this.negatives = negativeVariables(func);
  }

  assigned(value: Expr, r: Range): void {
    const align = alignment(r);
    if (align > 1) this.alignments.set(value, align);
  }

  load(access: Expr, address: Range): Expr {
    const found = this.indexOf(access, access.args[0]!, address);
    if (found === undefined) return access;
    if (!found.checked || isRepeatable(access.args[0]!)) return element(found, access, found.checked);
    // The slow path takes the address from variables that the fast path has assigned.
    const [a, again] = this.named(access.args[0]!, (v, e) => expr(Ir.tee, e.type, [e], v, 0, Fx.writeLocal));
    return element(this.indexOf(access, a, address)!, withArgs(access, [again]), true);
  }

  store(access: Expr, address: Range): Stmt[] {
    const found = this.indexOf(access, access.args[0]!, address);
    if (found === undefined) return [exprStmt(access)];
    if (!found.checked) return [exprStmt(element(found, access, false))];
    if (this.choices.stores === "view") return [exprStmt(access)];
    if (this.choices.stores === "bounds") return this.compared(access, address, found.inside, found.aligned);
    const out: Stmt[] = [];
    const a = this.named(access.args[0]!, (v, e) => {
      out.push(setStmt(v, e));
      return read(v, e.type);
    })[0];
    const value = this.simple(access.args[1]!, out);
    const named = withArgs(access, [a, value]);
    const i = this.newVariable(T.i);
    const { index, start } = this.indexOf(access, a, address)!;
    out.push(
      setStmt(i, index),
      ifStmt(
        expr(Ir.missing, T.i, [read(i, T.i), named], 0, start, Fx.readMemory),
        [exprStmt(named)],
        [exprStmt(element({ index: read(i, T.i), start }, named, false))],
      ),
    );
    return out;
  }

  /** A store that compares its address with where the memory ends, and looks at its low bits. */
  private compared(access: Expr, address: Range, inside: boolean, aligned: boolean): Stmt[] {
    const { width } = ACCESS[access.op as Op]!;
    const out: Stmt[] = [];
    let [a] = access.args as [Expr];
    if (a.op !== Op.local_get) {
      const v = this.newVariable(T.i);
      out.push(setStmt(v, a));
      a = read(v, T.i);
    }
    const named = withArgs(access, [a, this.simple(access.args[1]!, out)]);
    const low = access.imm % width === 0 ? a : binary(Op.i32_add, a, i32(access.imm));
    const misaligned = binary(Op.i32_and, low, i32(width - 1));
    const before = width + (access.imm <= FIELDS ? access.imm : 0);
    const outside = expr(Ir.outside, T.i, [named], address.lo >= 0 ? 1 : 0, before, Fx.readMemory);
    const cond = aligned ? outside : inside ? misaligned : expr(Ir.or_else, T.i, [misaligned, outside]);
    // What is left for the fast path is below 2^31 and divisible.
    const left = inClass(within(address, 0, MAX), width, -access.imm);
    const fast = element(this.indexOf(named, a, left)!, named, false);
    out.push(ifStmt(cond, [exprStmt(named)], [exprStmt(fast)]));
    return out;
  }

  /**
   * An address of which nothing is evaluated twice, in two copies: for the fast path, where `assign` has put variables in
   * place of what may not be repeated, and for the slow path behind it.
   */
  private named(e: Expr, assign: (v: number, e: Expr) => Expr): [Expr, Expr] {
    if (isRepeatable(e)) return [e, e];
    if (!isArithmetic(e) || e.depth > DEEPEST) {
      const v = this.newVariable(e.type);
      return [assign(v, e), read(v, e.type)];
    }
    const both = e.args.map((arg) => this.named(arg, assign));
    return [
      withArgs(
        e,
        both.map(([first]) => first),
      ),
      withArgs(
        e,
        both.map(([, second]) => second),
      ),
    ];
  }

  /** The value as something that can be written twice. */
  private simple(value: Expr, out: Stmt[]): Expr {
    if (value.args.length === 0 && isDroppable(value.fx) && value.op !== Op.global_get) return value;
    const v = this.newVariable(value.type);
    out.push(setStmt(v, value));
    return read(v, value.type);
  }

  /** The index of the element that an access is about; undefined where there is none to be had cheaply. */
  private indexOf(access: Expr, a: Expr, address: Range): Found | undefined {
    const { width } = ACCESS[access.op as Op]!;
    const offset = access.imm;
    if ((access.own & Fx.unaligned) !== 0) return undefined;
    const end = offset + width;
    const min = this.memories[access.imm2]!;
    const inside = address.lo >= 0 && (address.hi + end <= min || (access.imm2 === 0 && address.extent >= end));
    const aligned = alignment(address, offset) >= width;
    const found = { inside, aligned, checked: !(inside && aligned) };

    const sum = linear(a);
    const start = this.startOf(sum, offset, width, address);
    const rest = sum.constant + offset - start;
    const shift = Math.log2(width);
    if (address.lo < 0 && offset > 0 && start === 0) {
      // The address may be above 2^31: only an unsigned quotient may have an offset added.
      if (offset % width !== 0) return undefined;
      const flags = Quotient.unsigned | (alignment(address) >= width ? Quotient.divisible : Quotient.none);
      return { ...found, index: exactSum(quotient(a, shift, flags), offset / width), start };
    }
    const divided = divide(sum, rest, width);
    if (divided !== undefined) return { ...found, index: divided, start };
    const flags = aligned ? Quotient.divisible : Quotient.none;
    // Where the array begins at all that is constant, the terms alone are the index.
    if (rest === 0 && start > 0) return { ...found, index: quotient(sumOf(sum.terms, 0), shift, flags), start };
    const left = offset - start;
    if (left % width === 0 && (aligned || (this.choices.index === "rotate" && a.op === Op.local_get && left <= MAX))) {
      return { ...found, index: exactSum(quotient(a, shift, flags), left / width), start };
    }
    return { ...found, index: quotient(exactSum(a, left), shift, flags), start };
  }

  /**
   * Where the array should begin whose elements are at `sum` + `offset`: at what of that is constant, so that it need not be
   * added. Elements in front of there are not found, so the terms should not be negative; those of an address of which
   * nothing is known rarely are, but counters that are known to be below zero are there to be added to an array's end.
   */
  private startOf({ terms, constant }: Linear, offset: number, width: number, address: Range): number {
    if (terms.length === 0) return 0;
    const { lo, hi } = address;
    const isBelow = ({ e, factor }: Term): boolean => factor < 0 || mentions(e, this.negatives);
    const isNegative = lo < constant && (hi < constant + UNBOUNDED || terms.some(isBelow));
    // A sum with a negative constant may be below zero itself; then no offset makes an address of it.
    const total = constant < 0 && lo < 0 ? 0 : constant + offset;
    if (!isNegative && this.mayBegin(total, width)) return total;
    return lo < 0 && this.mayBegin(offset, width) ? offset : 0;
  }

  private mayBegin(start: number, width: number): boolean {
    if (start <= 0 || start > MAX || start % width !== 0) return false;
    if (start <= FIELDS || this.starts.has(start)) return true;
    if (this.loops === 0 || this.starts.size >= MOST_STARTS) return false;
    this.starts.add(start);
    return true;
  }
}

/** An address that may be written twice: the slow path has it, too. */
function isRepeatable(e: Expr): boolean {
  return (e.fx & (Fx.call | Fx.trapOther | Fx.trapMemory | Fx.readMemory)) === 0 && e.depth <= DEEPEST;
}

function isArithmetic(e: Expr): boolean {
  return e.op >= Op.i32_clz && e.op <= Op.i32_rotr;
}

function read(v: number, type: T): Expr {
  return leaf(Op.local_get, type, v, 0, Fx.readLocal);
}

function element({ index, start }: Pick<Found, "index" | "start">, access: Expr, checked: boolean): Expr {
  const own = checked ? access.own : access.own & ~Fx.trapMemory;
  return expr(Ir.element, access.type, [index, access], checked ? 1 : 0, start, own, access.at);
}

function quotient(e: Expr, shift: number, flags: Quotient): Expr {
  return expr(Ir.quotient, T.i, [e], shift, flags);
}

function exactSum(e: Expr, constant: number): Expr {
  return e.op === Op.i32_const ? number(e.imm + constant) : sumOf([{ e, factor: 1 }], constant);
}

/** The terms and what is left beside them, divided by the width, if all of them can be. */
function divide({ terms }: Linear, rest: number, width: number): Expr | undefined {
  if (terms.some(({ factor }) => factor % width !== 0) || rest % width !== 0) return undefined;
  return sumOf(
    terms.map(({ e, factor }) => ({ e, factor: factor / width })),
    rest / width,
  );
}
