// The module structure as artifacts store it (index spaces without imports, segments without bytes), and back. Shared by
// both containers; what the fields are is in layout.ts.
import type { DataSegment, Export, ExternKind, Module } from "../runtime/wasm/module.js";
import { Op } from "../runtime/wasm/opcodes.js";
import type { DataHeaders, FunctionsSection, NamesSection, StructureSection } from "./layout.js";

/** @internal */
export function toStructure(module: Module): StructureSection {
  const { imported, start } = module;
  return {
    types: module.types,
    imports: module.imports,
    tables: module.tables.slice(imported.table),
    memories: module.memories.slice(imported.memory),
    globals: module.globals.slice(imported.global),
    tags: module.tags.slice(imported.tag),
    ...(start !== undefined && { start }),
    elements: module.elements,
    data: toHeaders(module.dataSegments),
  };
}

/** @internal */
export function toFunctions(module: Module, offsets: ArrayLike<number>): FunctionsSection {
  return { types: module.funcTypes.slice(module.imported.func), offsets: Array.from(offsets) };
}

/** @internal */
export function toNames({ moduleName, funcNames }: Module): NamesSection {
  const functions = [...funcNames.keys()].sort((a, b) => a - b);
  const names = functions.map((index) => funcNames.get(index)!);
  return { ...(moduleName !== undefined && { moduleName }), functions, names };
}

/** The names of a module; they serve messages only. @internal */
export type Names = Pick<Module, "funcNames" | "moduleName">;

/** The parts of a module structure; what is costly and often unused is asked for only when used. @internal */
export interface Parts {
  readonly structure: StructureSection;
  readonly functionTypes: readonly number[];
  readonly exports: readonly Export[];
  /** The bytes of data segment `i`, which begin at `at` in the data section; asked for again at each use. */
  dataBytes(i: number, at: number): Uint8Array;
  /** … or puts them into `target`, which is as long, and keeps no copy. */
  writeData(i: number, at: number, target: Uint8Array): void;
  /** The bytes do not lie there as such: who asks for them has them made. */
  readonly packedData?: boolean;
  names(): Names;
  customs(): Module["customs"];
}

/** Numbers the index spaces, imports first. @internal */
export function toModule(parts: Parts): Module {
  const { structure, functionTypes, exports } = parts;
  const funcTypes: number[] = [];
  const tables: Module["tables"][number][] = [];
  const memories: Module["memories"][number][] = [];
  const globals: Module["globals"][number][] = [];
  const tags: Module["tags"][number][] = [];
  const imported: Record<ExternKind, number> = { func: 0, table: 0, memory: 0, global: 0, tag: 0 };
  for (let i = 0; i < structure.imports.length; i++) {
    const { desc } = structure.imports[i]!;
    imported[desc.kind]++;
    if (desc.kind === "func") funcTypes.push(desc.typeIndex);
    else if (desc.kind === "table") tables.push({ type: desc.table });
    else if (desc.kind === "memory") memories.push(desc.memory);
    else if (desc.kind === "global") globals.push({ type: desc.global, init: [] });
    else tags.push(desc.tag);
  }
  const start = structure.start;
  const module = {
    types: structure.types,
    imports: structure.imports,
    funcTypes: funcTypes.concat(functionTypes),
    tables: tables.concat(structure.tables),
    memories: memories.concat(structure.memories),
    globals: globals.concat(structure.globals),
    tags: tags.concat(structure.tags),
    exports,
    ...(start !== undefined && { start }),
    elements: structure.elements,
    dataSegments: dataSegments(parts),
    imported,
  };
  let names: Names | undefined;
  const readNames = (): Names => (names ??= parts.names());
  return Object.defineProperties(module, {
    customs: { get: () => parts.customs(), enumerable: true },
    funcNames: { get: () => readNames().funcNames, enumerable: true },
    moduleName: { get: () => readNames().moduleName, enumerable: true },
  }) as unknown as Module;
}

function toHeaders(segments: readonly DataSegment[]): DataHeaders {
  const computed: { segment: number; offset: DataSegment["offset"] }[] = [];
  const starts = segments.map(({ mode, offset }, segment) => {
    if (mode === "passive") return 0;
    if (offset.length === 2 && offset[0] === Op.i32_const) return offset[1]!;
    computed.push({ segment, offset });
    return 0;
  });
  return {
    memories: segments.map(({ mode, memory }) => (mode === "passive" ? 0 : memory + 1)),
    lengths: segments.map(({ bytes }) => bytes.length),
    starts,
    computed,
  };
}

interface DataColumns {
  readonly headers: DataHeaders;
  readonly computed: ReadonlyMap<number, DataSegment["offset"]>;
  readonly parts: Parts;
}

// One of possibly tens of thousands, so no more than its place; the rest is looked up in the columns.
class LazyDataSegment {
  private readonly columns: DataColumns;
  private readonly index: number;
  private readonly at: number;

  constructor(columns: DataColumns, index: number, at: number) {
    this.columns = columns;
    this.index = index;
    this.at = at;
  }

  get mode(): DataSegment["mode"] {
    return this.columns.headers.memories[this.index] === 0 ? "passive" : "active";
  }

  get memory(): number {
    return Math.max(0, this.columns.headers.memories[this.index]! - 1);
  }

  get offset(): DataSegment["offset"] {
    const { headers, computed } = this.columns;
    if (headers.memories[this.index] === 0) return [];
    return computed.get(this.index) ?? [Op.i32_const, headers.starts[this.index]!];
  }

  get bytes(): Uint8Array {
    return this.columns.parts.dataBytes(this.index, this.at);
  }

  get length(): number {
    return this.columns.headers.lengths[this.index]!;
  }

  get packed(): boolean {
    return this.columns.parts.packedData === true;
  }

  writeTo(target: Uint8Array): void {
    this.columns.parts.writeData(this.index, this.at, target);
  }
}

function dataSegments(parts: Parts): DataSegment[] {
  const headers = parts.structure.data;
  const computed = new Map<number, DataSegment["offset"]>();
  headers.computed.forEach(({ segment, offset }) => computed.set(segment, offset));
  const columns: DataColumns = { headers, computed, parts };
  let next = 0;
  return headers.lengths.map((length, i) => {
    const segment = new LazyDataSegment(columns, i, next);
    next += length;
    return segment as DataSegment;
  });
}

/** The map that a names section stands for. @internal */
export function toNameMap({ moduleName, functions, names }: NamesSection): Names {
  const funcNames = new Map<number, string>();
  functions.forEach((index, i) => funcNames.set(index, names[i]!));
  return { funcNames, ...(moduleName !== undefined && { moduleName }) };
}
