// Expression trees → JavaScript text.
//
// Wasm's i32 is a JavaScript number, and the same value has several shapes: a signed int32 (what variables, calls and
// memory hold), an unsigned one (`x >>> 0`), a boolean (a comparison), or an exact integer that is only right modulo 2^32
// (a sum not yet wrapped). Every node has the shape it comes in for free; the consumer says which shapes it can take
// (`Need`), and only where they differ is a coercion printed. Most coercions of a naive printer disappear this way.
import { Op, opInfo } from "../../runtime/wasm/opcodes.js";
import { ACCESS, type Access, type MemoryPart } from "../ir/access.js";
import { type Expr, Fx, Ir, T, isDroppable, mayGrow } from "../ir/ir.js";
import { HELPER_NAMES } from "../ir/helpers.js";
import { Exact, isBoolean, isI32, isNonNegative } from "../ir/make.js";
import type { HelperName } from "../../runtime/abi.js";
import type { References } from "./references.js";
import { f32Of, f64Of } from "../ir/constants.js";
import { joined, numberLiteral } from "./literal.js";
import type { MathName } from "./names.js";
import { BigIntPrinter } from "./bigint.js";
import { ElementPrinter } from "./elements.js";
import { IntegerPrinter } from "./integers.js";
import { MemoryPrinter } from "./memory.js";
import { beforeRounding, isRounded } from "./rounding.js";
import { SelectPrinter } from "./select.js";
import type { TargetChoices } from "../targets.js";

export const enum Need {
  /** Exactly the value: an int32 as a signed number, floats with their NaN bits. */
  value,
  /** An integer that is right modulo 2^32, or a boolean: the consumer applies ToInt32. */
  mod32,
  /** The same, but a number: the consumer is an index or does arithmetic with it. */
  integer,
  /** The int32 as a number from 0 to 2^32 - 1. */
  unsigned,
  /** Only whether it is zero. */
  truth,
  /** A float whose NaN bits do not matter: the consumer is arithmetic. */
  arithmetic,
  /** Nothing: the value is dropped. */
  nothing,
}

// JavaScript's precedence, higher binds tighter.
export const enum P {
  comma = 1,
  assign = 2,
  conditional = 3,
  or = 4,
  and = 5,
  bitOr = 6,
  bitXor = 7,
  bitAnd = 8,
  equality = 9,
  relation = 10,
  shift = 11,
  sum = 12,
  product = 13,
  unary = 14,
  call = 17,
}

/** How a function's text is printed apart from its expressions. */
export interface ExpressionHost {
  readonly refs: References;
  readonly choices: TargetChoices;
  /** The name of a part of a memory. */
  part(memory: number, part: MemoryPart): string;
  /** Memory accesses go through functions of the page. */
  readonly accessors: boolean;
  /** What is shorter goes before what is faster. */
  readonly compact: boolean;
  /** Name of a variable. */
  local(v: number): string;
  /** An assignment to print in place of a read, which is only asked for once. */
  inlined(read: Expr): string | undefined;
  /** True where variable `v` is known to hold an address below 2^31 here, because an access through it did not trap. */
  isProven(v: number): boolean;
  /** True where the target would take f64 arithmetic for that of int32, should its operands be integers (passes/fractions.ts). */
  isMistakable(e: Expr): boolean;
  /** True where f32 variable `v` may hold a signalling NaN. */
  maySignal(v: number): boolean;
  /** The cell in which i64 variable `v` lives, if it lives in one. */
  cell(v: number): number | undefined;
  /** Makes the variables that live in cells survive a call. */
  saveCells(call: string, hasResult: boolean): string;
  /** A variable of the function's text that no variable of the IR has. */
  temp(): string;
  /** Name of a piece of the function. */
  piece(number: number): string;
  /** Where a piece leaves value number `k` of its kind for its caller. */
  out(k: number, type: T): string;
  /** An access through `v` has just been printed: if execution passes it, `v` was below 2^31. */
  prove(v: number): void;
}

type Infix = readonly [sign: string, P];
type Comparison = readonly [sign: string, P, Need];
/** Marked are those that give an f32 for f32 operands without rounding. */
type FloatMath = readonly [MathName, exact: boolean];

