// The Module category: what a runtime knows of a loaded module. The module itself is the loader's LoadedModule, or part of a
// JavaScript artifact.
import type { InstanceHome } from "../instance/storage.js";
import type { Account } from "../memory/account.js";
import { LifetimeError } from "../memory/errors.js";
import type { Module } from "../wasm/module.js";
import type { InstanceArgs } from "./embedding.js";
import { InstanceOwner } from "./instance-owner.js";
import type { Runtime } from "./runtime.js";

/** The books of one module and its instances. */
export class ModuleOwner implements InstanceHome {
  readonly runtime: Runtime;
  readonly account: Account;
  /** Instances that have not been disposed of. */
  readonly instances = new Set<InstanceOwner>();
  /** Called when the last instance has gone. @internal */
  whenUnused: (() => void) | undefined;
  #made = 0;

  /** @internal */
  constructor(runtime: Runtime, account: Account) {
    this.runtime = runtime;
    this.account = account;
  }

  /** @internal */
  begin(module: Module, args: InstanceArgs = {}): InstanceOwner {
    const account = this.account.open("instance", `${this.account.name}#${++this.#made}`);
    const owner = new InstanceOwner(this, account, module, args);
    this.instances.add(owner);
    return owner;
  }

  /** An instance has gone. @internal */
  left(instance: InstanceOwner): void {
    this.instances.delete(instance);
    if (this.instances.size === 0) this.whenUnused?.();
  }

  /** Frees what the module holds. Throws LifetimeError, and frees nothing, while an instance of it lives. */
  dispose(): void {
    if (this.account.closed) return;
    if (this.instances.size > 0) {
      const names = [...this.instances].map(({ account }) => account.describe()).join(", ");
      throw new LifetimeError("in-use", `${this.account.describe()} still has ${names}: dispose of it first`);
    }
    this.account.close();
    this.runtime.modules.delete(this);
  }
}
