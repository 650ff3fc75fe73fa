// Splits i64 into two int32 halves: every i64 variable becomes two, every i64 operation the i32 operations of its halves.
//
// Why halves and not BigInt: 2 to 40 times faster on every optimizing engine (RATIONALE.md). The halves of a value lie
// next to each other on the builder's stack, low first. An operation that needs an operand twice makes it repeatable first
// (a constant or a variable); what the builder must store, it stores in evaluation order. Known high halves need no
// analysis here: an extended value has the constant 0 as its high half, and the constructors of ir/make.ts fold the rest.
import { Op, opInfo } from "../../runtime/wasm/opcodes.js";
import {
  type Expr,
  Fx,
  Ir,
  type IrFunc,
  K,
  type Stmt,
  T,
  clash,
  expr,
  withArgs,
  blockStmt,
  ifStmt,
  loopStmt,
  returnStmt,
  switchStmt,
  leaf,
} from "../ir/ir.js";
import { helper } from "../ir/helpers.js";
import * as m from "../ir/make.js";
import { Builder, isRepeatable, readsLocal } from "../lower/builder.js";
import type { HelperName } from "../../runtime/abi.js";
import { High, analyzeHighHalves } from "./high-halves.js";
import { variablesOf } from "./invariants.js";
import type { PassContext } from "./index.js";
import type { TargetChoices } from "../targets.js";

export function splitI64(func: IrFunc, { choices }: PassContext): void {
  if (!func.vars.includes(T.l) && !hasWide(func.body)) return;
  new Splitter(func, analyzeHighHalves(func), choices).run();
}

/** Fewest and most terms of a sum that is made in a double. */
const FEWEST_TERMS = 3;
const MOST_TERMS = 16;

function hasWide(body: readonly Stmt[]): boolean {
  return body.some((s) => {
    switch (s.kind) {
      case K.set:
      case K.expr:
      case K.switch:
        return (s.e.fx & Fx.wide) !== 0;
      case K.return:
        return s.args.some((e) => (e.fx & Fx.wide) !== 0);
      case K.if:
        return (s.cond.fx & Fx.wide) !== 0 || hasWide(s.then) || hasWide(s.else);
      case K.block:
        return s.parts.some(hasWide);
      case K.loop:
        return hasWide(s.body);
      case K.br:
        return false;
    }
  });
}

const I32_OF_I64: Partial<Record<Op, Op>> = {
  [Op.i64_load8_s]: Op.i32_load8_s,
  [Op.i64_load8_u]: Op.i32_load8_u,
  [Op.i64_load16_s]: Op.i32_load16_s,
  [Op.i64_load16_u]: Op.i32_load16_u,
  [Op.i64_load32_s]: Op.i32_load,
  [Op.i64_load32_u]: Op.i32_load,
  [Op.i64_store8]: Op.i32_store8,
  [Op.i64_store16]: Op.i32_store16,
  [Op.i64_store32]: Op.i32_store,
  [Op.i64_and]: Op.i32_and,
  [Op.i64_or]: Op.i32_or,
  [Op.i64_xor]: Op.i32_xor,
  [Op.i64_extend8_s]: Op.i32_extend8_s,
  [Op.i64_extend16_s]: Op.i32_extend16_s,
};

/** Operations done by a helper of the ABI; the operands are the same scalars in the same order. */
const BY_HELPER: Partial<Record<Op, HelperName>> = {
  [Op.i64_div_s]: "i64_div_s",
  [Op.i64_div_u]: "i64_div_u",
  [Op.i64_rem_s]: "i64_rem_s",
  [Op.i64_rem_u]: "i64_rem_u",
  [Op.i64_trunc_f32_s]: "i64_trunc_f64_s",
  [Op.i64_trunc_f32_u]: "i64_trunc_f64_u",
  [Op.i64_trunc_f64_s]: "i64_trunc_f64_s",
  [Op.i64_trunc_f64_u]: "i64_trunc_f64_u",
  [Op.i64_trunc_sat_f32_s]: "i64_trunc_sat_f64_s",
  [Op.i64_trunc_sat_f32_u]: "i64_trunc_sat_f64_u",
  [Op.i64_trunc_sat_f64_s]: "i64_trunc_sat_f64_s",
  [Op.i64_trunc_sat_f64_u]: "i64_trunc_sat_f64_u",
  [Op.i64_reinterpret_f64]: "i64_reinterpret_f64",
  [Op.f64_reinterpret_i64]: "f64_reinterpret_i64",
  [Op.f32_convert_i64_s]: "f32_convert_i64_s",
  [Op.f32_convert_i64_u]: "f32_convert_i64_u",
};

