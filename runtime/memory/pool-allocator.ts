// Alloc_With_Pool: everything lives in one region that the host hands over at the start, managed by ems.
import type { Allocator, AllocatorStatistics, Block, PoolMap } from "./allocator.js";
import { Ems } from "./ems.js";

export interface PoolOptions {
  readonly mode: "Alloc_With_Pool";
  /** The region: a buffer, or a view of a part of one. Nobody else may write to it while the runtime lives. */
  readonly pool: ArrayBufferLike | ArrayBufferView;
  /** The region is all zeros, as a new buffer is: it need not be touched before it is used. Default: false. */
  readonly fresh?: boolean;
}

/** @internal */
export class PoolAllocator implements Allocator {
  readonly ems: Ems;
  private readonly buffer: ArrayBufferLike;
  private readonly start: number;
  private allocated = 0;

  constructor({ pool, fresh }: PoolOptions) {
    const isView = ArrayBuffer.isView(pool);
    if (!isView && !/^\[object (Shared)?ArrayBuffer\]$/.test(Object.prototype.toString.call(pool)))
      throw new TypeError("allocator: expected an ArrayBuffer, a SharedArrayBuffer or a view of one as pool");
    this.buffer = isView ? pool.buffer : pool;
    this.start = isView ? pool.byteOffset : 0;
    this.ems = new Ems(this.buffer, this.start, pool.byteLength, { fresh });
  }

  allocate(length: number): Block | undefined {
    return this.block(this.ems.allocate(length), length, 0);
  }

  reallocate(block: Block, length: number): Block | undefined {
    return this.block(this.ems.reallocate(block.offset, length), length, block.length);
  }

  free(block: Block): void {
    this.ems.free(block.offset);
    this.allocated -= block.length;
  }

  statistics(): AllocatorStatistics {
    const { total, overhead, free, used, highWater, largestFree, usedBlocks } = this.ems.statistics();
    return {
      mode: "Alloc_With_Pool",
      allocated: this.allocated,
      overhead: overhead + used - this.allocated,
      blocks: usedBlocks,
      highWater: overhead + highWater,
      total,
      free,
      largestFree,
    };
  }

  map(): PoolMap {
    const { ems } = this;
    const corruption = ems.check();
    const { total, touched, fragmentation, freeBlocks } = ems.statistics();
    const blocks = ems.blocks();
    return { offset: this.start, total, touched, fragmentation, freeBlocks, ...(corruption && { corruption }), blocks };
  }

  private block(offset: number, length: number, before: number): Block | undefined {
    if (offset === 0) return undefined;
    this.allocated += length - before;
    return { buffer: this.buffer, offset, length };
  }
}
