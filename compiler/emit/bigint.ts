// i64 expressions as BigInt, for functions that passes/bigint.ts chose. A value is a BigInt from 0 to 2^64 - 1. Every
// operation is wrapped in `U(64, …)`, without exception: V8 computes a tree of them in 64-bit registers only if no
// intermediate result could be longer.
//
// Cells are the elements of one buffer seen three ways: `W` whole, `H` as int32 halves, `D` as doubles. A value goes from
// one world to the other through a cell: `W[0]=x, H[0]` is its low half. The other way round, two stores of halves and a
// load of the whole would stall every processor; a double with a known exponent carries 32 bits in one store instead:
// `D[0] = n + 2^52, W[0] - 0x4330000000000000n`. The first eight cells are for values on their way and never hold one
// across a call; variables have the cells after them, and whoever calls saves those it uses.
import { Op, opInfo } from "../../runtime/wasm/opcodes.js";
import type { HelperName } from "../../runtime/abi.js";
import { type Expr, T, mayGrow } from "../ir/ir.js";
import * as m from "../ir/make.js";
import { type ExpressionHost, type ExpressionPrinter, Need, P } from "./expression.js";
import type { ViewMethod } from "../ir/access.js";
import type { References } from "./references.js";
import { SCRATCH_CELLS } from "./cells.js";
import { type DivisionNames, unsignedQuotient } from "./constant-division.js";

/** 2^52 and, for signed numbers, 2^52 + 2^51: what is added to a 32-bit number so that a double's low bits show it. */
const UNSIGNED_BIAS = "4503599627370496";
const SIGNED_BIAS = "6755399441055744";
/** The bits of those doubles. */
const UNSIGNED_BITS = "0x4330000000000000n";
const SIGNED_BITS = "0x4338000000000000n";

const FIRST_BIT = 2n ** 63n;
const ALL_BITS = 2n ** 64n - 1n;

/** Text to evaluate first, behind which the halves can be read in any order and number. */
interface Halves {
  readonly first: string;
  readonly low: string;
  readonly high: string;
}

const INFIX: Partial<Record<Op, readonly [string, P]>> = {
  [Op.i64_add]: ["+", P.sum],
  [Op.i64_sub]: ["-", P.sum],
  [Op.i64_mul]: ["*", P.product],
  [Op.i64_and]: ["&", P.bitAnd],
  [Op.i64_or]: ["|", P.bitOr],
  [Op.i64_xor]: ["^", P.bitXor],
};

type Sign = "<" | "<=" | ">" | ">=";

const REVERSED: Readonly<Record<Sign, Sign>> = { "<": ">", "<=": ">=", ">": "<", ">=": "<=" };

const ORDER: Partial<Record<Op, readonly [sign: Sign, unsigned: boolean]>> = {
  [Op.i64_lt_s]: ["<", false],
  [Op.i64_lt_u]: ["<", true],
  [Op.i64_gt_s]: [">", false],
  [Op.i64_gt_u]: [">", true],
  [Op.i64_le_s]: ["<=", false],
  [Op.i64_le_u]: ["<=", true],
  [Op.i64_ge_s]: [">=", false],
  [Op.i64_ge_u]: [">=", true],
};

const DIVISION: Partial<Record<Op, (refs: References) => string>> = {
  [Op.i64_div_s]: (refs) => refs.helper("cell_div_s"),
  [Op.i64_div_u]: (refs) => refs.cellDivision("div"),
  [Op.i64_rem_s]: (refs) => refs.helper("cell_rem_s"),
  [Op.i64_rem_u]: (refs) => refs.cellDivision("rem"),
};

const NARROW_LOAD: Partial<Record<Op, readonly [Op, signed: boolean]>> = {
  [Op.i64_load8_s]: [Op.i32_load8_s, true],
  [Op.i64_load8_u]: [Op.i32_load8_u, false],
  [Op.i64_load16_s]: [Op.i32_load16_s, true],
  [Op.i64_load16_u]: [Op.i32_load16_u, false],
  [Op.i64_load32_s]: [Op.i32_load, true],
  [Op.i64_load32_u]: [Op.i32_load, false],
};

