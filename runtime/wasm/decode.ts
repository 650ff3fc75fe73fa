// Decodes a binary module into its structure: every section but the instructions of function bodies, which stay byte
// ranges for the validator and the compiler. Strict about sizes, counts, order, LEB128 and UTF-8.
// https://webassembly.github.io/spec/core/binary/modules.html
import { readConstExpr } from "./const-expr.js";
import * as errors from "./errors.js";
import { placed } from "./errors.js";
import { featureBits, FeatureGate, toFeatureBits } from "./features.js";
import type { Feature, FeatureSet } from "./features.js";
import * as limits from "./limits.js";
import type {
  ConstExpr,
  CustomSection,
  DataSegment,
  DecodedModule,
  ElementSegment,
  Export,
  ExternKind,
  FuncBody,
  Global,
  Import,
  ImportDesc,
  Positions,
  SectionInfo,
  Table,
} from "./module.js";
import { readNames } from "./names.js";
import { TypeReader } from "./type-reader.js";
import { ABSTRACT, FUNCREF, HEAP, heapTypeOf, REF, refType } from "./types.js";
import type { CompositeType, FieldType, MemoryType, SubType, TagType, ValType } from "./types.js";

export interface DecodeOptions {
  /** Accepted features; Wasm 3.0 with threads and legacy exceptions by default. */
  readonly features?: FeatureSet;
  /** Instead of `features`: a gate of the caller's, to find out what a module uses. @internal */
  readonly gate?: FeatureGate;
  /** Stop behind the code section, for those who compile functions only. @internal */
  readonly codeOnly?: boolean;
}

/** https://webassembly.github.io/spec/core/binary/modules.html#sections */
export const enum Section {
  custom = 0,
  type = 1,
  import = 2,
  function = 3,
  table = 4,
  memory = 5,
  global = 6,
  export = 7,
  start = 8,
  element = 9,
  code = 10,
  data = 11,
  dataCount = 12,
  tag = 13,
}

/** Names by section id, and the order that the format prescribes. */
const SECTION_NAMES = [
  "custom",
  "type",
  "import",
  "function",
  "table",
  "memory",
  "global",
  "export",
  "start",
  "element",
  "code",
  "data",
  "data count",
  "tag",
];
const ORDER = [0, 1, 2, 3, 4, 5, 7, 8, 9, 10, 12, 13, 11, 6];

const EXTERN_KINDS: readonly ExternKind[] = ["func", "table", "memory", "global", "tag"];
const NON_NULL_FUNCREF: ValType = refType(HEAP.func, false);
const NO_LOCALS: FuncBody["localRuns"] = [];
const NO_EXPR: ConstExpr = [];

const BULK_MEMORY = featureBits("bulk-memory");
const BULK_OR_REFERENCES = featureBits(["bulk-memory", "reference-types"]);
const TAGS = featureBits(["exceptions", "legacy-exceptions"]);

/** Decodes a module; throws `DecodeError` where the bytes are malformed, at the first such place. */
export function decode(bytes: Uint8Array, options: DecodeOptions = {}): DecodedModule {
  const gate = options.gate ?? new FeatureGate(toFeatureBits(options.features));
  return new Decoder(bytes, gate, options.codeOnly === true).module();
}

class Decoder {
  private readonly source: TypeReader;
  private readonly bytes: Uint8Array;
  private readonly gate: FeatureGate;
  private readonly codeOnly: boolean;
  private readonly types: SubType[] = [];
  private readonly imports: Import[] = [];
  private readonly funcTypes: number[] = [];
  private readonly tables: Table[] = [];
  private readonly memories: MemoryType[] = [];
  private readonly globals: Global[] = [];
  private readonly tags: TagType[] = [];
  private readonly exports: Export[] = [];
  private readonly elements: ElementSegment[] = [];
  private readonly dataSegments: DataSegment[] = [];
  private readonly customs: CustomSection[] = [];
  private readonly code: FuncBody[] = [];
  private readonly sections: SectionInfo[] = [];
  private readonly imported: Record<ExternKind, number> = { func: 0, table: 0, memory: 0, global: 0, tag: 0 };
  /** First type of the recursion group being read. */
  private groupStart = 0;
  private start: number | undefined;
  private startAt = 0;
  private dataCount: number | undefined;
  private readonly at = {
    types: [] as number[],
    imports: [] as number[],
    functions: [] as number[],
    tables: [] as number[],
    memories: [] as number[],
    tags: [] as number[],
    globals: [] as number[],
    exports: [] as number[],
    elements: [] as number[],
    dataSegments: [] as number[],
    constExprs: [] as number[],
  };