const INFIX: Partial<Record<Op, Infix>> = {
  [Op.i32_and]: ["&", P.bitAnd],
  [Op.i32_or]: ["|", P.bitOr],
  [Op.i32_xor]: ["^", P.bitXor],
  [Op.i32_shl]: ["<<", P.shift],
  [Op.i32_shr_s]: [">>", P.shift],
};

const COMPARE: Partial<Record<Op, Comparison>> = {
  [Op.i32_eq]: ["==", P.equality, Need.value],
  [Op.i32_ne]: ["!=", P.equality, Need.value],
  [Op.i32_lt_s]: ["<", P.relation, Need.value],
  [Op.i32_gt_s]: [">", P.relation, Need.value],
  [Op.i32_le_s]: ["<=", P.relation, Need.value],
  [Op.i32_ge_s]: [">=", P.relation, Need.value],
  [Op.i32_lt_u]: ["<", P.relation, Need.unsigned],
  [Op.i32_gt_u]: [">", P.relation, Need.unsigned],
  [Op.i32_le_u]: ["<=", P.relation, Need.unsigned],
  [Op.i32_ge_u]: [">=", P.relation, Need.unsigned],
  [Op.f32_eq]: ["==", P.equality, Need.arithmetic],
  [Op.f32_ne]: ["!=", P.equality, Need.arithmetic],
  [Op.f32_lt]: ["<", P.relation, Need.arithmetic],
  [Op.f32_gt]: [">", P.relation, Need.arithmetic],
  [Op.f32_le]: ["<=", P.relation, Need.arithmetic],
  [Op.f32_ge]: [">=", P.relation, Need.arithmetic],
  [Op.f64_eq]: ["==", P.equality, Need.arithmetic],
  [Op.f64_ne]: ["!=", P.equality, Need.arithmetic],
  [Op.f64_lt]: ["<", P.relation, Need.arithmetic],
  [Op.f64_gt]: [">", P.relation, Need.arithmetic],
  [Op.f64_le]: ["<=", P.relation, Need.arithmetic],
  [Op.f64_ge]: [">=", P.relation, Need.arithmetic],
};

/** The carry of a sum, the borrow of a difference: adding the boolean is the fastest form on V8 by a factor of four. */
const CARRY = ["<", P.relation, Need.unsigned] as const;

const FLOAT_INFIX: Partial<Record<Op, Infix>> = {
  [Op.f32_add]: ["+", P.sum],
  [Op.f32_sub]: ["-", P.sum],
  [Op.f32_mul]: ["*", P.product],
  [Op.f32_div]: ["/", P.product],
  [Op.f64_add]: ["+", P.sum],
  [Op.f64_sub]: ["-", P.sum],
  [Op.f64_mul]: ["*", P.product],
  [Op.f64_div]: ["/", P.product],
};

const FLOAT_MATH: Partial<Record<Op, FloatMath>> = {
  [Op.f32_sqrt]: ["sqrt", false],
  [Op.f32_ceil]: ["ceil", true],
  [Op.f32_floor]: ["floor", true],
  [Op.f32_trunc]: ["trunc", true],
  [Op.f32_min]: ["min", true],
  [Op.f32_max]: ["max", true],
  [Op.f64_sqrt]: ["sqrt", true],
  [Op.f64_ceil]: ["ceil", true],
  [Op.f64_floor]: ["floor", true],
  [Op.f64_trunc]: ["trunc", true],
  [Op.f64_min]: ["min", true],
  [Op.f64_max]: ["max", true],
};

/** What `byTable` prints, by opcode. FAST: one look into a dense table for all of them; V8 keeps those above as hash tables. */
const enum Form {
  none,
  infix,
  comparison,
  access,
  float,
  math,
}

const FORM = new Uint8Array(0x100);
const ROWS: unknown[] = new Array<unknown>(0x100).fill(undefined);
const TABLES = [
  [Form.infix, INFIX],
  [Form.comparison, COMPARE],
  [Form.access, ACCESS],
  [Form.float, FLOAT_INFIX],
  [Form.math, FLOAT_MATH],
] as const;
for (const [form, table] of TABLES) {
  for (const [op, row] of Object.entries(table)) {
    FORM[Number(op)] = form;
    ROWS[Number(op)] = row;
  }
}