const NARROW_STORE: Partial<Record<Op, readonly [method: ViewMethod, littleEndian: boolean]>> = {
  [Op.i64_store8]: ["setInt8", false],
  [Op.i64_store16]: ["setInt16", true],
  [Op.i64_store32]: ["setInt32", true],
};

/** A function whose values nest deeper than there are cells for; it is compiled with halves. */
export class TooWide extends Error {}

export class BigIntPrinter {
  private depth = 0;
  private repeated: string | undefined;
  /** Names that serve all divisions: their operands are evaluated before. */
  private divisionTemps: DivisionNames["temps"] | undefined;

  private readonly out: ExpressionPrinter;
  private readonly host: ExpressionHost;

  constructor(out: ExpressionPrinter, host: ExpressionHost) {
    this.out = out;
    this.host = host;
  }

  /** An expression that is i64 or has an i64 operand; undefined where it has neither of its own. */
  expression(e: Expr, need: Need): string | undefined {
    if (e.type === T.l) {
      if (need === Need.nothing && (e.op === Op.call || e.op === Op.call_indirect)) return this.out.callText(e);
      return this.whole(e);
    }
    if (!e.args.some((a) => a.type === T.l)) return undefined;
    return this.narrow(e, need);
  }

  /** Both halves of an operand, as two arguments of a call. */
  arguments(e: Expr): string {
    const { first, low, high } = this.halves(e);
    return first === "" ? `${low},${high}` : `(${first},${low}),${high}`;
  }

  /** `return` of an i64, behind the word. */
  result(e: Expr): string {
    if (e.op === Op.call || e.op === Op.call_indirect) return this.out.callText(e);
    const { first, low, high } = this.halves(e);
    const before = first === "" ? "" : `${first},`;
    return `${before}${this.host.refs.state()}.h=${high},${low}`;
  }

  /** The statements that begin a function with an i64 parameter. */
  parameter(v: number, low: string, high: string): string {
    const cell = this.host.cell(v);
    if (cell === undefined) return `${this.host.local(v)}=(${this.pair(low, high)});`;
    const H = this.view("H");
    return `${H}[${2 * cell}]=${low};${H}[${2 * cell + 1}]=${high};`;
  }

  /** Name of a variable that lives in a cell. */
  cell(index: number): string {
    return `${this.view("W")}[${index}]`;
  }

  // ---- i64 ----

  private whole(e: Expr): string {
    const { out } = this;
    const op = e.op as Op;
    const [x, y] = e.args as [Expr, Expr];
    const infix = INFIX[op];
    if (infix !== undefined) return this.infix(op, x, y, infix);
    const load = NARROW_LOAD[op];
    if (load !== undefined) return this.extend(m.load(load[0], T.i, x, e), load[1]);
    const division = DIVISION[op];
    if (division !== undefined) return this.divide(op, division, x, y);
    switch (op) {
      case Op.i64_const:
        return out.as(literal(e.imm, e.imm2), P.call);
      case Op.local_get: {
        const assignment = this.host.inlined(e);
        return assignment === undefined ? out.as(this.host.local(e.imm), P.call) : out.as(assignment, P.assign);
      }
      case Op.i64_shl:
      case Op.i64_shr_u:
      case Op.i64_shr_s:
      case Op.i64_rotl:
      case Op.i64_rotr:
        return this.shift(op, x, y);
      case Op.i64_load:
        return out.as(out.memory.accessThrough(e, "getBigUint64", true, undefined), P.call);
      case Op.i64_extend_i32_u:
        return this.extend(x, false);
      case Op.i64_extend_i32_s:
        return this.extend(x, true);
      case Op.i64_extend8_s:
        return this.signed(`${this.low(x, Need.mod32, P.shift)}<<24>>24`);
      case Op.i64_extend16_s:
        return this.signed(`${this.low(x, Need.mod32, P.shift)}<<16>>16`);
      case Op.i64_extend32_s:
        return this.signed(this.low(x, Need.value, P.sum));
      case Op.i64_clz:
      case Op.i64_ctz:
      case Op.i64_popcnt: {
        const name = ("i64_" + opInfo(op)!.name.slice(4)) as HelperName;
        return this.unsigned(`${this.host.refs.helper(name)}(${this.arguments(x)})`);
      }
      case Op.i64_reinterpret_f64: {
        if (x.op === Op.f64_load) return out.as(out.memory.accessThrough(x, "getBigUint64", true, undefined), P.call);
        const d = this.scratch();
        return out.as(`${this.view("D")}[${d}]=${out.print(x, Need.value, P.assign)},${this.cell(d)}`, P.comma);
      }
      case Op.select:
        return this.select(x, y, e.args[2]!);
      case Op.global_get:
        return this.asPair(this.host.refs.global(e.imm, false), this.host.refs.global(e.imm, true));
      case Op.call:
      case Op.call_indirect:
        return this.asPair(out.callText(e), `${this.host.refs.state()}.h`);
    }
    // What is left are the conversions from floats.
    const name = ("i64_" + opInfo(op)!.name.slice(4).replace("f32", "f64")) as HelperName;
    const text = `${this.host.refs.helper(name)}(${out.print(x, Need.arithmetic, P.assign)})`;
    return this.asPair(text, `${this.host.refs.state()}.h`);
  }

