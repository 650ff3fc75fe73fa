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
import { ModuleOwner } from "./module-owner.js";
import { Natives, type NativeSymbol, type RawNativeSymbol } from "./natives.js";
import { ReferenceTable } from "./reference-table.js";

export interface RuntimeOptions {
  /** Where all memory comes from. Default: `{ mode: "Alloc_With_System_Allocator" }`. */
  readonly allocator?: AllocatorOptions;
  /** For reports and messages. Default: "runtime". */
  readonly name?: string;
}

/** Memory that was still held when a runtime was disposed of. */
export interface Leak {
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

  private constructor({ allocator, name = "runtime" }: RuntimeOptions) {
    this.allocator = createAllocator(allocator ?? { mode: "Alloc_With_System_Allocator" });
    this.account = new Account("runtime", name, this.allocator);
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

  /** All memory that is allocated, by category and owner; the sum is what the allocator has handed out. */
  memoryReport(): MemoryReport {
    return { allocator: this.allocator.statistics(), root: reportNode(this.account) };
  }

  /** Opens the account of a module. @internal */
  openModule(name: string): ModuleOwner {
    const owner = new ModuleOwner(this, this.account.open("module", name));
    this.modules.add(owner);
    return owner;
  }

  /** @internal */
  begin(module: Module, args?: InstanceArgs): InstanceStorage {
    let owner = this.#artifacts.get(module);
    if (owner === undefined) {
      owner = this.openModule(module.moduleName ?? "module");
      owner.whenUnused = () => {
        this.#artifacts.delete(module);
        owner!.dispose();
      };
      this.#artifacts.set(module, owner);
    }
    return owner.begin(module, args);
  }

  /**
   * Gives everything back to the allocator, and returns what nobody had freed. Throws LifetimeError, and changes nothing,
   * while a module of the runtime has not been disposed of.
   */
  dispose(): readonly Leak[] {
    if (this.account.closed) return [];
    if (this.modules.size > 0) {
      const names = [...this.modules].map(({ account }) => account.describe()).join(", ");
      throw new LifetimeError("in-use", `${this.account.describe()} still has ${names}: dispose of it first`);
    }
    this.natives.close();
    const leaks: Leak[] = [];
    for (const { item, label, length } of this.account.allocations) leaks.push({ item, label, bytes: length });
    this.account.close();
    return leaks;
  }
}
