// Alloc_With_Allocator: the host's own malloc, realloc and free. A piece of memory is a Uint8Array over whatever buffer the host
// keeps it in, so that it can be a part of a larger one.
import type { Allocator, AllocatorStatistics, Block, Usage } from "./allocator.js";

export interface HostAllocatorOptions {
  readonly mode: "Alloc_With_Allocator";
  /** `size` bytes or more, at an offset that is a multiple of 8; undefined: none left. */
  readonly malloc: (size: number, usage: Usage, userData: unknown) => Uint8Array | undefined;
  /** The contents of `bytes` in a piece of `size` bytes; undefined: refused. Default: malloc, copy, free. */
  readonly realloc?: (bytes: Uint8Array, size: number, usage: Usage, userData: unknown) => Uint8Array | undefined;
  /** Takes back exactly what malloc or realloc returned. */
  readonly free: (bytes: Uint8Array, usage: Usage, userData: unknown) => void;
  readonly userData?: unknown;
}

/** @internal */
export class HostAllocator implements Allocator {
  private readonly options: HostAllocatorOptions;
  /** What the host returned for a block. */
  private readonly given = new Map<Block, Uint8Array>();
  private allocated = 0;
  private overhead = 0;
  private highWater = 0;

  constructor(options: HostAllocatorOptions) {
    const { malloc, realloc, free } = options;
    if (typeof malloc !== "function" || typeof free !== "function")
      throw new TypeError("allocator: malloc and free are required");
    if (realloc !== undefined && typeof realloc !== "function")
      throw new TypeError("allocator: realloc is not a function");
    this.options = options;
  }

  allocate(length: number, usage: Usage): Block | undefined {
    const bytes = this.options.malloc(length, usage, this.options.userData);
    return bytes === undefined ? undefined : this.enter(checked(bytes, length, "malloc"), length, 0);
  }

  reallocate(block: Block, length: number, usage: Usage): Block | undefined {
    const { realloc, userData } = this.options;
    if (realloc === undefined) {
      const moved = this.allocate(length, usage);
      if (moved === undefined) return undefined;
      const kept = Math.min(length, block.length);
      new Uint8Array(moved.buffer, moved.offset, kept).set(new Uint8Array(block.buffer, block.offset, kept));
      this.free(block, usage);
      return moved;
    }
    const bytes = realloc(this.given.get(block)!, length, usage, userData);
    if (bytes === undefined) return undefined;
    this.leave(block);
    return this.enter(checked(bytes, length, "realloc"), length, Math.min(length, block.length));
  }

  free(block: Block, usage: Usage): void {
    const bytes = this.given.get(block);
    if (bytes === undefined) throw new Error("BUG: freeing a block that this allocator has not handed out");
    this.leave(block);
    this.options.free(bytes, usage, this.options.userData);
  }

  statistics(): AllocatorStatistics {
    const { allocated, overhead, highWater } = this;
    return { mode: "Alloc_With_Allocator", allocated, overhead, blocks: this.given.size, highWater };
  }

  private enter(bytes: Uint8Array, length: number, kept: number): Block {
    bytes.fill(0, kept, length);
    const block = { buffer: bytes.buffer, offset: bytes.byteOffset, length };
    this.given.set(block, bytes);
    this.allocated += length;
    this.overhead += bytes.length - length;
    this.highWater = Math.max(this.highWater, this.allocated + this.overhead);
    return block;
  }

  private leave(block: Block): void {
    this.allocated -= block.length;
    this.overhead -= this.given.get(block)!.length - block.length;
    this.given.delete(block);
  }
}

// The host's functions are trusted with memory, but a mistake in one should not show up as damage somewhere else.
function checked(bytes: unknown, length: number, name: string): Uint8Array {
  if (!(bytes instanceof Uint8Array))
    throw new TypeError(`allocator: ${name} returned ${String(bytes)}, expected a Uint8Array or undefined`);
  if (bytes.length < length)
    throw new RangeError(`allocator: ${name} returned ${bytes.length} bytes, ${length} were asked for`);
  if (bytes.byteOffset % 8 !== 0)
    throw new RangeError(`allocator: ${name} returned memory at offset ${bytes.byteOffset}, which is no multiple of 8`);
  return bytes;
}