  private infix(op: Op, x: Expr, y: Expr, [sign, p]: readonly [string, P]): string {
    const left = this.out.print(x, Need.value, p);
    if (op === Op.i64_add && y.op === Op.i64_const && y.imm2 < 0) return this.wrapped(`${left}-${negated(y)}`);
    return this.wrapped(`${left}${sign}${this.out.print(y, Need.value, p + 1)}`);
  }

  private shift(op: Op, x: Expr, y: Expr): string {
    if (y.op !== Op.i64_const) return this.variableShift(op, x, y);
    const n = op === Op.i64_rotr ? (64 - (y.imm & 63)) & 63 : y.imm & 63;
    if (n === 0) return this.whole(x);
    const print = (e: Expr): string => this.out.print(e, Need.value, P.shift);
    switch (op) {
      case Op.i64_shl:
        return this.wrapped(`${print(x)}<<${n}n`);
      case Op.i64_shr_u:
        return this.wrapped(`${print(x)}>>${n}n`);
      case Op.i64_shr_s:
        return this.wrapped(`${this.binding("A")}(64,${this.out.print(x, Need.value, P.assign)})>>${n}n`);
    }
    const [first, again] = this.repeatable(x);
    const U = this.binding("U");
    return this.wrapped(`${U}(64,${first}<<${n}n)|${U}(64,${again}>>${64 - n}n)`);
  }

  /** By a mask: a value that passes a merge, as that of `?:`, V8 allocates. */
  private select(cond: Expr, a: Expr, b: Expr): string {
    const { out } = this;
    if (m.isZero64(a) && !m.isZero64(b)) return this.select(m.eqz(cond), b, a);
    const U = this.binding("U");
    const mask = this.host.temp();
    const bit = m.isBoolean(cond) ? cond : m.eqz(m.eqz(cond));
    let first = `${mask}=${this.view("Z")}[64+${out.print(bit, Need.value, P.sum + 1)}]`;
    const read = (e: Expr): string => {
      if (e.op === Op.i64_const) return literal(e.imm, e.imm2);
      const t = this.host.temp();
      first += `,${t}=${out.print(e, Need.value, P.assign)}`;
      return t;
    };
    const [x, y] = [read(a), read(b)];
    if (y === "0n") return out.as(`${first},${U}(64,${x}&${mask})`, P.comma);
    return out.as(`${first},${U}(64,${U}(64,${U}(64,${x}^${y})&${mask})^${y})`, P.comma);
  }

  /** V8 has no machine instruction for a variable count: powers of two multiply instead. */
  private variableShift(op: Op, x: Expr, y: Expr): string {
    const Z = this.view("Z");
    if (op === Op.i64_shl) {
      const left = this.out.print(x, Need.value, P.product);
      return this.wrapped(`${left}*${Z}[${this.low(y, Need.mod32, P.bitAnd)}&63]`);
    }
    const [t, k] = [this.host.temp(), this.host.temp()];
    const U = this.binding("U");
    let first = `${t}=${this.out.print(x, Need.value, P.assign)},${k}=${this.low(y, Need.value, P.assign)},`;
    switch (op) {
      case Op.i64_shr_s: {
        const sign = this.host.temp();
        first += `${sign}=${U}(64,${this.binding("A")}(64,${t})>>63n),${t}=${U}(64,${t}^${sign}),`;
        const [before, shifted] = this.shiftedRight(t, k);
        return this.out.as(`${first}${before}${U}(64,${shifted}^${sign})`, P.comma);
      }
      case Op.i64_rotl:
      case Op.i64_rotr:
        return this.out.as(first + this.rotated(t, op === Op.i64_rotl ? k : `-${k}`), P.comma);
    }
    const [before, shifted] = this.shiftedRight(t, k);
    return this.out.as(`${first}${before}${shifted}`, P.comma);
  }