/** Instructions that are a call of a helper, the operands its arguments. */
const HELPER_OF: Partial<Record<Op, HelperName>> = {
  [Op.i32_ctz]: "i32_ctz",
  [Op.i32_popcnt]: "i32_popcnt",
  [Op.i32_div_s]: "i32_div_s",
  [Op.i32_div_u]: "i32_div_u",
  [Op.i32_rem_s]: "i32_rem_s",
  [Op.i32_rem_u]: "i32_rem_u",
  [Op.i32_trunc_f32_s]: "i32_trunc_f64_s",
  [Op.i32_trunc_f32_u]: "i32_trunc_f64_u",
  [Op.i32_trunc_f64_s]: "i32_trunc_f64_s",
  [Op.i32_trunc_f64_u]: "i32_trunc_f64_u",
  [Op.i32_trunc_sat_f32_s]: "i32_trunc_sat_f64_s",
  [Op.i32_trunc_sat_f32_u]: "i32_trunc_sat_f64_u",
  [Op.i32_trunc_sat_f64_s]: "i32_trunc_sat_f64_s",
  [Op.i32_trunc_sat_f64_u]: "i32_trunc_sat_f64_u",
  [Op.i32_reinterpret_f32]: "i32_reinterpret_f32",
  [Op.f32_reinterpret_i32]: "f32_reinterpret_i32",
  [Op.f32_nearest]: "f64_nearest",
  [Op.f64_nearest]: "f64_nearest",
  [Op.f32_copysign]: "f32_copysign",
  [Op.f64_copysign]: "f64_copysign",
  [Op.f32_neg]: "f32_neg",
  [Op.f64_neg]: "f64_neg",
  [Op.f32_abs]: "f32_abs",
  [Op.f64_abs]: "f64_abs",
};

/** Which of a helper's operands may have lost their NaN bits: all but those that copy bits. */
const BIT_EXACT = new Set<string>([
  "i32_reinterpret_f32",
  "i64_reinterpret_f64",
  "f32_copysign",
  "f64_copysign",
  "f32_neg",
  "f64_neg",
  "f32_abs",
  "f64_abs",
]);

export class ExpressionPrinter {
  /** Precedence of the text printed last. */
  private p: P = P.call;

  private readonly host: ExpressionHost;
  private readonly bigInt: BigIntPrinter;
  readonly elements: ElementPrinter;
  private readonly selects: SelectPrinter;
  private readonly integers: IntegerPrinter;
  readonly memory: MemoryPrinter;

  constructor(host: ExpressionHost) {
    this.host = host;
    this.bigInt = new BigIntPrinter(this, host);
    this.elements = new ElementPrinter(this, host);
    this.selects = new SelectPrinter(this, host);
    this.integers = new IntegerPrinter(this, host);
    this.memory = new MemoryPrinter(this, host);
  }

  /** `e` in a shape that satisfies `need`, in parentheses where it binds looser than `min`. */
  print(e: Expr, need: Need, min: P): string {
    return this.within(this.expression(e, need), min);
  }

  /** The text printed last, in parentheses where it binds looser than `min`. */
  within(text: string, min: P): string {
    return this.p < min ? `(${text})` : text;
  }

  /** What `return` of one result is followed by. */
  result(e: Expr): string {
    return e.type === T.l ? this.bigInt.result(e) : this.print(e, Need.value, P.comma);
  }

  /** See {@link BigIntPrinter.parameter}. */
  parameter(v: number, low: string, high: string): string {
    return this.bigInt.parameter(v, low, high);
  }

  /** See {@link BigIntPrinter.cell}. */
  cell(index: number): string {
    return this.bigInt.cell(index);
  }

