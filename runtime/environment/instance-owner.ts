// The Instance category: where the parts of one instance live in the runtime's memory, and when they may go.
import type { Instance } from "../instance/instance.js";
import type { ImportObject } from "../instance/link.js";
import type { MemoryStorage } from "../instance/memory.js";
import type { InstanceStorage } from "../instance/storage.js";
import type { Account, Allocation } from "../memory/account.js";
import type { ModuleOwner } from "./module-owner.js";

/** The books of one instance. */
export class InstanceOwner implements InstanceStorage {
  readonly module: ModuleOwner;
  readonly account: Account;
  /** undefined until instantiation has come so far that code can run. */
  instance: Instance | undefined;

  /** @internal */
  constructor(module: ModuleOwner, account: Account) {
    this.module = module;
    this.account = account;
  }

  imports(imports: ImportObject | undefined): ImportObject | undefined {
    return imports;
  }

  memory(index: number, size: number): MemoryStorage {
    return new SliceMemory(this.account.allocate("linear memory", size, `memory ${index}`));
  }

  attach(instance: Instance): void {
    this.instance = instance;
  }

  growthRefused(): void {}

  abandon(escaped: boolean): void {
    if (!escaped) this.dispose();
  }

  dispose(): void {
    if (this.account.closed) return;
    this.account.close();
    this.module.left(this);
  }
}

/** A linear memory that is an allocation. */
class SliceMemory implements MemoryStorage {
  view: DataView;
  private readonly allocation: Allocation;

  constructor(allocation: Allocation) {
    this.allocation = allocation;
    this.view = allocation.view();
  }

  resize(size: number): DataView | undefined {
    if (!this.allocation.resize(size)) return undefined;
    return (this.view = this.allocation.view());
  }
}