  /**
   * Variable `t` shifted right by `count`, unsigned: by 32 or not at all, then by 0 to 31, for which each half times
   * 2^(32 - count) still fits 64 bits and has the result above bit 32.
   */
  private shiftedRight(t: string, count: string): readonly [first: string, value: string] {
    const [u, z] = [this.host.temp(), this.host.temp()];
    const U = this.binding("U");
    const Z = this.view("Z");
    // t, less the difference to t >> 32 where that is wanted; a choice would be a merge, which V8 does not keep in a register.
    const lessened = `${U}(64,${U}(64,${t}-${U}(64,${t}>>32n))&${Z}[64+(${count}>>5&1)])`;
    const first = `${u}=${U}(64,${t}-${lessened}),${z}=${Z}[32-(${count}&31)],`;
    const high = `${U}(64,${U}(64,${u}>>32n)*${z})`;
    return [first, `${U}(64,${high}+${U}(64,${U}(64,${U}(64,${u}&0xffffffffn)*${z})>>32n))`];
  }

  /**
   * Variable `t` rotated left by `count`: by 0 to 31, each half times 2^count, which fits 64 bits; then by 32 or not at all, which
   * exchanges the halves: as in `shiftedRight` by a mask.
   */
  private rotated(t: string, count: string): string {
    const [high, z] = [this.host.temp(), this.host.temp()];
    const U = this.binding("U");
    const Z = this.view("Z");
    const halves = (v: string): string => `${U}(64,${U}(64,${v}<<32n)|${U}(64,${v}>>32n))`;
    const low = `${U}(64,${U}(64,${t}&0xffffffffn)*${z})`;
    const first = `${z}=${Z}[${count}&31],${high}=${U}(64,${U}(64,${t}>>32n)*${z}),${t}=${U}(64,${low}+${halves(high)})`;
    return `${first},${U}(64,${t}^${U}(64,${U}(64,${t}^${halves(t)})&${Z}[64+(${count}>>5&1)]))`;
  }

  private divideByConstant(op: Op, x: Expr, y: Expr): string | undefined {
    const divisor = bigIntOf(y.imm2, y.imm);
    const U = this.binding("U");
    if (op === Op.i64_div_s || op === Op.i64_rem_s) {
      if (divisor === 0n || divisor === -1n) return undefined;
      const A = this.binding("A");
      const sign = op === Op.i64_div_s ? "/" : "%";
      const dividend = `${A}(64,${this.out.print(x, Need.value, P.assign)})`;
      return this.wrapped(`${A}(64,${dividend}${sign}${divisor < 0n ? `(${divisor}n)` : `${divisor}n`})`);
    }
    // Powers of two are shifts (lower/divide.ts), but for those that are no division.
    if ((divisor & (divisor - 1n)) === 0n) return undefined;
    this.divisionTemps ??= [this.host.temp(), this.host.temp(), this.host.temp(), this.host.temp()];
    const n = this.host.temp();
    const dividend = `${n}=${this.out.print(x, Need.value, P.assign)}`;
    const unsigned = BigInt.asUintN(64, divisor);
    const [first, quotient] = unsignedQuotient(n, unsigned, { U, temps: this.divisionTemps });
    const result = op === Op.i64_div_u ? quotient : `${U}(64,${n}-${U}(64,${quotient}*${unsigned}n))`;
    return this.out.as(`${dividend},${first},${result}`, P.comma);
  }

