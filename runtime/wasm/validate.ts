// Validates decoded modules: types, imports, definitions, exports and segments here, instruction sequences in
// validate-body.ts. A validator can be asked for the module part and for single functions, so that workers can share them.
// https://webassembly.github.io/spec/core/valid/modules.html
import { walkConstExpr } from "./const-expr.js";
import * as errors from "./errors.js";
import { placed, typeName, typeNames } from "./errors.js";
import { FeatureGate, toFeatureBits } from "./features.js";
import type { FeatureSet } from "./features.js";
import { MAX_PAGES_32, MAX_PAGES_64, MAX_TABLE_SIZE_32 } from "./limits.js";
import type { ConstExpr, DecodedModule, ElementSegment, Export, ExternKind, Import, Module } from "./module.js";
import { Op } from "./opcodes.js";
import { TypeSpace } from "./type-space.js";
import type { Signature } from "./type-space.js";
import { ABSTRACT, heapTypeOf, I32, I64, isNullable, isRef } from "./types.js";
import type { Limits, MemoryType, TableType, ValType } from "./types.js";
import { BodyValidator } from "./validate-body.js";
import type { Context } from "./validate-state.js";

export interface ValidateOptions {
  /** Accepted features, as for `decode`. */
  readonly features?: FeatureSet;
  /** Instead of `features`: a gate of the caller's, to find out what a module uses. @internal */
  readonly gate?: FeatureGate;
}

/** Validates piecemeal: once the module without its bodies, then bodies in any order, in any number of workers. */
export interface Validator {
  /** Everything but function bodies. */
  module(): void;
  /** The body of the i-th defined function; presumes that the rest of the module is valid. */
  func(i: number): void;
}

/** Validates a module; throws `ValidationError`, or `DecodeError` from within bodies, at the first fault by position. */
export function validate(module: DecodedModule, options: ValidateOptions = {}): void {
  const validator = new ModuleValidator(module, options);
  validator.beforeCode();
  for (let i = 0; i < module.code.length; i++) validator.func(i);
  validator.afterCode();
}

export function createValidator(module: DecodedModule, options: ValidateOptions = {}): Validator {
  return new ModuleValidator(module, options);
}

class ModuleValidator implements Validator {
  private readonly m: DecodedModule;
  private readonly gate: FeatureGate;
  private prepared: ModuleContext | undefined;
  private bodies: BodyValidator | undefined;
  // The constant expressions checked so far: they come in file order.
  private expr = 0;

  constructor(module: DecodedModule, options: ValidateOptions) {
    this.m = module;
    this.gate = options.gate ?? new FeatureGate(toFeatureBits(options.features));
  }

  module(): void {
    this.beforeCode();
    this.afterCode();
  }

  func(i: number): void {
    const body = this.m.code[i]!;
    const index = this.m.imported.func + i;
    try {
      this.body.func(body, this.m.funcTypes[index]!);
    } catch (error) {
      throw placed(error, funcPlace(this.m, index));
    }
  }

  // ---- sections before the code section, in file order

  beforeCode(): void {
    const { m } = this;
    const at = m.positions;
    const { imported } = m;
    this.expr = 0;
    void this.context; // checks the type section
    this.each(
      "import",
      m.imports,
      0,
      at.imports,
      (item, where) => this.import(item, where),
      (i) => importPlace(m.imports[i]!),
    );
    this.each(
      "function",
      m.funcTypes,
      imported.func,
      at.functions,
      (typeIndex, where) => void this.funcType(typeIndex, where),
    );
    this.each("table", m.tables, imported.table, at.tables, ({ type, init }, where) => {
      this.tableType(type, where);
      if (init !== undefined) this.constExpr(type.element, imported.global);
      else if (!isNullable(type.element))
        throw errors.typeMismatch("table", `an initial value for its type ${typeName(type.element)}`, "none", where);
    });
    this.each("memory", m.memories, imported.memory, at.memories, checkMemoryType);
    this.each("tag", m.tags, imported.tag, at.tags, (tag, where) => this.tagType(tag.typeIndex, where));
    this.each("global", m.globals, imported.global, at.globals, ({ type }, where, i) => {
      this.valType(type.type, where);
      this.constExpr(type.type, i);
    });
    this.exports(m.exports);
    this.start();
    this.each("element segment", m.elements, 0, at.elements, (segment, where) => this.element(segment, where));
  }

