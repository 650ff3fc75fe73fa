// The Runtime category of the memory model: an allocator, and everything that is allocated from it. Modules are loaded into a
// runtime, instances made of them; each is disposed of before what it was made from, and the runtime last.
import { Account, type Allocation } from "../memory/account.js";
import { createAllocator, type Allocator, type AllocatorOptions } from "../memory/allocator.js";
import { LifetimeError } from "../memory/errors.js";
import type { Item } from "../memory/items.js";
import { reportNode, type MemoryReport } from "../memory/report.js";
import type { InstanceHome, InstanceStorage } from "../instance/storage.js";
import type { Module } from "../wasm/module.js";
import type { InstanceArgs } from "./embedding.js";
import type { ModuleInstance } from "./module-instance.js";
import { ModuleOwner } from "./module-owner.js";
import { NativeStack } from "./native-stack.js";
import { Natives, type NativeSymbol, type RawNativeSymbol } from "./natives.js";
import { RuntimeWord } from "./records.js";
import { ReferenceTable } from "./reference-table.js";
import { SharedHeap, type SharedHeapOptions } from "./shared-heap.js";

export interface RuntimeOptions {
  /** Where all memory comes from. Default: `{ mode: "Alloc_With_System_Allocator" }`. */
  readonly allocator?: AllocatorOptions;
  /** For reports and messages. Default: "runtime". */
  readonly name?: string;
  /** Bytes that native functions and WASI's calls may use while they run; what does not fit is allocated. Default: 1024. */
  readonly nativeStackSize?: number;
  /** Told whenever a guest's memory was to grow and could not. */
  readonly onMemoryGrowthRefused?: (refused: GrowthRefused) => void;
}

/** A memory that could not grow. */
export interface GrowthRefused {
  readonly instance: ModuleInstance;
  /** Index of the memory. */
  readonly memory: number;
  /** Pages of 64 KiB that it was to grow by. */
  readonly delta: number;
  /**
   * The module's own maximum, the limit of `maxMemoryPages` (2 GiB where it is not given), the pool has no block so large, or the
   * host's allocator or the JavaScript engine has refused.
   */
  readonly why: "maximum" | "limit" | "pool" | "host";
}

/** Memory that was still held when a runtime was disposed of. */
export interface Leak {
  /** `runtime "runtime"` */
  readonly owner: string;
  readonly item: Item;
  readonly label: string | undefined;
  readonly bytes: number;
}

/** A runtime; `Runtime.init` makes one. */
export class Runtime implements InstanceHome {
  readonly allocator: Allocator;
  /** What the runtime itself holds; the accounts of its modules are below. */
  readonly account: Account;
  /** @internal */
  readonly natives: Natives;
  /** @internal */
  readonly references: ReferenceTable;
  /** Modules that have not been disposed of. @internal */
  readonly modules = new Set<ModuleOwner>();
  // Modules of JavaScript artifacts, which have no life of their own: one comes and goes with its instances.
  readonly #artifacts = new Map<Module, ModuleOwner>();

  /** Temporary memory of native functions. @internal */
  readonly nativeStack: NativeStack;
  /** @internal */
  readonly growthRefused: RuntimeOptions["onMemoryGrowthRefused"];
  readonly #structure: Allocation;
  readonly #words: Int32Array;

  private constructor({ allocator, name = "runtime", nativeStackSize = 1024, onMemoryGrowthRefused }: RuntimeOptions) {
    this.allocator = createAllocator(allocator ?? { mode: "Alloc_With_System_Allocator" });
    this.account = new Account("runtime", name, this.allocator);
    this.growthRefused = onMemoryGrowthRefused;
    this.#structure = this.account.allocate("runtime structure", RuntimeWord.count * 4);
    this.#words = this.#structure.words();
    this.nativeStack = new NativeStack(this.account, nativeStackSize);
    this.natives = new Natives(this.account);
    this.references = new ReferenceTable(this.account);
  }