class Splitter {
  private readonly b: Builder;
  /** Variable of the high half, by variable, unless the low half tells it; the low half keeps the number. */
  private readonly high: (number | undefined)[] = [];

  private readonly func: IrFunc;
  private readonly facts: Uint8Array;
  private readonly choices: TargetChoices;
  /** Variables that are 0 or 1, once somebody asks. */
  private booleans: Uint8Array | undefined;

  constructor(func: IrFunc, facts: Uint8Array, choices: TargetChoices) {
    this.func = func;
    this.facts = facts;
    this.choices = choices;
    const vars = func.vars;
    const n = vars.length;
    this.b = new Builder(vars);
    for (let v = 0; v < n; v++) {
      if (vars[v] !== T.l) continue;
      vars[v] = T.i;
      if (facts[v] === High.unknown) this.high[v] = vars.push(T.i) - 1;
    }
    func.params = func.params.flatMap((v) => (this.high[v] === undefined ? [v] : [v, this.high[v]!]));
    func.zeroed = func.zeroed.concat(func.zeroed.flatMap((v) => (this.high[v] === undefined ? [] : [this.high[v]!])));
  }

  run(): void {
    this.func.body = this.list(this.func.body);
  }

  private list(body: readonly Stmt[]): Stmt[] {
    const outer = this.b.open();
    for (let i = 0; i < body.length; i++) this.statement(body[i]!);
    return this.b.close(outer);
  }

  private statement(s: Stmt): void {
    const { b } = this;
    switch (s.kind) {
      case K.set:
        if (s.e.type === T.l) this.setPair(s.v, s.e);
        else b.set(s.v, this.scalar(s.e));
        return;
      case K.expr:
        return this.effect(s.e);
      case K.block:
        b.code.push(
          blockStmt(
            s.labels,
            s.parts.map((part) => this.list(part)),
          ),
        );
        return;
      case K.loop:
        b.code.push(loopStmt(s.label, this.list(s.body)));
        return;
      case K.if: {
        const cond = m.condition(this.scalar(s.cond));
        b.code.push(ifStmt(cond, this.list(s.then), this.list(s.else)));
        return;
      }
      case K.switch:
        b.code.push(switchStmt(this.scalar(s.e), s.targets, s.otherwise));
        return;
      case K.return:
        return this.return_(s.args);
      case K.br:
        b.code.push(s);
    }
  }

  private return_(args: Expr[]): void {
    const { b } = this;
    if (args.length === 1 && args[0]!.type === T.l && isCall(args[0]!)) {
      // The callee has left the high half where our caller looks for it.
      b.code.push(returnStmt([this.callScalar(args[0]!)]));
      return;
    }
    for (const e of args) this.push(e);
    const n = b.stack.length;
    // Printed as `return S.h=…,…,first`: slots are written after nothing but their own operands, the first result last.
    let later = n > 1 ? Fx.writeSlot : 0;
    let ordered = true;
    for (let k = n; --k >= 0; later |= b.stack[k]!.fx) {
      const { fx } = b.stack[k]!;
      if (n > 1 && (clash(fx, later) || (fx & Fx.writeSlot) !== 0)) ordered = false;
    }
    if (!ordered) for (let k = 0; k < n; k++) b.makeRepeatable(n - k, 1);
    b.code.push(returnStmt(b.popMany(n)));
  }

