// The sections of an artifact as values: each is read from its region, verified, and checked for what its schema cannot say.
import { LifetimeError } from "../runtime/memory/errors.js";
import type { Module } from "../runtime/wasm/module.js";
import { checkDataHeaders, checkModule, checkNames } from "./check.js";
import { ByteReader, read } from "./codec.js";
import type { Schema } from "./codec.js";
import { ArtifactError, inconsistent, missingFeatures, wrongTarget } from "./errors.js";
import type { LineTable, TargetInfo } from "./image.js";
import {
  ABI_VERSION,
  FORMAT_VERSION,
  RUNTIME_FEATURES,
  TARGETS,
  customSection,
  exportsSection,
  functionsSection,
  lineTable,
  linesSection,
  namesSection,
  structureSection,
  targetSection,
} from "./layout.js";
import type { SectionName } from "./layout.js";
import { regionAccess } from "./region.js";
import type { CodeRegion } from "./region.js";
import { toModule, toNameMap } from "./structure.js";
import type { Names } from "./structure.js";

export function readSection<T>(region: CodeRegion, section: SectionName, schema: Schema<T>): T {
  const reader = regionAccess.open(region, section)!;
  const value = read(schema, reader);
  reader.end();
  return value;
}

function has(region: CodeRegion, section: SectionName): boolean {
  return regionAccess.open(region, section) !== undefined;
}

export function readTarget(region: CodeRegion, expected: string | undefined): TargetInfo {
  const target = readSection(region, "target", targetSection);
  const known: readonly string[] = expected === undefined ? TARGETS : [expected, "generic"];
  if (!known.includes(target.target)) throw wrongTarget(target.target, known);
  const missing = target.features.filter((feature) => !(RUNTIME_FEATURES as readonly string[]).includes(feature));
  if (missing.length > 0) throw missingFeatures(missing, RUNTIME_FEATURES);
  return { formatVersion: FORMAT_VERSION, abiVersion: ABI_VERSION, ...target };
}

/** `guarded`: what the structure holds must be copies, as it is open to anybody and the region's bytes are not. */
export function readModule(region: CodeRegion, guarded: boolean): Module {
  const structure = readSection(region, "structure", structureSection);
  const functions = readSection(region, "functions", functionsSection);
  if (functions.types.length !== functions.offsets.length)
    throw inconsistent("functions", "as many offsets as types expected");
  const data = (): Uint8Array => regionAccess.open(region, "data")!.bytes;
  const { lengths } = structure.data;
  const size = lengths.reduce((sum, length) => sum + length, 0);
  if (size !== data().length) throw inconsistent("data", `${data().length} bytes, expected ${size}`);
  const functionCount = structure.imports.filter(({ desc }) => desc.kind === "func").length + functions.types.length;
  let copy: Uint8Array | undefined;
  let whole: Uint8Array | undefined;
  let customs: Module["customs"] | undefined;
  const module = toModule({
    structure,
    functionTypes: functions.types,
    exports: readSection(region, "exports", exportsSection),
    dataBytes: (i, at) => (guarded ? (copy ??= new Uint8Array(data())) : data()).subarray(at, at + lengths[i]!),
    // What is guarded stays where it is.
    writeData: (i, at, target) => {
      target.set((guarded ? (whole ??= data()) : data()).subarray(at, at + lengths[i]!));
    },
    names: () => readable(() => readNames(region, functionCount)) ?? { funcNames: new Map() },
    customs: () => (customs ??= readCustoms(region, guarded)),
  });
  checkModule(module);
  checkDataHeaders(module, structure.data);
  return module;
}

export function readNames(region: CodeRegion, functionCount: number): Names {
  if (!has(region, "names")) return { funcNames: new Map() };
  const section = readSection(region, "names", namesSection);
  checkNames(functionCount, section.functions, section.names);
  return toNameMap(section);
}

function readCustoms(region: CodeRegion, guarded: boolean): Module["customs"] {
  if (!has(region, "custom")) return [];
  const customs = readSection(region, "custom", customSection);
  return customs.map(({ name, bytes, at }) => ({ name, bytes: guarded ? new Uint8Array(bytes) : bytes, at }));
}

export function readLines(region: CodeRegion, page: number): LineTable | undefined {
  const reader = regionAccess.open(region, "lines");
  if (reader === undefined) return undefined;
  const tables = read(linesSection, reader);
  reader.end();
  const bytes = tables[page];
  if (tables.length !== region.pageCount || bytes === undefined)
    throw inconsistent("lines", `${tables.length} line tables`);
  const table = new ByteReader(bytes, "lines", reader.base + (bytes.byteOffset - reader.bytes.byteOffset));
  const lines = read(lineTable, table);
  table.end();
  if (lines.lines.length !== lines.offsets.length) throw inconsistent("lines", "more lines than offsets or fewer");
  return lines;
}

// Names and lines only decorate messages: where they are damaged, or gone, a trap is reported without them. `verify` says so.
export function readable<T>(read: () => T): T | undefined {
  try {
    return read();
  } catch (error) {
    if (error instanceof ArtifactError || error instanceof LifetimeError) return undefined;
    throw error;
  }
}
