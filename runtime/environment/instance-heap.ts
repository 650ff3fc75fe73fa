// The heap of one instance: which one it is, when it is made, and what every use of it is checked for. The heaps themselves are in
// module-heap.ts.
import type { Instance } from "../instance/instance.js";
import type { Account } from "../memory/account.js";
import type { EmsStatistics } from "../memory/ems.js";
import { utf8Into, utf8Length } from "../utf8.js";
import { WasmError } from "../wasm/error.js";
import type { Module } from "../wasm/module.js";
import type { AddressSpace } from "./address-space.js";
import { EmsHeap, guestAllocator, GuestHeap, planHeap, type HeapPlan, type ModuleHeap } from "./module-heap.js";

/** @internal */
export class InstanceHeap {
  private readonly size: number;
  private readonly space: AddressSpace;
  private plan: HeapPlan | undefined;
  private heap: ModuleHeap | undefined;

  /** `size`: bytes of the heap that a guest without an allocator is given; 0: none. */
  constructor(size: number, space: AddressSpace) {
    this.size = size;
    this.space = space;
  }

  /** Bytes that memory 0 is to have, heap included, where the guest alone needs `memorySize`. */
  sizeOfMemory(module: Module, memorySize: number): number {
    if (this.size === 0 || guestAllocator(module) !== undefined) return memorySize;
    this.plan = planHeap(module, this.size);
    return this.plan.memorySize;
  }

  /** Makes the heap of an instance whose parts are all there; `call` calls an export. */
  attach(instance: Instance, account: Account, call: (name: string, args: readonly number[]) => unknown): void {
    const allocator = guestAllocator(instance.module);
    if (allocator !== undefined) this.heap = new GuestHeap(allocator, call);
    else if (this.size > 0) {
      const plan = this.plan ?? planHeap(instance.module, this.size);
      this.heap = new EmsHeap(instance, account, plan);
    }
  }

  malloc(size: number): number {
    if (!(size >= 0 && size <= 4294967295 && Math.floor(size) === size))
      throw new RangeError(`malloc: expected a size in bytes, got ${String(size)}`);
    const address = this.existing().malloc(size);
    // Not every allocator of a guest can be believed.
    if (address !== 0) this.space.bytes(address, size);
    return address;
  }

  free(address: number): void {
    const heap = this.existing();
    if (address !== 0) heap.free(address);
  }

  dupData(data: Uint8Array | string): number {
    const length = typeof data === "string" ? utf8Length(data) + 1 : data.length;
    const address = this.malloc(length);
    if (address === 0) return 0;
    const bytes = this.space.bytes(address, length);
    if (typeof data === "string") {
      utf8Into(data, bytes);
      bytes[length - 1] = 0;
    } else bytes.set(data);
    return address;
  }

  statistics(): EmsStatistics | undefined {
    return this.heap?.statistics();
  }

  private existing(): ModuleHeap {
    if (this.heap === undefined)
      throw new WasmError("no-heap", "guest has no heap: it exports no malloc and free, and was given no heapSize");
    return this.heap;
  }
}