  /** Lowers `e` and leaves its one or two scalars on the stack. */
  private push(e: Expr): void {
    if (e.type === T.l) this.pair(e);
    else if ((e.fx & Fx.wide) === 0) this.b.push(e);
    else this.narrow(e);
  }

  private scalar(e: Expr): Expr {
    this.push(e);
    return this.b.pop();
  }

  private setPair(v: number, e: Expr): void {
    const { b } = this;
    this.pair(e);
    const hv = this.high[v];
    if (hv === undefined) {
      this.dropHigh();
      return b.set(v, b.pop());
    }
    const [lo, hi] = b.popMany(2) as [Expr, Expr];
    // `low` first, unless the high half still needs the old low half and not the other way round.
    if (!readsLocal(hi, v) && !clash(lo.fx, hi.fx)) {
      b.set(v, lo);
      b.set(hv, hi);
    } else if (!readsLocal(lo, hv) && !clash(lo.fx, hi.fx)) {
      b.set(hv, hi);
      b.set(v, lo);
    } else {
      const t = b.copy(lo);
      b.set(hv, hi);
      b.set(v, t);
    }
  }

  private effect(e: Expr): void {
    const { b } = this;
    if ((e.fx & Fx.wide) === 0) return b.effect(e);
    switch (e.op) {
      case Op.i64_store:
        return this.store64(e);
      case Op.i64_store8:
      case Op.i64_store16:
      case Op.i64_store32: {
        this.push(e.args[0]!);
        this.pair(e.args[1]!);
        this.dropHigh();
        const [address, value] = b.popMany(2) as [Expr, Expr];
        return b.effect(m.store(I32_OF_I64[e.op]!, address, value, e));
      }
      case Op.global_set: {
        if (e.args[0]!.type !== T.l) break;
        this.pair(e.args[0]!);
        b.makeRepeatable(2, 1);
        const [lo, hi] = b.popMany(2) as [Expr, Expr];
        b.effect(expr(Ir.global_set_hi, T.none, [hi], e.imm, 0, Fx.writeGlobal));
        return b.effect(expr(Op.global_set, T.none, [lo], e.imm, 0, Fx.writeGlobal));
      }
    }
    if (e.type === T.l) {
      this.pair(e);
      const [lo, hi] = b.popMany(2) as [Expr, Expr];
      b.drop(lo);
      return b.drop(hi);
    }
    if (e.type !== T.none) return b.drop(this.scalar(e));
    b.effect(this.rebuilt(e));
  }

  /** A 64-bit store traps before it writes anything, so the half at the higher address goes first. */
  private store64(e: Expr): void {
    const { b } = this;
    this.push(e.args[0]!);
    const value = e.args[1]!;
    this.pair(value);
    const [, lo, hi] = b.stack.slice(-3) as [Expr, Expr, Expr];
    // The low half is evaluated after the high half has been stored.
    b.makeRepeatable(3, clash(lo.fx, hi.fx | Fx.writeMemory | Fx.trapMemory) ? 0b011 : 0b001);
    const [address, low, high] = b.popMany(3) as [Expr, Expr, Expr];
    b.stack.push(low);
    b.effect(m.store(Op.i32_store, address, high, e, 4));
    b.effect(m.store(Op.i32_store, address, b.pop(), e));
  }