  constructor(bytes: Uint8Array, gate: FeatureGate, codeOnly: boolean) {
    this.codeOnly = codeOnly;
    this.source = new TypeReader(bytes, 0, bytes.length, gate);
    this.bytes = bytes;
    this.gate = gate;
  }

  module(): DecodedModule {
    const { bytes } = this;
    this.header();
    let last = 0;
    while (this.source.pos < bytes.length) {
      const idAt = this.source.pos;
      const id = this.source.byte();
      if (id >= SECTION_NAMES.length) throw errors.malformedSectionId(id, idAt);
      const name = SECTION_NAMES[id]!;
      try {
        const size = this.source.size();
        if (id !== Section.custom) {
          if (ORDER[id]! <= last)
            throw errors.sectionOrder(
              name,
              this.sections.some((s) => s.id === id),
              idAt,
            );
          last = ORDER[id]!;
        }
        this.section(id, name, this.source.pos, size);
      } catch (error) {
        throw placed(error, `while reading the ${name} section`);
      }
      if (this.codeOnly && id === Section.code) break;
    }
    if (!this.codeOnly) this.checkCounts();
    const { module: moduleName, functions } = readFunctionNames(this.customs);
    const positions: Positions = { ...this.at, start: this.startAt };
    return {
      types: this.types,
      imports: this.imports,
      funcTypes: this.funcTypes,
      tables: this.tables,
      memories: this.memories,
      globals: this.globals,
      tags: this.tags,
      exports: this.exports,
      ...(this.start === undefined ? {} : { start: this.start }),
      elements: this.elements,
      dataSegments: this.dataSegments,
      customs: this.customs,
      imported: this.imported,
      funcNames: functions,
      ...(moduleName === undefined ? {} : { moduleName }),
      bytes,
      code: this.code,
      ...(this.dataCount === undefined ? {} : { dataCount: this.dataCount }),
      sections: this.sections,
      positions,
    };
  }

  private header(): void {
    const { bytes } = this;
    if (bytes.length > limits.MAX_MODULE_SIZE)
      throw errors.overLimit("bytes in a module", bytes.length, limits.MAX_MODULE_SIZE, 0);
    if (bytes.length < 4) throw errors.unexpectedEnd(bytes.length);
    if (MAGIC.some((byte, i) => bytes[i] !== byte)) throw errors.notWasm(0);
    this.source.pos = 4;
    const version = this.source.f32bits();
    if (version !== 1) throw errors.unknownVersion(version, 4);
  }

  private section(id: number, name: string, at: number, size: number): void {
    this.sections.push({ id, name, at, size });
    this.source.end = at + size;
    switch (id) {
      case Section.custom:
        this.custom();
        break;
      case Section.type:
        this.typeSection();
        break;
      case Section.import:
        this.vector("imports", limits.MAX_IMPORTS, this.at.imports, () => this.import());
        break;
      case Section.function:
        this.vector("functions", limits.MAX_FUNCTIONS, this.at.functions, () => this.funcTypes.push(this.source.u32()));
        break;
      case Section.table:
        this.vector("tables", limits.MAX_TABLES, this.at.tables, () => this.table());
        break;
      case Section.memory:
        this.vector("memories", limits.MAX_MEMORIES, this.at.memories, () => {
          this.needSecondMemory(this.source.pos);
          this.memories.push(this.source.memoryType());
        });
        break;
      case Section.tag:
        this.gate.need(TAGS, "the tag section", at);
        this.vector("tags", limits.MAX_TAGS, this.at.tags, () => this.tags.push(this.tagType()));
        break;
      case Section.global:
        this.vector("globals", limits.MAX_GLOBALS, this.at.globals, () => {
          const type = this.source.globalType();
          this.globals.push({ type, init: this.constExpr() });
        });
        break;
      case Section.export:
        this.vector("exports", limits.MAX_EXPORTS, this.at.exports, () => this.export());
        break;
      case Section.start:
        this.startAt = this.source.pos;
        this.start = this.source.u32();
        break;
      case Section.element:
        this.vector("element segments", limits.MAX_ELEMENT_SEGMENTS, this.at.elements, () => this.element());
        break;
      case Section.dataCount:
        this.gate.need(BULK_MEMORY, "the data count section", at);
        this.dataCount = this.source.u32();
        break;
      case Section.code:
        this.codeSection();
        break;
      case Section.data:
        this.vector("data segments", limits.MAX_DATA_SEGMENTS, this.at.dataSegments, () => this.data());
        break;
    }
    if (this.source.pos !== this.source.end)
      throw errors.sectionSizeMismatch(size, this.source.pos - at, this.source.pos);
    this.source.end = this.bytes.length;
  }

