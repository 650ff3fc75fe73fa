// The Module category: what a runtime knows of a loaded module. The module itself is the loader's LoadedModule, or part of a
// JavaScript artifact.
import type { InstanceHome } from "../instance/storage.js";
import type { Account, Allocation } from "../memory/account.js";
import { LifetimeError } from "../memory/errors.js";
import type { DataSegment, Module } from "../wasm/module.js";
import type { InstanceArgs } from "./embedding.js";
import { InstanceOwner } from "./instance-owner.js";
import type { Runtime } from "./runtime.js";

/** A page of code of a loaded module. */
export interface CodePage {
  /** Bytes of its text. */
  readonly bytes: number;
  readonly functions: number;
  /** The engine has compiled it. */
  readonly resident: boolean;
  /** Its text is kept. */
  readonly mapped: boolean;
}

/** The books of one module and its instances. */
export class ModuleOwner implements InstanceHome {
  readonly runtime: Runtime;
  readonly account: Account;
  readonly id: number;
  /** Instances that have not been disposed of. */
  readonly instances = new Set<InstanceOwner>();
  /** The pages of the module's code, where they are known. @internal */
  codePages: (() => readonly CodePage[]) | undefined;
  /** Called when the last instance has gone. @internal */
  whenUnused: (() => void) | undefined;
  /** @internal */
  whenDisposed: (() => void) | undefined;
  /** Passive segments that had to be made, by index; the module's instances share them. */
  readonly #segments: Allocation[] = [];

  /** @internal */
  constructor(runtime: Runtime, account: Account, id: number) {
    this.runtime = runtime;
    this.account = account;
    this.id = id;
  }

  /** @internal */
  begin(module: Module, args: InstanceArgs = {}): InstanceOwner {
    this.account.use();
    const id = this.runtime.nextInstance();
    const account = this.account.open("instance", `${this.account.name}#${id}`);
    try {
      const owner = new InstanceOwner(this, account, id, module, args);
      this.instances.add(owner);
      return owner;
    } catch (error) {
      account.close();
      this.runtime.references.trim();
      throw error;
    }
  }

  /** The bytes of a passive segment. @internal */
  segment(index: number, segment: DataSegment): Uint8Array {
    const { length, packed } = segment;
    if (length === undefined || packed !== true) return segment.bytes;
    let made = this.#segments[index];
    if (made === undefined) {
      made = this.account.allocate("module structure", length, `data segment ${index}`);
      segment.writeTo!(made.bytes());
      this.#segments[index] = made;
    }
    return made.bytes();
  }

  /** Whether somebody has an instance of the module. @internal */
  get inUse(): boolean {
    return [...this.instances].some(({ abandoned }) => !abandoned);
  }

  /** An instance has gone. @internal */
  left(instance: InstanceOwner): void {
    this.instances.delete(instance);
    if (!this.account.closed && !this.inUse) this.whenUnused?.();
  }

  /** Throws LifetimeError while somebody has an instance of the module. @internal */
  checkUnused(): void {
    const used = [...this.instances].filter(({ abandoned }) => !abandoned);
    if (used.length === 0) return;
    const names = used.map(({ account }) => account.describe()).join(", ");
    throw new LifetimeError("in-use", `${this.account.describe()} still has ${names}: dispose of it first`);
  }

  /** Frees what the module holds. Throws LifetimeError, and frees nothing, while an instance of it lives. */
  dispose(): void {
    if (this.account.closed) return;
    this.checkUnused();
    this.whenUnused = undefined;
    for (const instance of [...this.instances]) instance.dispose();
    this.account.close();
    this.runtime.modules.delete(this);
    this.whenDisposed?.();
  }
}
