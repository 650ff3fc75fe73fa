// Data segments as -Os and -Oz write them: shorter than gzip gets them, in characters that cost gzip six bits each.
//
// A text like this is an arithmetic coder's: it holds, for one bit of the data after the other, which side of a division of an
// interval the number lies on that the whole text spells. The sides are as wide as the bits are probable, and how probable they are is guessed
// from the bytes before: by what came at this place of a word, behind the last byte and the last two, below what stands in the same column
// of a table (CONTEXTS), and where the last four bytes occurred before. What guessed well weighs more from then on.
//
// Writer and reader guess alike, so every operation here is exact on every engine: no function of Math but imul.
// compiler/write/squeeze.ts is the other direction. RATIONALE.md tells what this brings and takes.

/** Ways to guess by what followed the same bytes; the one behind them goes by the longest match. */
const CONTEXTS = 4;
const WEIGHTS = CONTEXTS + 1;
/** Bytes before the first: contexts reach back so far. */
const BEFORE = 8;
/** Entries of the tables of log odds (natural, times SCALE, from -12.8 on) and of probabilities. */
const STEPS = 4096;
const SCALE = 160;
/** Counters in the table for all contexts, at most: 16 MiB. */
const MOST_COUNTER_BITS = 22;
/** How often a counter was used, at which it has learned the rest by heart and goes on with recent bits. */
const MOST_USES = 12;
/** How fast weights, and matches of a length, learn. */
const WEIGHT_RATE = 0.015;
const MATCH_RATE = 0.02;
const LONGEST_MATCH = 31;

/**
 * Writes each of the bytes, bit after bit from the highest: `decide` is told how probable it is that the next one is set, and
 * says whether it is (1 or 0).
 */
