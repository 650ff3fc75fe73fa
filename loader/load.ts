// Artifact to instance: map the bytes, read and check the tables, and hand instances their code page by page. Everything is
// checked before it is used: header and tables here, segments, names and page texts when something first needs them.
import type { CodePage, ModuleOwner } from "../runtime/environment/module-owner.js";
import type { Runtime } from "../runtime/environment/runtime.js";
import { HELPER_TABLE } from "../runtime/helpers/index.js";
import type { Instance } from "../runtime/instance/instance.js";
import { instantiate as instantiateModule } from "../runtime/instance/instantiate.js";
import type { InstantiateOptions } from "../runtime/instance/instantiate.js";
import type { ImportObject } from "../runtime/instance/link.js";
import type { Reference } from "../runtime/memory/account.js";
import type { Module } from "../runtime/wasm/module.js";
import { AotPages } from "./aot-pages.js";
import { checkPages, checkSymbols } from "./check.js";
import { CodeCache, directoryCache, fileCache } from "./code-cache.js";
import type { CacheStore } from "./code-cache.js";
import { builtin, checkCompiler } from "./host.js";
import type { Image, LineTable, Page, TargetInfo } from "./image.js";
import { ELEMENT_TARGETS, functionsSection, relocationsSection } from "./layout.js";
import { Linker } from "./link.js";
import { PlacedMapping, WholeMapping } from "./mapping.js";
import type { Mapping } from "./mapping.js";
import { CodeRegion, regionAccess } from "./region.js";
import { readLines, readModule, readNames, readSection, readTarget } from "./sections.js";
import { bytesSource, fileSource } from "./source.js";

export interface LoadOptions {
  /** Take over the buffer instead of copying it; it is detached then. Default: false. */
  readonly transfer?: boolean;
  /**
   * Use the bytes where they are instead of copying them: nobody may change them until the module is disposed of, or
   * `freeFileBuffer` is called. Default: false.
   */
  readonly reference?: boolean;
  /** Refuse artifacts tuned for anything but this and "generic". */
  readonly target?: string;
  /** Check every byte now instead of when it is needed. Default: false. */
  readonly verify?: boolean;
  /** Where V8's compiled form of the pages is kept; only used in Node. */
  readonly codeCache?: CacheStore | undefined;
  /** The runtime that the module's memory comes from and is charged in. Default: none, the engine's own objects do. */
  readonly runtime?: Runtime | undefined;
  /** Give the memory of a page's text back when the engine has compiled it. Tools cannot read it then. Default: false. */
  readonly releasePages?: boolean;
  /** For memory reports and messages. Default: the name section's, or the beginning of the artifact's digest. */
  readonly name?: string;
}

/** Loads an artifact; throws ArtifactError if it is none, damaged, or made for something else; MemoryError. */
export function load(bytes: Uint8Array | ArrayBuffer, options: LoadOptions = {}): LoadedModule {
  const given = viewOf(bytes);
  const { reference = false, transfer = false } = options;
  if (reference) return new LoadedModule(options, { map: () => new WholeMapping(given), fileBuffer: given });
  return new LoadedModule(options, {
    map: (owner) => {
      if (owner === undefined) return new WholeMapping(transfer ? taken(given) : new Uint8Array(given));
      const mapping = new PlacedMapping(bytesSource(given), owner);
      return mapping;
    },
    mapped: () => void (transfer && options.runtime !== undefined && taken(given)),
  });
}

export interface LoadFileOptions extends Omit<LoadOptions, "transfer" | "reference" | "codeCache"> {
  /** true: beside the file, as `<file>.v8cache` · a string: in that directory · false: none. Default: true. */
  readonly codeCache?: boolean | string;
}

/** Loads an artifact from a file (in Node), with a code cache that is saved when the module is disposed of or the process ends. */
export function loadFile(path: string, options: LoadFileOptions = {}): LoadedModule {
  const fs = builtin("node:fs");
  if (fs === undefined) throw new TypeError("loadFile: this host has no file system, use load(bytes)");
  const { codeCache = true, ...rest } = options;
  const cacheFor = (digest: string): CacheStore | undefined => {
    if (typeof codeCache === "string") return directoryCache(codeCache, digest);
    return codeCache ? fileCache(`${path}.v8cache`) : undefined;
  };
  if (options.runtime === undefined) {
    const bytes = unshared(fs.readFileSync(path));
    return new LoadedModule(rest, { map: () => new WholeMapping(bytes), cacheFor });
  }
  const source = fileSource(path);
  try {
    return new LoadedModule(rest, { map: (owner) => new PlacedMapping(source, owner!), cacheFor });
  } finally {
    source.close();
  }
}

/** Makes an instance of a loaded module: link, allocate, initialize, start. */
export function instantiate(module: LoadedModule, imports?: ImportObject, options?: InstantiateOptions): Instance {
  return module.instantiate(imports, options);
}

/** Where a module comes from. */
interface Origin {
  map(owner: ModuleOwner | undefined): Mapping;
  /** The module is there. */
  mapped?(): void;
  /** The caller's bytes, if they stay in use. */
  readonly fileBuffer?: Uint8Array;
  /** The code cache of a file, to be saved in the end. */
  cacheFor?(digest: string): CacheStore | undefined;
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
  #fileBuffer: Uint8Array | undefined;
  #fileReference: Reference | undefined;

