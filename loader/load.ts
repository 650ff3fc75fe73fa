// Artifact to instance: map the bytes, read and check the tables, and hand instances their code page by page. Everything is
// checked before it is used: header and tables here, segments, names and page texts when something first needs them.
import { HELPER_TABLE } from "../runtime/helpers/index.js";
import type { ModuleOwner } from "../runtime/environment/module-owner.js";
import type { Runtime } from "../runtime/environment/runtime.js";
import type { Instance } from "../runtime/instance/instance.js";
import { instantiate as instantiateModule } from "../runtime/instance/instantiate.js";
import type { InstantiateOptions } from "../runtime/instance/instantiate.js";
import type { ImportObject } from "../runtime/instance/link.js";
import type { FrameLocation, JsFrame } from "../runtime/instance/trace.js";
import type { Module } from "../runtime/wasm/module.js";
import { checkDataHeaders, checkModule, checkNames, checkPages, checkSymbols } from "./check.js";
import { CodeCache, directoryCache, fileCache } from "./code-cache.js";
import type { CacheStore } from "./code-cache.js";
import { ByteReader, read } from "./codec.js";
import type { Schema } from "./codec.js";
import { ArtifactError, badPage, inconsistent, missingFeatures, wrongTarget } from "./errors.js";
import { builtin, checkCompiler, compilePage, messageOf } from "./host.js";
import type { Image, LineTable, Page, Relocation, TargetInfo } from "./image.js";
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
  relocationsSection,
  structureSection,
  targetSection,
} from "./layout.js";
import type { SectionName } from "./layout.js";
import { Linker } from "./link.js";
import type { LinkedPage, PageFactory, PageSource } from "./link.js";
import { findOffset } from "./lines.js";
import { CodeRegion, regionAccess } from "./region.js";
import { toModule, toNameMap } from "./structure.js";
import type { Names } from "./structure.js";

export interface LoadOptions {
  /** Take over the buffer instead of copying it; it is detached then. Default: false. */
  readonly transfer?: boolean;
  /** Refuse artifacts tuned for anything but this and "generic". */
  readonly target?: string;
  /** Check every byte now instead of when it is needed. Default: false. */
  readonly verify?: boolean;
  /** Where V8's compiled form of the pages is kept; only used in Node. */
  readonly codeCache?: CacheStore | undefined;
  /** The runtime that the module's memory comes from and is charged in. Default: none, the engine's own objects do. */
  readonly runtime?: Runtime;
  /** For memory reports and messages. Default: the name section's, or the beginning of the artifact's digest. */
  readonly name?: string;
}

/** Loads an artifact; throws ArtifactError if it is none, damaged, or made for something else. */
export function load(bytes: Uint8Array | ArrayBuffer, options: LoadOptions = {}): LoadedModule {
  return new LoadedModule(new CodeRegion(own(bytes, options.transfer === true)), options);
}

export interface LoadFileOptions extends Omit<LoadOptions, "transfer" | "codeCache"> {
  /** true: beside the file, as `<file>.v8cache` · a string: in that directory · false: none. Default: true. */
  readonly codeCache?: boolean | string;
}

/** Loads an artifact from a file (in Node), with a code cache that is saved when the process ends. */
export function loadFile(path: string, options: LoadFileOptions = {}): LoadedModule {
  const fs = builtin("node:fs");
  if (fs === undefined) throw new TypeError("loadFile: this host has no file system, use load(bytes)");
  const { codeCache = true, ...rest } = options;
  const region = new CodeRegion(unshared(fs.readFileSync(path)));
  const store =
    typeof codeCache === "string"
      ? directoryCache(codeCache, region.digest)
      : codeCache
        ? fileCache(`${path}.v8cache`)
        : undefined;
  return new LoadedModule(region, { ...rest, codeCache: store }, true);
}

/** Makes an instance of a loaded module: link, allocate, initialize, start. */
export function instantiate(module: LoadedModule, imports?: ImportObject, options?: InstantiateOptions): Instance {
  return module.instantiate(imports, options);
}

/** A loaded artifact, from which any number of instances can be made. */
export class LoadedModule {
  readonly region: CodeRegion;
  readonly target: TargetInfo;
  /** The module's structure. */
  readonly module: Module;
  /** The module's books in its runtime. */
  readonly owner: ModuleOwner | undefined;
  readonly #pages: AotPages;
  readonly #cache: CodeCache | undefined;

