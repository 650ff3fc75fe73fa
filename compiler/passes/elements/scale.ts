// Variables that hold addresses are kept as indices where that is fewer operations: `p` becomes p/4, once, instead of being
// divided at every access. Sums stay sums, comparisons stay comparisons; where the address itself is wanted it is p*4.
//
// A double holds a quotient by 2, 4 or 8 exactly, also of an address that is not aligned: then the index is a fraction, no
// element is found, and the slow path gets the address it multiplies back. So nothing need be known of the variable,
// except that the sums that it takes part in do not wrap (`Exact`), for a wrapped sum is no sum of quotients.
import { Op } from "../../../runtime/wasm/opcodes.js";
import { type Expr, Fx, Ir, type IrFunc, K, type Stmt, T, expr, withArgs, setStmt, leaf } from "../../ir/ir.js";
import { Exact, isNonNegative } from "../../ir/make.js";
import { nestedLists } from "../../ir/walk.js";
import { type Term, exactLinear, number, sumOf } from "./linear.js";
import { Quotient } from "./quotient.js";
import { chooseScales, isComparable } from "./choose-scales.js";

/** What values that are assigned to variables are known to be divisible by (1 where nothing is noted). */
type Alignments = ReadonlyMap<Expr, number>;

/** `whole`: only those that are divisible for certain, since fractions, which are doubles, are slow to be told from indices. */
export function scaleVariables(func: IrFunc, alignments: Alignments, whole: boolean): void {
  const shifts = chooseScales(func, whole ? alignments : undefined);
  if (shifts.some((shift) => shift > 0)) new Scaling(func, shifts, alignments).run();
}

class Scaling {
  private readonly func: IrFunc;
  private readonly shifts: Uint8Array;
  private readonly alignments: Alignments;

  constructor(func: IrFunc, shifts: Uint8Array, alignments: Alignments) {
    this.func = func;
    this.shifts = shifts;
    this.alignments = alignments;
  }

  run(): void {
    const { func } = this;
    this.list(func.body);
    const entry: Stmt[] = [];
    for (const v of func.params) {
      const shift = this.shifts[v]!;
      if (shift > 0) entry.push(setStmt(v, exactQuotient(get(v, 0), shift)));
    }
    func.body.unshift(...entry);
  }

  private list(body: readonly Stmt[]): void {
    for (const s of body) {
      switch (s.kind) {
        case K.set:
          s.e = this.shifts[s.v]! > 0 ? this.divided(s.e, this.shifts[s.v]!, true) : this.value(s.e);
          break;
        case K.if:
          s.cond = this.condition(s.cond);
          break;
        case K.expr:
        case K.switch:
          s.e = this.value(s.e);
          break;
        case K.return:
          s.args = s.args.map((e) => this.value(e));
      }
      for (const list of nestedLists(s)) this.list(list);
    }
  }

  private shiftOf(e: Expr): number {
    return e.op === Op.local_get && e.type === T.i ? this.shifts[e.imm]! : 0;
  }

  /** `e` with addresses multiplied back wherever they are read. */
  private value(e: Expr): Expr {
    if (e.op === Op.local_get) {
      const shift = this.shiftOf(e);
      if (shift === 0) return e;
      const nonNegative = isNonNegative(e) ? 1 : 0;
      return expr(Op.i32_mul, T.i, [get(e.imm, nonNegative), number(2 ** shift)], Exact.value, nonNegative);
    }
    if (e.op === (Ir.quotient as number) && (e.imm2 & Quotient.unsigned) === 0) {
      return this.divided(e.args[0]!, e.imm, false, e.imm2);
    }
    if (isComparable(e)) return this.condition(e);
    return this.mapped(e);
  }

  private mapped(e: Expr): Expr {
    let changed = false;
    const args = e.args.map((arg) => {
      const out = this.value(arg);
      if (out !== arg) changed = true;
      return out;
    });
    return changed ? withArgs(e, args) : e;
  }

  private condition(e: Expr): Expr {
    if (e.op === Op.local_get) return e;
    if (!isComparable(e)) return this.value(e);
    const sums = e.args.map((arg) => exactLinear(arg));
    const shifts = new Set(sums.flatMap(({ terms }) => terms.map((term) => this.shiftOf(term.e))));
    const [shift = 0] = shifts;
    const fraction = sums.some(({ constant }) => constant % 2 ** shift !== 0);
    if (shifts.size !== 1 || shift === 0 || fraction) return this.mapped(e);
    return withArgs(
      e,
      e.args.map((arg) => this.divided(arg, shift, true)),
    );
  }

  /** `e` divided by 2^shift: scaled variables as they are, the rest as one quotient. */
  private divided(e: Expr, shift: number, exact: boolean, flags = Quotient.none): Expr {
    const { terms, constant } = exactLinear(e);
    const power = 2 ** shift;
    const gains = ({ e, factor }: Term): boolean => this.shiftOf(e) === shift || factor % power === 0;
    if (terms.length > 0 && !terms.some(gains)) {
      const value = this.value(e);
      const aligned = (this.alignments.get(e) ?? 1) >= power;
      if (exact) return exactQuotient(value, shift, aligned ? Quotient.divisible : Quotient.none);
      return expr(Ir.quotient, T.i, [value], shift, flags);
    }
    const whole = terms.flatMap((term) => {
      if (this.shiftOf(term.e) === shift) return [{ ...term, fraction: true }];
      return term.factor % power === 0 ? [{ e: this.value(term.e), factor: term.factor / power }] : [];
    });
    const rest = terms.filter((term) => this.shiftOf(term.e) !== shift && term.factor % power !== 0);
    if (rest.length > 0) {
      const sum = sumOf(
        rest.map(({ e, factor }) => ({ e: this.value(e), factor })),
        0,
      );
      whole.push({ e: exactQuotient(sum, shift), factor: 1 });
    }
    return sumOf(whole, constant / power);
  }
}

function exactQuotient(e: Expr, shift: number, flags = Quotient.none): Expr {
  return expr(Ir.quotient, T.i, [e], shift, Quotient.exact | flags);
}

function get(v: number, nonNegative: number): Expr {
  return leaf(Op.local_get, T.i, v, nonNegative, Fx.readLocal);
}