  private divide(op: Op, divide: (refs: References) => string, x: Expr, y: Expr): string {
    const simple = y.op === Op.i64_const ? this.divideByConstant(op, x, y) : undefined;
    if (simple !== undefined) return simple;
    const d = this.enter();
    const a = this.out.print(x, Need.value, P.assign);
    const held = mayGrow(y.fx) ? this.host.temp() : undefined;
    this.enter();
    const b = this.out.print(y, Need.value, P.assign);
    this.depth -= 2;
    const operands =
      held === undefined
        ? `${this.cell(d)}=${a},${this.cell(d + 1)}=${b}`
        : `${held}=${a},${this.cell(d + 1)}=${b},${this.cell(d)}=${held}`;
    return this.out.as(`${operands},${divide(this.host.refs)}(${d}),${this.cell(d)}`, P.comma);
  }

  private extend(x: Expr, signed: boolean): string {
    if (signed) return this.signed(this.out.print(x, Need.value, P.sum));
    return this.unsigned(this.out.print(x, Need.unsigned, P.sum), true);
  }

  private signed(text: string): string {
    const d = this.scratch();
    const bits = `${this.view("D")}[${d}]=${parenthesized(text)}+${SIGNED_BIAS}`;
    return this.out.as(`${bits},${this.binding("U")}(64,${this.cell(d)}-${SIGNED_BITS})`, P.comma);
  }

  /** `text` is a number from 0 to 2^32 - 1. */
  private unsigned(text: string, atom = false): string {
    const d = this.scratch();
    const bits = `${this.view("D")}[${d}]=${atom ? text : parenthesized(text)}+${UNSIGNED_BIAS}`;
    return this.out.as(`${bits},${this.binding("U")}(64,${this.cell(d)}-${UNSIGNED_BITS})`, P.comma);
  }

  private asPair(low: string, high: string): string {
    return this.out.as(this.pair(low, high), P.comma);
  }

  /** Two int32 as one number; `high` is evaluated right behind `low`. */
  private pair(low: string, high: string): string {
    const d = this.scratch(2);
    const D = this.view("D");
    const U = this.binding("U");
    const halves = `${D}[${d}]=(${low}>>>0)+${UNSIGNED_BIAS},${D}[${d + 1}]=(${high}>>>0)+${UNSIGNED_BIAS}`;
    const sum = `${U}(64,${this.cell(d + 1)}<<32n)|${U}(64,${this.cell(d)}-${UNSIGNED_BITS})`;
    return `${halves},${U}(64,${sum})`;
  }

  /** Text of an operand, and text that reads it once more. */
  private repeatable(e: Expr): readonly [string, string] {
    const text = this.out.print(e, Need.value, P.shift);
    if (e.op === Op.i64_const) return [text, text];
    if (e.op === Op.local_get) return [text, this.host.local(e.imm)];
    // One name serves all: it is read right behind its assignment.
    this.repeated ??= this.host.temp();
    return [`(${this.repeated}=${text})`, this.repeated];
  }

  // ---- what has i64 operands only ----

  private narrow(e: Expr, need: Need): string | undefined {
    const { out } = this;
    const { refs } = this.host;
    const op = e.op as Op;
    const [x, y] = e.args as [Expr, Expr];
    const order = ORDER[op];
    if (order !== undefined) return this.compare(x, y, order, need);
    const store = NARROW_STORE[op];
    if (store !== undefined) {
      const [method, littleEndian] = store;
      return out.as(
        out.memory.accessThrough(e, method, littleEndian, () => this.low(y, Need.mod32, P.assign)),
        P.call,
      );
    }
    switch (op) {
      case Op.i64_store:
        return out.as(
          out.memory.accessThrough(e, "setBigUint64", true, () => out.print(y, Need.value, P.assign)),
          P.call,
        );
      case Op.i32_wrap_i64:
        return this.low(x, need, P.comma);
      case Op.i64_eqz:
        return this.zero(this.halves(x), false, need);
      case Op.i64_eq:
      case Op.i64_ne:
        return this.equal(x, y, op === Op.i64_ne, need);
      case Op.f64_convert_i64_s:
      case Op.f64_convert_i64_u: {
        const { first, low, high } = this.halves(x);
        const top = op === Op.f64_convert_i64_u ? `(${high}>>>0)` : high;
        return this.behind(first, `${top}*4294967296+(${low}>>>0)`, P.sum);
      }
      case Op.f32_convert_i64_s:
      case Op.f32_convert_i64_u: {
        const name = op === Op.f32_convert_i64_s ? "f32_convert_i64_s" : "f32_convert_i64_u";
        return out.as(`${refs.helper(name)}(${this.arguments(x)})`, P.call);
      }
      case Op.f64_reinterpret_i64: {
        if (x.op === Op.i64_load) return out.as(out.memory.accessThrough(x, "getFloat64", true, undefined), P.call);
        const d = this.scratch();
        return out.as(`${this.cell(d)}=${out.print(x, Need.value, P.assign)},${this.view("D")}[${d}]`, P.comma);
      }
      case Op.global_set: {
        const { first, low, high } = this.halves(x);
        const before = first === "" ? "" : `${first},`;
        return out.as(`${before}${refs.global(e.imm, true)}=${high},${refs.global(e.imm, false)}=${low}`, P.comma);
      }
    }
    // Calls print their operands by `arguments`.
    return undefined;
  }