  private expression(e: Expr, need: Need): string {
    const op = e.op as Op;
    if ((e.fx & Fx.wide) !== 0) {
      const text = this.bigInt.expression(e, need);
      if (text !== undefined) return text;
    }
    if (op < 0x100 && FORM[op] !== (Form.none as number)) {
      return this.byTable(e, need);
    }
    switch (e.op as Op | Ir) {
      case Op.local_get: {
        const assignment = this.host.inlined(e);
        if (assignment !== undefined) return this.signed(e, assignment, P.assign, need);
        const text = this.host.local(e.imm);
        return e.type === T.i ? this.signed(e, text, P.call, need) : this.as(text, P.call);
      }
      case Op.i32_const:
        return this.integer(e.imm, need);
      case Op.f32_const: {
        const value = f32Of(e.imm);
        if (value !== value) return this.call(this.host.refs.helper("f32_reinterpret_i32"), String(e.imm));
        return this.number(value);
      }
      case Op.f64_const: {
        const value = f64Of(e.imm, e.imm2);
        if (value !== value) return this.call(this.host.refs.helper("f64_reinterpret_i64"), `${e.imm},${e.imm2}`);
        return this.number(value);
      }
      case Op.i32_add:
      case Op.i32_sub:
        return this.integers.sum(e, need);
      case Op.i32_mul:
        return this.integers.multiplication(e, need);
      case Op.i32_shr_u: {
        const text = `${this.print(e.args[0]!, Need.mod32, P.shift)}>>>${this.print(e.args[1]!, Need.mod32, P.sum)}`;
        if (need === Need.value && !isNonNegative(e)) return this.as(text + "|0", P.bitOr);
        return this.as(text, P.shift);
      }
      case Op.i32_div_s:
      case Op.i32_div_u:
      case Op.i32_rem_s:
      case Op.i32_rem_u: {
        const divided = this.integers.division(e, need);
        if (divided !== undefined) return divided;
        break;
      }
      case Op.i32_trunc_f32_s:
      case Op.i32_trunc_f64_s:
      case Op.i32_trunc_f32_u:
      case Op.i32_trunc_f64_u: {
        if (e.imm !== (Exact.value as number)) break;
        const text = this.print(e.args[0]!, Need.arithmetic, P.shift);
        return need === Need.unsigned ? this.as(`${text}>>>0`, P.shift) : this.as(`${text}|0`, P.bitOr);
      }
      case Op.i32_eqz:
        if (need !== Need.truth && this.host.choices.booleans === "conditional") {
          return this.as(`${this.print(e.args[0]!, Need.truth, P.or)}?0:1`, P.conditional);
        }
        return this.boolean("!" + this.print(e.args[0]!, Need.truth, P.unary), P.unary, need);
      case Op.i32_clz:
        return this.as(
          `${this.host.refs.mathFunction("clz32")}(${this.print(e.args[0]!, Need.mod32, P.assign)})`,
          P.call,
        );
      case Op.i32_extend8_s:
        return this.signed(e, this.print(e.args[0]!, Need.mod32, P.shift) + "<<24>>24", P.shift, need);
      case Op.i32_extend16_s:
        return this.signed(e, this.print(e.args[0]!, Need.mod32, P.shift) + "<<16>>16", P.shift, need);
      case Op.f64_convert_i32_s:
        return this.expression(e.args[0]!, Need.value);
      case Op.f64_convert_i32_u:
        return this.expression(e.args[0]!, Need.unsigned);
      case Op.f32_convert_i32_s:
        return this.rounded(e, Need.value);
      case Op.f32_convert_i32_u:
        return this.rounded(e, Need.unsigned);
      case Op.f32_demote_f64:
        return this.rounded(e, Need.arithmetic);
      case Op.f64_promote_f32:
        // Every f32 is an f64; but a signalling NaN must come out quiet, which moving it does not do.
        if (need === Need.arithmetic) return this.expression(e.args[0]!, need);
        return this.fround(this.print(e.args[0]!, Need.arithmetic, P.assign));
      case Op.f32_neg:
      case Op.f64_neg:
        if (need === Need.arithmetic) {
          const text = this.print(e.args[0]!, need, P.unary);
          return this.as(text.startsWith("-") ? `- ${text}` : `-${text}`, P.unary);
        }
        break;
      case Op.f32_abs:
      case Op.f64_abs:
        if (need === Need.arithmetic) {
          if (this.isMagnitude(e)) {
            // Zero less -0 is 0.
            const first = this.print(e.args[0]!, need, P.relation);
            const v = this.host.local(e.args[0]!.imm);
            return this.as(`${first}>0?${v}:0-${v}`, P.conditional);
          }
          return this.call(this.host.refs.mathFunction("abs"), this.print(e.args[0]!, need, P.assign));
        }
        break;
      case Op.select:
        return this.selects.select(e, need);
      case Ir.truth:
        return this.expression(e.args[0]!, Need.truth);
      case Ir.carry:
      case Ir.borrow:
        return this.comparison(e, CARRY, need);
      case Ir.and_then:
      case Ir.or_else: {
        // Where the value matters it may be one of the operands', so that `x!=0` may not become `x`.
        const isCondition = need === Need.truth || this.host.choices.booleans === "conditional";
        return this.connective(e, e.op === Ir.and_then, isCondition ? Need.truth : Need.mod32, need);
      }
      case Ir.mul_high_u:
        return this.integers.highProduct(e, need);
      case Ir.word_sum:
        return this.integers.wordSum(e, Need.unsigned);
      case Ir.low_word:
        return this.integers.lowWord(e, need);
      case Ir.high_word:
        return this.integers.highWord(e);
      case Ir.f64_from_pair: {
        const high = this.print(e.args[0]!, e.imm === 1 ? Need.unsigned : Need.value, P.product);
        return this.as(`${high}*4294967296+${this.print(e.args[1]!, Need.unsigned, P.product)}`, P.sum);
      }
      case Ir.helper: {
        const name = HELPER_NAMES[e.imm]!;
        const floats = BIT_EXACT.has(name) ? Need.value : Need.arithmetic;
        const text = `${this.host.refs.helper(name)}(${this.arguments(e.args, Need.value, floats)})`;
        return e.type === T.i ? this.signed(e, text, P.call, need) : this.as(text, P.call);
      }
      case Ir.piece:
        return this.signed(e, `${this.host.piece(e.imm)}(${this.arguments(e.args, Need.value)})`, P.call, need);
      case Ir.out_get:
        return this.signed(e, this.host.out(e.imm, e.type), P.call, need);
      case Ir.out_set:
      case Ir.slot_set: {
        const [value] = e.args as [Expr];
        const field =
          e.op === Ir.slot_set
            ? `${this.host.refs.state()}.${slotName(e.imm, value.type)}`
            : this.host.out(e.imm, value.type);
        return this.as(`${field}=${this.print(value, Need.value, P.assign)}`, P.assign);
      }
      case Ir.slot:
        return this.signed(e, `${this.host.refs.state()}.${slotName(e.imm, e.type)}`, P.call, need);
      case Ir.global_get_hi:
        return this.signed(e, this.host.refs.global(e.imm, true), P.call, need);
      case Op.global_get:
        return this.signed(e, this.host.refs.global(e.imm, false), P.call, need);
      case Op.global_set:
      case Ir.global_set_hi: {
        const target = this.host.refs.global(e.imm, e.op === Ir.global_set_hi);
        return this.as(`${target}=${this.print(e.args[0]!, Need.value, P.assign)}`, P.assign);
      }
      case Op.call:
      case Op.call_indirect:
        return this.signed(e, this.callText(e), P.call, need);
      case Op.ref_null:
        return this.as("null", P.call);
      case Op.ref_is_null:
        return this.boolean(this.print(e.args[0]!, Need.value, P.equality) + "===null", P.equality, need);
      case Op.memory_size:
        return this.as(this.host.refs.memory(e.imm) + ".byteLength>>>16", P.shift);
      case Ir.trap:
        return this.call(this.host.refs.helper("trap"), String(e.imm));
      case Ir.tee:
        return this.signed(
          e,
          `${this.host.local(e.imm)}=${this.print(e.args[0]!, Need.value, P.assign)}`,
          P.assign,
          need,
        );
      case Ir.element:
        return this.elements.element(e, need);
      case Ir.missing:
        return this.elements.missing(e);
      case Ir.outside:
        return this.elements.outside(e);
      case Ir.quotient:
        return this.elements.quotient(e);
    }
    const name = HELPER_OF[op];
    if (name !== undefined) {
      const floats = BIT_EXACT.has(name) ? Need.value : Need.arithmetic;
      const text = `${this.host.refs.helper(name)}(${this.arguments(e.args, Need.value, floats)})`;
      return e.type === T.i ? this.signed(e, text, P.call, need) : this.as(text, P.call);
    }
    return this.instanceCall(e, need);
  }