  /** The data section, which follows the code. */
  afterCode(): void {
    const { m } = this;
    this.expr =
      m.positions.constExprs.length - m.dataSegments.reduce((n, segment) => (segment.mode === "active" ? n + 1 : n), 0);
    this.each("data segment", m.dataSegments, 0, m.positions.dataSegments, ({ mode, memory }, where) => {
      if (mode !== "active") return;
      if (memory >= m.memories.length) throw errors.unknownIndex("memory", memory, m.memories.length, where);
      this.constExpr(m.memories[memory]!.address64 ? I64 : I32, m.globals.length);
    });
  }

  private import({ desc }: Import, at: number): void {
    switch (desc.kind) {
      case "func":
        this.funcType(desc.typeIndex, at);
        break;
      case "table":
        this.tableType(desc.table, at);
        break;
      case "memory":
        checkMemoryType(desc.memory, at);
        break;
      case "global":
        this.valType(desc.global.type, at);
        break;
      case "tag":
        this.tagType(desc.tag.typeIndex, at);
    }
  }

  private exports(exports: readonly Export[]): void {
    const counts = indexSpaces(this.m);
    const names = new Set<string>();
    this.each("export", exports, 0, this.m.positions.exports, ({ name, kind, index }, at) => {
      if (index >= counts[kind]) throw errors.unknownIndex(KIND_NAMES[kind], index, counts[kind], at);
      if (names.has(name)) throw errors.duplicateExport(name, at);
      names.add(name);
    });
  }

  private start(): void {
    const { start, funcTypes, positions } = this.m;
    if (start === undefined) return;
    if (start >= funcTypes.length) throw errors.unknownIndex("function", start, funcTypes.length, positions.start);
    const { params, results } = this.funcType(funcTypes[start]!, positions.start);
    if (params.length > 0 || results.length > 0) {
      throw errors.startSignature(start, `${typeNames(params)} -> ${typeNames(results)}`, positions.start);
    }
  }

  private element(segment: ElementSegment, at: number): void {
    const { tables, funcTypes, globals } = this.m;
    this.valType(segment.type, at);
    if (segment.mode === "active") {
      const table = tables[segment.table]?.type;
      if (table === undefined) throw errors.unknownIndex("table", segment.table, tables.length, at);
      const { types } = this.context;
      const wanted = types.normalize(table.element);
      if (!types.matches(types.normalize(segment.type), wanted))
        throw errors.typeMismatch("element segment", typeName(wanted), typeName(segment.type), at);
      this.constExpr(table.address64 ? I64 : I32, globals.length);
    }
    for (const index of segment.funcs ?? []) {
      if (index >= funcTypes.length) throw errors.unknownIndex("function", index, funcTypes.length, at);
    }
    for (let n = segment.exprs?.length ?? 0; n > 0; n--) this.constExpr(segment.type, globals.length);
  }

  // ---- types and expressions

  private valType(type: ValType, at: number): void {
    const count = this.context.types.types.length;
    if (isRef(type) && (type & ABSTRACT) === 0 && heapTypeOf(type) >= count)
      throw errors.unknownIndex("type", heapTypeOf(type), count, at);
  }

  private funcType(index: number, at: number): Signature {
    const { types } = this.context;
    const type = types.types[index];
    if (type === undefined) throw errors.unknownIndex("type", index, types.types.length, at);
    return (
      types.signature(index) ??
      fail(errors.wrongKindOfType(index, "a function type", `a ${type.composite.kind} type`, at))
    );
  }

  private tagType(index: number, at: number): void {
    const { results } = this.funcType(index, at);
    if (results.length > 0) throw errors.tagWithResults(typeNames(results), at);
  }

  private tableType({ element, limits, address64 }: TableType, at: number): void {
    this.valType(element, at);
    checkLimits(
      limits,
      address64 ? Infinity : MAX_TABLE_SIZE_32,
      () => errors.tableTooLarge("2^32-1 elements", at),
      at,
    );
  }

  /** Validates the next constant expression of the file. */
  private constExpr(type: ValType, globals: number): void {
    this.body.constExpr(this.m.positions.constExprs[this.expr++]!, globals, this.context.types.normalize(type));
  }

  private get context(): ModuleContext {
    return (this.prepared ??= new ModuleContext(this.m));
  }