  /** Makes a runtime. Throws TypeError or RangeError where the options make no sense. */
  static init(options: RuntimeOptions = {}): Runtime {
    return new Runtime(options);
  }

  /** Memory for the host's own use, charged to the runtime; see `Allocation`. Throws MemoryError. */
  malloc(length: number, label?: string): Allocation {
    return this.account.allocate("host allocation", length, label);
  }

  /**
   * Registers functions of the host for guests to import from `moduleName`; see signature.ts for their signatures. Newer
   * registrations go before older ones; the import object of an instantiation goes before all. Throws WasmError where the
   * registration makes no sense, MemoryError.
   */
  registerNatives(moduleName: string, symbols: readonly NativeSymbol[]): void {
    this.natives.register(moduleName, symbols, false);
  }

  /** As `registerNatives`, for functions that take their arguments from memory: 8 bytes each, the result goes into the first 8. */
  registerNativesRaw(moduleName: string, symbols: readonly RawNativeSymbol[]): void {
    this.natives.register(moduleName, symbols, true);
  }

  /**
   * Takes back a registration, given the same array. Instances that are linked to its functions keep them. false: there is no
   * such registration.
   */
  unregisterNatives(moduleName: string, symbols: readonly (NativeSymbol | RawNativeSymbol)[]): boolean {
    return this.natives.unregister(moduleName, symbols);
  }

  /** Makes memory that instances of this runtime share; attach it to them. Throws MemoryError, WasmError where the size is none. */
  createSharedHeap(options: SharedHeapOptions): SharedHeap {
    return new SharedHeap(this.account, options);
  }

  /** All memory that is allocated, by category and owner; the sum is what the allocator has handed out. */
  memoryReport(): MemoryReport {
    return { allocator: this.allocator.statistics(), root: reportNode(this.account) };
  }

  /** Opens the account of a module. @internal */
  openModule(name: string): ModuleOwner {
    const owner = new ModuleOwner(this, this.account.open("module", name), ++this.#words[RuntimeWord.modulesMade]!);
    this.modules.add(owner);
    return owner;
  }

  /** The number of the next instance. @internal */
  nextInstance(): number {
    return ++this.#words[RuntimeWord.instancesMade]!;
  }

  /** @internal */
  begin(module: Module, args?: InstanceArgs): InstanceStorage {
    let owner = this.#artifacts.get(module);
    if (owner === undefined) {
      owner = this.openModule(args?.name ?? module.moduleName ?? "module");
      owner.whenUnused = () => owner!.dispose();
      owner.whenDisposed = () => this.#artifacts.delete(module);
      this.#artifacts.set(module, owner);
    }
    try {
      return owner.begin(module, args);
    } catch (error) {
      if (owner.instances.size === 0) owner.dispose();
      throw error;
    }
  }

  /**
   * Gives everything back to the allocator, and returns what nobody had freed. Throws LifetimeError, and changes nothing,
   * while a module of the runtime has not been disposed of.
   */
  dispose(): readonly Leak[] {
    if (this.account.closed) return [];
    for (const artifact of [...this.#artifacts.values()]) if (!artifact.inUse) artifact.dispose();
    if (this.modules.size > 0) {
      const names = [...this.modules].map(({ account }) => account.describe()).join(", ");
      throw new LifetimeError("in-use", `${this.account.describe()} still has ${names}: dispose of it first`);
    }
    this.natives.close();
    this.nativeStack.close();
    this.#structure.free();
    const leaks: Leak[] = [];
    collectLeaks(this.account, leaks);
    this.account.close();
    return leaks;
  }

  /** `using runtime = Runtime.init()` disposes of it in the end. */
  [Symbol.dispose](): void {
    this.dispose();
  }
}

function collectLeaks(account: Account, leaks: Leak[]): void {
  for (const { item, label, length } of account.allocations)
    leaks.push({ owner: account.describe(), item, label, bytes: length });
  for (const child of account.children) collectLeaks(child, leaks);
}
