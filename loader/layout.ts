// The `.aot` file: magic, versions, sections and every field of each, in file order. FORMAT.md draws it and says why;
// codec.ts turns these descriptions into a writer and a reader. Nothing else in the project knows the format.
import { ABI_VERSION, HELPERS } from "../runtime/abi.js";
import type {
  ConstExpr,
  CustomSection,
  ElementSegment,
  Export,
  Global,
  Import,
  ImportDesc,
  Table,
} from "../runtime/wasm/module.js";
import type {
  CompositeType,
  FieldType,
  GlobalType,
  Limits,
  MemoryType,
  SubType,
  TableType,
  TagType,
} from "../runtime/wasm/types.js";
import { bool, bytes, choice, deltas, digest, list, name, optional, record, s32, u32, u53, union } from "./codec.js";
import type { Schema } from "./codec.js";
import { RELOCATION_KINDS } from "./image.js";
import type { LineTable, Relocation } from "./image.js";

/** Raised whenever a reader of the old layout could misread the new one. */
export const FORMAT_VERSION = 1;
export { ABI_VERSION };

/** "\0waot\r\n\x1a": a NUL so that nobody takes it for text, line ends so that a transfer in text mode shows. */
export const MAGIC = [0x00, 0x77, 0x61, 0x6f, 0x74, 0x0d, 0x0a, 0x1a] as const;

/** Text pages begin at multiples of this many bytes. */
export const PAGE_SIZE = 4096;

/** What artifacts may be tuned for. */
export const TARGETS = ["generic", "v8", "jsc", "spidermonkey", "jsc-nojit", "hermes", "quickjs"] as const;

/** Targets whose code has typed arrays over the bytes of a memory, beside its view. */
export const ELEMENT_TARGETS: readonly string[] = ["jsc-nojit", "hermes", "quickjs"];

/** Wasm features beyond 1.0 that this runtime can run; an artifact that relies on another one is refused. */
export const RUNTIME_FEATURES = [
  "bulk-memory",
  "extended-const",
  "multi-memory",
  "multi-value",
  "mutable-globals",
  "reference-types",
  "saturating-float-to-int",
  "sign-extension",
  "tail-call",
] as const;

// The header is fixed-width and little-endian: magic, format version, ABI version, file length, section count; then the
// section table, an entry per section; then the SHA-256 of all that. A section is trusted after its own digest matched,
// the text section page by page.
export const HEADER_SIZE = 24;
/** u32 id · u32 offset · u32 length · u32 zero · SHA-256 of the contents. */
export const SECTION_ENTRY_SIZE = 48;
export const DIGEST_SIZE = 32;
export const MAX_SECTIONS = 64;

/** Sections in file order. An unknown id below 0x80 is refused, from there on skipped. */
export const SECTIONS = {
  target: 1,
  structure: 2,
  functions: 3,
  exports: 4,
  relocations: 5,
  pages: 6,
  data: 7,
  names: 8,
  lines: 9,
  custom: 10,
  text: 15,
} as const;

export type SectionName = keyof typeof SECTIONS;

// ---- 1 target: what the artifact was made for, by what, and from what

export interface TargetSection {
  readonly target: string;
  readonly features: readonly string[];
  readonly optLevel: string;
  readonly compilerVersion: string;
  readonly sourceDigest: string;
  readonly sourceSize: number;
}

export const targetSection = record<TargetSection>({
  target: name,
  features: list(name),
  optLevel: name,
  compilerVersion: name,
  sourceDigest: digest,
  sourceSize: u53,
});

// ---- 2 structure: the index spaces but for functions, and the segments without their bytes

const limits = record<Limits>({ min: u53, max: optional(u53) });
const memoryType = record<MemoryType>({ limits, shared: bool, address64: bool, pageSizeLog2: u32 });
const tableType = record<TableType>({ element: u32, limits, address64: bool });
const globalType = record<GlobalType>({ type: u32, mutable: bool });
const tagType = record<TagType>({ typeIndex: u32 });
const fieldType = record<FieldType>({ type: u32, mutable: bool });
const constExpr: Schema<ConstExpr> = list(s32);

const compositeType = union<CompositeType>({
  func: record({ params: list(u32), results: list(u32) }),
  struct: record({ fields: list(fieldType) }),
  array: record({ element: fieldType }),
});

const subType = record<SubType>({
  final: bool,
  supertypes: list(u32),
  composite: compositeType,
  recGroupStart: u32,
  recGroupSize: u32,
});