  private equal(x: Expr, y: Expr, negate: boolean, need: Need): string {
    if (m.isZero64(y)) return this.zero(this.halves(x), negate, need);
    const inPlace = this.bitwise(Op.i64_xor, x, y);
    if (inPlace !== undefined) return this.zero(inPlace, negate, need);
    const d = this.scratch();
    const differ = this.infix(Op.i64_xor, x, y, INFIX[Op.i64_xor]!);
    return this.zero({ first: `${this.cell(d)}=${differ}`, ...this.halvesOfCell(d) }, negate, need);
  }

  /** Whether halves are both zero; or not, with `negate`. */
  private zero({ first, low, high }: Halves, negate: boolean, need: Need): string {
    const both = low === "0" ? high : high === "0" ? low : `(${low}|${high})`;
    return negate ? this.truth(first, `${both}!=0`, P.equality, need) : this.truth(first, `!${both}`, P.unary, need);
  }

  /**
   * Signed BigInts V8 compares in one instruction, unsigned ones it does not; so those are compared with the first bit flipped. By
   * halves it takes 10 ns instead of 4 (test/bench/questions/i64-comparisons.js).
   */
  private compare(x: Expr, y: Expr, [sign, unsigned]: readonly [Sign, boolean], need: Need): string {
    // No low half is below the least one or above the greatest.
    const atEdge = y.imm === (sign === "<" || sign === ">=" ? 0 : -1);
    const halves = y.op === Op.i64_const && atEdge ? this.inPlace(x) : undefined;
    if (halves !== undefined) {
      const [high, bound] = unsigned ? [`${halves.high}>>>0`, y.imm2 >>> 0] : [halves.high, y.imm2];
      return this.truth("", `${high}${sign}${bound}`, P.relation, need);
    }
    const flip = unsigned ? FIRST_BIT : 0n;
    if (y.op !== Op.i64_const) {
      return this.truth("", `${this.flipped(x, flip)}${sign}${this.flipped(y, flip)}`, P.relation, need);
    }
    // Negative constants V8 does not compare so: all bits are flipped, which turns the order round.
    const bound = BigInt.asIntN(64, bigIntOf(y.imm2, y.imm) ^ flip);
    const text =
      bound < 0n
        ? `${this.flipped(x, flip ^ ALL_BITS)}${REVERSED[sign]}${~bound}n`
        : `${this.flipped(x, flip)}${sign}${bound}n`;
    return this.truth("", text, P.relation, need);
  }

  /** An i64 with some bits flipped, as a signed number. */
  private flipped(e: Expr, bits: bigint): string {
    const A = this.binding("A");
    if (bits === 0n) return `${A}(64,${this.out.print(e, Need.value, P.assign)})`;
    return `${A}(64,${this.binding("U")}(64,${this.out.print(e, Need.value, P.bitXor)}^0x${bits.toString(16)}n))`;
  }

  /** The low half as an int32, in the shape that `need` asks for. */
  private low(e: Expr, need: Need, min: P): string {
    if (e.op === Op.i64_extend_i32_u || e.op === Op.i64_extend_i32_s) return this.out.print(e.args[0]!, need, min);
    const count = e.args[1];
    if (e.op === Op.i64_shr_u && count?.op === Op.i64_const && (count.imm & 63) >= 32) {
      const { first, high } = this.halves(e.args[0]!);
      const n = (count.imm & 63) - 32;
      if (n === 0) return this.int32(first, high, need, min);
      const text = `${high}>>>${n}`;
      return this.out.within(this.behind(first, text, P.shift), min);
    }
    const { first, low } = this.halves(e);
    return this.int32(first, low, need, min);
  }