  private get body(): BodyValidator {
    return (this.bodies ??= new BodyValidator(this.context, this.gate));
  }

  /** Checks the items of an index space from `first` on (the imports come before it), with the place for errors. */
  private each<T>(
    what: string,
    items: readonly T[],
    first: number,
    at: readonly number[],
    check: (item: T, at: number, index: number) => void,
    place: (index: number) => string = (index) => `${what} ${index}`,
  ): void {
    for (let i = first; i < items.length; i++) {
      try {
        check(items[i]!, at[i - first]!, i);
      } catch (error) {
        throw placed(error, what === "function" ? funcPlace(this.m, i) : place(i));
      }
    }
  }
}

/** The normalized view of a module that bodies are validated against; checks the type section. */
class ModuleContext implements Context {
  readonly module: DecodedModule;
  readonly types: TypeSpace;
  readonly globalTypes: Int32Array;
  readonly tableTypes: Int32Array;
  readonly elementTypes: Int32Array;
  private declared: Uint8Array | undefined;

  constructor(module: DecodedModule) {
    this.module = module;
    try {
      this.types = new TypeSpace(module.types, module.positions.types);
    } catch (error) {
      throw placed(error, "while validating the type section");
    }
    const normalize = (type: ValType): ValType => this.types.normalize(type);
    this.globalTypes = Int32Array.from(module.globals, (global) => normalize(global.type.type));
    this.tableTypes = Int32Array.from(module.tables, (table) => normalize(table.type.element));
    this.elementTypes = Int32Array.from(module.elements, (segment) => normalize(segment.type));
  }

  isDeclared(funcIndex: number): boolean {
    this.declared ??= declaredFunctions(this.module);
    return this.declared[funcIndex] === 1;
  }
}

/** Functions mentioned outside of bodies: by exports, element segments and constant expressions. */
export function declaredFunctions(module: Module): Uint8Array {
  const declared = new Uint8Array(module.funcTypes.length);
  const expression = (expr: ConstExpr): void => {
    walkConstExpr(expr, (_info, op, imm) => {
      if (op === Op.ref_func) declared[expr[imm]!] = 1;
    });
  };
  for (const { kind, index } of module.exports) if (kind === "func") declared[index] = 1;
  for (const { init } of module.globals) expression(init);
  for (const { init } of module.tables) if (init !== undefined) expression(init);
  for (const { funcs, exprs, offset } of module.elements) {
    expression(offset);
    for (const index of funcs ?? []) declared[index] = 1;
    for (const expr of exprs ?? []) expression(expr);
  }
  for (const { offset } of module.dataSegments) expression(offset);
  return declared;
}

const KIND_NAMES: Readonly<Record<ExternKind, string>> = {
  func: "function",
  table: "table",
  memory: "memory",
  global: "global",
  tag: "tag",
};

function indexSpaces(m: DecodedModule): Record<ExternKind, number> {
  return {
    func: m.funcTypes.length,
    table: m.tables.length,
    memory: m.memories.length,
    global: m.globals.length,
    tag: m.tags.length,
  };
}

function checkMemoryType({ limits, shared, address64, pageSizeLog2 }: MemoryType, at: number): void {
  const pages = address64 ? MAX_PAGES_64 : MAX_PAGES_32;
  const [limit, text] =
    pageSizeLog2 === 16
      ? [pages, address64 ? "2^48 pages (256 TiB)" : "65536 pages (4GiB)"]
      : [address64 ? Infinity : pages * 65536 - 1, "2^32-1 bytes"];
  checkLimits(limits, limit, () => errors.memoryTooLarge(text, at), at);
  if (shared && limits.max === undefined) throw errors.sharedWithoutMaximum(at);
}

function checkLimits({ min, max }: Limits, limit: number, tooLarge: () => Error, at: number): void {
  if (min > limit || (max !== undefined && max > limit)) throw tooLarge();
  if (max !== undefined && min > max) throw errors.minimumOverMaximum(min, max, at);
}

function funcPlace(m: DecodedModule, index: number): string {
  const name = m.funcNames.get(index);
  return name === undefined ? `function ${index}` : `function ${index} ${JSON.stringify(name)}`;
}

function importPlace(item: Import): string {
  return `import ${JSON.stringify(item.module)} ${JSON.stringify(item.name)}`;
}

function fail(error: Error): never {
  throw error;
}
