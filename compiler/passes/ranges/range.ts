// What is known of an i32 at one place: the numbers it may be, as a lattice with join and meet.
//
// A range is an interval of signed numbers and a residue class (a counter by 3 that ends at 0 needs the class to be seen
// to end; an address needs it to be seen to be aligned). Two facts more are about other things that stay as they are:
// how many bytes of memory 0 are known to follow the address that the value is, and a variable known to be larger.

export const MIN = -(2 ** 31);
export const MAX = 2 ** 31 - 1;
const TWO32 = 2 ** 32;

export interface Range {
  /** The least and the greatest signed number. */
  readonly lo: number;
  readonly hi: number;
  /** The value is `rem` modulo `mod`, 0 <= rem < mod; mod 0: it is exactly `rem`, which then is any number. */
  readonly mod: number;
  readonly rem: number;
  /** The value is not negative, and value + extent <= bytes in memory 0; -Infinity where nothing is known. */
  readonly extent: number;
  /** The variable that the value is less than, or equal to unless `strict`, both signed; -1: none is known. */
  readonly below: number;
  readonly strict: boolean;
}

const NO_EXTENT = -Infinity;

function plain(lo: number, hi: number, mod: number, rem: number): Range {
  return { lo, hi, mod, rem, extent: NO_EXTENT, below: -1, strict: false };
}

export const TOP: Range = plain(MIN, MAX, 1, 0);

export function constant(value: number): Range {
  return plain(value, value, 0, value);
}

/** The numbers from lo to hi, both within i32, in a residue class; TOP if there are none (the place is unreachable). */
export function range(lo: number, hi: number, mod = 1, rem = 0): Range {
  if (mod === 0) return lo <= rem && rem <= hi ? constant(rem) : TOP;
  if (mod > 1) {
    lo += residue(rem - lo, mod);
    hi -= residue(hi - rem, mod);
  }
  if (lo > hi) return TOP;
  return lo === hi ? constant(lo) : plain(lo, hi, mod, rem);
}

export function isTop(r: Range): boolean {
  return r === TOP || (r.lo === MIN && r.hi === MAX && r.mod === 1 && r.below < 0);
}

function residue(a: number, mod: number): number {
  const r = a % mod;
  return r < 0 ? r + mod : r;
}

function gcd(a: number, b: number): number {
  while (b !== 0) [a, b] = [b, a % b];
  return a;
}

/** Numbers from lo to hi before they are wrapped to 32 bits, in a residue class. */
export function wrapped(lo: number, hi: number, mod: number, rem: number): Range {
  if (lo >= MIN && hi <= MAX) return range(lo, hi, mod, mod === 0 ? rem : residue(rem, mod));
  if (mod === 0) return constant(rem | 0);
  // A multiple of 2^32 may be lost: what is left of the class is its power of two.
  const left = gcd(mod, TWO32);
  return left === 1 ? TOP : range(MIN, MAX, left, residue(rem, left));
}

/** The residue class of a sum (sign 1) or difference (sign -1). */
export function sumClass(a: Range, b: Range, sign: number): { mod: number; rem: number } {
  const mod = gcd(a.mod, b.mod);
  const rem = a.rem + sign * b.rem;
  return { mod, rem: mod === 0 ? rem : residue(rem, mod) };
}

/** The largest power of two, up to 8, that divides value + offset. */
export function alignment(r: Range, offset = 0): number {
  let align = 8;
  while (align > 1 && (r.mod % align !== 0 || residue(r.rem + offset, align) !== 0)) align /= 2;
  return align;
}

/** What holds for either; `lower`, `upper` give the interval of a variable where a or b comes from. */
export function join(a: Range, b: Range, ofA: Environment, ofB: Environment): Range {
  if (a === b) return a;
  const mod = gcd(gcd(a.mod, b.mod), Math.abs(a.rem - b.rem));
  const lo = Math.min(a.lo, b.lo);
  const hi = Math.max(a.hi, b.hi);
  const bound = joinBounds(a, b, ofA, ofB);
  const extent = Math.min(a.extent, b.extent);
  const rem = mod === 0 ? a.rem : residue(a.rem, mod);
  if (same(a, lo, hi, mod, rem, extent, bound)) return a;
  return { lo, hi, mod, rem, extent, ...bound };
}

function same(
  a: Range,
  lo: number,
  hi: number,
  mod: number,
  rem: number,
  extent: number,
  bound: { below: number; strict: boolean },
): boolean {
  return (
    a.lo === lo &&
    a.hi === hi &&
    a.mod === mod &&
    a.rem === rem &&
    a.extent === extent &&
    a.below === bound.below &&
    a.strict === bound.strict
  );
}

