// Shared heaps: memory that several instances of a runtime see at the same addresses, at the top of what they can address, so that they
// and the host can hand data to each other without a copy. An instance reaches it in every way in which it reaches its own
// memory: its code, because the view that the code uses is replaced by one that knows the heap (shared-heap-view.ts); bulk
// instructions, native functions and the embedding API, because they ask the memory what lies beyond its bytes.
//
// WAMR's shared heaps end at 2^32. Guests can address 2^31 bytes here, and generated code relies on addresses being below that where
// an access has not trapped, so ours end at 2^31; a memory cannot grow into the heap that is attached to it.
import { PAGE, type Memory } from "../instance/memory.js";
import type { Beyond, Stretch } from "../instance/memory-storage.js";
import type { Account, Allocation } from "../memory/account.js";
import { Ems, type EmsStatistics } from "../memory/ems.js";
import { LifetimeError } from "../memory/errors.js";
import { WasmError } from "../wasm/error.js";
import { SliceMemory } from "./instance-parts.js";
import { native, type NativeSymbol } from "./natives.js";
import { SharedHeapView } from "./shared-heap-view.js";

/** Where the addresses of a guest end. */
const TOP = 2 ** 31;
const MOST = 2 ** 30;

export type SharedHeapOptions =
  /** Bytes to take from the runtime, for `malloc`. */
  | { readonly size: number }
  /** Memory of the host's, which it fills as it likes. It must stay while the heap is there. */
  | { readonly memory: Uint8Array };

/** Memory that instances share; `runtime.createSharedHeap` makes it. */
export class SharedHeap implements Beyond {
  /** Bytes, those of heaps chained to it not counted. */
  readonly size: number;
  private readonly account: Account;
  private readonly bytes: Uint8Array;
  private readonly allocations: readonly Allocation[];
  private readonly forget: () => void;
  private ems: Ems | undefined;
  /** The next heap of the chain, at the addresses above. */
  private next: SharedHeap | undefined;
  /** Heaps that are chained to this one. */
  private chained = 0;
  private readonly attached = new Set<Memory>();
  private disposed = false;

  /** @internal */
  constructor(account: Account, options: SharedHeapOptions) {
    this.account = account;
    if ("memory" in options) {
      const { memory } = options;
      this.bytes = memory;
      this.size = memory.length;
      checkSize(memory.length);
      const reference = account.refer("shared heap", memory.length, "given by the host");
      this.allocations = [];
      this.forget = () => void account.references.delete(reference);
    } else {
      this.size = Math.ceil(options.size / 8) * 8;
      checkSize(this.size);
      const memory = account.allocate("shared heap", this.size);
      let control;
      try {
        control = account.allocate("shared heap", Ems.CONTROL_WORDS * 4, "control block");
      } catch (error) {
        memory.free();
        throw error;
      }
      this.bytes = memory.bytes();
      this.allocations = [memory, control];
      this.forget = () => {};
      this.ems = this.makeEms();
    }
  }

  /** The first address, in an instance to which this heap is attached, on its own or as part of a chain. */
  get start(): number {
    return (this.next?.start ?? TOP) - this.size;
  }

  /** This heap and those that it is chained to, lowest address first. */
  get regions(): readonly Stretch[] {
    return [{ start: this.start, bytes: this.bytes }, ...(this.next?.regions ?? [])];
  }

  /** Memories to which the heap is attached end below it. @internal */
  get ceiling(): number {
    return Math.floor(this.start / PAGE);
  }

  /** The bytes of a range that lies in one of the heaps. @internal */
  find(at: number, count: number): Uint8Array | undefined {
    const region = this.regions.find(({ start, bytes }) => at >= start && at - start + count <= bytes.length);
    return region?.bytes.subarray(at - region.start, at - region.start + count);
  }

  /**
   * Puts this heap before `body`: attaching it attaches both, one below the other. One heap of a chain at most can be of the
   * runtime's memory. Throws WasmError where that is not so, LifetimeError where one of them is attached.
   */
  chain(body: SharedHeap): void {
    this.check();
    body.check();
    if (this.account !== body.account)
      throw new LifetimeError("wrong-runtime", "shared heaps are of different runtimes");
    if (this.next !== undefined) throw refused("it is at the head of a chain already");
    if (body.heaps().includes(this)) throw refused("it is in the chain that it is to be put before");
    if (this.ems !== undefined && body.manager() !== undefined) throw refused("both have memory of the runtime's");
    this.checkDetached();
    body.checkDetached();
    if (body.start - this.size < TOP - MOST) throw refused("together they have more than 1 GiB");
    this.next = body;
    body.chained++;
  }