  /** A node that is not i64 but has i64 somewhere below. */
  private narrow(e: Expr): void {
    const { b } = this;
    const [x, y] = e.args;
    switch (e.op) {
      case Op.i32_wrap_i64:
        this.pair(x!);
        return this.dropHigh();
      case Op.i64_eqz: {
        this.pair(x!);
        const [lo, hi] = b.popMany(2) as [Expr, Expr];
        return b.push(m.eqz(m.or(lo, hi)));
      }
      case Op.i64_eq:
      case Op.i64_ne: {
        const { al, ah, bl, bh } = this.pairs(e, 0);
        const differ = m.or(m.xor(al, bl), m.xor(ah, bh));
        const simple = isZero(ah) && isZero(bh) ? m.binary(Op.i32_ne, al, bl) : m.binary(Op.i32_ne, differ, m.i32(0));
        return b.push(e.op === Op.i64_ne ? simple : m.eqz(simple));
      }
      case Op.i64_lt_s:
        return this.compare(x!, y!, Op.i32_lt_s, Op.i32_lt_u, false);
      case Op.i64_lt_u:
        return this.compare(x!, y!, Op.i32_lt_u, Op.i32_lt_u, false);
      case Op.i64_gt_s:
        return this.compare(x!, y!, Op.i32_gt_s, Op.i32_gt_u, false);
      case Op.i64_gt_u:
        return this.compare(x!, y!, Op.i32_gt_u, Op.i32_gt_u, false);
      case Op.i64_le_s:
        return this.compare(x!, y!, Op.i32_gt_s, Op.i32_gt_u, true);
      case Op.i64_le_u:
        return this.compare(x!, y!, Op.i32_gt_u, Op.i32_gt_u, true);
      case Op.i64_ge_s:
        return this.compare(x!, y!, Op.i32_lt_s, Op.i32_lt_u, true);
      case Op.i64_ge_u:
        return this.compare(x!, y!, Op.i32_lt_u, Op.i32_lt_u, true);
      case Op.f64_convert_i64_s:
      case Op.f64_convert_i64_u: {
        this.pair(x!);
        // hi * 2^32 is evaluated before lo: the two may not depend on their order.
        b.makeRepeatable(2, clash(b.stack.at(-1)!.fx, b.stack.at(-2)!.fx) ? 1 : 0);
        const [lo, hi] = b.popMany(2) as [Expr, Expr];
        return b.push(expr(Ir.f64_from_pair, T.d, [hi, lo], e.op === Op.f64_convert_i64_u ? 1 : 0));
      }
      case Op.f64_reinterpret_i64:
        if (x!.op === Op.i64_load) {
          this.push(x!.args[0]!);
          return b.push(m.load(Op.f64_load, T.d, b.pop(), x!));
        }
        break;
      case Op.select:
        return this.selectScalar(e);
    }
    const name = BY_HELPER[e.op as Op];
    if (name !== undefined) {
      this.pushAll(e.args);
      return b.push(helper(name, b.popMany(scalarsOf(e.args))));
    }
    b.push(this.rebuilt(e));
  }

  private selectScalar(e: Expr): void {
    this.pushAll(e.args);
    const [cond, x, y] = this.b.popMany(3) as [Expr, Expr, Expr];
    this.b.push(m.select(cond, x, y));
  }

  /** The same node over lowered operands; operands that are i64 become two. */
  private rebuilt(e: Expr): Expr {
    this.pushAll(e.args);
    const args = this.b.popMany(scalarsOf(e.args));
    return withArgs(e, args);
  }

  private pushAll(args: readonly Expr[]): void {
    for (const a of args) this.push(a);
  }

  private dropHigh(): void {
    const { b } = this;
    const [lo, hi] = b.popMany(2) as [Expr, Expr];
    b.stack.push(lo);
    b.drop(hi);
  }

  /** Both operands' halves, popped; those whose bit is set in `mask` (al ah bl bh) are repeatable. */
  private pairs(e: Expr, mask: number): { al: Expr; ah: Expr; bl: Expr; bh: Expr } {
    this.pair(e.args[0]!);
    this.pair(e.args[1]!);
    return this.popPairs(mask);
  }