  /** An operator, comparison, memory access or function of floats. */
  private byTable(e: Expr, need: Need): string {
    switch (FORM[e.op] as Form) {
      case Form.infix: {
        const row = ROWS[e.op] as Infix;
        const sign = row[0];
        const p = row[1];
        if (e.op === Op.i32_xor && isI32(e.args[1]!, -1)) {
          return this.signed(e, `~${this.print(e.args[0]!, Need.mod32, P.unary)}`, P.unary, need);
        }
        if (this.isConnective(e)) return this.connective(e, e.op === Op.i32_and, Need.truth, need);
        // & | ^ are associative, and printing keeps the order of evaluation; shifts are not.
        const right = p === P.shift ? p + 1 : p;
        const text = this.print(e.args[0]!, Need.mod32, p) + sign + this.print(e.args[1]!, Need.mod32, right);
        return this.signed(e, text, p, need);
      }
      case Form.comparison:
        return this.comparison(e, ROWS[e.op] as Comparison, need);
      case Form.access:
        return this.memory.access(e, ROWS[e.op] as Access, need);
      case Form.float:
        return this.floatInfix(e, ROWS[e.op] as Infix);
      default:
        return this.math(e, ROWS[e.op] as FloatMath, need);
    }
  }

  /** `a&&b` or `a||b`, the operands printed as `wanted`. */
  private connective(e: Expr, isAnd: boolean, wanted: Need, need: Need): string {
    const [sign, p] = isAnd ? (["&&", P.and] as const) : (["||", P.or] as const);
    const first = this.print(e.args[0]!, wanted, p);
    return this.boolean(first + sign + this.print(e.args[1]!, wanted, p), p, need);
  }

