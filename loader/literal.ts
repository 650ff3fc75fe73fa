// The tables of a JavaScript artifact: the same descriptions as in `.aot` files (layout.ts), but as the plain nested arrays
// that a JavaScript literal holds. A record is the array of its fields, an absent value 0 and a present one [value], a
// choice its number, a list of deltas the differences. There is nothing to check: a JavaScript artifact is code that its host
// has decided to run, and damage to it shows as damage to code does.
/* eslint-disable @typescript-eslint/no-explicit-any -- a description is interpreted; its type parameter is for callers */
import type { Export } from "../runtime/wasm/module.js";
import { deltas, list, optional, record, u32 } from "./codec.js";
import type { Schema } from "./codec.js";
import type { LineTable, Relocation } from "./image.js";
import { exportsSection, lineTable, namesSection, relocation, structureSection } from "./layout.js";
import type { NamesSection, StructureSection } from "./layout.js";

/** Numbers, strings and arrays of them. @internal */
export type Literal = number | string | readonly Literal[];

/** A page as the tables of a JavaScript artifact list it. @internal */
export interface PageLiteral {
  readonly functions: readonly number[];
  readonly relocations: readonly Relocation[];
  readonly lines?: LineTable;
}

/** @internal */
export interface Tables {
  readonly structure: StructureSection;
  readonly functionTypes: readonly number[];
  readonly exports: readonly Export[];
  readonly pages: readonly PageLiteral[];
  readonly names?: NamesSection;
}

/** @internal */
export const tables = record<Tables>({
  structure: structureSection,
  functionTypes: list(u32),
  exports: exportsSection,
  pages: list(record<PageLiteral>({ functions: deltas, relocations: list(relocation), lines: optional(lineTable) })),
  names: optional(namesSection),
});

/** Value to literal. @internal */
export function pack<T>(schema: Schema<T>, value: T): Literal {
  return packAny(schema, value);
}

function packAny(schema: Schema<any>, value: any): Literal {
  switch (schema.kind) {
    case "bool":
      return value ? 1 : 0;
    case "choice":
      return schema.choices!.indexOf(value);
    case "list":
      return value.map((item: unknown) => packAny(schema.of!, item));
    case "deltas":
      return Array.from(value as ArrayLike<number>, (item, i) => item - (i === 0 ? 0 : value[i - 1]));
    case "optional":
      return value === undefined ? 0 : [packAny(schema.of!, value)];
    case "record":
      return schema.names!.map((field) => packAny(schema.fields![field]!, value[field]));
    case "union": {
      const tag = Object.keys(schema.cases!).indexOf(value.kind);
      return [tag, packAny(schema.cases![value.kind]!, value)];
    }
    case "bytes":
      throw new Error("BUG: bytes in the tables of a JavaScript artifact");
    default:
      return value;
  }
}

/** Literal to value, the inverse of `pack`. @internal */
export function unpack<T>(schema: Schema<T>, literal: Literal): T {
  return unpackAny(schema, literal);
}

// No for-of, spread or the like: this runs down-levelled, without their helpers.
function unpackAny(schema: Schema<any>, literal: any): any {
  switch (schema.kind) {
    case "bool":
      return literal === 1;
    case "choice":
      return schema.choices![literal];
    case "list":
      return literal.map((item: Literal) => unpackAny(schema.of!, item));
    case "deltas": {
      let previous = 0;
      return literal.map((delta: number) => (previous += delta));
    }
    case "optional":
      return literal === 0 ? undefined : unpackAny(schema.of!, literal[0]);
    case "record":
      return unpackRecord(schema, literal, {});
    case "union": {
      const kind = Object.keys(schema.cases!)[literal[0]]!;
      return unpackRecord(schema.cases![kind]!, literal[1], { kind });
    }
    default:
      return literal;
  }
}

function unpackRecord(schema: Schema<any>, literal: readonly Literal[], value: any): any {
  schema.names!.forEach((field, i) => {
    const item = unpackAny(schema.fields![field]!, literal[i]);
    if (item !== undefined) value[field] = item;
  });
  return value;
}

/** The bytes of a data segment: runs of them as strings of latin-1 characters, and the lengths of runs of zeros. @internal */
export type DataLiteral = readonly (string | number)[];

/** Shorter ones gzip copies for less than the punctuation of a number takes. */
const SHORTEST_ZERO_RUN = 64;

/** @internal */
export function packData(bytes: Uint8Array): DataLiteral {
  const runs: (string | number)[] = [];
  let text = "";
  for (let i = 0; i < bytes.length;) {
    let end = i;
    while (end < bytes.length && bytes[end] === 0) end++;
    if (end - i >= SHORTEST_ZERO_RUN) {
      if (text !== "") runs.push(text);
      text = "";
      runs.push(end - i);
      i = end;
    } else text += String.fromCharCode(bytes[i++]!);
  }
  if (text !== "") runs.push(text);
  return runs;
}

/** Writes the bytes to `bytes`, which must be as long as they are. @internal */
export function unpackData(literal: DataLiteral, bytes: Uint8Array): Uint8Array {
  let at = 0;
  for (let r = 0; r < literal.length; r++) {
    const run = literal[r]!;
    if (typeof run === "number") {
      bytes.fill(0, at, at + run);
      at += run;
    } else for (let i = 0; i < run.length; i++) bytes[at++] = run.charCodeAt(i);
  }
  return bytes;
}
