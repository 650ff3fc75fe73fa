// i32 arithmetic: a sum or product that a double holds exactly need not be wrapped at once, and what JavaScript has not is made of what it has.
import { Op } from "../../runtime/wasm/opcodes.js";
import { type Expr, Ir, T } from "../ir/ir.js";
import { Exact, isBoolean } from "../ir/make.js";
import { type ExpressionHost, type ExpressionPrinter, Need, P } from "./expression.js";
import { joined, numberLiteral } from "./literal.js";

/** Below this, a factor times an unsigned 32-bit number is exact in a double. */
const MAX_EXACT_FACTOR = 2 ** 21;

const WORD = 2 ** 32;
/** Up to here, doubles hold whole numbers exactly. */
const EXACT = 2 ** 53;
/** Bound of what `splitProduct` prints. */
const SPLIT_PRODUCT = 2 ** 48;

export class IntegerPrinter {
  /** Holds a factor that is printed twice; nothing is evaluated between the assignment and the last read. */
  private factor: string | undefined;
  private readonly out: ExpressionPrinter;
  private readonly host: ExpressionHost;

  constructor(out: ExpressionPrinter, host: ExpressionHost) {
    this.out = out;
    this.host = host;
  }

  /** The terms of a sum of words, each as `need` says. */
  wordSum(e: Expr, need: Need): string {
    let text = "";
    e.args.forEach((term, k) => {
      const sign = ((e.imm >>> k) & 1) !== 0 ? "-" : "+";
      const operand = this.out.print(term, need, sign === "+" ? P.sum : P.product);
      text = k === 0 ? (sign === "-" ? `0-${operand}` : operand) : joined(text, sign, operand);
    });
    if (e.imm2 > 0 && need === Need.unsigned) text += `+${e.imm2 * 2 ** 32}`;
    return this.out.as(text, P.sum);
  }

  /** Sums may nest unwrapped as long as a double holds them exactly, which many terms or large products would end. */
  sum(e: Expr, need: Need): string {
    const a = e.args[0]!;
    const b = e.args[1]!;
    // Where nothing is lost, what is right modulo 2^32 will do only for a consumer that takes that.
    const exact = e.imm === (Exact.value as number);
    const wrapping = this.host.choices.staysInt32 ? Need.value : Need.mod32;
    const unwrapped = exact ? (need === Need.mod32 || need === Need.integer ? need : Need.value) : wrapping;
    // Only ranges tell that a product need not be wrapped.
    const large = this.host.choices.ranges && magnitude(a) + magnitude(b) > EXACT;
    const operands = large ? Need.value : unwrapped;
    // V8 adds a boolean to a variable as doubles.
    const booleans = this.host.choices.carry === "integer" ? Need.integer : operands;
    const needOf = (x: Expr): Need => (isBoolean(x) ? booleans : operands);
    let text: string;
    let p: P = P.sum;
    if (b.op === Op.i32_const && b.imm < 0 && e.op === Op.i32_add) {
      text = `${this.out.print(a, needOf(a), P.sum)}-${numberLiteral(-b.imm)}`;
    } else if (e.op === Op.i32_sub && a.op === Op.i32_const && a.imm === 0 && !exact) {
      // Wrapping makes 0 of -0.
      const operand = this.out.print(b, needOf(b), P.unary);
      text = operand.startsWith("-") ? `- ${operand}` : `-${operand}`;
      p = P.unary;
    } else {
      const sign = e.op === Op.i32_add ? "+" : "-";
      const left = this.out.print(a, needOf(a), P.sum);
      text = joined(left, sign, this.out.print(b, needOf(b), sign === "+" ? P.sum : P.product));
    }
    return exact ? this.out.signed(e, text, p, need) : this.wrapped(text, p, need);
  }

  /** Text of a number that is right modulo 2^32, as `need` says. */
  private wrapped(text: string, p: P, need: Need): string {
    switch (need) {
      case Need.mod32:
      case Need.integer:
      case Need.nothing:
        return this.out.as(text, p);
      case Need.unsigned:
        return this.out.as(text + ">>>0", P.shift);
      default:
        return this.out.as(text + "|0", P.bitOr);
    }
  }

  /** A product that a double holds exactly. */
  private product(e: Expr, need: Need): string {
    const [a, b] = e.args as [Expr, Expr];
    const text = `${this.out.print(a, Need.value, P.product)}*${this.out.print(b, Need.value, P.unary)}`;
    const exact = e.imm === (Exact.value as number);
    return exact ? this.out.signed(e, text, P.product, need) : this.wrapped(text, P.product, need);
  }

  /** A product with a constant from products with its halves, which doubles hold exactly. */
  private splitProduct(e: Expr, need: Need): string {
    const [a, { imm }] = e.args as [Expr, Expr];
    const [high, low] = [imm >>> 16, imm & 0xffff];
    let first = this.out.print(a, Need.value, P.product);
    let again = first;
    if (a.op !== Op.local_get || first !== this.host.local(a.imm)) {
      again = this.factor ??= this.host.temp();
      first = `(${again}=${first})`;
    }
    const text = high === 0 ? `${first}*${low}` : `(${first}*${high}<<16)+${again}*${low}`;
    // Too large for arithmetic, unlike a sum.
    return this.wrapped(text, P.sum, need === Need.integer ? Need.value : need);
  }