  /** Whether `&` and `|` are those of conditions, of which the second need not be evaluated, and the target gains by that. */
  private isConnective({ op, args: [a, b] }: Expr): boolean {
    if (this.host.choices.booleans !== "conditional" || (op !== Op.i32_and && op !== Op.i32_or)) return false;
    return isBoolean(a!) && isBoolean(b!) && b!.args.length > 0 && isDroppable(b!.fx);
  }

  private floatInfix(e: Expr, [sign, p]: Infix): string {
    // Adding -0 changes no number, and costs nothing once the code is optimized.
    const unboxed = e.type === T.d && this.host.isMistakable(e);
    const left = unboxed
      ? this.within(this.as(`${this.print(e.args[0]!, Need.arithmetic, P.sum)}+-0`, P.sum), p)
      : this.print(e.args[0]!, Need.arithmetic, p);
    const text = joined(left, sign, this.print(e.args[1]!, Need.arithmetic, p + 1));
    return e.type === T.f && e !== this.unrounded ? this.fround(text) : this.as(text, p);
  }

  /** An f32 that is {@link isRounded}, as the double that it would be rounded from. */
  beforeRounding(e: Expr, min: P): string {
    const outer = this.unrounded;
    this.unrounded = e;
    const text = this.print(e, Need.arithmetic, min);
    this.unrounded = outer;
    return text;
  }

  /** The operand of a conversion to f32, rounded unless that changes nothing or the consumer does it. */
  private rounded(e: Expr, need: Need): string {
    const operand = this.expression(e.args[0]!, need);
    if (e === this.unrounded || e.imm === (Exact.value as number)) return operand;
    return this.fround(this.within(operand, P.assign));
  }

  /** The absolute value of a variable, which interpreters have sooner by comparing than by a call. */
  private isMagnitude(e: Expr): boolean {
    const isAbs = e.op === Op.f64_abs || e.op === Op.f32_abs;
    return isAbs && e.args[0]!.op === Op.local_get && this.host.choices.booleans === "conditional";
  }

  private math(e: Expr, [name, exact]: FloatMath, need: Need): string {
    const text = `${this.host.refs.mathFunction(name)}(${this.arguments(e.args, Need.arithmetic)})`;
    if (!exact && e !== this.unrounded) return this.fround(text);
    // Rounding, and on QuickJS min and max, hand a signalling NaN on; subtracting zero makes it quiet and changes nothing else.
    return need === Need.arithmetic ? this.as(text, P.call) : this.as(`${text}-0`, P.sum);
  }

