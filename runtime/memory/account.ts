// Accounts: who owns which memory. Every allocation goes through the account of the runtime, module, instance or execution
// environment that it is for, under one of the items of items.ts. Accounts form a tree; closing one frees what it holds, so
// the sum over the tree is what the allocator has handed out, exactly.
import type { Allocator, Block, Usage } from "./allocator.js";
import { LifetimeError, MemoryError } from "./errors.js";
import type { Category, Item } from "./items.js";

/** Memory that an account holds. Its block is another one after `resize`: views of it must be made anew. */
export class Allocation {
  readonly account: Account;
  readonly item: Item;
  /** Tells apart what one account holds several of: "memory 0". */
  readonly label: string | undefined;
  /** Replaced when the allocation is resized; `length` 0 at offset 0 once it is freed. @internal */
  block: Block;
  /** How much of it is in use, where whoever has allocated it keeps count. @internal */
  usage: (() => ItemUsage) | undefined;

  /** @internal */
  constructor(account: Account, item: Item, label: string | undefined, block: Block) {
    this.account = account;
    this.item = item;
    this.label = label;
    this.block = block;
  }

  get length(): number {
    return this.block.length;
  }

  /** A view of the memory as it is now. */
  bytes(): Uint8Array {
    return new Uint8Array(this.block.buffer, this.block.offset, this.block.length);
  }

  /** As `bytes`, by 32-bit integers; a rest of less than 4 bytes is left out. */
  words(): Int32Array {
    return new Int32Array(this.block.buffer, this.block.offset, this.block.length >>> 2);
  }

  view(): DataView {
    return new DataView(this.block.buffer, this.block.offset, this.block.length);
  }

  /** Makes it `length` bytes long: contents are kept as far as they fit, what is new is zero. false: refused, nothing has changed. */
  resize(length: number): boolean {
    const block = this.account.allocator.reallocate(this.block, length, usageOf(this.item));
    if (block === undefined) return false;
    this.block = block;
    return true;
  }

  /** Puts it into a buffer of its own, see `Allocator.isolate`. false: the allocator has none, and nothing has changed. */
  isolate(renew: boolean): boolean {
    const block = this.account.allocator.isolate?.(this.block, renew);
    if (block !== undefined) this.block = block;
    return block !== undefined;
  }

  free(): void {
    this.account.free(this);
  }
}

/** Memory of somebody else's that is only referred to, such as a file buffer: reported, but no part of any sum. */
export interface Reference {
  readonly item: Item;
  readonly label: string | undefined;
  readonly bytes: number;
  /** Where it begins, if it lies in memory that is in the report. */
  readonly offset: number | undefined;
  /** @internal */
  usage: (() => ItemUsage) | undefined;
}

/** How much of an item is in use, for memory that is given out further: a stack, a heap. In bytes. */
export interface ItemUsage {
  readonly used: number;
  /** The most that `used` has been. */
  readonly highWater: number;
}

/** The books of one runtime, module, instance or execution environment. */
export class Account {
  readonly category: Category;
  /** For reports and messages. */
  name: string;
  /** @internal */
  readonly allocator: Allocator;
  /** undefined: the root, or closed. */
  parent: Account | undefined;
  readonly children = new Set<Account>();
  readonly allocations = new Set<Allocation>();
  readonly references = new Set<Reference>();
  /** Called once, when everything is freed. */
  whenClosed: (() => void) | undefined;
  #closed = false;

  /** @internal */
  constructor(category: Category, name: string, allocator: Allocator, parent?: Account) {
    this.category = category;
    this.name = name;
    this.allocator = allocator;
    this.parent = parent;
  }

  /** An account below this one. */
  open(category: Category, name: string): Account {
    this.use();
    const child = new Account(category, name, this.allocator, this);
    this.children.add(child);
    return child;
  }

  /** Zeroed memory, at an address that is a multiple of 8. Throws MemoryError where there is none left. */
  allocate(item: Item, length: number, label?: string): Allocation {
    const allocation = this.tryAllocate(item, length, label);
    if (allocation === undefined) throw this.outOfMemory(item, length);
    return allocation;
  }

  /** As `allocate`; undefined where there is none left. */
  tryAllocate(item: Item, length: number, label?: string): Allocation | undefined {
    this.use();
    const block = this.allocator.allocate(length, usageOf(item));
    if (block === undefined) return undefined;
    const allocation = new Allocation(this, item, label, block);
    this.allocations.add(allocation);
    return allocation;
  }

  /** What to throw where an allocation was refused. */
  outOfMemory(item: Item, length: number): MemoryError {
    const { largestFree } = this.allocator.statistics();
    return new MemoryError(this.category, this.name, item, length, largestFree);
  }

  /** Enters memory of somebody else's that is referred to until `references.delete`. */
  refer(item: Item, bytes: number, label?: string, offset?: number): Reference {
    this.use();
    const reference = { item, label, bytes, offset, usage: undefined };
    this.references.add(reference);
    return reference;
  }

  /** Frees memory of this account; what is free already stays so. */
  free(allocation: Allocation): void {
    if (!this.allocations.delete(allocation)) return;
    const { block } = allocation;
    allocation.block = { buffer: block.buffer, offset: 0, length: 0 };
    this.allocator.free(block, usageOf(allocation.item));
  }

  /** Puts this account below another one of the same runtime: its owner has got a new owner. */
  moveTo(parent: Account): void {
    this.use();
    parent.use();
    if (parent.allocator !== this.allocator)
      throw new LifetimeError("wrong-runtime", `${this.describe()} and ${parent.describe()} are of different runtimes`);
    this.parent?.children.delete(this);
    this.parent = parent;
    parent.children.add(this);
  }

  /** Frees all that this account and those below it hold. Whether their owners may go is the owners' business. */
  close(): void {
    if (this.#closed) return;
    for (const child of [...this.children]) child.close();
    for (const allocation of [...this.allocations]) this.free(allocation);
    this.references.clear();
    this.parent?.children.delete(this);
    this.parent = undefined;
    this.#closed = true;
    this.whenClosed?.();
  }

  get closed(): boolean {
    return this.#closed;
  }

  /** `instance "fac.aot#1"`, for messages. */
  describe(): string {
    return `${this.category} "${this.name}"`;
  }

  /** Throws LifetimeError if the account is closed. @internal */
  use(): void {
    if (this.#closed) throw new LifetimeError("disposed", `${this.describe()} has been disposed of`);
  }
}

function usageOf(item: Item): Usage {
  return item === "linear memory" ? "linear memory" : "runtime";
}
