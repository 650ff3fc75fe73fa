// Linear memory: one DataView over what its storage holds, which generated code uses directly. The view lives in variables of
// generated code, so growing tells every listener the new view. An access out of bounds is the DataView's own RangeError.
// https://webassembly.github.io/spec/js-api/#memories
import { Trap } from "../errors.js";
import { TrapCode } from "../trap-code.js";
import { WasmError } from "../wasm/error.js";
import type { DataSegment } from "../wasm/module.js";
import { limitsOf, toIndex, type LimitsDescriptor } from "./limits.js";
import { BufferStorage, type Beyond, type GrowthRefusal, type MemoryStorage } from "./memory-storage.js";
import type { InstanceStorage } from "./storage.js";

/** Size of a page: 64 KiB. */
export const PAGE = 65536;

/**
 * Memories end one page below 2 GiB: generated code addresses the view by signed int32, and a negative address is out of bounds
 * for every memory up to 2 GiB; the missing page keeps an address that was in bounds from wrapping when a little is added.
 */
export const MAX_MEMORY_PAGES = 32767;

export interface MemoryDescriptor extends LimitsDescriptor {
  readonly shared?: boolean;
}

/** A linear memory, shaped like `WebAssembly.Memory`. */
export class Memory {
  /** The declared maximum in pages, if there is one. @internal */
  readonly maximum: number | undefined;
  /** @internal */
  view: DataView;
  /** The same bytes, for copying. @internal */
  bytes: Uint8Array;
  /** @internal */
  readonly storage: MemoryStorage;
  /** Growth stops here, whatever the maximum: the host's limit. @internal */
  pageLimit: number;
  /** @internal */
  beyond: Beyond | undefined = undefined;
  /** Code has typed arrays over the memory's bytes, so nothing but them can lie at its addresses. @internal */
  elements = false;
  private listeners: ((view: DataView) => void)[] = [];

  constructor(descriptor: MemoryDescriptor, storage?: MemoryStorage) {
    const { initial, maximum } = limitsOf(descriptor, "Memory", 65536);
    if (descriptor.shared) throw new TypeError("Memory: shared memories are not supported");
    if (initial > MAX_MEMORY_PAGES) throw new RangeError(`Memory: ${tooLarge(initial, MAX_MEMORY_PAGES)}`);
    this.maximum = maximum;
    this.pageLimit = MAX_MEMORY_PAGES;
    this.storage = storage || new BufferStorage(initial * PAGE);
    this.view = this.storage.view;
    this.bytes = bytesOf(this.view);
  }

  /** The memory's bytes. Growing detaches this buffer, where the host can, and makes another. */
  get buffer(): ArrayBuffer {
    needStack(100);
    const view = this.storage.whole();
    if (view === undefined) throw new TypeError("Memory: this memory is a part of a pool and has no buffer of its own");
    if (view !== this.view) this.bind(view);
    return view.buffer as ArrayBuffer;
  }

  /** Grows by `delta` pages and returns the former size in pages. */
  grow(delta: number): number {
    const before = growMemory(this, toIndex(delta, "Memory.grow"));
    if (before < 0) {
      throw new RangeError(`Memory.grow: cannot grow from ${this.bytes.length / PAGE} pages by ${delta} pages`);
    }
    return before;
  }

  /** Calls `listener` with the view now and whenever another one takes its place, until `unfollow`. @internal */
  follow(listener: (view: DataView) => void): void {
    this.listeners.push(listener);
    listener(this.view);
  }

  /** @internal */
  unfollow(listener: (view: DataView) => void): void {
    this.listeners = this.listeners.filter((one) => one !== listener);
  }

  /** Code with typed arrays over the memory's bytes is about to use it. @internal */
  reachByElements(): void {
    if (this.beyond !== undefined) {
      const why = "code for an engine without a JIT cannot use a memory to which one is attached";
      throw new WasmError("shared-heap", `shared heap: ${why}`);
    }
    this.elements = true;
  }

  /** Makes the memory `size` bytes long; `most` is what it may ever have. Throws RangeError where there is no room. @internal */
  extend(size: number, most: number): void {
    const view = this.storage.resize(size, most);
    if (view !== this.view) this.bind(view);
  }

  /** Puts another view in the place of the memory's. @internal */
  bind(view: DataView): void {
    this.view = view;
    this.bytes = bytesOf(view);
    for (let i = 0; i < this.listeners.length; i++) this.listeners[i]!(view);
  }
}

function bytesOf({ buffer, byteOffset, byteLength }: DataView): Uint8Array {
  return new Uint8Array(buffer, byteOffset, byteLength);
}