  /** A call, as one operand. */
  callText(e: Expr): string {
    const { refs } = this.host;
    const dispatcher = e.op === Op.call ? refs.func(e.imm) : refs.dispatcher(e.imm2, e.imm);
    const text =
      dispatcher === undefined
        ? `${this.calleeAsOperand(e)}(${this.arguments(e.args.slice(1), Need.value)})`
        : `${dispatcher}(${this.arguments(e.args, Need.value)})`;
    return this.host.saveCells(text, e.type !== T.none);
  }

  /** The callable that call_indirect (or its tail form) finds, or one that traps once the arguments are evaluated. */
  callee(e: Expr): string {
    const { refs, compact } = this.host;
    const index = this.print(e.args[0]!, Need.value, P.assign);
    if (compact) return `${refs.finder(e.imm2, e.imm)}(${index})`;
    return `${refs.sig(e.imm2, e.imm)}[${index}]||${refs.instance()}.bad_call(${e.imm2},${index},${e.imm})`;
  }

  calleeAsOperand(e: Expr): string {
    return this.host.compact ? this.callee(e) : `(${this.callee(e)})`;
  }

  arguments(args: readonly Expr[], ints: Need, floats: Need = ints): string {
    let text = "";
    for (let i = 0; i < args.length; i++) {
      if (i > 0) text += ",";
      const a = args[i]!;
      if (a.type === T.l) text += this.bigInt.arguments(a);
      else text += this.print(a, a.type === T.f || a.type === T.d ? floats : ints, P.assign);
    }
    return text;
  }

  /** Table, bulk and growth operations: methods of the instance, immediates first. */
  private instanceCall(e: Expr, need: Need): string {
    const { shortCopies } = this.host.choices;
    if (shortCopies !== "none" && (e.op === Op.memory_fill || (e.op === Op.memory_copy && e.imm === e.imm2))) {
      const op = e.op === Op.memory_fill ? "fill" : "copy";
      return this.call(this.host.refs.bulk(e.imm, op, shortCopies), this.arguments(e.args, Need.value));
    }
    if (e.op === Op.memory_init || e.op === Op.data_drop) this.host.refs.namesSegments = true;
    const name = opInfo(e.op)!.name.replace(".", "_");
    let text = `${this.host.refs.instance()}.${name}(${e.imm}`;
    if (e.op === Op.memory_init || e.op === Op.table_init)
      text = `${this.host.refs.instance()}.${name}(${e.imm2},${e.imm}`;
    else if (e.op === Op.memory_copy || e.op === Op.table_copy) text += `,${e.imm2}`;
    if (e.args.length > 0) text += "," + this.arguments(e.args, Need.value);
    text += ")";
    if (mayGrow(e.own)) text = this.host.saveCells(text, e.type !== T.none);
    return this.signed(e, text, P.call, need);
  }

  // ---- shapes ----

  /** Notes how tight `text` binds. */
  as(text: string, p: P): string {
    this.p = p;
    return text;
  }

  call(callee: string, args: string): string {
    return this.as(`${callee}(${args})`, P.call);
  }

  /** Whose consumer rounds it. */
  private unrounded: Expr | undefined;

  private fround(text: string): string {
    return this.call(this.host.refs.mathFunction("fround"), text);
  }

  /** Text whose value is a signed int32 (or is no integer at all). */
  signed(e: Expr, text: string, p: P, need: Need): string {
    if (need !== Need.unsigned || e.type !== T.i || isNonNegative(e)) return this.as(text, p);
    return this.as((p < P.shift ? `(${text})` : text) + ">>>0", P.shift);
  }

  private boolean(text: string, p: P, need: Need): string {
    if (need === Need.truth) return this.as(text, p);
    if (this.host.choices.booleans === "conditional") return this.as(`${text}?1:0`, P.conditional);
    if (need !== Need.value && need !== Need.unsigned && need !== Need.integer) return this.as(text, p);
    return this.as((p <= P.bitOr ? `(${text})` : text) + "|0", P.bitOr);
  }

  private integer(value: number, need: Need): string {
    if (need === Need.unsigned) return this.as(numberLiteral(value >>> 0), P.call);
    return this.as(numberLiteral(value), value < 0 ? P.unary : P.call);
  }