  /** @internal */
  constructor(options: LoadOptions, origin: Origin) {
    this.owner = options.runtime?.openModule(options.name ?? "artifact");
    try {
      const mapping = origin.map(this.owner);
      const region = (this.region = new CodeRegion(mapping));
      this.target = readTarget(region, options.target);
      if (options.verify === true) region.verify();
      this.module = readModule(region, this.owner === undefined && origin.fileBuffer === undefined);
      const symbols = readSection(region, "relocations", relocationsSection);
      checkSymbols(this.module, symbols);
      checkPages(this.module, regionAccess.pages(region));
      checkCompiler();
      this.#cache = this.#openCache(
        origin.cacheFor?.(region.digest) ?? options.codeCache,
        origin.cacheFor !== undefined,
      );
      const release = options.releasePages === true;
      this.#pages = new AotPages(region, symbols, this.#cache, (page) => release && regionAccess.release(region, page));
      if (options.verify === true) {
        void this.module.customs;
        readNames(region, this.module.funcTypes.length);
        for (let page = 0; page < region.pageCount; page++) readLines(region, page);
      }
      this.#setFileBuffer(origin.fileBuffer);
      if (mapping instanceof PlacedMapping) mapping.detach();
      if (this.owner !== undefined) {
        this.owner.codePages = () => regionAccess.pages(region).map((_, page) => this.#codePage(page));
        if (options.name === undefined) this.owner.account.name = this.module.moduleName ?? region.digest.slice(0, 8);
      }
    } catch (error) {
      this.owner?.dispose();
      throw error;
    }
    origin.mapped?.();
  }

  /** Makes an instance; of a module that is loaded into a runtime, in that runtime. */
  instantiate(imports?: ImportObject, options?: InstantiateOptions): Instance {
    const elements = ELEMENT_TARGETS.includes(this.target.target);
    const all = this.owner === undefined ? options : { runtime: this.owner, ...options };
    return instantiateModule(this.module, new Linker(this.#pages, HELPER_TABLE, elements), imports, all);
  }

  /** Frees what the module holds in its runtime. Throws LifetimeError, and frees nothing, while an instance of it lives. */
  dispose(): void {
    this.owner?.checkUnused();
    this.#cache?.close();
    this.owner?.dispose();
    this.#fileBuffer = undefined;
  }

  [Symbol.dispose](): void {
    this.dispose();
  }

  /** The caller's bytes that the module still uses; undefined unless it was loaded by `reference`. */
  get fileBuffer(): Uint8Array | undefined {
    return this.#fileBuffer;
  }

  /**
   * Stops using the caller's bytes: tables, data segments and the text of pages that have not been compiled yet are copied to
   * memory of the module's. Throws MemoryError, and then still uses them.
   */
  freeFileBuffer(): void {
    const bytes = this.#fileBuffer;
    if (bytes === undefined) return;
    const needed = (page: number): boolean => !this.#pages.isCompiled(page);
    if (this.owner === undefined) regionAccess.remap(this.region, new WholeMapping(new Uint8Array(bytes)), needed);
    else {
      const mapping = new PlacedMapping(bytesSource(bytes), this.owner);
      try {
        regionAccess.remap(this.region, mapping, needed);
      } catch (error) {
        mapping.undo();
        throw error;
      }
      mapping.detach();
    }
    this.#setFileBuffer(undefined);
  }

  /** What a page defines and needs, for tools. */
  page(page: number): Pick<Page, "functions" | "relocations"> {
    return { functions: this.#pages.functions(page), relocations: this.#pages.relocations(page) };
  }

  /** Whether the engine has compiled a page. */
  isResident(page: number): boolean {
    return this.#pages.isCompiled(page);
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

  #codePage(page: number): CodePage {
    return {
      bytes: this.region.page(page).length,
      functions: this.#pages.functions(page).length,
      resident: this.#pages.isCompiled(page),
      mapped: regionAccess.keeps(this.region, page),
    };
  }

  #openCache(store: CacheStore | undefined, saveAtExit: boolean): CodeCache | undefined {
    if (store === undefined || builtin("node:vm") === undefined) return undefined;
    const { region } = this;
    const digestOf = (page: number): string => region.page(page).digest;
    return new CodeCache(store, region.digest, digestOf, region.pageCount, saveAtExit, this.owner?.account);
  }

  #setFileBuffer(bytes: Uint8Array | undefined): void {
    this.#fileBuffer = bytes;
    const account = this.owner?.account;
    if (account === undefined) return;
    if (this.#fileReference !== undefined) account.references.delete(this.#fileReference);
    this.#fileReference = bytes === undefined ? undefined : account.refer("file buffer", bytes.length);
  }
}

function viewOf(source: Uint8Array | ArrayBuffer): Uint8Array {
  if (Object.prototype.toString.call(source) === "[object ArrayBuffer]") return new Uint8Array(source as ArrayBuffer);
  if (source instanceof Uint8Array) return source;
  throw new TypeError("load: expected a Uint8Array or an ArrayBuffer");
}

// The bytes in a buffer that nobody else has; where the host cannot detach the caller's, in a copy.
function taken(view: Uint8Array): Uint8Array {
  if (typeof structuredClone !== "function") return new Uint8Array(view);
  const { byteOffset, length } = view;
  const buffer = structuredClone(view.buffer, { transfer: [view.buffer as ArrayBuffer] });
  return new Uint8Array(buffer, byteOffset, length);
}

// Node makes small buffers as slices of one that it shares between them.
function unshared(bytes: Uint8Array): Uint8Array {
  return bytes.length === bytes.buffer.byteLength ? bytes : new Uint8Array(bytes);
}
