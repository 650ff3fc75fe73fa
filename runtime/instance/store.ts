// The one state object of this copy of the runtime, `S` in generated code: the places in which a raw callable leaves what
// does not fit its one JavaScript return value. One object for all instances, so that raw callables of different instances
// call each other directly. Every field exists from the start, so that the object's shape never changes.

/**
 * What raw callables leave for their callers. Scalar 0 of a result is the return value; scalar k >= 1 is in `h` (k = 1) or
 * `r<k>` where it is an integer, in `d<k>` where it is a float, in `x<k>` where it is a reference.
 * @internal
 */
export interface State {
  h: number;
  /** Tail calls: the next body to run and its arguments; a body that returns `S` asks its caller to run it. */
  tf: RawCode | null;
  ta: unknown[] | null;
  /** The last error that a host function threw: it crosses generated code untouched. */
  hostError: unknown;
  /**
   * Cells of generated code that has i64 as BigInt (compiler/emit/bigint.ts): 256 numbers of 64 bits, whole, as int32
   * halves and as doubles. `Z`: the powers of two, and behind them 0
   * and 2^64 - 1. Undefined where the engine has no BigInt.
   */
  W: BigUint64Array | undefined;
  H: Int32Array | undefined;
  D: Float64Array | undefined;
  Z: BigUint64Array | undefined;
  [slot: string]: unknown;
}

/** A function of generated code: takes and returns scalars, see {@link State}. @internal */
// eslint-disable-next-line @typescript-eslint/no-explicit-any
export type RawCode = (...scalars: any[]) => any;

/** @internal */
export const S: State = {
  h: 0,
  r2: 0,
  r3: 0,
  r4: 0,
  r5: 0,
  r6: 0,
  r7: 0,
  r8: 0,
  d1: 0.5,
  d2: 0.5,
  d3: 0.5,
  d4: 0.5,
  d5: 0.5,
  d6: 0.5,
  d7: 0.5,
  d8: 0.5,
  x1: null,
  x2: null,
  x3: null,
  x4: null,
  x5: null,
  x6: null,
  x7: null,
  x8: null,
  tf: null,
  ta: null,
  hostError: null,
  W: undefined,
  H: undefined,
  D: undefined,
  Z: undefined,
};

if (typeof BigUint64Array === "function") {
  const buffer = new ArrayBuffer(256 * 8);
  S.W = new BigUint64Array(buffer);
  S.H = new Int32Array(buffer);
  S.D = new Float64Array(buffer);
  S.Z = new BigUint64Array(66);
  const halves = new Int32Array(S.Z.buffer);
  for (let n = 0; n < 64; n++) halves[2 * n + (n >> 5)] = 1 << (n & 31);
  halves[130] = halves[131] = -1;
}

/** The field of `S` that holds scalar `k` (>= 1) of a result; `letter` as in a type key. @internal */
export function resultSlot(k: number, letter: string): string {
  if (letter === "i" || letter === "l" || letter === "v") return k === 1 ? "h" : "r" + k;
  return (letter === "f" || letter === "d" ? "d" : "x") + k;
}