const importDesc = union<ImportDesc>({
  func: record({ typeIndex: u32 }),
  table: record({ table: tableType }),
  memory: record({ memory: memoryType }),
  global: record({ global: globalType }),
  tag: record({ tag: tagType }),
});

const elementSegment = record<ElementSegment>({
  mode: choice(["active", "passive", "declarative"]),
  table: u32,
  offset: constExpr,
  type: u32,
  funcs: optional(deltas),
  exprs: optional(list(constExpr)),
});

/**
 * The data segments by columns, because programs have tens of thousands: reading a record each would be most of the time
 * that loading takes. The bytes of a segment follow those of the one before it in the data section.
 */
export interface DataHeaders {
  /** 0: passive, k + 1: active in memory k. */
  readonly memories: readonly number[];
  readonly lengths: readonly number[];
  /** Offsets that are an i32.const, which nearly all are; 0 for the others. */
  readonly starts: readonly number[];
  readonly computed: readonly { readonly segment: number; readonly offset: ConstExpr }[];
}

const dataHeaders = record<DataHeaders>({
  memories: list(u32),
  lengths: list(u32),
  starts: deltas,
  computed: list(record<DataHeaders["computed"][number]>({ segment: u32, offset: constExpr })),
});

export interface StructureSection {
  readonly types: readonly SubType[];
  readonly imports: readonly Import[];
  /** Without the imported ones, as in all that follows. */
  readonly tables: readonly Table[];
  readonly memories: readonly MemoryType[];
  readonly globals: readonly Global[];
  readonly tags: readonly TagType[];
  readonly start?: number;
  readonly elements: readonly ElementSegment[];
  readonly data: DataHeaders;
}

export const structureSection = record<StructureSection>({
  types: list(subType),
  imports: list(record<Import>({ module: name, name, desc: importDesc })),
  tables: list(record<Table>({ type: tableType, init: optional(constExpr) })),
  memories: list(memoryType),
  globals: list(record<Global>({ type: globalType, init: constExpr })),
  tags: list(tagType),
  start: optional(u32),
  elements: list(elementSegment),
  data: dataHeaders,
});

// ---- 3 functions: the defined ones

export interface FunctionsSection {
  readonly types: readonly number[];
  /** Offset of each body in the `.wasm`. */
  readonly offsets: readonly number[];
}

export const functionsSection = record<FunctionsSection>({ types: list(u32), offsets: deltas });

// ---- 4 exports

export const exportsSection = list(
  record<Export>({ name, kind: choice(["func", "table", "memory", "global", "tag"]), index: u32 }),
);

// ---- 5 relocations: every symbol once; pages refer to them by number

export const relocation = record<Relocation>({
  kind: choice(RELOCATION_KINDS),
  index: u32,
  index2: optional(u32),
  name: optional(name),
});
export const relocationsSection = list(relocation);

/** Whether generated code may call this: a name of the ABI, and nothing that merely every object has. */
export function isHelper(symbol: string): boolean {
  return Object.prototype.hasOwnProperty.call(HELPERS, symbol);
}

// ---- 6 pages: where the text of each lies, its digest, what it defines and what it needs

export interface PageHeader {
  /** Length of the text. The page begins where the one before it ended, rounded up to PAGE_SIZE. */
  readonly length: number;
  readonly digest: string;
  /** Function indices in the order in which the page returns them. */
  readonly functions: readonly number[];
  /** Symbols by their number in the relocations section, in the order of the factory's `R`. */
  readonly relocations: readonly number[];
}

export const pagesSection = list(record<PageHeader>({ length: u32, digest, functions: deltas, relocations: deltas }));

// ---- 7 data: the bytes of all data segments, one after the other (raw)

// ---- 8 names: of the module and of functions (indices, then as many names)

export interface NamesSection {
  readonly moduleName?: string;
  readonly functions: readonly number[];
  readonly names: readonly string[];
}

export const namesSection = record<NamesSection>({ moduleName: optional(name), functions: deltas, names: list(name) });

// ---- 9 lines: a table per page, each behind its length so that one can be read without the others

export const linesSection = list(bytes);
export const lineTable = record<LineTable>({ lines: deltas, offsets: deltas });

// ---- 10 custom: sections of the `.wasm` that the compiler was asked to keep

export const customSection = list(record<CustomSection>({ name, bytes, at: u32 }));

// ---- 15 text: the pages, each padded with zeros to PAGE_SIZE
