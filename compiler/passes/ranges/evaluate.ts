// The range of an expression, operand by operand in the order of evaluation, and the expression rewritten by what is
// known of its operands. Evaluating teaches too: a memory access that did not trap bounds its address.
import { MAX_MEMORY_PAGES, PAGE } from "../../../runtime/instance/memory.js";
import { Op } from "../../../runtime/wasm/opcodes.js";
import { ACCESS } from "../../ir/access.js";
import { type Expr, Ir, T, expr, withArgs, leaf } from "../../ir/ir.js";
import { Exact, binary, eqz } from "../../ir/make.js";
import { type Range, TOP, constant, join, within, withExtent } from "./range.js";
import { assume, learn, peek, rangeOf } from "./refine.js";
import { State } from "./state.js";
import { fits, productInterval, sumInterval, transfer } from "./transfer.js";

/** Bytes that a memory has at most. What the module declares counts for nothing: a heap of the host's may lie behind it. */
const MOST = MAX_MEMORY_PAGES * PAGE;

/** What becomes of loads, given the range of the address. */
export interface AccessRewriter {
  load(access: Expr, address: Range): Expr;
}

/** Largest product that a double holds exactly. */
const EXACT = 2 ** 53;
/** Largest integer up to which an f32 holds all of them. */
const EXACT_F32 = 2 ** 24;

export class Evaluator {
  /** Ranges of the variables here; undefined where nothing is known. */
  state: State = State.unknown(0);
  /** Whether expressions are rewritten; if not, `out` is what was evaluated. */
  rewriting = false;
  /** The expression evaluated last, rewritten. */
  out!: Expr;
  /** Range of the address of the access evaluated last, before the access taught anything about it. */
  address: Range = TOP;

  private readonly rewriter: AccessRewriter;

  constructor(rewriter: AccessRewriter) {
    this.rewriter = rewriter;
  }

  evaluate(e: Expr): Range {
    switch (e.op as Op | Ir) {
      case Op.local_get:
        return this.read(e);
      case Op.select:
        return this.select(e);
      case Ir.and_then:
      case Ir.or_else:
        return this.connective(e);
    }
    const { args } = e;
    if (args.length === 0) {
      this.out = e;
      return e.type === T.i ? transfer(e, []) : TOP;
    }
    const ranges: Range[] = [];
    const rewritten: Expr[] = [];
    let changed = false;
    for (let i = 0; i < args.length; i++) {
      ranges.push(this.evaluate(args[i]!));
      rewritten.push(this.out);
      if (this.out !== args[i]) changed = true;
    }
    if (this.rewriting) this.out = this.rewrite(changed ? withArgs(e, rewritten) : e, ranges);
    else this.out = e;
    const access = ACCESS[e.op as Op];
    if (access !== undefined) {
      // What the value's evaluation taught about the address counts.
      this.address = e.type === T.none ? peek(args[0]!, this.state) : ranges[0]!;
      this.passed(e, access.width);
    }
    return e.type === T.i ? transfer(e, ranges) : TOP;
  }

  private read(e: Expr): Range {
    this.out = e;
    if (e.type !== T.i) return TOP;
    const r = rangeOf(e.imm, this.state);
    if (this.rewriting && r.lo >= 0 && e.imm2 === 0) this.out = leaf(Op.local_get, T.i, e.imm, 1, e.own);
    return r;
  }

  /** Printed as a conditional: each arm is evaluated where the condition holds, or does not. */
  private select(e: Expr): Range {
    const [cond, x, y] = e.args as [Expr, Expr, Expr];
    const c = this.evaluate(cond);
    const newCond = this.out;
    const before = this.state;
    const arm = (arm: Expr, truth: boolean): { r: Range; out: Expr; state: State } => {
      this.state = before.copy();
      assume(cond, truth, this.state);
      const r = this.evaluate(arm);
      return { r, out: this.out, state: this.state };
    };
    const a = arm(x, true);
    const b = arm(y, false);
    this.state = before;
    this.out = this.rewriting ? withArgs(e, [newCond, a.out, b.out]) : e;
    if (e.type !== T.i) return TOP;
    // Only what is about the number itself: the bounds came from the conditions.
    if (c.lo > 0) return a.r;
    return join(a.r, b.r, a.state, b.state);
  }