  /** A vector whose items `read` appends; their offsets go to `at`. */
  private vector(what: string, limit: number, at: number[], read: () => void): void {
    const countAt = this.source.pos;
    const count = this.source.count();
    if (count > limit) throw errors.overLimit(what, count, limit, countAt);
    for (let i = 0; i < count; i++) {
      at.push(this.source.pos);
      read();
    }
  }

  private custom(): void {
    const name = this.source.name();
    this.customs.push({ name, bytes: this.bytes.subarray(this.source.pos, this.source.end), at: this.source.pos });
    this.source.pos = this.source.end;
  }

  // ---- types

  private typeSection(): void {
    const at = this.source.pos;
    const groups = this.source.count();
    if (groups > limits.MAX_TYPES) throw errors.overLimit("types", groups, limits.MAX_TYPES, at);
    for (let i = 0; i < groups; i++) {
      const groupAt = this.source.pos;
      let size = 1;
      if (groupAt < this.source.end && this.bytes[groupAt] === 0x4e) {
        this.need("gc", "a recursion group", groupAt);
        this.source.pos++;
        size = this.source.count();
        if (size > limits.MAX_REC_GROUP_SIZE)
          throw errors.overLimit("types in a recursion group", size, limits.MAX_REC_GROUP_SIZE, groupAt);
      }
      const start = this.types.length;
      this.groupStart = start;
      if (start + size > limits.MAX_TYPES) throw errors.overLimit("types", start + size, limits.MAX_TYPES, groupAt);
      for (let k = 0; k < size; k++) this.types.push(this.subType(start, size));
    }
  }

  private subType(recGroupStart: number, recGroupSize: number): SubType {
    const at = this.source.pos;
    this.at.types.push(at);
    let final = true;
    let supertypes: number[] = NO_SUPERTYPES;
    let code = this.source.byte();
    if (code === 0x50 || code === 0x4f) {
      this.need("gc", "a sub type", at);
      final = code === 0x4f;
      const count = this.source.count();
      if (count > 0) supertypes = [];
      for (let i = 0; i < count; i++) supertypes.push(this.source.u32());
      code = this.source.byte();
    }
    return { final, supertypes, composite: this.composite(code, this.source.pos - 1), recGroupStart, recGroupSize };
  }

  private composite(code: number, at: number): CompositeType {
    switch (code) {
      case 0x60: {
        const params = this.resultType("parameters", limits.MAX_PARAMS);
        const results = this.resultType("results", limits.MAX_RESULTS);
        if (results.length > 1) this.need("multi-value", "a function type with several results", at);
        return { kind: "func", params, results };
      }
      case 0x5f: {
        this.need("gc", "a struct type", at);
        const count = this.source.count();
        if (count > limits.MAX_STRUCT_FIELDS)
          throw errors.overLimit("fields of a struct", count, limits.MAX_STRUCT_FIELDS, at);
        const fields: FieldType[] = [];
        for (let i = 0; i < count; i++) fields.push(this.fieldType());
        return { kind: "struct", fields };
      }
      case 0x5e:
        this.need("gc", "an array type", at);
        return { kind: "array", element: this.fieldType() };
      default:
        throw errors.malformedType("definition type", code, at);
    }
  }

  private resultType(what: string, limit: number): ValType[] {
    const at = this.source.pos;
    const count = this.source.count();
    if (count > limit) throw errors.overLimit(`${what} of a function`, count, limit, at);
    const types: ValType[] = [];
    for (let i = 0; i < count; i++) types.push(this.memberType(false));
    return types;
  }