export function equal(a: Range, b: Range): boolean {
  return a === b || same(a, b.lo, b.hi, b.mod, b.rem, b.extent, b);
}

/** Ranges of variables at a place. */
export interface Environment {
  get(v: number): Range | undefined;
}

// A bound that only one side has noted holds on the other as well if the intervals there say so.
function joinBounds(a: Range, b: Range, ofA: Environment, ofB: Environment): { below: number; strict: boolean } {
  for (const below of [a.below, b.below]) {
    if (below < 0) continue;
    const [x, y] = [isBelow(a, below, ofA), isBelow(b, below, ofB)];
    if (x > 0 && y > 0) return { below, strict: x + y === 4 };
  }
  return { below: -1, strict: false };
}

/** 2: less than the variable; 1: less or equal; 0: not known. */
export function isBelow(r: Range, v: number, of: Environment): number {
  if (r.below === v) return r.strict ? 2 : 1;
  const bound = of.get(v);
  if (bound === undefined) return 0;
  return r.hi < bound.lo ? 2 : r.hi <= bound.lo ? 1 : 0;
}

/** `r` with its interval cut down to lo … hi. Nothing left means that the place cannot be reached; `r` stays. */
export function within(r: Range, lo: number, hi: number): Range {
  if (lo <= r.lo && hi >= r.hi) return r;
  lo = Math.max(lo, r.lo);
  hi = Math.min(hi, r.hi);
  if (r.mod > 1) {
    lo += residue(r.rem - lo, r.mod);
    hi -= residue(hi - r.rem, r.mod);
  }
  if (lo > hi) return r;
  return lo === hi ? { ...r, lo, hi, mod: 0, rem: lo } : { ...r, lo, hi };
}

/** `r` without the number `value` at an end of its interval. */
export function without(r: Range, value: number): Range {
  const step = Math.max(r.mod, 1);
  if (r.lo === value) return within(r, r.lo + step, r.hi);
  return r.hi === value ? within(r, r.lo, r.hi - step) : r;
}

/** `r`, also known to be divisible by `mod` (a power of two) up to the remainder `rem`. */
export function inClass(r: Range, mod: number, rem: number): Range {
  if (r.mod === 0 || mod <= 1 || r.mod % mod === 0) return r;
  // Of two classes the finer power of two is taken; others are kept as they are.
  if (mod % r.mod !== 0) return r;
  return within({ ...r, mod, rem: residue(rem, mod) }, r.lo + residue(rem - r.lo, mod), r.hi);
}

/** `r` where `extent` bytes of memory are known to follow. */
export function withExtent(r: Range, extent: number): Range {
  return extent > r.extent ? { ...r, extent } : r;
}

export function withBound(r: Range, below: number, strict: boolean): Range {
  if (r.below === below && (r.strict || !strict)) return r;
  return { ...r, below, strict };
}

/** `r` without what it says about variable `v`, which changes. */
export function forget(r: Range, v: number): Range {
  return r.below === v ? { ...r, below: -1, strict: false } : r;
}

/** Only what is about the value itself: for a result that is the same number. */
export function moved(r: Range, by: number, to: Range): Range {
  if (r.extent === NO_EXTENT && r.below < 0) return to;
  // Downwards the sum may become negative, where an extent would say nothing.
  const extent = to.lo >= 0 ? r.extent - by : NO_EXTENT;
  const keeps = by < 0 || (by === 0 && r.below >= 0) || (by === 1 && r.strict);
  const below = keeps ? r.below : -1;
  return { ...to, extent, below, strict: below >= 0 && (by < 0 || (by === 0 && r.strict)) };
}

/** A growing interval grown on to the next of some thresholds, which are sorted; at last to all numbers. */
export function widen(from: Range, to: Range, thresholds: readonly number[], last: boolean): Range {
  if (equal(from, to)) return from;
  let { lo, hi } = to;
  if (lo < from.lo) lo = last ? MIN : Math.max(MIN, ...thresholds.filter((t) => t <= lo));
  if (hi > from.hi) hi = last ? MAX : Math.min(MAX, ...thresholds.filter((t) => t >= hi));
  const mod = last && to.mod !== from.mod ? powerOfTwo(to.mod) : to.mod;
  const rem = mod === 0 ? to.rem : residue(to.rem, mod);
  if (mod > 1) {
    // To the last number of the class in front of the threshold, where a counter that ends there ends.
    lo += residue(rem - lo, mod);
    hi -= residue(hi - rem, mod);
  }
  const extent = to.extent < from.extent ? NO_EXTENT : to.extent;
  return { ...to, lo: Math.min(lo, to.lo), hi: Math.max(hi, to.hi), mod, rem, extent };
}

function powerOfTwo(mod: number): number {
  return mod === 0 ? 0 : gcd(mod, TWO32);
}
