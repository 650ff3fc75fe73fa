// The part of the WebAssembly JavaScript interface that published packages use, over our compiler, loader and runtime,
// so that they can be run unmodified. It exists for tests: it compiles at run time, on the main thread.
import { compileSync, type Target } from "../../compiler/index.js";
import { load } from "../../loader/index.js";
import type { LoadedModule } from "../../loader/index.js";
import { LinkError as RuntimeLinkError, Trap } from "../../runtime/errors.js";
import { Global, Memory, Table } from "../../runtime/index.js";
import { decode } from "../../runtime/wasm/decode.js";
import { validate as validateModule } from "../../runtime/wasm/validate.js";
import { WasmError } from "../../runtime/wasm/errors.js";
import type { Imports } from "../support/engine.js";

type BufferSource = ArrayBuffer | ArrayBufferView;

const optLevel = Number(process.env["WORKLOAD_OPT"] ?? 1) as 0 | 1 | 2 | 3;
const target = (process.env["WORKLOAD_TARGET"] ?? "generic") as Target;

export function bytesOf(source: BufferSource): Uint8Array {
  if (ArrayBuffer.isView(source)) return new Uint8Array(source.buffer, source.byteOffset, source.byteLength);
  return new Uint8Array(source);
}

// Glue throws and catches these by class: our own errors have to look like them.
class CompileError extends Error {
  override name = "CompileError";
}

class RuntimeError extends Error {
  override name = "RuntimeError";
  static override [Symbol.hasInstance](value: unknown): boolean {
    return value instanceof Trap || Object.prototype.isPrototypeOf.call(RuntimeError.prototype, value as object);
  }
}

class LinkError extends Error {
  override name = "LinkError";
  static override [Symbol.hasInstance](value: unknown): boolean {
    return (
      value instanceof RuntimeLinkError || Object.prototype.isPrototypeOf.call(LinkError.prototype, value as object)
    );
  }
}

class Module {
  /** @internal */
  readonly loaded: LoadedModule;

  constructor(source: BufferSource) {
    try {
      this.loaded = load(compileSync(bytesOf(source), { format: "aot", optLevel, target }), { transfer: true });
    } catch (error) {
      if (error instanceof WasmError) throw new CompileError(`WebAssembly.Module(): ${error.message}`);
      throw error;
    }
  }

  static exports({ loaded }: Module): object[] {
    return loaded.module.exports.map(({ name, kind }) => ({ name, kind: kind === "func" ? "function" : kind }));
  }

  static imports({ loaded }: Module): object[] {
    return loaded.module.imports.map(({ module, name, desc }) => ({
      module,
      name,
      kind: desc.kind === "func" ? "function" : desc.kind,
    }));
  }

  static customSections({ loaded }: Module, name: string): ArrayBuffer[] {
    return loaded.module.customs
      .filter((custom) => custom.name === name)
      .map(({ bytes }) => new Uint8Array(bytes).buffer);
  }
}

class Instance {
  readonly exports: object;

  constructor(module: Module, imports?: Imports) {
    this.exports = module.loaded.instantiate(imports as Record<string, unknown>).exports;
  }
}

async function instantiate(source: BufferSource | Module, imports?: Imports): Promise<object> {
  if (source instanceof Module) return new Instance(source, imports);
  const module = new Module(source);
  return { module, instance: new Instance(module, imports) };
}

interface ResponseLike {
  arrayBuffer(): Promise<ArrayBuffer>;
}

export const WebAssemblyShim = {
  Module,
  Instance,
  Memory,
  Table,
  Global,
  CompileError,
  LinkError,
  RuntimeError,
  compile: async (source: BufferSource) => new Module(source),
  instantiate,
  validate: (source: BufferSource): boolean => {
    try {
      validateModule(decode(bytesOf(source)));
      return true;
    } catch (error) {
      if (error instanceof WasmError) return false;
      throw error;
    }
  },
  compileStreaming: async (response: ResponseLike | Promise<ResponseLike>) =>
    new Module(await (await response).arrayBuffer()),
  instantiateStreaming: async (response: ResponseLike | Promise<ResponseLike>, imports?: Imports) =>
    instantiate(await (await response).arrayBuffer(), imports),
};