  private connective(e: Expr): Range {
    const [a, b] = e.args as [Expr, Expr];
    this.evaluate(a);
    const first = this.out;
    const before = this.state;
    this.state = before.copy();
    assume(a, e.op === Ir.and_then, this.state);
    this.evaluate(b);
    const second = this.out;
    this.state = before;
    this.out = this.rewriting ? withArgs(e, [first, second]) : e;
    return transfer(e, []);
  }

  /** An access has not trapped: address + offset + width is within memory. */
  private passed(e: Expr, width: number): void {
    const end = e.imm + width;
    if (end > MOST) return;
    const [address] = e.args as [Expr];
    const r = within(peek(address, this.state), 0, MOST - end);
    learn(address, e.imm2 === 0 && r.lo >= 0 ? withExtent(r, end) : r, this.state);
  }

  private rewrite(e: Expr, ranges: readonly Range[]): Expr {
    const [a = TOP] = ranges;
    let [, b = TOP] = ranges;
    if (e.args.length === 2 && e.op >= Op.i32_add && e.op <= Op.i32_shr_u && !isDivision(e.op)) {
      // Bodies are lowered as they are: x + 0, x * 4 and the like.
      const [x, y] = e.args as [Expr, Expr];
      const simple = binary(e.op, x, y);
      if (simple === x || simple === y || simple.args.length < 2) return simple;
      if (simple.args[0] === x && simple.args[1]!.op === Op.i32_const) {
        e = simple;
        b = constant(simple.args[1]!.imm);
        ranges = [a, b];
      }
    }
    switch (e.op as Op) {
      case Op.i32_eqz:
        return eqz(e.args[0]!);
      case Op.i32_add:
      case Op.i32_sub:
        return flagged(e, fits(sumInterval(e.op, a, b)) ? Exact.value : Exact.no, ranges);
      case Op.i32_mul: {
        const product = productInterval(a, b);
        const exact =
          fits(product) && !mayBeMinusZero(a, b)
            ? Exact.value
            : product.lo > -EXACT && product.hi < EXACT
              ? Exact.number
              : Exact.no;
        return flagged(e, exact, ranges);
      }
      case Op.i32_and:
        // A mask that takes no bit away.
        if (b.mod === 0 && (b.rem & (b.rem + 1)) === 0 && a.lo >= 0 && a.hi <= b.rem) return e.args[0]!;
        return flagged(e, Exact.no, ranges);
      case Op.i32_shl:
        return flagged(
          e,
          b.mod === 0 && fits(productInterval(a, constant(1 << b.rem))) ? Exact.value : Exact.no,
          ranges,
        );
      case Op.i32_or:
      case Op.i32_xor:
      case Op.i32_shr_u:
      case Op.i32_shr_s:
        return flagged(e, Exact.no, ranges);
      case Op.f32_convert_i32_s:
      case Op.f32_convert_i32_u: {
        const lo = e.op === Op.f32_convert_i32_u ? 0 : -EXACT_F32;
        if (e.imm === (Exact.value as number) || a.lo < lo || a.hi > EXACT_F32) return e;
        return expr(e.op, e.type, e.args, Exact.value, 0, e.own, e.at);
      }
      case Op.i32_div_s:
      case Op.i32_div_u:
      case Op.i32_rem_s:
      case Op.i32_rem_u:
        // The divisor is not zero, and the quotient is no 2^31.
        if (b.lo > 0 || (b.hi < 0 && (a.lo > -(2 ** 31) || b.hi < -1))) return flagged(e, Exact.value, ranges);
        return flagged(e, Exact.no, ranges);
    }
    const access = ACCESS[e.op as Op];
    return access !== undefined && e.type !== T.none ? this.rewriter.load(e, a) : e;
  }
}

function isDivision(op: number): boolean {
  return op >= Op.i32_div_s && op <= Op.i32_rem_u;
}

/** Zero times a negative number, which is -0 in doubles. */
function mayBeMinusZero(a: Range, b: Range): boolean {
  return (a.lo < 0 && b.lo <= 0 && b.hi >= 0) || (b.lo < 0 && a.lo <= 0 && a.hi >= 0);
}

/** The node with what is known of its result: whether it wraps, and whether it may be negative. */
function flagged(e: Expr, exact: Exact, ranges: readonly Range[]): Expr {
  const nonNegative = transfer(e, ranges).lo >= 0 ? 1 : 0;
  if (e.imm === (exact as number) && e.imm2 === nonNegative) return e;
  return expr(e.op, e.type, e.args, exact, nonNegative, e.own, e.at);
}
