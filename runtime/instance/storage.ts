// What instantiation asks of a runtime that keeps account of memory (runtime/environment): types only, so that a program
// without one carries nothing of it. Without a storage the parts of an instance are the engine's own objects.
import type { DataSegment, Module } from "../wasm/module.js";
import type { Instance } from "./instance.js";
import type { ImportObject } from "./link.js";
import type { MemoryStorage } from "./memory-storage.js";
import type { TableStorage } from "./table.js";
import type { Scalar } from "./value.js";

/** The place of one instance in a runtime. Its methods throw MemoryError where there is no memory left. @internal */
export interface InstanceStorage {
  /** The imports, with what the runtime itself supplies. */
  imports(imports: ImportObject | undefined): ImportObject | undefined;
  /** Room for a linear memory of `size` bytes. */
  memory(index: number, size: number): MemoryStorage;
  /** A table that is empty as yet, with room for `length` elements. */
  table(index: number, length: number): TableStorage;
  /** Fills `instance.cells` (`isCell` tells which globals have one, by index) and returns `instance.privates`. */
  globals(instance: Instance, isCell: readonly boolean[]): Record<string, Scalar>;
  /** A word for each function of the index space, 0 at first. */
  functions(): Record<number, number>;
  /** The bytes of a passive segment. */
  segment(index: number, segment: DataSegment): Uint8Array;
  /** All parts are there. From here on code can be reached from elsewhere. */
  attach(instance: Instance): void;
  /** Instantiation has failed, perhaps in code of the instance, if that was `started`. */
  abandon(started: boolean): void;
  /** Unlinks the code and frees everything; throws LifetimeError, and has done nothing, where others still need it. */
  dispose(): void;
}

/** What the option `runtime` takes: a Runtime, or a module that is loaded into one. */
export interface InstanceHome {
  /** @internal */
  begin(module: Module): InstanceStorage;
}