  /** Takes this heap off the chain that it is at the head of, and returns the rest. */
  unchain(): SharedHeap | undefined {
    this.check();
    this.checkDetached();
    const { next } = this;
    if (next !== undefined) next.chained--;
    this.next = undefined;
    return next;
  }

  /** The address of `size` bytes, in any instance to which the heap is attached; 0: there is no room, or no memory of the runtime's. */
  malloc(size: number): number {
    this.check();
    const heap = this.manager();
    const offset = heap?.ems!.allocate(size) ?? 0;
    return offset === 0 ? 0 : offset - heap!.bytes.byteOffset + heap!.start;
  }

  /** Frees what `malloc` has returned. Throws EmsError for any other address but 0. */
  free(address: number): void {
    this.check();
    const heap = this.manager();
    if (heap === undefined) throw refused("it has no memory of the runtime's");
    if (address !== 0) heap.ems!.free(address - heap.start + heap.bytes.byteOffset);
  }

  /** Frees all that was allocated in this heap and those it is chained to; contents stay. */
  reset(): void {
    this.check();
    const heap = this.manager();
    if (heap !== undefined) heap.ems = heap.makeEms();
  }

  /** Figures of what `malloc` works with; undefined where it has nothing. */
  statistics(): EmsStatistics | undefined {
    this.check();
    return this.manager()?.ems!.statistics();
  }

  /** Gives its memory back. Throws LifetimeError while it is attached or chained to. */
  dispose(): void {
    if (this.disposed) return;
    this.checkDetached();
    if (this.chained > 0) throw new LifetimeError("in-use", "shared heap has others chained to it: unchain them first");
    this.unchain();
    this.disposed = true;
    for (const allocation of this.allocations) allocation.free();
    this.forget();
  }

  /** `dispose`, for `using`. */
  [Symbol.dispose](): void {
    this.dispose();
  }

  /** Attaches the chain that begins here to a memory of the runtime with that account. @internal */
  attach(memory: Memory, account: Account): void {
    this.check();
    const { storage } = memory;
    if (memory.beyond !== undefined) throw refused("another one is attached to the memory already");
    if (memory.elements)
      throw refused("code for an engine without a JIT uses the memory: compile it for another target");
    if (!(storage instanceof SliceMemory)) throw refused("the memory is the host's own and not one of the runtime's");
    if (account !== this.account)
      throw new LifetimeError("wrong-runtime", "shared heap and instance are of different runtimes");
    if (memory.bytes.length > this.start) throw refused("the memory reaches to where it would begin");
    // Throws where the engine's stack is exhausted; nothing has changed then.
    const view = storage.viewWith((plain) => new SharedHeapView(plain, this.regions));
    memory.beyond = this;
    for (const heap of this.heaps()) heap.attached.add(memory);
    memory.bind(view);
  }

  /** @internal */
  detach(memory: Memory): void {
    if (memory.beyond !== this) return;
    memory.beyond = undefined;
    for (const heap of this.heaps()) heap.attached.delete(memory);
    memory.bind((memory.storage as SliceMemory).viewWith(undefined));
  }

  private heaps(): SharedHeap[] {
    return [this, ...(this.next?.heaps() ?? [])];
  }

  private manager(): SharedHeap | undefined {
    return this.heaps().find((heap) => heap.ems !== undefined);
  }

  // Guests can write to the slice, not to the control block.
  private makeEms(): Ems {
    const [, control] = this.allocations;
    return new Ems(this.bytes.buffer, this.bytes.byteOffset, this.size, { control: control!.words() });
  }

  private check(): void {
    if (this.disposed) throw new LifetimeError("disposed", "shared heap has been disposed of");
    this.account.use();
  }

  private checkDetached(): void {
    if (this.attached.size > 0)
      throw new LifetimeError("in-use", `shared heap is attached to ${this.attached.size} memories: detach it first`);
  }
}

function checkSize(size: number): void {
  if (!(size >= 512 && size <= MOST && size % 8 === 0))
    throw refused(`expected 512 bytes to 1 GiB, a multiple of 8, got ${size}`);
}

function refused(why: string): WasmError {
  return new WasmError("shared-heap", `shared heap: ${why}`);
}

/** The imports by which guests allocate in the heap that is attached to them; to be registered for the module "env". */
export const SHARED_HEAP_NATIVES: readonly NativeSymbol[] = [
  native("shared_heap_malloc", "(i)i", (env, size) => env.instance.sharedHeapMalloc(size >>> 0)),
  native("shared_heap_free", "(i)", (env, address) => env.instance.sharedHeapFree(address >>> 0)),
];
