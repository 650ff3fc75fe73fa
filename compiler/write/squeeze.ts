// Data segments for -Os and -Oz: the other direction of loader/unsqueeze.ts, which says how it works.
import { digit, NARROW, predictBits, WIDEST } from "../../loader/unsqueeze.js";

/** Fewer bytes do not make up for the text of unsqueeze.ts. */
const LEAST = 4096;
/** More would take too long where an artifact starts: with a JIT a millisecond for 500 bytes. */
const MOST = 128 * 1024;

/** Whether so many bytes of data are worth it. */
export function isWorthSqueezing(length: number): boolean {
  return length >= LEAST && length <= MOST;
}

/** The text from which `unsqueeze` makes the bytes. */
export function squeeze(bytes: Uint8Array): string {
  const digits: number[] = [];
  let low = 0;
  let range = WIDEST;
  let coded = 0;
  // Where the interval crosses a multiple of 2^30, the digits in front go up by one.
  const raise = (by: number): void => {
    low += by;
    if (low < WIDEST) return;
    low -= WIDEST;
    let last = digits.length - 1;
    while (digits[last] === 63) digits[last--] = 0;
    digits[last]!++;
  };
  const shift = (): void => {
    digits.push(Math.floor(low / NARROW));
    low = (low % NARROW) * 64;
  };
  predictBits(new Uint8Array(bytes.length), (probable) => {
    const set = (bytes[coded >> 3]! >> (7 - (coded & 7))) & 1;
    coded++;
    const bound = (range * probable) | 0;
    if (set === 1) range = bound;
    else {
      raise(bound);
      range -= bound;
    }
    for (; range < NARROW; range *= 64) shift();
    return set;
  });
  for (let k = 0; k < 5; k++) shift();
  return digits.map(digit).join("");
}
