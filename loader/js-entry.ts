// What a JavaScript artifact runs: its tables as literals and its pages as functions go in, instances come out. The same
// linker as for `.aot` files does the work; pages are real source here, so nothing is evaluated.
//
// A self-contained artifact bundles this file and what it needs, down-levelled to ES5; so no for-of over anything but
// arrays, no private names, no getters of classes on the way (compiler/write/prelude.ts says which engines ask for that).
import { ABI_VERSION } from "../runtime/abi.js";
import { instantiate } from "../runtime/instance/instantiate.js";
import type { InstantiateOptions } from "../runtime/instance/instantiate.js";
import type { Instance } from "../runtime/instance/instance.js";
import type { ImportObject } from "../runtime/instance/link.js";
import type { RawCode } from "../runtime/instance/store.js";
import { parseStack } from "../runtime/instance/trace.js";
import type { FrameLocation, JsFrame } from "../runtime/instance/trace.js";
import { WasmError } from "../runtime/wasm/error.js";
import type { ExternKind, Module } from "../runtime/wasm/module.js";
import { findOffset } from "./lines.js";
import { Linker } from "./link.js";
import type { LinkedPage, PageFactory, PageSource } from "./link.js";
import { tables as schema, unpack, unpackData } from "./literal.js";
import type { DataLiteral, Literal, PageLiteral, Tables } from "./literal.js";
import { type Parts, toModule, toNameMap } from "./structure.js";
import type { unsqueeze } from "./unsqueeze.js";

export { LinkError, Trap } from "../runtime/errors.js";
export { Global } from "../runtime/instance/global.js";
export { Memory } from "../runtime/instance/memory.js";
export { Table } from "../runtime/instance/table.js";
export { unsqueeze } from "./unsqueeze.js";

/** What the text of an artifact hands over. @internal */
export interface ArtifactParts {
  /** ABI version that the pages were compiled for. */
  readonly abi: number;
  /** SHA-256 of the `.wasm`. */
  readonly digest: string;
  /** 1: pages reach the bytes of memories by typed arrays, too. */
  readonly elements?: 1;
  readonly tables: Literal;
  /** By segment; or the bytes of all, one segment behind the other, as text for `unsqueeze`. */
  readonly data: readonly DataLiteral[] | string;
  readonly unsqueeze?: typeof unsqueeze;
  readonly pages: readonly PageFactory[];
  readonly helpers: Readonly<Record<string, RawCode>>;
  /** A stack trace taken in a function called f0 on a known line of the artifact, and how many lines below each page begins. */
  readonly stack: string | undefined;
  readonly lines: readonly number[];
  /** The character U+00FF as it stands in the file; empty where the file is ASCII. */
  readonly probe: string;
}

/** The imports and exports of a module, as `WebAssembly.Module` lists them. */
export interface ModuleInfo {
  /** SHA-256 of the `.wasm` in hex. */
  readonly digest: string;
  readonly imports: readonly { readonly module: string; readonly name: string; readonly kind: string }[];
  readonly exports: readonly { readonly name: string; readonly kind: string }[];
}

/** The face of a JavaScript artifact. */
export interface Artifact {
  readonly module: ModuleInfo;
  instantiate(imports?: ImportObject, options?: InstantiateOptions): Promise<Instance>;
  instantiateSync(imports?: ImportObject, options?: InstantiateOptions): Instance;
}

/** @internal */
export function define(parts: ArtifactParts): Artifact {
  // Only an artifact with an external runtime can meet another one than it was compiled for.
  if (parts.abi !== ABI_VERSION) {
    const text = `artifact was compiled for ABI version ${parts.abi}, this runtime has ${ABI_VERSION}: compile it again`;
    throw new WasmError("abi-version", text);
  }
  // Data travels as characters; a server that mislabels the file would silently change it.
  if (parts.probe.length > 1) {
    const text = "artifact is UTF-8 but was read in another encoding: serve it as text/javascript; charset=utf-8";
    throw new WasmError("encoding", text);
  }
  const tables = unpack(schema, parts.tables);
  const module = moduleOf(tables, parts);
  const source = new SourcePages(tables.pages, parts);
  const instantiateSync = (imports?: ImportObject, options?: InstantiateOptions): Instance => {
    const linker = new Linker(source, parts.helpers, parts.elements === 1);
    return instantiate(module, linker, imports, options);
  };
  return {
    module: infoOf(module, parts.digest),
    instantiateSync,
    instantiate: (imports, options) => new Promise((resolve) => resolve(instantiateSync(imports, options))),
  };
}

function moduleOf(tables: Tables, parts: ArtifactParts): Module {
  const { structure, functionTypes, exports, names } = tables;
  return toModule({
    structure,
    functionTypes,
    exports,
    ...dataOf(parts, structure.data.lengths),
    names: () => (names === undefined ? { funcNames: new Map() } : toNameMap(names)),
    customs: () => [],
  });
}

function dataOf(
  { data, unsqueeze }: ArtifactParts,
  lengths: readonly number[],
): Pick<Parts, "dataBytes" | "writeData" | "packedData"> {
  if (typeof data === "string") {
    let all: Uint8Array | undefined;
    const dataBytes = (i: number, at: number): Uint8Array => {
      if (all === undefined) {
        all = unsqueeze!(
          data,
          lengths.reduce((sum, length) => sum + length, 0),
        );
      }
      return all.subarray(at, at + lengths[i]!);
    };
    return { dataBytes, writeData: (i, at, target) => target.set(dataBytes(i, at)), packedData: true };
  }
  const bytes: Uint8Array[] = [];
  return {
    dataBytes: (i) => bytes[i] ?? (bytes[i] = unpackData(data[i]!, new Uint8Array(lengths[i]!))),
    writeData: (i, _at, target) => void unpackData(data[i]!, target),
    packedData: true,
  };
}

function infoOf(module: Module, digest: string): ModuleInfo {
  const kindOf = (kind: ExternKind): string => (kind === "func" ? "function" : kind);
  return {
    digest,
    imports: module.imports.map(({ module, name, desc }) => ({ module, name, kind: kindOf(desc.kind) })),
    exports: module.exports.map(({ name, kind }) => ({ name, kind: kindOf(kind) })),
  };
}

class SourcePages implements PageSource {
  readonly pageCount: number;
  private readonly pages: readonly PageLiteral[];
  private readonly parts: ArtifactParts;
  private readonly here: JsFrame | undefined;

  constructor(pages: readonly PageLiteral[], parts: ArtifactParts) {
    this.pages = pages;
    this.pageCount = pages.length;
    this.parts = parts;
    const frames = parseStack(String(parts.stack));
    this.here = frames.length === 0 ? undefined : frames[0]!.frame;
  }

  functions(page: number): readonly number[] {
    return this.pages[page]!.functions;
  }

  relocations(page: number): PageLiteral["relocations"] {
    return this.pages[page]!.relocations;
  }

  make(page: number, relocations: readonly unknown[]): LinkedPage {
    return this.parts.pages[page]!(relocations);
  }

  locate({ file, line, funcIndex }: JsFrame): FrameLocation | undefined {
    const { here, pages } = this;
    if (here !== undefined && here.file !== file) return undefined;
    for (let p = 0; p < pages.length; p++) {
      if (pages[p]!.functions.indexOf(funcIndex) < 0) continue;
      const { lines } = pages[p]!;
      if (here === undefined || lines === undefined) return {};
      const offset = findOffset(lines, line - here.line - this.parts.lines[p]! + 1);
      return offset === undefined ? {} : { offset };
    }
    return undefined;
  }
}