export function predictBits(bytes: Uint8Array, decide: (probable: number) => number): void {
  const text = new Uint8Array(BEFORE + bytes.length);
  // By log odds, how probable; and back.
  const probability = new Float64Array(STEPS);
  const odds = new Float64Array(STEPS);
  for (let i = 0; i < STEPS; i++) {
    // e^x is (1 + x/4096)^4096, as near as need be.
    let power = 1 + (STEPS / 2 - 0.5 - i) / SCALE / 4096;
    for (let k = 0; k < 12; k++) power *= power;
    probability[i] = 1 / (1 + power);
  }
  for (let i = 0, at = 0; i < STEPS; i++) {
    while (at < STEPS - 1 && probability[at]! < (i + 0.5) / STEPS) at++;
    odds[i] = (at - STEPS / 2 + 0.5) / SCALE;
  }
  const confidence: number[] = [0];
  for (let uses = 1; uses <= MOST_USES; uses++) confidence.push(1 - 1 / (uses + 1.3));

  let bits = 12;
  while (bits < MOST_COUNTER_BITS && 1 << bits < bytes.length * 32) bits++;
  // How probable it is that a bit is set (27 bits), and how often that was asked (4 bits).
  const counters = new Int32Array(1 << bits);
  for (let i = 0; i < counters.length; i++) counters[i] = 1 << 30;
  const contexts = new Int32Array(CONTEXTS);
  const groups = new Int32Array(CONTEXTS);
  const slots = new Int32Array(CONTEXTS);
  // Weights by the bits of the byte that are known.
  const weights = new Float64Array(WEIGHTS << 8);
  for (let i = 0; i < weights.length; i++) weights[i] = 0.35;
  const inputs = new Float64Array(WEIGHTS);
  // Behind which byte four bytes stood last, by their hash; how reliable matches of a length are.
  const seen = new Int32Array(1 << 16);
  const reliable = new Float64Array(LONGEST_MATCH + 1);
  for (let i = 0; i <= LONGEST_MATCH; i++) reliable[i] = 0.8;
  let match = 0;
  let length = 0;

  for (let i = BEFORE; i < text.length; i++) {
    const one = text[i - 1]!;
    const two = (text[i - 2]! << 8) | one;
    contexts[0] = i & 3;
    contexts[1] = one | (1 << 24);
    contexts[2] = two | (2 << 24);
    contexts[3] = (text[i - 8]! << 8) | text[i - 4]! | (3 << 24);
    if (length > 0 && text[match] === one) {
      match++;
      if (length < LONGEST_MATCH) length++;
    } else length = 0;
    const key = Math.imul((text[i - 4]! << 24) | (text[i - 3]! << 16) | two, 0x9e3779b1) >>> 16;
    if (length === 0) {
      match = seen[key]!;
      while (length < LONGEST_MATCH && match > length && text[match - 1 - length] === text[i - 1 - length]) length++;
    }
    seen[key] = i;
    const reach = length;
    let expected = reach > 0 ? text[match]! | 256 : 0;

    // A one, and behind it the bits that are known.
    let known = 1;
    for (let bit = 7; bit >= 0; bit--) {
      // Counters of four bits lie side by side.
      if (bit === 7 || bit === 3) {
        for (let c = 0; c < CONTEXTS; c++) {
          let hash = Math.imul(contexts[c]! + Math.imul(known, 0x2545f491), 0x9e3779b1);
          hash = Math.imul(hash ^ (hash >>> 15), 0x85ebca6b);
          groups[c] = (hash >>> (32 - bits)) & -16;
        }
      }
      const inGroup = bit > 3 ? known : (known & ((8 >> bit) - 1)) | (8 >> bit);
      const row = known * WEIGHTS;
      let sum = 0;
      for (let c = 0; c < CONTEXTS; c++) {
        const slot = (slots[c] = groups[c]! + inGroup);
        const counter = counters[slot]!;
        const input = (inputs[c] = odds[counter >> 19]! * confidence[counter & 15]!);
        sum += weights[row + c]! * input;
      }
      const follows = expected >> (bit + 1) === known;
      const expectedBit = (expected >> bit) & 1;
      if (follows) {
        const input = odds[(reliable[reach]! * STEPS) | 0]!;
        inputs[CONTEXTS] = expectedBit === 1 ? input : -input;
        sum += weights[row + CONTEXTS]! * inputs[CONTEXTS]!;
      }
      const probable = probability[Math.max(1, Math.min(STEPS - 2, (sum * SCALE + STEPS / 2) | 0))]!;

      const set = decide(probable);

      const error = (set - probable) * WEIGHT_RATE;
      const goal = set === 1 ? 0x7ff90000 : 0x00070000;
      for (let c = 0; c < CONTEXTS; c++) {
        weights[row + c]! += error * inputs[c]!;
        const counter = counters[slots[c]!]!;
        const uses = counter & 15;
        const next = (counter + (goal - counter) / (uses + 1.5)) & -16;
        counters[slots[c]!] = next | (uses < MOST_USES ? uses + 1 : uses);
      }
      if (follows) {
        weights[row + CONTEXTS]! += error * inputs[CONTEXTS]!;
        const right = expectedBit === set;
        reliable[reach]! += ((right ? 0.9998 : 0) - reliable[reach]!) * MATCH_RATE;
        if (!right) length = expected = 0;
      }
      known = (known << 1) | set;
    }
    bytes[i - BEFORE] = text[i] = known;
  }
}

/** The coder's interval is at most 2^30 wide, and at least 2^24: six bits are read when it gets narrower. @internal */
export const WIDEST = 2 ** 30;
/** @internal */
export const NARROW = 2 ** 24;
/** Characters stand for 0 to 63: from `#` on, but for the backslash, in whose place `c` is. @internal */
export const FIRST = 35;
const BACKSLASH = 92;
const INSTEAD = 99;

/** The character for 0 to 63. @internal */
export function digit(value: number): string {
  const code = value + FIRST;
  return String.fromCharCode(code === BACKSLASH ? INSTEAD : code);
}

/** `length` bytes of what compiler/write/squeeze.ts wrote. @internal */
export function unsqueeze(text: string, length: number): Uint8Array {
  const bytes = new Uint8Array(length);
  let range = 1;
  let rest = 0;
  let at = 0;
  const widen = (least: number): void => {
    while (range < least) {
      const code = text.charCodeAt(at++);
      rest = rest * 64 + (code === INSTEAD ? BACKSLASH : code) - FIRST;
      range *= 64;
    }
  };
  widen(WIDEST);
  predictBits(bytes, (probable) => {
    const bound = (range * probable) | 0;
    const set = rest < bound ? 1 : 0;
    if (set === 1) range = bound;
    else {
      rest -= bound;
      range -= bound;
    }
    widen(NARROW);
    return set;
  });
  return bytes;
}