  /** A value or storage type within a type definition. */
  private memberType(storage: boolean): ValType {
    const at = this.source.pos;
    const type = storage ? this.source.storageType() : this.source.valType();
    if (type >= REF && (type & ABSTRACT) === 0 && heapTypeOf(type) >= this.groupStart)
      this.need("gc", "a recursive type", at);
    return type;
  }

  private fieldType(): FieldType {
    const type = this.memberType(true);
    return { type, mutable: this.source.mutability() };
  }

  private tagType(): TagType {
    const at = this.source.pos;
    const attribute = this.source.byte();
    if (attribute !== 0) throw errors.zeroByteExpected(attribute, at);
    return { typeIndex: this.source.u32() };
  }

  // ---- imports and exports

  private import(): void {
    const module = this.source.name();
    const name = this.source.name();
    const desc = this.importDesc();
    this.imports.push({ module, name, desc });
    this.imported[desc.kind]++;
  }

  private importDesc(): ImportDesc {
    const at = this.source.pos;
    const code = this.source.byte();
    switch (code) {
      case 0: {
        const typeIndex = this.source.u32();
        this.funcTypes.push(typeIndex);
        return { kind: "func", typeIndex };
      }
      case 1: {
        this.needSecondTable(at);
        const table = this.source.tableType();
        this.tables.push({ type: table });
        return { kind: "table", table };
      }
      case 2: {
        this.needSecondMemory(at);
        const memory = this.source.memoryType();
        this.memories.push(memory);
        return { kind: "memory", memory };
      }
      case 3: {
        const global = this.source.globalType();
        if (global.mutable) this.need("mutable-globals", "an imported mutable global", at);
        this.globals.push({ type: global, init: NO_EXPR });
        return { kind: "global", global };
      }
      case 4: {
        this.gate.need(TAGS, "an imported tag", at);
        const tag = this.tagType();
        this.tags.push(tag);
        return { kind: "tag", tag };
      }
      default:
        throw errors.malformedKind("import kind", code, at);
    }
  }

  private export(): void {
    const name = this.source.name();
    const at = this.source.pos;
    const kind = EXTERN_KINDS[this.source.byte()];
    if (kind === undefined) throw errors.malformedKind("export kind", this.bytes[at]!, at);
    const index = this.source.u32();
    if (kind === "global" && this.globals[index]?.type.mutable === true)
      this.need("mutable-globals", "an exported mutable global", at);
    this.exports.push({ name, kind, index });
  }

  // ---- tables and segments

  private table(): void {
    const at = this.source.pos;
    this.needSecondTable(at);
    if (at < this.source.end && this.bytes[at] === 0x40) {
      this.need("function-references", "a table with an initial value", at);
      this.source.pos++;
      const zero = this.source.byte();
      if (zero !== 0) throw errors.zeroByteExpected(zero, at + 1);
      const type = this.source.tableType();
      this.tables.push({ type, init: this.constExpr() });
    } else {
      this.tables.push({ type: this.source.tableType() });
    }
  }

  private element(): void {
    const at = this.source.pos;
    const flags = this.source.u32();
    if (flags > 7) throw errors.malformedKind("elements segment kind", flags, at);
    const mode = (flags & 1) === 0 ? "active" : (flags & 2) === 0 ? "passive" : "declarative";
    if (mode === "passive") this.gate.need(BULK_MEMORY, "a passive element segment", at);
    if (mode === "declarative") this.need("reference-types", "a declarative element segment", at);
    let table = 0;
    let offset = NO_EXPR;
    if (mode === "active") {
      if ((flags & 2) !== 0) {
        this.gate.need(BULK_OR_REFERENCES, "an element segment with a table index", at);
        table = this.source.u32();
      }
      offset = this.constExpr();
    }
    const withExprs = (flags & 4) !== 0;
    if (withExprs) this.gate.need(BULK_OR_REFERENCES, "an element segment of expressions", at);
    let type = withExprs ? FUNCREF : NON_NULL_FUNCREF;
    if ((flags & 3) !== 0) {
      if (withExprs) type = this.source.refType();
      else {
        const kindAt = this.source.pos;
        const kind = this.source.byte();
        if (kind !== 0) throw errors.malformedKind("element kind", kind, kindAt);
      }
    }
    const countAt = this.source.pos;
    const count = this.source.count();
    if (count > limits.MAX_ELEMENT_SEGMENT_LENGTH)
      throw errors.overLimit("elements in a segment", count, limits.MAX_ELEMENT_SEGMENT_LENGTH, countAt);
    if (withExprs) {
      const exprs: ConstExpr[] = [];
      for (let i = 0; i < count; i++) exprs.push(this.constExpr());
      this.elements.push({ mode, table, offset, type, exprs });
    } else {
      const funcs: number[] = [];
      for (let i = 0; i < count; i++) funcs.push(this.source.u32());
      this.elements.push({ mode, table, offset, type, funcs });
    }
  }

