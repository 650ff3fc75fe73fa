// What a module is and needs, as plain data for `inspect` and `validate`: validity, features with the first place each
// occurs, sections, index spaces, imports and exports in words, what the custom sections tell.
import * as customs from "./customs.js";
import { decode } from "./decode.js";
import { typeName, typeNames, WasmError } from "./errors.js";
import { ALL_FEATURES, RecordingGate, toFeatureBits } from "./features.js";
import type { Feature, FeatureSet, FeatureUse } from "./features.js";
import type { DecodedModule, ExternKind, ImportDesc, Module } from "./module.js";
import { funcTypeAt } from "./module.js";
import type { FuncType, GlobalType, MemoryType, TableType } from "./types.js";
import { validate } from "./validate.js";

/** Where something stands: file offset, section, and the function within the code section. */
export interface Place {
  readonly offset: number;
  readonly section?: string;
  readonly func?: number;
  readonly funcName?: string;
}

export interface FeaturePlace extends Place {
  readonly feature: Feature;
  /** What needs it: an instruction's mnemonic, or a construct in words. */
  readonly what: string;
}

export interface Fault extends Partial<Place> {
  readonly error: string;
  readonly code: string;
  readonly message: string;
}

export interface ValidationReport {
  readonly valid: boolean;
  readonly fault?: Fault;
  /** Features that the module (up to the fault, if there is one) needs, by first place. */
  readonly features: readonly FeaturePlace[];
}

export interface ModuleReport extends ValidationReport {
  readonly size: number;
  readonly name?: string;
  readonly sections: readonly { readonly name: string; readonly offset: number; readonly size: number }[];
  /** Sizes of the index spaces; imports are counted in them, and again in `imported`. */
  readonly counts: Readonly<
    Record<
      "types" | "functions" | "tables" | "memories" | "globals" | "tags" | "exports" | "elements" | "dataSegments",
      number
    >
  >;
  readonly imported: Readonly<Record<ExternKind, number>>;
  readonly imports: readonly {
    readonly module: string;
    readonly name: string;
    readonly kind: ExternKind;
    readonly type: string;
  }[];
  readonly exports: readonly { readonly name: string; readonly kind: ExternKind; readonly type: string }[];
  readonly start?: number;
  readonly producers?: customs.Producers;
  readonly targetFeatures?: readonly customs.TargetFeature[];
  readonly dylink?: customs.Dylink;
  readonly sourceMappingUrl?: string;
  readonly buildId?: string;
  readonly branchHints?: number;
  readonly dwarf: boolean;
}

export interface InspectOptions {
  /** Features beyond which a module counts as faulty; all by default. */
  readonly features?: FeatureSet;
}

/** Is it valid, and what does it need? Never throws for a bad module: the fault is part of the answer. */
export function validationReport(bytes: Uint8Array, options: InspectOptions = {}): ValidationReport {
  return examine(bytes, options).report;
}

/** Everything there is to tell about a module; throws `DecodeError` if its structure cannot be read. */
export function inspectModule(bytes: Uint8Array, options: InspectOptions = {}): ModuleReport {
  const { report, module, error } = examine(bytes, options);
  if (module === undefined) throw error;
  const { producers, targetFeatures, dylink, sourceMappingUrl, buildId } = customs;
  return {
    ...report,
    size: bytes.length,
    ...defined("name", module.moduleName),
    sections: sectionsOf(module),
    counts: countsOf(module),
    imported: module.imported,
    imports: module.imports.map(({ module: from, name, desc }) => ({
      module: from,
      name,
      kind: desc.kind,
      type: importType(module, desc),
    })),
    exports: module.exports.map(({ name, kind, index }) => ({ name, kind, type: externType(module, kind, index) })),
    ...defined("start", module.start),
    ...defined("producers", producers(module)),
    ...defined("targetFeatures", targetFeatures(module)),
    ...defined("dylink", dylink(module)),
    ...defined("sourceMappingUrl", sourceMappingUrl(module)),
    ...defined("buildId", buildId(module)),
    ...defined("branchHints", customs.branchHints(module)?.length),
    dwarf: customs.dwarfSections(module).length > 0,
  };
}

/** Describes the place of an offset in a module. */
export function placeOf(module: DecodedModule, offset: number): Place {
  const section = module.sections.find((s) => offset >= s.at && offset < s.at + s.size);
  if (section === undefined) return { offset };
  const { code } = module;
  let low = 0;
  let high = code.length;
  while (low < high) {
    const middle = (low + high) >> 1;
    if (code[middle]!.end > offset) high = middle;
    else low = middle + 1;
  }
  const body = code[low];
  if (section.name !== "code" || body === undefined || offset < body.at) return { offset, section: section.name };
  const func = module.imported.func + low;
  return { offset, section: section.name, func, ...defined("funcName", module.funcNames.get(func)) };
}

