// Linear memory: one ArrayBuffer behind one DataView, which generated code uses directly. The view lives in variables of
// generated code, so growing tells every listener the new view. An access out of bounds is the DataView's own RangeError.
// https://webassembly.github.io/spec/js-api/#memories
import { Trap } from "../errors.js";
import { TrapCode } from "../trap-code.js";
import { limitsOf, toIndex, type LimitsDescriptor } from "./limits.js";
import type { InstanceStorage } from "./storage.js";

/** Size of a page: 64 KiB. */
export const PAGE = 65536;

/**
 * Memories end at 2 GiB: generated code addresses the view by signed int32, and a negative address is out of bounds for
 * every smaller one.
 */
export const MAX_MEMORY_PAGES = 32768;

export interface MemoryDescriptor extends LimitsDescriptor {
  readonly shared?: boolean;
}

/** Where a runtime keeps the bytes of a memory: a part of a larger buffer, as a rule. @internal */
export interface MemoryStorage {
  readonly view: DataView;
  /** The view of a memory that is `size` bytes long now, in place or moved; undefined: refused. */
  resize(size: number): DataView | undefined;
}

/**
 * A linear memory, shaped like `WebAssembly.Memory`.
 *
 * Growth reserves: allocators that ask for a page at a time would otherwise copy the whole memory each time. The view then
 * covers the front part of a larger buffer. JavaScript must not see that buffer, so whoever asks for `buffer` gets one that
 * ends where the memory ends, and a memory whose buffer is looked at between growths does not reserve.
 */
export class Memory {
  /** The declared maximum in pages, if there is one. @internal */
  readonly maximum: number | undefined;
  /** @internal */
  view: DataView;
  /** The same bytes, for copying. @internal */
  bytes: Uint8Array;
  /** Growth stops here, whatever the maximum: the host's limit. @internal */
  pageLimit: number;
  private exposed = false;
  private readonly listeners: ((view: DataView) => void)[] = [];
  private readonly storage: MemoryStorage | undefined;

  constructor(descriptor: MemoryDescriptor, storage?: MemoryStorage) {
    const { initial, maximum } = limitsOf(descriptor, "Memory", 65536);
    if (descriptor.shared) throw new TypeError("Memory: shared memories are not supported");
    if (initial > MAX_MEMORY_PAGES) throw new RangeError(`Memory: ${tooLarge(initial, MAX_MEMORY_PAGES)}`);
    this.maximum = maximum;
    this.pageLimit = MAX_MEMORY_PAGES;
    this.storage = storage;
    this.view = storage === undefined ? new DataView(new ArrayBuffer(initial * PAGE)) : storage.view;
    this.bytes = bytesOf(this.view);
  }

  /** The memory's bytes. Growing detaches this buffer, where the host can, and makes another. */
  get buffer(): ArrayBuffer {
    const size = this.bytes.length;
    if (this.storage !== undefined)
      throw new TypeError("Memory: a memory of a runtime has no buffer of its own, use its bytes");
    if (this.view.buffer.byteLength > size) {
      needStack(100);
      this.bind(new DataView(resized(this.view.buffer as ArrayBuffer, size)));
    }
    this.exposed = true;
    return this.view.buffer as ArrayBuffer;
  }

  /** Grows by `delta` pages and returns the former size in pages. */
  grow(delta: number): number {
    const before = growMemory(this, toIndex(delta, "Memory.grow"));
    if (before < 0) {
      throw new RangeError(`Memory.grow: cannot grow from ${this.bytes.length / PAGE} pages by ${delta} pages`);
    }
    return before;
  }

  /** Calls `listener` with the view now and whenever another one takes its place. @internal */
  follow(listener: (view: DataView) => void): void {
    this.listeners.push(listener);
    listener(this.view);
  }

  /** Makes the memory `size` bytes long; `most` is what it may ever have. Throws RangeError where there is no room. @internal */
  extend(size: number, most: number): void {
    if (this.storage !== undefined) {
      const view = size === this.bytes.length ? this.view : this.storage.resize(size);
      if (view === undefined) throw new RangeError("Memory: no room");
      return this.bind(view);
    }
    const old = this.view.buffer as ArrayBuffer;
    // A buffer that somebody has seen is detached by every growth, also by 0 pages; one that nobody has may stay.
    if (!this.exposed && size === this.bytes.length) return;
    if (!this.exposed && size <= old.byteLength) return this.bind(new DataView(old, 0, size));
    let buffer;
    if (!this.exposed) {
      try {
        buffer = resized(old, Math.min(most, Math.max(size, old.byteLength * 1.5)));
      } catch (error) {
        if (!(error instanceof RangeError)) throw error;
      }
    }
    buffer ??= resized(old, size);
    this.exposed = false;
    this.bind(new DataView(buffer, 0, size));
  }

  private bind(view: DataView): void {
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
  const before = memory.bytes.length / PAGE;
  const after = before + delta;
  const most = Math.min(memory.pageLimit, memory.maximum ?? memory.pageLimit);
  if (after > most) return -1;
  needStack(100);
  try {
    memory.extend(after * PAGE, most * PAGE);
  } catch (error) {
    if (error instanceof RangeError && memory.bytes.length === before * PAGE) return -1;
    throw error;
  }
  return before;
}

// Throws now what would be thrown later if the stack is nearly exhausted: between the new buffer and the last follower that
// learns of it nothing may go wrong. Seen without it on Hermes and QuickJS; V8 needs more stack than that for a new buffer.
function needStack(frames: number): number {
  return frames === 0 ? 0 : needStack(frames - 1) + 1;
}

// The old buffer is detached where the host can. Nothing has changed if this throws.
function resized(old: ArrayBuffer, size: number): ArrayBuffer {
  const { transfer } = old as { transfer?: (size: number) => ArrayBuffer };
  if (typeof transfer === "function") return transfer.call(old, size);
  const clones = typeof structuredClone === "function";
  if (clones && size === old.byteLength) return structuredClone(old, { transfer: [old] });
  const bytes = new Uint8Array(size);
  bytes.set(new Uint8Array(old, 0, Math.min(size, old.byteLength)));
  if (clones) structuredClone(old, { transfer: [old] });
  return bytes.buffer;
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
    memory = new Memory({ initial, maximum }, storage?.memory(index, initial * PAGE));
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
  if (to + count > memory.bytes.length) throw outOfBounds();
  memory.bytes.fill(value, to, to + count);
}

/** `memory.copy`. @internal */
export function copyMemory(target: Memory, source: Memory, to: number, from: number, count: number): void {
  to >>>= 0;
  from >>>= 0;
  count >>>= 0;
  if (to + count > target.bytes.length || from + count > source.bytes.length) throw outOfBounds();
  if (target === source) target.bytes.copyWithin(to, from, from + count);
  else target.bytes.set(source.bytes.subarray(from, from + count), to);
}

/** `memory.init`. @internal */
export function initMemory(memory: Memory, segment: Uint8Array, to: number, from: number, count: number): void {
  to >>>= 0;
  from >>>= 0;
  count >>>= 0;
  if (from + count > segment.length || to + count > memory.bytes.length) throw outOfBounds();
  memory.bytes.set(segment.subarray(from, from + count), to);
}

function outOfBounds(): Trap {
  return new Trap(TrapCode.outOfBoundsMemoryAccess);
}
