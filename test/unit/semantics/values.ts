// Operands for tests of arithmetic: the edges of each type, and reproducible random ones of all magnitudes.
import { f32FromBits, f64FromBits } from "../../../runtime/semantics/index.js";

/** xorshift32: a stream of unsigned 32-bit numbers. */
export function randomSource(seed: number): () => number {
  let state = seed;
  return () => {
    state ^= state << 13;
    state ^= state >>> 17;
    state ^= state << 5;
    return state >>> 0;
  };
}

export const I32_EDGES: readonly number[] = [
  0, 1, 2, 3, 7, 8, 31, 32, 33, 63, 64, 127, 128, 255, 256, 0x7fff, 0x8000, 0xffff, 0x10000, 0x1fffff, 0x200000,
  0x3fffffff, 0x40000000, 0x7ffffffe, 0x7fffffff, 0x55555555, 0x12345678,
].flatMap((x) => [x, -x | 0, ~x]);

export const I64_EDGES: readonly bigint[] = [
  0n,
  1n,
  2n,
  3n,
  10n,
  63n,
  64n,
  127n,
  128n,
  0x7fffn,
  0x8000n,
  ...[21n, 31n, 32n, 33n, 48n, 52n, 53n, 54n, 62n, 63n].flatMap((n) => [(1n << n) - 1n, 1n << n, (1n << n) + 1n]),
  0x5555555555555555n,
  0x123456789abcdef0n,
  0xffffffff00000000n,
  0x00000001ffffffffn,
].flatMap((x) => [x, -x, ~x].map((v) => BigInt.asIntN(64, v)));

const FINITE: readonly number[] = [
  0,
  0.25,
  0.49999999999999994,
  0.5,
  0.75,
  1,
  1.5,
  2,
  2.5,
  3,
  3.5,
  5e-324,
  1e-40,
  2 ** -126,
  2 ** -149,
  1e300,
  8388607.5,
  8388608,
  8388609,
  16777215,
  16777216,
  2147483646.5,
  2147483647,
  2147483647.5,
  2147483648,
  2147483648.5,
  2147483649,
  4294967295,
  4294967295.5,
  4294967296,
  2 ** 51 + 0.5,
  2 ** 52 - 0.5,
  2 ** 52,
  2 ** 53 - 1,
  2 ** 53,
  2 ** 63 - 1024,
  2 ** 63,
  2 ** 63 + 2048,
  2 ** 64 - 2048,
  2 ** 64,
  3.4028234663852886e38,
  3.4028235677973366e38,
  1.7976931348623157e308,
  Infinity,
  Math.PI,
];

export const F64_EDGES: readonly number[] = [
  ...FINITE.flatMap((x) => [x, -x]),
  ...[0x7ff8000000000000n, 0x7ff0000000000001n, 0x7ff4000000000000n, 0x7fffffffffffffffn, 0x7ff8deadbeef1234n].flatMap(
    (bits) => [f64FromBits(bits), f64FromBits(BigInt.asIntN(64, bits | (1n << 63n)))],
  ),
];

export const F32_EDGES: readonly number[] = [
  ...FINITE.flatMap((x) => [Math.fround(x), -Math.fround(x)]),
  ...[0x7fc00000, 0x7f800001, 0x7fa00000, 0x7fffffff, 0x7fe12345].flatMap((bits) => [
    f32FromBits(bits),
    f32FromBits(bits | -0x80000000),
  ]),
];

export function randomI64(random: () => number): bigint {
  const bits = (BigInt(random()) << 32n) | BigInt(random());
  const value = bits >> BigInt(random() & 63);
  return BigInt.asIntN(64, random() & 1 ? value : -value);
}

export function randomI32(random: () => number): number {
  const value = random() >>> (random() & 31);
  return random() & 1 ? value | 0 : -value | 0;
}

/** Any bit pattern, NaNs among them, or a number whose integer part is of the sizes that conversions care about. */
export function randomF64(random: () => number): number {
  if (random() & 1) return f64FromBits(BigInt.asIntN(64, (BigInt(random()) << 32n) | BigInt(random())));
  return Number(randomI64(random)) / 2 ** (random() % 12);
}

export function randomF32(random: () => number): number {
  return random() & 1 ? f32FromBits(random() | 0) : Math.fround(Number(randomI64(random)) / 2 ** (random() % 12));
}