  private compare(x: Expr, y: Expr, high: Op, low: Op, negate: boolean): void {
    const { b } = this;
    this.pair(x);
    this.pair(y);
    const [, ah0, , bh0] = b.stack.slice(-4) as [Expr, Expr, Expr, Expr];
    let result: Expr;
    if (isZero(ah0) && isZero(bh0)) {
      const [al, , bl] = b.popMany(4) as [Expr, Expr, Expr, Expr];
      result = m.binary(low, al, bl);
    } else {
      b.makeRepeatable(4, 0b1111);
      const [al, ah, bl, bh] = b.popMany(4) as [Expr, Expr, Expr, Expr];
      // No low half is below the least one or above the greatest.
      const highDecides = m.isI32(bl, low === Op.i32_lt_u ? 0 : -1);
      const [highs, lows] = [m.binary(high, ah, bh), m.binary(low, al, bl)];
      if (highDecides) result = highs;
      else if (high === Op.i32_gt_u && isZero(bh)) result = m.orElse(highs, lows);
      else {
        const equal = m.binary(Op.i32_eq, ah, bh);
        // Without a JIT the shorter way where high halves are equal, as they mostly are.
        const byHighs = this.choices.booleans === "conditional" && !m.isI32(highs, 0);
        result = byHighs ? m.select(equal, lows, highs) : m.orElse(highs, m.andThen(equal, lows));
      }
    }
    b.push(negate ? m.eqz(result) : result);
  }

  /** Lowers an i64 expression and leaves low and high on the stack. */
  private pair(e: Expr): void {
    const { b } = this;
    const [x, y] = e.args;
    switch (e.op) {
      case Op.i64_const:
        b.push(m.i32(e.imm));
        return b.push(m.i32(e.imm2));
      case Op.local_get:
        b.push(b.get(e.imm));
        return b.push(this.highOfVariable(e.imm));
      case Op.global_get:
        b.push(leaf(Op.global_get, T.i, e.imm, 0, e.fx & ~Fx.wide));
        return b.push(leaf(Ir.global_get_hi, T.i, e.imm, 0, e.fx & ~Fx.wide));
      case Ir.slot:
        b.push(b.copy(leaf(Ir.slot, T.i, e.imm, 0, Fx.readSlot)));
        return b.push(b.copy(leaf(Ir.slot, T.i, e.imm + 1, 0, Fx.readSlot)));
      case Op.i64_extend_i32_u:
        this.push(x!);
        return b.push(m.i32(0));
      case Op.i64_extend_i32_s:
        this.push(x!);
        return this.signExtend();
      case Op.i64_extend8_s:
      case Op.i64_extend16_s:
        this.pair(x!);
        this.dropHigh();
        b.push(expr(I32_OF_I64[e.op]!, T.i, [b.pop()]));
        return this.signExtend();
      case Op.i64_extend32_s:
        this.pair(x!);
        this.dropHigh();
        return this.signExtend();
      case Op.i64_load:
        return this.load64(e);
      case Op.i64_load8_u:
      case Op.i64_load16_u:
      case Op.i64_load32_u:
      case Op.i64_load8_s:
      case Op.i64_load16_s:
      case Op.i64_load32_s:
        this.push(x!);
        b.push(m.load(I32_OF_I64[e.op]!, T.i, b.pop(), e));
        if (e.op === Op.i64_load8_s || e.op === Op.i64_load16_s || e.op === Op.i64_load32_s) return this.signExtend();
        return b.push(m.i32(0));
      case Op.i64_add:
      case Op.i64_sub:
        return this.addSub(e);
      case Op.i64_and:
      case Op.i64_or:
      case Op.i64_xor: {
        const { al, ah, bl, bh } = this.pairs(e, 0);
        const op = I32_OF_I64[e.op]!;
        b.push(m.binary(op, al, bl));
        return b.push(m.binary(op, ah, bh));
      }
      case Op.i64_mul:
        return this.multiply(e);
      case Op.i64_shl:
      case Op.i64_shr_s:
      case Op.i64_shr_u:
      case Op.i64_rotl:
      case Op.i64_rotr:
        return this.shift(e);
      case Op.i64_clz:
      case Op.i64_ctz:
      case Op.i64_popcnt:
        return this.count(e);
      case Op.i64_div_u:
      case Op.i64_rem_u:
        return this.divide(e);
      case Op.select:
        return this.select(x!, y!, e.args[2]!);
      case Op.i64_reinterpret_f64:
        if (x!.op === Op.f64_load) return this.load64(x!);
        break;
    }
    const name = BY_HELPER[e.op as Op];
    if (name !== undefined) {
      this.pushAll(e.args);
      const args = b.popMany(scalarsOf(e.args));
      return this.pairResult(helper(name, args, e.at));
    }
    if (isCall(e)) return this.pairResult(this.callScalar(e));
    throw new Error(`BUG: no lowering for i64 operator 0x${e.op.toString(16)}`);
  }

