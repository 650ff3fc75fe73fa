// Division of BigInts from 0 to 2^64 - 1 by a constant, as text: the high half of a product with the reciprocal, from four products of 32
// bits. V8 has no instruction for it, and a call takes 20 to 40 ns instead of 5. Signed division it has; a product with what
// makes it signed takes as long, 7 ns.
// https://doi.org/10.1145/178243.178249 (Granlund and Montgomery) has the arithmetic.

/** What the page calls `BigInt.asUintN`, and variables that are free. */
export interface DivisionNames {
  readonly U: string;
  readonly temps: readonly [string, string, string, string];
}

/** Text to evaluate first, and the value. */
type Behind = readonly [first: string, value: string];

/** The quotient of variable `n` and a divisor of at least 3 that is no power of two, unsigned. */
export function unsignedQuotient(n: string, divisor: bigint, names: DivisionNames): Behind {
  const { U, temps } = names;
  const t = temps[3];
  const whole = reciprocal(divisor, 0n);
  if (whole.error * (2n ** 64n - 1n) < whole.scale) return shiftedProduct(n, whole, names);
  const zeros = trailingZeros(divisor);
  if (zeros > 0n) {
    // Fewer bits to be right about.
    const [first, value] = shiftedProduct(t, reciprocal(divisor >> zeros, 0n), names);
    return [`${t}=${U}(64,${n}>>${zeros}n),${first}`, value];
  }
  // The reciprocal has 65 bits; the first of them is this sum, halved before it could be too large.
  const { factor, shift } = reciprocal(divisor, 1n);
  const [first, high] = highProduct(n, factor - 2n ** 64n, names);
  const half = `${U}(64,${U}(64,${U}(64,${n}-${t})>>1n)+${t})`;
  return [`${first},${t}=${high}`, shiftedRight(half, shift - 1n, U)];
}

interface Reciprocal {
  /** `scale / divisor`, rounded up. */
  readonly factor: bigint;
  readonly scale: bigint;
  /** How much the factor times the divisor is more than the scale; times a dividend, less than that, or a quotient may be wrong. */
  readonly error: bigint;
  /** The scale is 2^(64 + shift). */
  readonly shift: bigint;
}

/** With 64 bits, as long as dividends end at 2^63, and `more`. */
function reciprocal(divisor: bigint, more: bigint): Reciprocal {
  const shift = BigInt(divisor.toString(2).length - 1) + more;
  const scale = 1n << (64n + shift);
  const factor = scale / divisor + 1n;
  return { factor, scale, error: factor * divisor - scale, shift };
}

function shiftedProduct(n: string, { factor, shift }: Reciprocal, names: DivisionNames): Behind {
  const [first, high] = highProduct(n, factor, names);
  return [first, shiftedRight(high, shift, names.U)];
}

function shiftedRight(value: string, shift: bigint, U: string): string {
  return shift === 0n ? value : `${U}(64,${value}>>${shift}n)`;
}

/** The upper 64 bits of the product of variable `n` and a factor below 2^64. */
function highProduct(n: string, factor: bigint, { U, temps }: DivisionNames): Behind {
  const [low, high, middle] = temps;
  const MASK = "0xffffffffn";
  const [fl, fh] = [factor & 0xffffffffn, factor >> 32n];
  const halves = `${low}=${U}(64,${n}&${MASK}),${high}=${U}(64,${n}>>32n)`;
  const crossing = `${middle}=${U}(64,${U}(64,${high}*${fl}n)+${U}(64,${U}(64,${low}*${fl}n)>>32n))`;
  const carried = `${U}(64,${U}(64,${U}(64,${low}*${fh}n)+${U}(64,${middle}&${MASK}))>>32n)`;
  const value = `${U}(64,${U}(64,${U}(64,${high}*${fh}n)+${U}(64,${middle}>>32n))+${carried})`;
  return [`${halves},${crossing}`, value];
}

function trailingZeros(x: bigint): bigint {
  let count = 0n;
  while (((x >> count) & 1n) === 0n) count++;
  return count;
}