  /** @internal */
  constructor(region: CodeRegion, options: LoadOptions, saveAtExit = false) {
    this.region = region;
    this.target = readTarget(region, options.target);
    if (options.verify === true) region.verify();
    this.module = readModule(region);
    const symbols = readSection(region, "relocations", relocationsSection);
    checkSymbols(this.module, symbols);
    checkPages(this.module, regionAccess.pages(region));
    checkCompiler();
    if (options.codeCache !== undefined && builtin("node:v8") !== undefined) {
      const digestOf = (page: number): string => region.page(page).digest;
      this.#cache = new CodeCache(options.codeCache, region.digest, digestOf, region.pageCount, saveAtExit);
    }
    this.#pages = new AotPages(region, symbols, this.#cache);
    if (options.verify === true) {
      void this.module.customs;
      readNames(region, this.module.funcTypes.length);
      for (let page = 0; page < region.pageCount; page++) readLines(region, page);
    }
    const name = options.name ?? this.module.moduleName ?? region.digest.slice(0, 8);
    this.owner = options.runtime?.openModule(name);
  }

  /** Makes an instance; of a module that is loaded into a runtime, in that runtime. */
  instantiate(imports?: ImportObject, options?: InstantiateOptions): Instance {
    const all = this.owner === undefined ? options : { runtime: this.owner, ...options };
    return instantiateModule(this.module, new Linker(this.#pages, HELPER_TABLE), imports, all);
  }

  /** Frees what the module holds in its runtime. Throws LifetimeError, and frees nothing, while an instance of it lives. */
  dispose(): void {
    this.owner?.dispose();
  }

  /** What a page defines and needs, for tools. */
  page(page: number): Pick<Page, "functions" | "relocations"> {
    return { functions: this.#pages.functions(page), relocations: this.#pages.relocations(page) };
  }

  /** The line table of a page; undefined where the artifact has none. */
  lines(page: number): LineTable | undefined {
    return readLines(this.region, page);
  }

  /** Stores the code cache, if there is one and it has changed. Returns whether anything was written. */
  saveCodeCache(): boolean {
    return this.#cache?.save() ?? false;
  }

  /** The image that the artifact holds, every byte checked; for tools that convert between containers. */
  toImage(): Image {
    this.region.verify();
    const pages: Page[] = [];
    for (let p = 0; p < this.region.pageCount; p++) {
      const lines = this.lines(p);
      pages.push({ text: this.region.pageText(p), ...this.page(p), ...(lines !== undefined && { lines }) });
    }
    const { offsets } = readSection(this.region, "functions", functionsSection);
    return { target: this.target, module: this.module, pages, funcOffsets: offsets };
  }
}

// The bytes must be the region's alone: nobody may change them between their check and their use.
function own(source: Uint8Array | ArrayBuffer, transfer: boolean): Uint8Array {
  const isBuffer = Object.prototype.toString.call(source) === "[object ArrayBuffer]";
  if (!isBuffer && !(source instanceof Uint8Array))
    throw new TypeError("load: expected a Uint8Array or an ArrayBuffer");
  const view = isBuffer ? new Uint8Array(source as ArrayBuffer) : (source as Uint8Array);
  if (!transfer || typeof structuredClone !== "function") return new Uint8Array(view);
  const { byteOffset, length } = view;
  const buffer = structuredClone(view.buffer, { transfer: [view.buffer as ArrayBuffer] });
  return new Uint8Array(buffer, byteOffset, length);
}

// Node makes small buffers as slices of one that it shares between them.
function unshared(bytes: Uint8Array): Uint8Array {
  return bytes.length === bytes.buffer.byteLength ? bytes : new Uint8Array(bytes);
}

function readSection<T>(region: CodeRegion, section: SectionName, schema: Schema<T>): T {
  const reader = regionAccess.open(region, section)!;
  const value = read(schema, reader);
  reader.end();
  return value;
}

function has(region: CodeRegion, section: SectionName): boolean {
  return regionAccess.open(region, section) !== undefined;
}

function readTarget(region: CodeRegion, expected: string | undefined): TargetInfo {
  const target = readSection(region, "target", targetSection);
  const known: readonly string[] = expected === undefined ? TARGETS : [expected, "generic"];
  if (!known.includes(target.target)) throw wrongTarget(target.target, known);
  const missing = target.features.filter((feature) => !(RUNTIME_FEATURES as readonly string[]).includes(feature));
  if (missing.length > 0) throw missingFeatures(missing, RUNTIME_FEATURES);
  return { formatVersion: FORMAT_VERSION, abiVersion: ABI_VERSION, ...target };
}

function readModule(region: CodeRegion): Module {
  const structure = readSection(region, "structure", structureSection);
  const functions = readSection(region, "functions", functionsSection);
  if (functions.types.length !== functions.offsets.length)
    throw inconsistent("functions", "as many offsets as types expected");
  const data = regionAccess.open(region, "data")!.bytes;
  const { lengths } = structure.data;
  const size = lengths.reduce((sum, length) => sum + length, 0);
  if (size !== data.length) throw inconsistent("data", `${data.length} bytes, expected ${size}`);
  const functionCount = structure.imports.filter(({ desc }) => desc.kind === "func").length + functions.types.length;
  let copy: Uint8Array | undefined;
  let customs: Module["customs"] | undefined;
  const module = toModule({
    structure,
    functionTypes: functions.types,
    exports: readSection(region, "exports", exportsSection),
    // A copy: what a module structure holds is open to anybody, the region's bytes are not.
    dataBytes: (i, at) => (copy ??= new Uint8Array(data)).subarray(at, at + lengths[i]!),
    names: () => readable(() => readNames(region, functionCount)) ?? { funcNames: new Map() },
    customs: () => (customs ??= readCustoms(region)),
  });
  checkModule(module);
  checkDataHeaders(module, structure.data);
  return module;
}

function readNames(region: CodeRegion, functionCount: number): Names {
  if (!has(region, "names")) return { funcNames: new Map() };
  const section = readSection(region, "names", namesSection);
  checkNames(functionCount, section.functions, section.names);
  return toNameMap(section);
}

function readCustoms(region: CodeRegion): Module["customs"] {
  if (!has(region, "custom")) return [];
  const customs = readSection(region, "custom", customSection);
  return customs.map(({ name, bytes, at }) => ({ name, bytes: new Uint8Array(bytes), at }));
}

function readLines(region: CodeRegion, page: number): LineTable | undefined {
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

// Names and lines only decorate messages: where they are damaged a trap is reported without them. `verify` says so.
function readable<T>(read: () => T): T | undefined {
  try {
    return read();
  } catch (error) {
    if (error instanceof ArtifactError) return undefined;
    throw error;
  }
}

/** The pages of a region: verified and compiled once, linked once for each instance. */
class AotPages implements PageSource {
  private readonly region: CodeRegion;
  private readonly symbols: readonly Relocation[];
  private readonly cache: CodeCache | undefined;
  private readonly scriptPrefix: string;
  private readonly factories: PageFactory[] = [];
  private readonly lineTables: (LineTable | undefined)[] = [];
  readonly pageCount: number;

  constructor(region: CodeRegion, symbols: readonly Relocation[], cache: CodeCache | undefined) {
    this.region = region;
    this.symbols = symbols;
    this.cache = cache;
    this.pageCount = region.pageCount;
    this.scriptPrefix = `wamrc-ts:${region.digest.slice(0, 8)}/page`;
    for (const { relocations } of regionAccess.pages(region)) {
      const wrong = relocations.find((number) => symbols[number] === undefined);
      if (wrong !== undefined) throw inconsistent("pages", `symbol ${wrong}, expected below ${symbols.length}`);
    }
  }

  functions(page: number): readonly number[] {
    return regionAccess.pages(this.region)[page]!.functions;
  }

  relocations(page: number): readonly Relocation[] {
    return regionAccess.pages(this.region)[page]!.relocations.map((number) => this.symbols[number]!);
  }

  make(page: number, relocations: readonly unknown[]): LinkedPage {
    const factory = (this.factories[page] ??= this.compile(page));
    let linked: Partial<LinkedPage> | undefined;
    try {
      linked = factory(relocations);
    } catch (error) {
      throw badPage(page, `cannot be linked: ${messageOf(error)}`);
    }
    const functions = linked?.f;
    const fits =
      Array.isArray(functions) &&
      functions.length === this.functions(page).length &&
      functions.every((code) => typeof code === "function") &&
      typeof linked?.b === "function";
    if (!fits) throw badPage(page, "does not make the functions that the page table lists");
    return linked as LinkedPage;
  }

  locate({ file, line, funcIndex }: JsFrame): FrameLocation | undefined {
    if (file.slice(0, this.scriptPrefix.length) !== this.scriptPrefix) return undefined;
    const page = Number(file.slice(this.scriptPrefix.length));
    if (!(page < this.pageCount) || !this.functions(page).includes(funcIndex)) return undefined;
    const table = (this.lineTables[page] ??= readable(() => readLines(this.region, page)));
    const offset = table === undefined ? undefined : findOffset(table, line);
    return offset === undefined ? {} : { offset };
  }

  private compile(page: number): PageFactory {
    const text = this.region.pageText(page);
    const compiled = compilePage(text, page, this.scriptPrefix + page, this.cache?.data(page));
    this.cache?.add(page, compiled);
    if (typeof compiled.factory !== "function") throw badPage(page, "is not a function");
    return compiled.factory as PageFactory;
  }
}