  private data(): void {
    const at = this.source.pos;
    const flags = this.source.u32();
    if (flags > 2) throw errors.malformedKind("data segment kind", flags, at);
    let memory = 0;
    let offset = NO_EXPR;
    if (flags === 1) this.gate.need(BULK_MEMORY, "a passive data segment", at);
    else {
      if (flags === 2) {
        memory = this.source.u32();
        if (memory === 0) this.gate.need(BULK_MEMORY, "a data segment with an explicit memory", at);
        else this.need("multi-memory", "a data segment with a memory index", at);
      }
      offset = this.constExpr();
    }
    const length = this.source.size();
    const bytes = this.bytes.subarray(this.source.pos, this.source.pos + length);
    this.source.pos += length;
    this.dataSegments.push({ mode: flags === 1 ? "passive" : "active", memory, offset, bytes });
  }

  private constExpr(): ConstExpr {
    this.at.constExprs.push(this.source.pos);
    return readConstExpr(this.source, this.imported.global);
  }

  // ---- code

  private codeSection(): void {
    const sectionEnd = this.source.end;
    const count = this.source.count();
    for (let i = 0; i < count; i++) {
      const sizeAt = this.source.pos;
      const size = this.source.size();
      if (size > limits.MAX_FUNCTION_BODY_SIZE)
        throw errors.overLimit("bytes in a function body", size, limits.MAX_FUNCTION_BODY_SIZE, sizeAt);
      const at = this.source.pos;
      const end = at + size;
      this.source.end = end;
      const localRuns = this.locals();
      this.code.push({ at, start: this.source.pos, end, localRuns });
      this.source.pos = end;
      this.source.end = sectionEnd;
    }
  }

  private locals(): FuncBody["localRuns"] {
    const at = this.source.pos;
    const runs = this.source.count();
    if (runs === 0) return NO_LOCALS;
    const result: { count: number; type: ValType }[] = [];
    let total = 0;
    for (let i = 0; i < runs; i++) {
      const count = this.source.u32();
      total += count;
      if (total > limits.MAX_LOCALS) throw errors.tooManyLocals(total, limits.MAX_LOCALS, at);
      result.push({ count, type: this.source.valType() });
    }
    return result;
  }

  private checkCounts(): void {
    const functions = this.funcTypes.length - this.imported.func;
    if (functions !== this.code.length) throw errors.codeCountMismatch(functions, this.code.length, this.source.pos);
    if (this.dataCount !== undefined && this.dataCount !== this.dataSegments.length) {
      throw errors.dataCountMismatch(this.dataCount, this.dataSegments.length, this.source.pos);
    }
  }

  private needSecondMemory(at: number): void {
    if (this.memories.length === 1) this.need("multi-memory", "a second memory", at);
  }

  private needSecondTable(at: number): void {
    if (this.tables.length === 1) this.need("reference-types", "a second table", at);
  }

  private need(feature: Feature, what: string, at: number): void {
    this.gate.need(featureBits(feature), what, at);
  }
}

const MAGIC = [0x00, 0x61, 0x73, 0x6d];
const NO_SUPERTYPES: number[] = [];

function readFunctionNames(customs: readonly CustomSection[]): {
  module: string | undefined;
  functions: ReadonlyMap<number, string>;
} {
  const section = customs.find((custom) => custom.name === "name");
  return section === undefined
    ? { module: undefined, functions: new Map<number, string>() }
    : readNames(section.bytes, ["functions"]);
}