  /** Division that can neither trap nor overflow, as by most constants, needs no helper. */
  division(e: Expr, need: Need): string | undefined {
    const [a, b] = e.args as [Expr, Expr];
    const constant = b.op === Op.i32_const && b.imm !== 0 && !(e.op === Op.i32_div_s && b.imm === -1);
    if (!constant && e.imm !== (Exact.value as number)) return undefined;
    const signed = e.op === Op.i32_div_s || e.op === Op.i32_rem_s;
    const sign = e.op === Op.i32_div_s || e.op === Op.i32_div_u ? "/" : "%";
    const divisor = signed ? this.out.print(b, Need.value, P.unary) : this.out.print(b, Need.unsigned, P.unary);
    const text = `${this.out.print(a, signed ? Need.value : Need.unsigned, P.product)}${sign}${divisor}`;
    // ToInt32 truncates; it is also right for unsigned results, modulo 2^32.
    return need === Need.unsigned ? this.out.as(text + ">>>0", P.shift) : this.out.as(text + "|0", P.bitOr);
  }

  multiplication(e: Expr, need: Need): string {
    if (e.imm !== (Exact.no as number)) return this.product(e, need);
    if (this.host.choices.products === "split" && e.args[1]!.op === Op.i32_const) return this.splitProduct(e, need);
    const text = `${this.host.refs.mathFunction("imul")}(${this.out.arguments(e.args, Need.mod32)})`;
    return this.out.signed(e, text, P.call, need);
  }

  /** The upper 32 bits of an unsigned product. */
  highProduct(e: Expr, need: Need): string {
    // Exact: the rounded product is off by at most 2^10, the quotient's fraction is either 0 or far from it.
    const [a, b, low] = e.args as [Expr, Expr, Expr];
    if (this.host.choices.highProduct === "pieces") {
      const text = this.out.call(this.host.refs.highProduct(), this.out.arguments([a, b], Need.value));
      return this.out.signed(e, text, P.call, need);
    }
    if (this.host.choices.highProduct === "integer" && a.op === Op.local_get && isShort(b)) {
      const [imul, first, c] = [this.host.refs.mathFunction("imul"), this.out.print(a, Need.value, P.shift), b.imm];
      // Neither product passes 2^32, nor does their sum.
      const text = `${imul}(${first}>>>16,${c})+(${imul}(${this.host.local(a.imm)}&65535,${c})>>>16)>>>16`;
      return this.out.as(text, P.shift);
    }
    if (b.op === Op.i32_const && b.imm >= 0 && b.imm < MAX_EXACT_FACTOR) {
      // The product itself is exact.
      return this.out.as(`${this.out.print(a, Need.unsigned, P.product)}*${b.imm}${this.overWord()}|0`, P.bitOr);
    }
    const product = `${this.out.print(a, Need.unsigned, P.product)}*${this.out.print(b, Need.unsigned, P.unary)}`;
    const text = `(${product}-${this.out.print(low, Need.unsigned, P.product)})${this.overWord()}+.5`;
    return need === Need.unsigned ? this.out.as(text + ">>>0", P.shift) : this.out.as(text + "|0", P.bitOr);
  }

  /**
   * Divides by 2^32. SpiderMonkey would really divide; and `>>>0` behind it would be a double there, as would sums with it: with neither, xxh64
   * takes a quarter less. Other engines tell no difference.
   */
  private overWord(): string {
    return this.host.compact ? "/4294967296" : "*2.3283064365386963e-10";
  }

  /** The low 32 bits of a whole number in a double. */
  lowWord(e: Expr, need: Need): string {
    const [x] = e.args as [Expr];
    // Where nobody wants the carries, it is a sum like others.
    const direct = x.op === (Ir.word_sum as number);
    const text = direct ? this.wordSum(x, Need.mod32) : this.out.print(x, Need.arithmetic, P.bitOr);
    if (need === Need.mod32 || need === Need.integer) return text;
    if (need === Need.unsigned) return this.out.as(`${this.out.within(text, P.shift)}>>>0`, P.shift);
    return this.out.as(`${text}|0`, P.bitOr);
  }

  /** The bits above them. */
  highWord(e: Expr): string {
    const text = `${this.out.print(e.args[0]!, Need.arithmetic, P.product)}/4294967296|0`;
    return e.imm === 0 ? this.out.as(text, P.bitOr) : this.out.as(`(${text})-${e.imm}`, P.sum);
  }
}

/** A bound of the number that `e` is printed as for Need.mod32, at which anything congruent modulo 2^32 will do. */
function magnitude(e: Expr): number {
  if (e.type !== T.i) return WORD;
  switch (e.op as Op) {
    case Op.i32_add:
    case Op.i32_sub: {
      const [a, b] = e.args as [Expr, Expr];
      const sum = magnitude(a) + magnitude(b);
      // Then its operands are wrapped.
      return sum > EXACT ? 2 * WORD : sum;
    }
    case Op.i32_mul: {
      const [, b] = e.args as [Expr, Expr];
      if (e.imm === (Exact.value as number)) return WORD;
      if (e.imm === (Exact.no as number)) return b.op === Op.i32_const ? SPLIT_PRODUCT : WORD;
      return b.op === Op.i32_const ? (WORD / 2) * Math.abs(b.imm) : EXACT;
    }
    case Op.select:
      return Math.max(magnitude(e.args[1]!), magnitude(e.args[2]!));
    default:
      return WORD;
  }
}

function isShort(e: Expr): boolean {
  return e.op === Op.i32_const && e.imm >= 0 && e.imm < 65536;
}
