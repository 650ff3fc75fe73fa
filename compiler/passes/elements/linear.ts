// An address as a sum: of terms with factors, and a constant.
import { Op } from "../../../runtime/wasm/opcodes.js";
import { type Expr, T, expr, leaf } from "../../ir/ir.js";
import { Exact, binary, i32 } from "../../ir/make.js";

export interface Term {
  readonly e: Expr;
  readonly factor: number;
  /** What `e` is printed as may be a fraction: a scaled variable. */
  readonly fraction?: boolean;
}

export interface Linear {
  readonly terms: readonly Term[];
  readonly constant: number;
}

/** More terms than this are not worth taking apart. */
const MOST_TERMS = 4;

/** Takes an i32 expression apart, all of it modulo 2^32, as the expression is; at worst it is one term itself. */
export function linear(e: Expr): Linear {
  return apart(e, () => true);
}

/** Likewise, but only where nothing wraps: as numbers. */
export function exactLinear(e: Expr): Linear {
  return apart(e, (sum) => sum.imm === (Exact.value as number));
}

function apart(e: Expr, isSum: (e: Expr) => boolean): Linear {
  const terms: Term[] = [];
  let constant = 0;
  const visit = (e: Expr, factor: number): void => {
    const [x, y] = e.args as [Expr, Expr];
    switch (e.op) {
      case Op.i32_const:
        constant += factor * e.imm;
        return;
      case Op.i32_add:
        if (!isSum(e)) break;
        visit(x, factor);
        return visit(y, factor);
      case Op.i32_sub:
        if (!isSum(e)) break;
        visit(x, factor);
        return visit(y, -factor);
      case Op.i32_shl:
        if (isSum(e) && y.op === Op.i32_const && y.imm < 12) return visit(x, factor * 2 ** y.imm);
        break;
      case Op.i32_mul:
        if (isSum(e) && y.op === Op.i32_const && Math.abs(y.imm * factor) < 2 ** 20) return visit(x, factor * y.imm);
        break;
    }
    terms.push({ e, factor });
  };
  visit(e, 1);
  if (terms.length > MOST_TERMS || Math.abs(constant) > 2 ** 31) return { terms: [{ e, factor: 1 }], constant: 0 };
  return { terms, constant };
}

/** A constant that need not be an i32. */
export function number(value: number): Expr {
  return leaf(Op.i32_const, T.i, value);
}

/** The sum that stands as it is, not wrapped to 32 bits. */
export function sumOf(terms: readonly Term[], constant: number): Expr {
  let sum: Expr | undefined;
  for (const { e, factor, fraction = false } of terms) {
    const term = Math.abs(factor) === 1 ? e : product(e, Math.abs(factor), fraction);
    if (sum === undefined) sum = factor < 0 ? expr(Op.i32_sub, T.i, [i32(0), term], Exact.value) : term;
    else sum = expr(factor < 0 ? Op.i32_sub : Op.i32_add, T.i, [sum, term], Exact.value);
  }
  if (sum === undefined) return number(constant);
  return constant === 0 ? sum : expr(Op.i32_add, T.i, [sum, number(constant)], Exact.value);
}

function product(e: Expr, factor: number, fraction: boolean): Expr {
  // A shift would lose the fraction.
  if (!fraction && (factor & (factor - 1)) === 0) return binary(Op.i32_shl, e, i32(31 - Math.clz32(factor)));
  return expr(Op.i32_mul, T.i, [e, i32(factor)], Exact.value);
}