  private int32(first: string, text: string, need: Need, min: P): string {
    if (need === Need.unsigned) return this.out.within(this.behind(first, `${text}>>>0`, P.shift), min);
    return this.out.within(this.behind(first, text, text.startsWith("-") ? P.unary : P.call), min);
  }

  /** A condition behind `first`. */
  private truth(first: string, text: string, p: P, need: Need): string {
    if (need !== Need.value && need !== Need.unsigned) return this.behind(first, text, p);
    return this.behind(first, `${p <= P.bitOr ? `(${text})` : text}|0`, P.bitOr);
  }

  private behind(first: string, text: string, p: P): string {
    return first === "" ? this.out.as(text, p) : this.out.as(`${first},${text}`, P.comma);
  }

  private halves(e: Expr): Halves {
    const inPlace = this.inPlace(e);
    if (inPlace !== undefined) return inPlace;
    const d = this.scratch();
    const first = `${this.cell(d)}=${this.out.print(e, Need.value, P.assign)}`;
    return { first, ...this.halvesOfCell(d) };
  }

  private halvesOfCell(d: number): Pick<Halves, "low" | "high"> {
    const H = this.view("H");
    return { low: `${H}[${2 * d}]`, high: `${H}[${2 * d + 1}]` };
  }

  /** Halves that need not be computed as a whole first: of constants, of variables in cells, and of bitwise operations on two of them. */
  private inPlace(e: Expr): Halves | undefined {
    if (e.op === Op.i64_const) return { first: "", low: String(e.imm), high: String(e.imm2) };
    const own = e.op === Op.local_get ? this.host.cell(e.imm) : undefined;
    if (own !== undefined) return { first: "", ...this.halvesOfCell(own) };
    if (e.op !== Op.i64_and && e.op !== Op.i64_or && e.op !== Op.i64_xor) return undefined;
    const [x, y] = e.args as [Expr, Expr];
    return this.bitwise(e.op, x, y);
  }

  private bitwise(op: Op, x: Expr, y: Expr): Halves | undefined {
    // One of them could be a tree of such operations, whose text each half would repeat.
    if (x.args.length > 0 || y.args.length > 0) return undefined;
    const [a, b] = [this.inPlace(x), this.inPlace(y)];
    if (a === undefined || b === undefined) return undefined;
    return { first: "", low: bits(op, a.low, b.low), high: bits(op, a.high, b.high) };
  }

  // ---- cells and names ----

  /** A cell for a value that is read before anything else is evaluated. */
  private scratch(count = 1): number {
    if (this.depth + count > SCRATCH_CELLS) throw new TooWide();
    return this.depth;
  }

  /** A cell that is in use until `depth` falls again. */
  private enter(): number {
    this.scratch();
    return this.depth++;
  }

  private wrapped(text: string): string {
    return this.out.as(`${this.binding("U")}(64,${text})`, P.call);
  }

  private view(name: "W" | "H" | "D" | "Z"): string {
    return this.host.refs.cellView(name);
  }

  private binding(name: "U" | "A"): string {
    return this.host.refs.bigIntFunction(name);
  }
}

/** A bitwise operation on two int32, each a number or the read of a half. */
function bits(op: Op, x: string, y: string): string {
  if (y === "0") return op === Op.i64_and ? "0" : x;
  if (y === "-1" && op === Op.i64_and) return x;
  return `(${x}${INFIX[op]![0]}${y})`;
}

function parenthesized(text: string): string {
  return /^[\w.[\]]+$/.test(text) ? text : `(${text})`;
}

/** A BigInt literal of the unsigned value, decimal or hexadecimal, whichever is shorter. */
function literal(low: number, high: number): string {
  const value = BigInt.asUintN(64, bigIntOf(high, low));
  const [decimal, hex] = [`${value}n`, `0x${value.toString(16)}n`];
  return hex.length < decimal.length ? hex : decimal;
}

function negated(e: Expr): string {
  return `${-bigIntOf(e.imm2, e.imm)}n`;
}

/** The signed number of two halves. */
function bigIntOf(high: number, low: number): bigint {
  return (BigInt(high) << 32n) | BigInt(low >>> 0);
}
