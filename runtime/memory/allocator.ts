// What an allocator is, and the three that a host can choose from at `Runtime.init`, in WAMR's terms. An allocator hands out
// blocks of bytes and knows nothing of what they are for; account.ts keeps the books.
// https://github.com/bytecodealliance/wasm-micro-runtime/blob/main/core/iwasm/include/wasm_export.h (mem_alloc_type_t)
import type { Corruption, EmsBlock } from "./ems.js";
import { HostAllocator, type HostAllocatorOptions } from "./host-allocator.js";
import { PoolAllocator, type PoolOptions } from "./pool-allocator.js";
import { SystemAllocator, type SystemAllocatorOptions } from "./system-allocator.js";

/** What memory is wanted for; a host allocator may keep the two apart (WAMR's `mem_alloc_usage_t`). */
export type Usage = "runtime" | "linear memory";

/** A piece of memory that an allocator has handed out: `length` bytes of `buffer` from `offset` on, which is a multiple of 8. */
export interface Block {
  readonly buffer: ArrayBufferLike;
  readonly offset: number;
  readonly length: number;
  /** Bytes that are set aside behind `length` for growth in place, where the allocator does that. Default: 0. */
  readonly reserved?: number;
}

/** All in bytes. */
export interface AllocatorStatistics {
  readonly mode: AllocatorOptions["mode"];
  /** Sum of the lengths of all blocks that are handed out now. */
  readonly allocated: number;
  /** What the allocator needs besides: headers, rounding, growth set aside. */
  readonly overhead: number;
  /** Number of blocks that are handed out now. */
  readonly blocks: number;
  /** The most that `allocated + overhead` has ever been. */
  readonly highWater: number;
  /** Size of the region, free bytes in it and the largest block that could be had now; where the allocator has a region. */
  readonly total?: number;
  readonly free?: number;
  readonly largestFree?: number;
}

/** Hands out memory. Fails by returning undefined, never by throwing; a failure changes nothing. */
export interface Allocator {
  /** Zeroed memory. `length` may be 0. */
  allocate(length: number, usage: Usage): Block | undefined;
  /**
   * Makes a block longer or shorter, in place or elsewhere: contents are kept as far as they fit, new bytes are zero. The old
   * block is gone then. undefined: refused, the old block is as it was.
   */
  reallocate(block: Block, length: number, usage: Usage): Block | undefined;
  free(block: Block, usage: Usage): void;
  /**
   * The block with a buffer that is exactly it and nobody else's, and another one than before if `renew`: the old buffer is
   * detached then, where the engine can. Where the allocator has such buffers, and memory for it.
   */
  isolate?(block: Block, renew: boolean): Block | undefined;
  statistics(): AllocatorStatistics;
  /** The region and all that lies in it, where the allocator has one. */
  map?(): PoolMap;
}

/** A pool as it is now. Offsets are those of its buffer, all else is in bytes. */
export interface PoolMap {
  /** Where the pool begins in its buffer. */
  readonly offset: number;
  readonly total: number;
  /** The part from the beginning that has been in use at some time. */
  readonly touched: number;
  /** The share of the free bytes that lies outside the largest free block: from 0 to nearly 1. */
  readonly fragmentation: number;
  /** Number of free blocks. */
  readonly freeBlocks: number;
  /** What is wrong with the pool, if anything has been noticed; statistics are the last known then. */
  readonly corruption?: Corruption;
  /** Used and free blocks and what the pool itself takes; together, in order, they cover the pool. */
  readonly blocks: readonly EmsBlock[];
}

export type AllocatorOptions = PoolOptions | SystemAllocatorOptions | HostAllocatorOptions;

/** The allocator that the options describe; throws TypeError or RangeError where they describe none. */
export function createAllocator(options: AllocatorOptions): Allocator {
  switch (options.mode) {
    case "Alloc_With_Pool":
      return new PoolAllocator(options);
    case "Alloc_With_System_Allocator":
      return new SystemAllocator(options);
    case "Alloc_With_Allocator":
      return new HostAllocator(options);
    default:
      throw new TypeError(
        `allocator: expected mode Alloc_With_Pool, Alloc_With_System_Allocator or Alloc_With_Allocator, got ${String((options as { mode?: unknown }).mode)}`,
      );
  }
}
