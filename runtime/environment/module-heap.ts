// The heap of a guest as its host uses it, for arguments that do not fit into scalars: the guest's own allocator where it exports
// one, else an ems heap inside its linear memory, WAMR's app heap. The books of that heap are outside the guest's reach, the tags
// of its blocks are not: what a guest writes over them is noticed, and ends the heap.
import type { Instance } from "../instance/instance.js";
import { PAGE, type Memory } from "../instance/memory.js";
import type { Account, ItemUsage } from "../memory/account.js";
import { Ems, EmsError, type EmsStatistics } from "../memory/ems.js";
import { WasmError } from "../wasm/error.js";
import { typeOfFunc, type Module } from "../wasm/module.js";
import { Op } from "../wasm/opcodes.js";
import { typeKeyOf } from "../instance/func.js";

/** What `malloc`, `free` and `dupData` of an instance work with. @internal */
export interface ModuleHeap {
  /** The address of `size` bytes; 0: there is no room. */
  malloc(size: number): number;
  free(address: number): void;
  statistics(): EmsStatistics | undefined;
}

/** Exports that allocate, in the order in which they are looked for: WASI and Emscripten, AssemblyScript now and before 0.18. */
const ALLOCATORS = [
  { malloc: "malloc", free: "free", type: "i:i" },
  { malloc: "__new", pin: "__pin", free: "__unpin", type: "ii:i" },
  { malloc: "__new", pin: "__retain", free: "__release", type: "ii:i" },
] as const;

export type GuestAllocator = (typeof ALLOCATORS)[number];

/** The allocator that a module exports. @internal */
export function guestAllocator(module: Module): GuestAllocator | undefined {
  const has = (name: string, type: string): boolean =>
    module.exports.some((e) => e.kind === "func" && e.name === name && typeKeyOf(typeOfFunc(module, e.index)) === type);
  return ALLOCATORS.find((a) => has(a.malloc, a.type) && has(a.free, "i:") && (!("pin" in a) || has(a.pin, "i:i")));
}

/** The guest's allocator as a heap; `call` calls an export. @internal */
export class GuestHeap implements ModuleHeap {
  private readonly names: GuestAllocator;
  private readonly call: (name: string, args: readonly number[]) => unknown;

  constructor(names: GuestAllocator, call: (name: string, args: readonly number[]) => unknown) {
    this.names = names;
    this.call = call;
  }

  malloc(size: number): number {
    const { names } = this;
    // AssemblyScript wants the id of a class: 0 is ArrayBuffer.
    const address = (this.call(names.malloc, names.type === "ii:i" ? [size, 0] : [size]) as number) >>> 0;
    if (address !== 0 && "pin" in names) this.call(names.pin, [address]);
    return address;
  }

  free(address: number): void {
    this.call(this.names.free, [address]);
  }

  statistics(): undefined {
    return undefined;
  }
}

/** Where in memory 0 a heap is to lie, and what that makes of the memory. Bytes. @internal */
export interface HeapPlan {
  readonly at: number;
  readonly length: number;
  readonly memorySize: number;
  /** A global that says where the guest's own heap may begin, and now says something else. */
  readonly heapBase: { readonly index: number; readonly value: number } | undefined;
}

/**
 * Places a heap of `size` bytes as WAMR does: behind the only page of a memory that cannot grow, at the address that the
 * guest's global `__heap_base` tells, else in new pages at the end. Throws WasmError `app-heap` where there is no place.
 * @internal
 */
