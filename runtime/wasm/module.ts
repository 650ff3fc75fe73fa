// The module structure: what the decoder produces, what an artifact stores, what instantiation reads.
// It holds no code; function bodies are byte ranges of the file (`code`), absent in a module read from an artifact.
// https://webassembly.github.io/spec/core/syntax/modules.html
import type { FuncType, GlobalType, MemoryType, SubType, TableType, TagType, ValType } from "./types.js";

/**
 * A constant expression, flattened to numbers: opcode followed by its immediates, without the final `end`.
 * i32.const v · i64.const lo hi · f32.const bits · f64.const lo hi (bits) · v128.const w0 w1 w2 w3 (all signed int32) ·
 * global.get i · ref.null heapType · ref.func i · i32/i64 add/sub/mul · struct.new t · struct.new_default t ·
 * array.new t · array.new_default t · array.new_fixed t n · ref.i31 · any.convert_extern · extern.convert_any.
 */
export type ConstExpr = readonly number[];

export type ExternKind = "func" | "table" | "memory" | "global" | "tag";

export type ImportDesc =
  | { readonly kind: "func"; readonly typeIndex: number }
  | { readonly kind: "table"; readonly table: TableType }
  | { readonly kind: "memory"; readonly memory: MemoryType }
  | { readonly kind: "global"; readonly global: GlobalType }
  | { readonly kind: "tag"; readonly tag: TagType };

export interface Import {
  readonly module: string;
  readonly name: string;
  readonly desc: ImportDesc;
}

export interface Export {
  readonly name: string;
  readonly kind: ExternKind;
  readonly index: number;
}

/** A table definition; `init` is absent where elements start as null. */
export interface Table {
  readonly type: TableType;
  readonly init?: ConstExpr;
}

export interface Global {
  readonly type: GlobalType;
  readonly init: ConstExpr;
}

export interface ElementSegment {
  readonly mode: "active" | "passive" | "declarative";
  readonly table: number;
  /** Offset expression; empty unless active. */
  readonly offset: ConstExpr;
  readonly type: ValType;
  /** Function indices, or expressions; exactly one of the two is present. */
  readonly funcs?: readonly number[];
  readonly exprs?: readonly ConstExpr[];
}

export interface DataSegment {
  readonly mode: "active" | "passive";
  readonly memory: number;
  readonly offset: ConstExpr;
  readonly bytes: Uint8Array;
  /** Where asking for `bytes` has them copied or made: how many there are, … */
  readonly length?: number;
  /** … writes them to `target`, which is as long, … */
  writeTo?(target: Uint8Array): void;
  /** … and whether they lie nowhere as such. */
  readonly packed?: boolean;
}

export interface CustomSection {
  readonly name: string;
  readonly bytes: Uint8Array;
  /** Where the section's contents begin in the file. */
  readonly at: number;
}

/** Function body: locals already expanded to runs, instructions as a byte range of `Module.bytes`. */
export interface FuncBody {
  /** Offset of the first byte after the body's size: the locals vector. Trap offsets are file offsets like this one. */
  readonly at: number;
  /** Offset of the first instruction, and the offset just after the final `end`. */
  readonly start: number;
  readonly end: number;
  readonly localRuns: readonly { readonly count: number; readonly type: ValType }[];
}

export interface Module {
  readonly types: readonly SubType[];
  readonly imports: readonly Import[];
  /** Whole index spaces, imports first. */
  readonly funcTypes: readonly number[];
  readonly tables: readonly Table[];
  readonly memories: readonly MemoryType[];
  readonly globals: readonly Global[];
  readonly tags: readonly TagType[];
  readonly exports: readonly Export[];
  readonly start?: number;
  readonly elements: readonly ElementSegment[];
  readonly dataSegments: readonly DataSegment[];
  readonly customs: readonly CustomSection[];
  /** How many entries of each index space are imports. */
  readonly imported: Readonly<Record<ExternKind, number>>;
  /** Function names of the name section, by function index; empty where there is none. */
  readonly funcNames: ReadonlyMap<number, string>;
  readonly moduleName?: string;
}

/** A section of the file; `at` is the offset of its contents (after the size). */
export interface SectionInfo {
  readonly id: number;
  readonly name: string;
  readonly at: number;
  readonly size: number;
}

/** File offsets of the definitions, for error messages and inspection; imports are not counted. */
export interface Positions {
  readonly types: readonly number[];
  readonly imports: readonly number[];
  readonly functions: readonly number[];
  readonly tables: readonly number[];
  readonly memories: readonly number[];
  readonly tags: readonly number[];
  readonly globals: readonly number[];
  readonly exports: readonly number[];
  readonly start: number;
  readonly elements: readonly number[];
  readonly dataSegments: readonly number[];
  /** Every constant expression in file order: those of tables, globals, element segments, data segments. */
  readonly constExprs: readonly number[];
}

/** A decoded module: the structure together with the bytes that hold its code. */
export interface DecodedModule extends Module {
  readonly bytes: Uint8Array;
  /** Bodies of the defined functions: `code[i]` belongs to function `imported.func + i`. */
  readonly code: readonly FuncBody[];
  readonly dataCount?: number;
  readonly sections: readonly SectionInfo[];
  readonly positions: Positions;
}

/** The function type at an index of the type space; validation guarantees that it is one. */
export function funcTypeAt(module: Module, typeIndex: number): FuncType {
  const composite = module.types[typeIndex]!.composite;
  if (composite.kind !== "func") throw new Error(`BUG: type ${typeIndex} is not a function type`);
  return composite;
}

/** The type of a function of the function index space. */
export function typeOfFunc(module: Module, funcIndex: number): FuncType {
  return funcTypeAt(module, module.funcTypes[funcIndex]!);
}
