// The "name" custom section: names of the module, functions, locals and everything else. Whatever is malformed in it is
// ignored from there on, as the specification demands of custom sections.
// https://webassembly.github.io/spec/core/appendix/custom.html#name-section
import { Reader } from "./reader.js";

export type NameMap = ReadonlyMap<number, string>;
export type IndirectNameMap = ReadonlyMap<number, NameMap>;

/** Subsections by id: plain maps from index to name, and maps of maps (locals of functions, labels, fields of types). */
const PLAIN = {
  1: "functions",
  4: "types",
  5: "tables",
  6: "memories",
  7: "globals",
  8: "elements",
  9: "dataSegments",
  11: "tags",
} as const;
const INDIRECT = { 2: "locals", 3: "labels", 10: "fields" } as const;

export type PlainNames = (typeof PLAIN)[keyof typeof PLAIN];
export type IndirectNames = (typeof INDIRECT)[keyof typeof INDIRECT];

export interface Names extends Record<PlainNames, NameMap>, Record<IndirectNames, IndirectNameMap> {
  readonly module: string | undefined;
}

const NO_NAMES: NameMap = new Map();
const NO_MAPS: IndirectNameMap = new Map();

/**
 * Reads a name section's contents; `only` limits the work to the given kinds of names (the module's name is always read).
 */
export function readNames(bytes: Uint8Array, only?: readonly (PlainNames | IndirectNames)[]): Names {
  const names: Record<string, NameMap | IndirectNameMap> = {};
  let moduleName: string | undefined;
  const reader = new Reader(bytes);
  try {
    while (reader.pos < bytes.length) {
      const id = reader.byte();
      const size = reader.size();
      const end = reader.pos + size;
      const sub = new Reader(bytes, reader.pos, end);
      reader.pos = end;
      const plain = (PLAIN as Record<number, PlainNames>)[id];
      const indirect = (INDIRECT as Record<number, IndirectNames>)[id];
      if (id === 0) moduleName = sub.name();
      else if (plain !== undefined && only?.includes(plain) !== false)
        readNameMap(sub, (names[plain] = new Map<number, string>()) as Map<number, string>);
      else if (indirect !== undefined && only?.includes(indirect) !== false) {
        const maps = (names[indirect] = new Map<number, NameMap>()) as Map<number, NameMap>;
        for (let count = sub.count(); count > 0; count--) {
          const map = new Map<number, string>();
          maps.set(sub.u32(), map);
          readNameMap(sub, map);
        }
      }
    }
  } catch {
    // What was read so far stays.
  }
  const result: Record<string, unknown> = { module: moduleName };
  for (const kind of Object.values(PLAIN)) result[kind] = names[kind] ?? NO_NAMES;
  for (const kind of Object.values(INDIRECT)) result[kind] = names[kind] ?? NO_MAPS;
  return result as unknown as Names;
}

function readNameMap(reader: Reader, into: Map<number, string>): void {
  for (let count = reader.count(); count > 0; count--) {
    const index = reader.u32();
    const name = reader.name();
    if (!into.has(index)) into.set(index, name);
  }
}
