// Identifiers of generated code. Locals and labels are short words of lower-case letters only; everything that a page
// gets from outside (S, G, M, c3, t0_5, f12, i64_div_s) holds a capital, a digit or an underscore, or is listed here.

import type { ViewMethod } from "../ir/access.js";

/** Functions of Math that generated code calls by their bare name; a page binds those it uses. */
export const MATH_NAMES = ["abs", "ceil", "clz32", "floor", "fround", "imul", "max", "min", "sqrt", "trunc"] as const;
export type MathName = (typeof MATH_NAMES)[number];

/** Functions of a page around the methods of a memory's view (References.accessor): capitals that nothing else is called by. */
export const ACCESSOR_NAMES: Readonly<Record<ViewMethod, string>> = {
  getInt8: "Y",
  getUint8: "C",
  getInt16: "J",
  getUint16: "K",
  getInt32: "L",
  getFloat32: "F",
  getFloat64: "E",
  getBigUint64: "N",
  setInt8: "B",
  setInt16: "Q",
  setInt32: "P",
  setFloat32: "X",
  setFloat64: "V",
  setBigUint64: "O",
};

const RESERVED = new Set<string>([
  ...MATH_NAMES,
  ..."as do if in of is for int let new try var get set asm NaN".split(" "),
  ..."case else enum eval null this true void with char byte goto long from trap".split(" "),
]);

const WORDS: string[] = [];

/** The n-th short word: a … z, aa … zz, aaa …, without reserved ones. */
export function word(n: number): string {
  while (WORDS.length <= n) {
    counter++;
    let text = "";
    for (let k = counter; k > 0; k = Math.floor((k - 1) / 26)) text = String.fromCharCode(97 + ((k - 1) % 26)) + text;
    if (!RESERVED.has(text)) WORDS.push(text);
  }
  return WORDS[n]!;
}
let counter = 0;