  private highOfVariable(v: number): Expr {
    const high = this.high[v];
    if (high !== undefined) return this.b.get(high);
    return (this.facts[v]! & High.zero) !== 0 ? m.i32(0) : m.shrS(this.b.get(v), 31);
  }

  private callScalar(e: Expr): Expr {
    this.pushAll(e.args);
    return withArgs(e, this.b.popMany(scalarsOf(e.args)), T.i);
  }

  /** A result whose high half is in slot 1, to be fetched before anything else happens. */
  private pairResult(low: Expr): void {
    const { b } = this;
    const lo = b.copy(low);
    const hi = b.copy(leaf(Ir.slot, T.i, 1, 0, Fx.readSlot));
    b.push(lo);
    b.push(hi);
  }

  private signExtend(): void {
    const { b } = this;
    b.makeRepeatable(1, 1);
    b.push(m.shrS(b.stack.at(-1)!, 31));
  }

  private load64(e: Expr): void {
    const { b } = this;
    this.push(e.args[0]!);
    b.makeRepeatable(1, 1);
    const address = b.pop();
    b.push(m.load(Op.i32_load, T.i, address, e));
    b.push(m.load(Op.i32_load, T.i, address, e, 4));
  }

  /** The terms of nested additions and subtractions, in their order. */
  private termsOf(e: Expr): { term: Expr; negative: boolean }[] {
    const terms: { term: Expr; negative: boolean }[] = [];
    const visit = (e: Expr, negative: boolean): void => {
      if (e.op === Op.i64_add || e.op === Op.i64_sub) {
        visit(e.args[0]!, negative);
        return visit(e.args[1]!, e.op === Op.i64_sub ? !negative : negative);
      }
      terms.push({ term: e, negative });
    };
    visit(e, false);
    return terms;
  }

  /** A sum of many: the low halves in a double, which has room for all carries. */
  private wideSum(terms: readonly { term: Expr; negative: boolean }[]): void {
    const { b } = this;
    const n = terms.length;
    for (const { term } of terms) this.pair(term);
    // Low halves are printed before the high ones: those that mind are named.
    let mask = 0;
    let later = 0;
    for (let k = n; --k >= 0;) {
      const [lo, hi] = b.stack.slice(b.stack.length - 2 * n).slice(2 * k) as [Expr, Expr];
      if (clash(hi.fx, later)) mask |= 2 << (2 * k);
      later |= lo.fx;
    }
    if (mask !== 0) b.makeRepeatable(2 * n, mask);
    const halves = b.popMany(2 * n);
    const lows = halves.filter((_, i) => i % 2 === 0);
    for (let i = 1; i < halves.length; i += 2) b.stack.push(halves[i]!);
    let negative = 0;
    terms.forEach((term, k) => (negative |= term.negative ? 1 << k : 0));
    const bias = terms.filter((term) => term.negative).length;
    const sum = b.copy(expr(Ir.word_sum, T.d, lows, negative, bias));
    const highs = b.popMany(n);
    b.push(expr(Ir.low_word, T.i, [sum]));
    let high: Expr = expr(Ir.high_word, T.i, [sum], bias);
    highs.forEach((hi, k) => (high = terms[k]!.negative ? m.sub(high, hi) : m.add(high, hi)));
    b.push(high);
  }

