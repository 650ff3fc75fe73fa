// Compiled functions on their way between threads. What crosses is copied object by object, so it should be few objects: texts
// and offsets go as bytes, which are handed over without a copy, and what functions refer to goes once for all of them.
import type { CompiledFunction } from "./page.js";

const LISTS = ["relocations", "bindings", "parts", "accessors"] as const;

type List = (typeof LISTS)[number];

/** Fields of a function in `records`: index, characters of text, lines, traits, then the length of each list. */
const FIELDS = 4 + LISTS.length;

const TAIL_CALLS = 1;
const NAMES_SEGMENTS = 2;

/** Functions in the order of their indices. */
export interface PackedFunctions {
  readonly records: Int32Array<ArrayBuffer>;
  /** Their texts, one behind the other. */
  readonly text: Uint8Array<ArrayBuffer>;
  /** The offsets of their lines, likewise. */
  readonly offsets: Int32Array<ArrayBuffer>;
  /** The entries of their lists by number, list by list, likewise. */
  readonly uses: Int32Array<ArrayBuffer>;
  /** Every entry that some list holds, once. */
  readonly entries: { readonly [L in List]: CompiledFunction[L] };
}

const ENCODER = new TextEncoder();

/** Writes ASCII to `target[at]` and following. */
export function asciiInto(text: string, target: Uint8Array, at: number): void {
  const { read, written } = ENCODER.encodeInto(text, target.subarray(at, at + text.length));
  if (read !== text.length || written !== text.length) throw new Error("BUG: page text is not ASCII");
}

/** What can be handed over instead of being copied. */
export function transferables({ records, text, offsets, uses }: PackedFunctions): ArrayBuffer[] {
  return [records.buffer, text.buffer, offsets.buffer, uses.buffer];
}

export function pack(functions: readonly CompiledFunction[]): PackedFunctions {
  const records = new Int32Array(functions.length * FIELDS);
  const text = new Uint8Array(functions.reduce((size, f) => size + f.text.length, 0));
  const offsets = new Int32Array(functions.reduce((size, f) => size + f.offsets.length, 0));
  const uses: number[] = [];
  const tables = LISTS.map(() => new Table());
  let textAt = 0;
  let offsetsAt = 0;
  functions.forEach((f, i) => {
    const traits = (f.tailCalls ? TAIL_CALLS : 0) | (f.namesSegments ? NAMES_SEGMENTS : 0);
    const fields = [f.index, f.text.length, f.offsets.length, traits, ...LISTS.map((l) => f[l].length)];
    records.set(fields, i * FIELDS);
    asciiInto(f.text, text, textAt);
    offsets.set(f.offsets, offsetsAt);
    LISTS.forEach((list, k) => {
      for (const entry of f[list]) uses.push(tables[k]!.number(entry));
    });
    textAt += f.text.length;
    offsetsAt += f.offsets.length;
  });
  const entries = Object.fromEntries(LISTS.map((list, k) => [list, tables[k]!.entries]));
  return {
    records,
    text,
    offsets,
    uses: Int32Array.from(uses),
    entries: entries as unknown as PackedFunctions["entries"],
  };
}

/** Entries by name, numbered as they come. */
class Table {
  readonly entries: (readonly [string, unknown])[] = [];
  private readonly numbers = new Map<string, number>();

  number(entry: readonly [string, unknown]): number {
    let number = this.numbers.get(entry[0]);
    if (number === undefined) {
      number = this.entries.push(entry) - 1;
      this.numbers.set(entry[0], number);
    }
    return number;
  }
}

/** The functions, their texts and offsets as parts of what was handed over. */
export function* unpack(packed: PackedFunctions): Iterable<CompiledFunction<Uint8Array>> {
  const { records, text, offsets, uses, entries } = packed;
  let textAt = 0;
  let offsetsAt = 0;
  let usesAt = 0;
  const list = <L extends List>(name: L, length: number): CompiledFunction[L] => {
    const all = entries[name] as readonly unknown[];
    const part = uses.subarray(usesAt, (usesAt += length));
    return Array.from(part, (number) => all[number]) as unknown as CompiledFunction[L];
  };
  for (let at = 0; at < records.length; at += FIELDS) {
    const [index, characters, lines, traits, ...lengths] = records.subarray(at, at + FIELDS);
    yield {
      index: index!,
      text: text.subarray(textAt, (textAt += characters!)),
      offsets: offsets.subarray(offsetsAt, (offsetsAt += lines!)),
      tailCalls: (traits! & TAIL_CALLS) !== 0,
      namesSegments: (traits! & NAMES_SEGMENTS) !== 0,
      relocations: list("relocations", lengths[0]!),
      bindings: list("bindings", lengths[1]!),
      parts: list("parts", lengths[2]!),
      accessors: list("accessors", lengths[3]!),
    };
  }
}
