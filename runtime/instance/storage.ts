// What instantiation asks of a runtime that keeps account of memory (runtime/environment): types only, so that a program
// without one carries nothing of it. Without a storage the parts of an instance are the engine's own objects.
import type { Module } from "../wasm/module.js";
import type { Instance } from "./instance.js";
import type { ImportObject } from "./link.js";
import type { MemoryStorage } from "./memory.js";

/** The place of one instance in a runtime. Its methods throw MemoryError where there is no memory left. */
export interface InstanceStorage {
  /** The imports, with what the runtime itself supplies. */
  imports(imports: ImportObject | undefined): ImportObject | undefined;
  /** Room for a linear memory of `size` bytes. */
  memory(index: number, size: number): MemoryStorage;
  /** The instance is there: it can be listed, and disposed of. */
  attach(instance: Instance): void;
  /** Why the last growth of a memory was refused is told to the host. */
  growthRefused(instance: Instance, memory: number, delta: number): void;
  /** Instantiation failed. `escaped`: functions of the instance may be held elsewhere, so its memory must stay. */
  abandon(escaped: boolean): void;
  /** Frees everything; throws LifetimeError, and frees nothing, where others still need it. */
  dispose(): void;
}

/** What `instantiate(imports, { runtime })` takes: a Runtime, or a module that is loaded into one. */
export interface InstanceHome {
  /** @internal */
  begin(module: Module): InstanceStorage;
}