function examine(
  bytes: Uint8Array,
  options: InspectOptions,
): { report: ValidationReport; module: DecodedModule | undefined; error: unknown } {
  const gate = new RecordingGate(options.features === undefined ? ALL_FEATURES : toFeatureBits(options.features));
  let module: DecodedModule | undefined;
  let error: unknown;
  try {
    module = decode(bytes, { gate });
    validate(module, { gate });
  } catch (caught) {
    if (!(caught instanceof WasmError)) throw caught;
    error = caught;
  }
  const place = (use: FeatureUse): FeaturePlace => ({
    feature: use.feature,
    what: use.what,
    ...(module === undefined ? { offset: use.offset } : placeOf(module, use.offset)),
  });
  const features = gate.finish().map(place);
  const fault = error === undefined ? undefined : faultOf(error as WasmError, module);
  return { report: { valid: error === undefined, ...defined("fault", fault), features }, module, error };
}

function faultOf(error: WasmError, module: DecodedModule | undefined): Fault {
  const { name, code, message, offset } = error;
  const place = offset === undefined ? {} : module === undefined ? { offset } : placeOf(module, offset);
  return { error: name, code, message, ...place };
}

function sectionsOf(module: DecodedModule): ModuleReport["sections"] {
  let custom = 0;
  return module.sections.map(({ name, at, size }) => ({
    name: name === "custom" ? `custom ${JSON.stringify(module.customs[custom++]!.name)}` : name,
    offset: at,
    size,
  }));
}

// ---- external types in words

const funcText = ({ params, results }: FuncType): string => `${typeNames(params)} -> ${typeNames(results)}`;
const range = (min: number, max: number | undefined): string => (max === undefined ? `${min}..` : `${min}..${max}`);
const tableText = ({ element, limits, address64 }: TableType): string =>
  `${range(limits.min, limits.max)} ${typeName(element)}${address64 ? " (64-bit indices)" : ""}`;
const memoryText = ({ limits, shared, address64, pageSizeLog2 }: MemoryType): string =>
  `${range(limits.min, limits.max)} pages${pageSizeLog2 === 16 ? "" : ` of ${2 ** pageSizeLog2} bytes`}${shared ? " shared" : ""}${address64 ? " (64-bit addresses)" : ""}`;
const globalText = ({ type, mutable }: GlobalType): string => (mutable ? `mut ${typeName(type)}` : typeName(type));

/** The type of an import, in words. */
export function importType(module: Module, desc: ImportDesc): string {
  switch (desc.kind) {
    case "func":
      return funcTextAt(module, desc.typeIndex);
    case "table":
      return tableText(desc.table);
    case "memory":
      return memoryText(desc.memory);
    case "global":
      return globalText(desc.global);
    case "tag":
      return funcTextAt(module, desc.tag.typeIndex);
  }
}

/** The type of something in an index space, in words. */
export function externType(module: Module, kind: ExternKind, index: number): string {
  switch (kind) {
    case "func":
      return index < module.funcTypes.length ? funcTextAt(module, module.funcTypes[index]!) : UNKNOWN;
    case "table":
      return index < module.tables.length ? tableText(module.tables[index]!.type) : UNKNOWN;
    case "memory":
      return index < module.memories.length ? memoryText(module.memories[index]!) : UNKNOWN;
    case "global":
      return index < module.globals.length ? globalText(module.globals[index]!.type) : UNKNOWN;
    case "tag":
      return index < module.tags.length ? funcTextAt(module, module.tags[index]!.typeIndex) : UNKNOWN;
  }
}

// The module may be invalid: its indices prove nothing.
const UNKNOWN = "unknown";

function funcTextAt(module: Module, typeIndex: number): string {
  return module.types[typeIndex]?.composite.kind === "func" ? funcText(funcTypeAt(module, typeIndex)) : UNKNOWN;
}

function defined<K extends string, V>(key: K, value: V | undefined): { readonly [P in K]?: V } {
  return value === undefined ? {} : ({ [key]: value } as { [P in K]: V });
}

/** How many entries each part of a module has. */
export function countsOf(module: Module): ModuleReport["counts"] {
  return {
    types: module.types.length,
    functions: module.funcTypes.length,
    tables: module.tables.length,
    memories: module.memories.length,
    globals: module.globals.length,
    tags: module.tags.length,
    exports: module.exports.length,
    elements: module.elements.length,
    dataSegments: module.dataSegments.length,
  };
}