export function planHeap(module: Module, size: number): HeapPlan {
  if (module.imported.memory > 0) throw refused("memory 0 is imported, and only its owner can make room in it");
  if (module.memories.length === 0) throw refused("there is no memory");
  for (const name of module.funcNames.values()) {
    // Its bounds are part of the guest's code, so wherever the heap were, both could hand out the same memory.
    if (name === "sbrk")
      throw refused("it has an allocator (sbrk) that it does not export: link it with --export=malloc --export=free");
  }
  const { min, max } = module.memories[0]!.limits;
  if (!(size >= 256 && size <= 2 ** 30)) throw refused(`expected 256 bytes to 1 GiB, got ${size}`);
  const length = Math.ceil(size / 8) * 8;
  const memorySize = min * PAGE;
  if (max !== undefined && max === min && max <= 1) {
    return { at: memorySize, length, memorySize: memorySize + length, heapBase: undefined };
  }
  const base = heapBaseOf(module);
  if (base !== undefined && base.value < memorySize) {
    const at = Math.ceil(base.value / 8) * 8;
    const value = at + length;
    // The guest's heap begins there: it should not begin with less than WAMR leaves it, 1 KiB.
    const pages = Math.max(min, Math.ceil((value + 1024) / PAGE));
    return { at, length, memorySize: pages * PAGE, heapBase: { index: base.index, value } };
  }
  const pages = Math.ceil(length / PAGE);
  return { at: memorySize, length: pages * PAGE, memorySize: memorySize + pages * PAGE, heapBase: undefined };
}

function heapBaseOf(module: Module): { index: number; value: number } | undefined {
  const found = module.exports.find((e) => e.kind === "global" && e.name === "__heap_base");
  if (found === undefined || found.index < module.imported.global) return undefined;
  const { init } = module.globals[found.index]!;
  return init.length === 2 && init[0] === Op.i32_const ? { index: found.index, value: init[1]! >>> 0 } : undefined;
}

/** A heap of ems inside memory 0. @internal */
export class EmsHeap implements ModuleHeap {
  private readonly memory: Memory;
  private readonly ems: Ems;
  private readonly account: Account;

  /** The memory is as long as the plan says. Throws MemoryError. */
  constructor(instance: Instance, account: Account, plan: HeapPlan) {
    const memory = instance.memories[0]!;
    const added = Math.floor(plan.memorySize / PAGE) - instance.module.memories[0]!.limits.min;
    if (memory.bytes.length > memory.pageLimit * PAGE + PAGE - 1)
      throw refused(`memory 0 would have more than ${memory.pageLimit} pages, the host's limit`);
    // The guest may grow as far as it could have.
    const limits = memory as { maximum: number | undefined };
    if (limits.maximum !== undefined) limits.maximum += added;
    if (plan.heapBase !== undefined) {
      const { index, value } = plan.heapBase;
      instance.setGlobal(index, value | 0);
      const face = instance.globals[index];
      if (face !== undefined) face.cell.v = value | 0;
    }
    const control = account.allocate("app heap", Ems.CONTROL_WORDS * 4, "control block").words();
    const heap = account.refer("app heap", plan.length, "inside memory 0", plan.at);
    heap.usage = () => usageOf(this.ems);
    const { buffer, byteOffset } = memory.view;
    this.account = account;
    this.memory = memory;
    this.ems = new Ems(buffer, byteOffset + plan.at, plan.length, { control });
    memory.follow((view) => {
      if (view.byteLength > 0) this.ems.rebind(view.buffer, view.byteOffset + plan.at);
    });
  }

  malloc(size: number): number {
    const offset = this.guarded(() => this.ems.allocate(size));
    return offset === 0 ? 0 : offset - this.memory.view.byteOffset;
  }

  free(address: number): void {
    this.guarded(() => this.ems.free(address + this.memory.view.byteOffset));
  }

  statistics(): EmsStatistics {
    return this.ems.statistics();
  }

  private guarded<T>(body: () => T): T {
    try {
      return body();
    } catch (error) {
      if (!(error instanceof EmsError)) throw error;
      const { kind, offset, found } = error.corruption;
      const address = `0x${(offset - this.memory.view.byteOffset).toString(16)}`;
      const code = kind === "double-free" || kind === "foreign-pointer" ? kind : "app-heap-corrupted";
      throw new WasmError(code, `app heap of ${this.account.describe()}: ${kind} at address ${address}: ${found}`);
    }
  }
}

function usageOf(ems: Ems): ItemUsage {
  const { used, highWater } = ems.statistics();
  return { used, highWater };
}

function refused(why: string): WasmError {
  return new WasmError("app-heap", `no app heap can be made in this guest: ${why}`);
}
