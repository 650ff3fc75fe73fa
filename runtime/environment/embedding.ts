// The way from a module to an instance for embedders: WAMR's wasm_runtime_instantiate_ex2 and its arguments. Works with whatever
// can make instances in a runtime: a loaded `.aot`, or a JavaScript artifact.
import type { Instance } from "../instance/instance.js";
import type { InstantiateOptions } from "../instance/instantiate.js";
import type { ImportObject } from "../instance/link.js";
import type { InstanceHome } from "../instance/storage.js";
import { LifetimeError } from "../memory/errors.js";
import { WasmError } from "../wasm/error.js";
import type { Module } from "../wasm/module.js";
import { InstanceOwner } from "./instance-owner.js";
import type { ModuleInstance } from "./module-instance.js";
import type { ModuleOwner } from "./module-owner.js";
import type { Runtime } from "./runtime.js";

/** What an instance in a runtime may be given besides imports. */
export interface InstanceArgs {
  /** For reports and messages: the name of the module, where that has none. A module that is loaded has. */
  readonly name?: string | undefined;
  /** Bytes of stack of ExecEnvs that are made without a size. Default: 16384. */
  readonly stackSize?: number | undefined;
  /**
   * Bytes of a heap in the guest's linear memory, for `malloc` of a guest that exports no allocator of its own. Default: 0. A guest
   * that allocates but does not export how must not be given one: the two would hand out the same memory.
   */
  readonly heapSize?: number | undefined;
  /**
   * What becomes of function imports that neither the import object nor a registration supplies: "refuse" throws LinkError,
   * "trap" links what traps when it is called. Default: "refuse".
   */
  readonly unlinkedImports?: "refuse" | "trap" | undefined;
  /** Told, under "trap", of every such import and why it is one. */
  readonly warn?: ((message: string) => void) | undefined;
  /** The instance's `customData`. */
  readonly customData?: unknown;
  /** Take over the contexts of this instance. It destroys them. */
  readonly inherit?: ModuleInstance | undefined;
}

export interface EmbedArgs extends InstanceArgs {
  readonly imports?: ImportObject | undefined;
  /** Memories end here, whatever their declared maximum: pages of 64 KiB. */
  readonly maxMemoryPages?: number | undefined;
  /** Needed where the module is not loaded into a runtime. */
  readonly runtime?: Runtime | undefined;
}

/** A module that can make instances: LoadedModule, or the face of a JavaScript artifact. */
export type Instantiable =
  | {
      readonly owner: ModuleOwner | undefined;
      instantiate(imports?: ImportObject, options?: InstantiateOptions): Instance;
    }
  | { instantiateSync(imports?: ImportObject, options?: InstantiateOptions): Instance };

/** Makes an instance in a runtime. Throws what `instantiate` throws, and MemoryError. */
export function embed(module: Instantiable, args: EmbedArgs = {}): ModuleInstance {
  const { imports, maxMemoryPages } = args;
  const owner = "owner" in module ? module.owner : undefined;
  if (owner !== undefined && args.runtime !== undefined && args.runtime !== owner.runtime)
    throw new LifetimeError("wrong-runtime", `${owner.account.describe()} is loaded into another runtime`);
  const base = owner ?? args.runtime;
  if (base === undefined)
    throw new WasmError(
      "no-runtime",
      "embed: module is not loaded into a runtime: load it with { runtime }, or give one here",
    );
  const runtime: InstanceHome = { begin: (structure: Module) => base.begin(structure, args) };
  const options = { runtime, ...(maxMemoryPages !== undefined && { maxMemoryPages }) };
  return moduleInstanceOf(
    "instantiateSync" in module ? module.instantiateSync(imports, options) : module.instantiate(imports, options),
  );
}

/** The embedder's side of an instance. Throws WasmError `no-runtime` where it lives in none. */
export function moduleInstanceOf(instance: Instance): ModuleInstance {
  if (!(instance.storage instanceof InstanceOwner))
    throw new WasmError("no-runtime", "instance lives in no runtime: instantiate it with { runtime }");
  return instance.storage.embedding;
}