  private addSub(e: Expr): void {
    const { b } = this;
    if (this.choices.sums === "doubles") {
      const terms = this.termsOf(e);
      if (terms.length >= FEWEST_TERMS && terms.length <= MOST_TERMS) return this.wideSum(terms);
    }
    const isAdd = e.op === Op.i64_add;
    this.pair(e.args[0]!);
    this.pair(e.args[1]!);
    const [al0, , bl0] = b.stack.slice(-4) as [Expr, Expr, Expr, Expr];
    if (isZero(bl0) || (isAdd && isZero(al0))) {
      // No carry: the low half is unchanged.
      const { al, ah, bl, bh } = this.popPairs(0);
      b.push(isAdd ? m.add(al, bl) : m.sub(al, bl));
      return b.push(isAdd ? m.add(ah, bh) : m.sub(ah, bh));
    }
    if (isAdd) {
      // The carry comes out of comparing the sum with an operand; the second, since `x += y` overwrites the first.
      const { al, ah, bl, bh } = this.popPairs(0b0100);
      const addend = bl;
      b.stack.push(ah, bl, bh);
      const lo = this.keep(m.add(al, bl));
      const [ah2, , bh2] = b.popMany(3) as [Expr, Expr, Expr];
      b.push(lo);
      return b.push(m.add(m.add(ah2, bh2), m.carry(lo, addend)));
    }
    const { al, ah, bl, bh } = this.popPairs(0b0101);
    b.push(m.sub(al, bl));
    return b.push(m.sub(m.sub(ah, bh), m.borrow(al, bl)));
  }

  /** Stores an expression in a temporary unless it is repeatable, settling what is on the stack first. */
  private keep(e: Expr): Expr {
    return isRepeatable(e) ? e : this.b.copy(e);
  }

  private popPairs(mask: number): { al: Expr; ah: Expr; bl: Expr; bh: Expr } {
    const { b } = this;
    // Printed al bl ah bh: ah and bl change places.
    const [ah, bl] = [b.stack.at(-3)!, b.stack.at(-2)!];
    if (clash(ah.fx, bl.fx)) mask |= 0b0010;
    if (mask !== 0) b.makeRepeatable(4, mask);
    const [al, ah2, bl2, bh] = b.popMany(4) as [Expr, Expr, Expr, Expr];
    return { al, ah: ah2, bl: bl2, bh };
  }

  private select(condition: Expr, x: Expr, y: Expr): void {
    const { b } = this;
    if (this.choices.masks && m.isZero64(x) !== m.isZero64(y) && this.isBoolean(condition)) {
      // One mask for both halves.
      const bit = this.scalar(condition);
      b.push(m.isZero64(x) ? m.binary(Op.i32_add, bit, m.i32(-1)) : m.binary(Op.i32_sub, m.i32(0), bit));
      this.pair(m.isZero64(x) ? y : x);
      b.makeRepeatable(3, 1);
      const [mask, low, high] = b.popMany(3) as [Expr, Expr, Expr];
      b.push(m.binary(Op.i32_and, mask, low));
      return b.push(m.binary(Op.i32_and, mask, high));
    }
    this.push(condition);
    this.pair(x);
    this.pair(y);
    b.makeRepeatable(5, 1);
    const [cond, al, ah, bl, bh] = b.popMany(5) as [Expr, Expr, Expr, Expr, Expr];
    b.push(m.select(cond, al, bl));
    b.push(m.select(cond, ah, bh));
  }

  private isBoolean(e: Expr): boolean {
    this.booleans ??= variablesOf(this.func, T.i, m.isBoolean);
    return m.isBoolean(e, this.booleans);
  }

  private multiply(e: Expr): void {
    const { b } = this;
    this.pair(e.args[0]!);
    this.pair(e.args[1]!);
    b.makeRepeatable(4, 0b1111);
    const [al, ah, bl, bh] = b.popMany(4) as [Expr, Expr, Expr, Expr];
    const lo = this.keep(m.binary(Op.i32_mul, al, bl));
    let hi: Expr = expr(Ir.mul_high_u, T.i, [al, bl, lo]);
    if (!isZero(bh)) hi = m.add(hi, m.binary(Op.i32_mul, al, bh));
    if (!isZero(ah)) hi = m.add(hi, m.binary(Op.i32_mul, ah, bl));
    b.push(lo);
    b.push(hi);
  }