/** `memory.grow`: the former size in pages, or -1. Growing by 0 keeps even the buffer. @internal */
export function growMemory(memory: Memory, delta: number): number {
  // A heap of the host's may lie behind the last page of a memory that cannot grow (runtime/environment/module-heap.ts).
  const size = memory.bytes.length;
  const before = size >>> 16;
  const after = before + delta;
  const { pageLimit, maximum = pageLimit } = memory;
  if (after > maximum) return refuse(memory, "maximum", delta);
  if (after > pageLimit || (memory.beyond !== undefined && after > memory.beyond.ceiling))
    return refuse(memory, "limit", delta);
  needStack(100);
  try {
    memory.extend(size + delta * PAGE, Math.min(pageLimit, maximum) * PAGE);
  } catch (error) {
    if (error instanceof RangeError && memory.bytes.length === size) {
      return refuse(memory, "no room", delta);
    }
    throw error;
  }
  return before;
}

function refuse(memory: Memory, why: GrowthRefusal, delta: number): number {
  const { storage } = memory;
  if (storage.refused) storage.refused(why, delta);
  return -1;
}

// Throws now what would be thrown later if the stack is nearly exhausted: between the new buffer and the last follower that
// learns of it nothing may go wrong. Seen without it on Hermes and QuickJS; V8 needs more stack than that for a new buffer.
function needStack(frames: number): number {
  return frames === 0 ? 0 : needStack(frames - 1) + 1;
}

/** A memory of a module that is being instantiated. @internal */
export function allocateMemory(
  index: number,
  initial: number,
  maximum: number | undefined,
  pageLimit: number,
  storage?: InstanceStorage,
): Memory {
  const limit = Math.min(pageLimit, MAX_MEMORY_PAGES);
  const detail = (why: string): Trap => new Trap(TrapCode.outOfMemory, `memory ${index} ${why}`);
  if (initial > limit) throw detail(tooLarge(initial, limit));
  let memory;
  try {
    memory = new Memory({ initial, maximum }, storage && storage.memory(index, initial * PAGE));
  } catch (error) {
    if (error instanceof RangeError) throw detail(`needs ${initial} pages, which the host does not grant`);
    throw error;
  }
  memory.pageLimit = limit;
  return memory;
}

function tooLarge(pages: number, limit: number): string {
  return `needs ${pages} pages (${pages / 16} MiB), the limit is ${limit}`;
}

/** `memory.fill`. Addresses and counts are int32 that stand for unsigned numbers, here and below. @internal */
export function fillMemory(memory: Memory, to: number, value: number, count: number): void {
  to >>>= 0;
  count >>>= 0;
  if (to + count > memory.bytes.length) reach(memory, to, count).fill(value);
  else memory.bytes.fill(value, to, to + count);
}

/** `memory.copy`. @internal */
export function copyMemory(target: Memory, source: Memory, to: number, from: number, count: number): void {
  to >>>= 0;
  from >>>= 0;
  count >>>= 0;
  if (to + count > target.bytes.length || from + count > source.bytes.length)
    reach(target, to, count).set(reach(source, from, count));
  else if (target === source) target.bytes.copyWithin(to, from, from + count);
  else target.bytes.set(source.bytes.subarray(from, from + count), to);
}

/** Writes an active segment, as `memory.init` and `data.drop` do. @internal */
export function placeData(memory: Memory, segment: DataSegment, to: number): void {
  const { length } = segment;
  if (length === undefined) return initMemory(memory, segment.bytes, to, 0, segment.bytes.length);
  segment.writeTo!(reach(memory, to >>> 0, length));
}

/** `memory.init`. @internal */
export function initMemory(memory: Memory, segment: Uint8Array, to: number, from: number, count: number): void {
  to >>>= 0;
  from >>>= 0;
  count >>>= 0;
  if (from + count > segment.length) throw outOfBounds();
  if (to + count > memory.bytes.length) reach(memory, to, count).set(segment.subarray(from, from + count));
  else memory.bytes.set(segment.subarray(from, from + count), to);
}

// The bytes of a range that is not all within the memory's own, or traps.
function reach({ bytes, beyond }: Memory, at: number, count: number): Uint8Array {
  if (at + count <= bytes.length) return bytes.subarray(at, at + count);
  const found = beyond === undefined ? undefined : beyond.find(at, count);
  if (found === undefined) throw outOfBounds();
  return found;
}

function outOfBounds(): Trap {
  return new Trap(TrapCode.outOfBoundsMemoryAccess);
}