  private number(value: number): string {
    const text = numberLiteral(value);
    return this.as(text, text.includes("/") ? P.product : value < 0 || text === "-0" ? P.unary : P.call);
  }

  private comparison(e: Expr, form: Comparison, wanted: Need): string {
    const sign = form[0];
    const p = form[1];
    let need = form[2];
    const a = e.args[0]!;
    const b = e.args[1]!;
    const isCarry = e.op === (Ir.carry as number) || e.op === (Ir.borrow as number);
    if (isCarry && wanted !== Need.truth && this.host.choices.carry === "bits") {
      const text = this.lessByBits(a, b);
      if (text !== undefined) return this.as(text, P.shift);
    }
    const conditional = isCarry && wanted !== Need.truth && this.host.choices.booleans === "conditional";
    // Below 1 there is only 0, and all but -1 is below 2^32 - 1.
    if (conditional && isI32(b, 1)) return this.as(`${this.print(a, Need.truth, P.or)}?0:1`, P.conditional);
    if (conditional && isI32(b, -1)) return this.as(`~${this.print(a, Need.mod32, P.unary)}?1:0`, P.conditional);
    if (this.isMagnitude(a) && isLimit(e)) {
      const first = this.print(a.args[0]!, Need.arithmetic, p);
      const limit = this.print(b, Need.arithmetic, p + 1);
      const both = `${first}${sign}${limit}&&${this.host.local(a.args[0]!.imm)}${sign.replace("<", ">")}-${limit}`;
      return this.boolean(both, P.and, wanted);
    }
    if (isRounded(a) && !this.host.compact) {
      const limit = beforeRounding(e.op, b);
      if (limit !== undefined) return this.boolean(this.beforeRounding(a, p) + limit, p, wanted);
    }
    if (wanted === Need.truth && e.op === Op.i32_ne && isI32(b, 0)) return this.expression(a, Need.truth);
    // Equal shapes compare alike: two numbers that are both below 2^31 need no `>>>0`.
    if (need === Need.unsigned && isNonNegative(a) && isNonNegative(b)) need = Need.value;
    let text: string;
    if (need === Need.unsigned && b.op === Op.i32_const && b.imm < 0 && this.host.choices.staysInt32) {
      // Both less 2^31, which is an exclusive or for the one and is not to be computed for the other.
      text = `(${this.print(a, Need.value, P.bitXor)}^-2147483648)${sign}${b.imm + 2147483648}`;
    } else {
      const strict = (e.op === Op.i32_eq || e.op === Op.i32_ne) && this.host.choices.equality === "strict";
      text = this.print(a, need, p) + sign + (strict ? "=" : "") + this.print(b, need, p + 1);
    }
    return this.boolean(text, p, wanted);
  }

  /** 1 where `a` is below `b` as unsigned numbers, else 0, by their top bits and that of the difference; undefined where they have no names. */
  private lessByBits(a: Expr, b: Expr): string | undefined {
    if (a.op !== Op.local_get || (b.op !== Op.local_get && b.op !== Op.i32_const)) return undefined;
    const first = this.print(a, Need.value, P.unary);
    const s = this.host.local(a.imm);
    if (b.op === Op.i32_const) {
      const difference = b.imm < 0 ? `${s}+${-b.imm}` : `${s}-${b.imm}`;
      return `(~${first}${b.imm < 0 ? "|" : "&"}${difference})>>>31`;
    }
    const second = this.print(b, Need.value, P.unary);
    const t = this.host.local(b.imm);
    return `(~${first}&${second}|(~${s}|${t})&${s}-${t})>>>31`;
  }
}

/** Whether something is asked to be less than a constant that is not negative. */
function isLimit({ op, args: [, b] }: Expr): boolean {
  if (op === Op.f64_lt || op === Op.f64_le) return b!.op === Op.f64_const && f64Of(b!.imm, b!.imm2) > 0;
  return (op === Op.f32_lt || op === Op.f32_le) && b!.op === Op.f32_const && f32Of(b!.imm) > 0;
}

/** Field of the shared state that holds result scalar `k` (>= 1). */
export function slotName(k: number, type: T): string {
  if (type === T.f || type === T.d) return `d${k}`;
  if (type === T.r) return `x${k}`;
  return k === 1 ? "h" : `r${k}`;
}