  private shift(e: Expr): void {
    const { b } = this;
    this.pair(e.args[0]!);
    this.pair(e.args[1]!);
    this.dropHigh();
    const count = b.stack.at(-1)!;
    if (count.op !== Op.i32_const) {
      const name = ("i64_" + opInfo(e.op)!.name.slice(4)) as HelperName;
      return this.pairResult(helper(name, b.popMany(3)));
    }
    b.pop();
    let n = count.imm & 63;
    let op = e.op as Op;
    if (op === Op.i64_rotr) {
      op = Op.i64_rotl;
      n = (64 - n) & 63;
    }
    if (n === 0) return;
    const left = op === Op.i64_shl;
    // Which half is needed twice: shl by < 32 needs low twice, shr needs high twice, a rotation both.
    b.makeRepeatable(2, op === Op.i64_rotl ? 0b11 : left ? (n < 32 ? 0b01 : 0) : 0b10);
    const [lo, hi] = b.popMany(2) as [Expr, Expr];
    if (op === Op.i64_rotl) {
      const [x, y] = n >= 32 ? [hi, lo] : [lo, hi];
      const k = n & 31;
      b.push(k === 0 ? x : m.or(m.shl(x, k), m.shrU(y, 32 - k)));
      return b.push(k === 0 ? y : m.or(m.shl(y, k), m.shrU(x, 32 - k)));
    }
    if (left) {
      if (n >= 32) {
        b.stack.push(lo);
        b.drop(hi);
        const x = b.pop();
        b.push(m.i32(0));
        return b.push(m.shl(x, n - 32));
      }
      b.push(m.shl(lo, n));
      return b.push(m.or(m.shl(hi, n), m.shrU(lo, 32 - n)));
    }
    const signed = op === Op.i64_shr_s;
    const highShift = (k: number): Expr => (signed ? m.shrS(hi, k) : m.shrU(hi, k));
    if (n >= 32) {
      b.drop(lo);
      b.push(n === 32 ? hi : highShift(n - 32));
      return b.push(signed ? m.shrS(hi, 31) : m.i32(0));
    }
    b.push(m.or(m.shrU(lo, n), m.shl(hi, 32 - n)));
    b.push(highShift(n));
  }

  private count(e: Expr): void {
    const { b } = this;
    this.pair(e.args[0]!);
    const [lo, hi] = b.popMany(2) as [Expr, Expr];
    const name = e.op === Op.i64_clz ? "i64_clz" : e.op === Op.i64_ctz ? "i64_ctz" : "i64_popcnt";
    if (isZero(hi) && e.op === Op.i64_popcnt) b.push(helper("i32_popcnt", [lo]));
    else b.push(helper(name, [lo, hi]));
    b.push(m.i32(0));
  }

  /** Unsigned division of numbers below 2^32 is a 32-bit division. */
  private divide(e: Expr): void {
    const { b } = this;
    this.pair(e.args[0]!);
    this.pair(e.args[1]!);
    const args = b.popMany(4) as [Expr, Expr, Expr, Expr];
    if (isZero(args[1]) && isZero(args[3])) {
      const op = e.op === Op.i64_div_u ? Op.i32_div_u : Op.i32_rem_u;
      b.push(expr(op, T.i, [args[0], args[2]], 0, 0, Fx.trapOther, e.at));
      return b.push(m.i32(0));
    }
    this.pairResult(helper(e.op === Op.i64_div_u ? "i64_div_u" : "i64_rem_u", args, e.at));
  }
}

function isZero(e: Expr): boolean {
  return m.isI32(e, 0);
}

function isCall(e: Expr): boolean {
  return e.op === Op.call || e.op === Op.call_indirect;
}

function scalarsOf(args: readonly Expr[]): number {
  let n = 0;
  for (const a of args) n += a.type === T.l ? 2 : 1;
  return n;
}
