// Contents of the custom sections that tools agree on, as plain data: producers, target_features, dylink.0,
// sourceMappingURL, branch hints, build_id. A malformed section reads as undefined: custom sections never make a module bad.
// https://github.com/WebAssembly/tool-conventions
import type { CustomSection, Module } from "./module.js";
import { Reader } from "./reader.js";

export interface Producer {
  readonly name: string;
  readonly version: string;
}

/** Field (language, processed-by, sdk) to producers. */
export type Producers = Readonly<Record<string, readonly Producer[]>>;

export interface TargetFeature {
  /** "+" used, "-" must not be used, "=" required. */
  readonly prefix: string;
  readonly name: string;
}

/** What a dynamic linker must know of a module; alignments as powers of two. */
export interface Dylink {
  readonly memorySize: number;
  readonly memoryAlignment: number;
  readonly tableSize: number;
  readonly tableAlignment: number;
  readonly needed: readonly string[];
}

export interface BranchHint {
  readonly func: number;
  /** Offset from the beginning of the function's body (its locals). */
  readonly offset: number;
  readonly likely: boolean;
}

export function findCustom(module: Module, name: string): CustomSection | undefined {
  return module.customs.find((custom) => custom.name === name);
}

export const producers = (module: Module): Producers | undefined => read(module, "producers", readProducers);
export const targetFeatures = (module: Module): readonly TargetFeature[] | undefined =>
  read(module, "target_features", readTargetFeatures);
export const dylink = (module: Module): Dylink | undefined => read(module, "dylink.0", readDylink);
export const sourceMappingUrl = (module: Module): string | undefined =>
  read(module, "sourceMappingURL", (reader) => reader.name());
export const branchHints = (module: Module): readonly BranchHint[] | undefined =>
  read(module, "metadata.code.branch_hint", readBranchHints);
export const buildId = (module: Module): string | undefined =>
  read(module, "build_id", (reader) => {
    const size = reader.size();
    return Array.from(reader.bytes.subarray(reader.pos, reader.pos + size), (b) =>
      b.toString(16).padStart(2, "0"),
    ).join("");
  });

/** DWARF sections, by name, without the dot's meaning lost: `.debug_info` and its kin. */
export function dwarfSections(module: Module): readonly CustomSection[] {
  return module.customs.filter((custom) => custom.name.startsWith(".debug_"));
}

function read<T>(module: Module, name: string, parse: (reader: Reader) => T): T | undefined {
  const custom = findCustom(module, name);
  if (custom === undefined) return undefined;
  try {
    return parse(new Reader(custom.bytes));
  } catch {
    return undefined;
  }
}

function list<T>(reader: Reader, item: () => T): T[] {
  const items: T[] = [];
  for (let n = reader.count(); n > 0; n--) items.push(item());
  return items;
}

function readProducers(reader: Reader): Producers {
  const fields: Record<string, readonly Producer[]> = Object.create(null) as Record<string, readonly Producer[]>;
  for (let n = reader.count(); n > 0; n--) {
    const field = reader.name();
    fields[field] = list(reader, () => ({ name: reader.name(), version: reader.name() }));
  }
  return fields;
}

function readTargetFeatures(reader: Reader): TargetFeature[] {
  return list(reader, () => ({ prefix: String.fromCharCode(reader.byte()), name: reader.name() }));
}

function readDylink(reader: Reader): Dylink {
  let info: Dylink = { memorySize: 0, memoryAlignment: 0, tableSize: 0, tableAlignment: 0, needed: [] };
  while (reader.pos < reader.end) {
    const id = reader.byte();
    const size = reader.size();
    const sub = new Reader(reader.bytes, reader.pos, reader.pos + size);
    reader.pos += size;
    if (id === 1)
      info = {
        ...info,
        memorySize: sub.u32(),
        memoryAlignment: sub.u32(),
        tableSize: sub.u32(),
        tableAlignment: sub.u32(),
      };
    else if (id === 2) info = { ...info, needed: list(sub, () => sub.name()) };
  }
  return info;
}

function readBranchHints(reader: Reader): BranchHint[] {
  return list(reader, () => {
    const func = reader.u32();
    return list(reader, () => {
      const offset = reader.u32();
      reader.skip(1); // size of the hint, always one byte
      return { func, offset, likely: reader.byte() === 1 };
    });
  }).flat();
}
