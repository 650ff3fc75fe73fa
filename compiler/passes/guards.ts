// Conversions of floats to i32 behind the check that C compilers put before them, `fabs(x) < 2^31 ? (int)x : INT_MIN`, cannot
// trap (imm = Exact.value on the conversion). They print as `x|0`, which engines compile to one instruction, instead of a call
// that checks once more.
import { Op } from "../../runtime/wasm/opcodes.js";
import { type Expr, Fx, Ir, type IrFunc, K, type Stmt, T } from "../ir/ir.js";
import { Exact } from "../ir/make.js";
import { forEachRoot, nestedLists } from "../ir/walk.js";
import { f32Of, f64Of } from "../ir/constants.js";

/** What a condition that held tells of a float variable: it converts without a trap. */
interface Fact {
  readonly v: number;
  readonly signed: boolean;
}

export function markGuarded(func: IrFunc): void {
  if (func.vars.some((type) => type === T.d || type === T.f)) visitList(func.body, []);
}

/** Marks what stands in a list that is entered with `facts`; returns those that hold behind it. */
function visitList(list: readonly Stmt[], facts: readonly Fact[]): readonly Fact[] {
  for (const s of list) {
    if (facts.length > 0) forEachRoot(s, (e) => mark(e, facts));
    switch (s.kind) {
      case K.set:
        facts = without(facts, s.v);
        break;
      case K.if: {
        const inThen = visitList(s.then, [...facts, ...factsOf(s.cond, true)]);
        const inElse = visitList(s.else, [...facts, ...factsOf(s.cond, false)]);
        facts = facts.filter((fact) => inThen.includes(fact) && inElse.includes(fact));
        break;
      }
      case K.block:
      case K.loop:
        // Where else these are entered from, and what a loop assigns before it comes around, is not looked into.
        nestedLists(s).forEach((nested) => visitList(nested, []));
        facts = [];
    }
  }
  return facts;
}

function without(facts: readonly Fact[], v: number): readonly Fact[] {
  return facts.some((fact) => fact.v === v) ? facts.filter((fact) => fact.v !== v) : facts;
}

function mark(e: Expr, facts: readonly Fact[]): void {
  if ((e.fx & Fx.trapOther) === 0) return;
  const signed = e.op === Op.i32_trunc_f32_s || e.op === Op.i32_trunc_f64_s;
  if (signed || e.op === Op.i32_trunc_f32_u || e.op === Op.i32_trunc_f64_u) {
    const [x] = e.args as [Expr];
    const isGuarded = x.op === Op.local_get && facts.some((fact) => fact.v === x.imm && fact.signed === signed);
    if (isGuarded) e.imm = Exact.value;
  }
  for (const arg of e.args) mark(arg, facts);
}

/** What follows from `cond` being as told. */
function factsOf(cond: Expr, told: boolean): readonly Fact[] {
  if (cond.op === Op.i32_eqz) return factsOf(cond.args[0]!, !told);
  if (!told) return [];
  // `fabs(x) < 2^31`
  const magnitude = below(cond, 2 ** 31);
  if (magnitude?.op === Op.f64_abs || magnitude?.op === Op.f32_abs) return variable(magnitude.args[0]!, true);
  // `x < 2^32 && x >= 0`
  if (cond.op !== Op.i32_and && cond.op !== (Ir.and_then as number)) return [];
  const [a, b] = cond.args as [Expr, Expr];
  const x = below(a, 2 ** 32) ?? below(b, 2 ** 32);
  const y = notNegative(a) ?? notNegative(b);
  return x?.op === Op.local_get && y?.op === Op.local_get && x.imm === y.imm ? variable(x, false) : [];
}

function variable(x: Expr, signed: boolean): readonly Fact[] {
  return x.op === Op.local_get ? [{ v: x.imm, signed }] : [];
}

/** The operand of a comparison that holds only for numbers below `bound`. */
function below({ op, args }: Expr, bound: number): Expr | undefined {
  return (op === Op.f64_lt || op === Op.f32_lt) && constant(args[1]!) <= bound ? args[0] : undefined;
}

function notNegative({ op, args }: Expr): Expr | undefined {
  return (op === Op.f64_ge || op === Op.f32_ge) && constant(args[1]!) >= 0 ? args[0] : undefined;
}

/** NaN where it is none, which no comparison is true of. */
function constant({ op, imm, imm2 }: Expr): number {
  if (op === Op.f64_const) return f64Of(imm, imm2);
  return op === Op.f32_const ? f32Of(imm) : NaN;
}
