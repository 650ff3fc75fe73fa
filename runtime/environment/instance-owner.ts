// The Instance category: where the parts of one instance live in the runtime's memory, and when they may go.
import type { Instance } from "../instance/instance.js";
import type { ImportObject } from "../instance/link.js";
import type { MemoryStorage } from "../instance/memory-storage.js";
import type { InstanceStorage } from "../instance/storage.js";
import type { TableStorage } from "../instance/table.js";
import type { Scalar } from "../instance/value.js";
import type { Account } from "../memory/account.js";
import type { DataSegment, Module } from "../wasm/module.js";
import type { InstanceArgs } from "./embedding.js";
import { GlobalData, SliceMemory, SlotTable } from "./instance-parts.js";
import { supplyImports } from "./import-linking.js";
import { ModuleInstance } from "./module-instance.js";
import type { ModuleOwner } from "./module-owner.js";

/** The books of one instance. */
export class InstanceOwner implements InstanceStorage {
  readonly module: ModuleOwner;
  readonly account: Account;
  /** undefined until instantiation has come so far that code can run. */
  instance: Instance | undefined;

  /** The embedder's side. */
  readonly embedding: ModuleInstance;
  private readonly memories: SliceMemory[] = [];
  private readonly tables: SlotTable[] = [];
  private readonly globalData: GlobalData;
  private readonly structure: Module;
  private readonly args: InstanceArgs;

  /** @internal */
  constructor(module: ModuleOwner, account: Account, structure: Module, args: InstanceArgs) {
    this.module = module;
    this.account = account;
    this.structure = structure;
    this.args = args;
    this.globalData = new GlobalData(account, module.runtime.references);
    this.embedding = new ModuleInstance(this, args);
  }

  imports(imports: ImportObject | undefined): ImportObject | undefined {
    const supplied = supplyImports(this.embedding, this.structure, imports, this.args);
    this.embedding.unlinkedImports = supplied.unlinked;
    return supplied.imports;
  }

  memory(index: number, size: number): MemoryStorage {
    const allocation = this.account.allocate("linear memory", size, `memory ${index}`);
    const memory = new SliceMemory(allocation, () => {});
    this.memories.push(memory);
    return memory;
  }

  table(index: number, length: number): TableStorage {
    const allocation = this.account.allocate("tables", length * 4, `table ${index}`);
    const table = new SlotTable(allocation, this.module.runtime.references);
    this.tables.push(table);
    return table;
  }

  globals(instance: Instance, isCell: readonly boolean[]): Record<string, Scalar> {
    return this.globalData.place(instance, isCell);
  }

  functions(count: number): Record<number, number> {
    return this.account.allocate("function data", count * 4).words();
  }

  segment(_index: number, segment: DataSegment): Uint8Array {
    return segment.bytes;
  }

  attach(instance: Instance): void {
    this.instance = instance;
    this.embedding.attach(instance);
  }

  abandon(): void {
    if (this.instance === undefined) this.dispose();
  }

  dispose(): void {
    if (this.account.closed) return;
    this.embedding.checkDisposable();
    try {
      this.embedding.close();
    } finally {
      this.account.close();
    }
    this.module.left(this);
  }
}
