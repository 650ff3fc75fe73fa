// Alloc_With_System_Allocator: every block is an ArrayBuffer of its own, and the engine's allocator is the system's.
import { resized } from "../buffer.js";
import type { Allocator, AllocatorStatistics, Block, Usage } from "./allocator.js";

export interface SystemAllocatorOptions {
  readonly mode: "Alloc_With_System_Allocator";
  /** Refuse to hand out more than this many bytes. Default: what the engine grants. */
  readonly limit?: number;
}

/** Linear memories that grow are given half as much again, so that growing page by page does not copy them each time. */
const SLACK = 1.5;

/** @internal */
export class SystemAllocator implements Allocator {
  private readonly limit: number;
  private allocated = 0;
  private reserved = 0;
  private blocks = 0;
  private highWater = 0;

  constructor({ limit = Infinity }: SystemAllocatorOptions) {
    if (!(limit >= 0)) throw new RangeError(`allocator: expected a limit in bytes, got ${limit}`);
    this.limit = limit;
  }

  allocate(length: number): Block | undefined {
    const buffer = this.grant(length, () => new ArrayBuffer(length));
    if (buffer === undefined) return undefined;
    this.note(length, 0, 1);
    return { buffer, offset: 0, length };
  }

  reallocate(block: Block, length: number, usage: Usage): Block | undefined {
    const held = block.length + (block.reserved ?? 0);
    if (length <= held) {
      const reserved = held - length;
      new Uint8Array(block.buffer, length, reserved).fill(0);
      this.note(length - block.length, reserved - (block.reserved ?? 0), 0);
      return { buffer: block.buffer, offset: 0, length, reserved };
    }
    const roomy = usage === "linear memory" && block.length > 0 ? Math.ceil(held * SLACK) : length;
    return (roomy > length ? this.resized(block, length, roomy) : undefined) ?? this.resized(block, length, length);
  }

  isolate(block: Block, renew: boolean): Block | undefined {
    return !renew && !block.reserved ? block : this.resized(block, block.length, block.length);
  }

  free(block: Block): void {
    this.note(-block.length, -(block.reserved ?? 0), -1);
  }

  statistics(): AllocatorStatistics {
    const { allocated, blocks, highWater, reserved } = this;
    const limited = this.limit !== Infinity;
    const free = this.limit - allocated - reserved;
    return {
      mode: "Alloc_With_System_Allocator",
      allocated,
      overhead: reserved,
      blocks,
      highWater,
      ...(limited && { total: this.limit, free, largestFree: free }),
    };
  }

  // The block with a buffer of `size` bytes, of which `length` are for use.
  private resized(block: Block, length: number, size: number): Block | undefined {
    const { reserved = 0 } = block;
    const buffer = this.grant(size - block.length - reserved, () => resized(block.buffer as ArrayBuffer, size));
    if (buffer === undefined) return undefined;
    this.note(length - block.length, size - length - reserved, 0);
    return { buffer, offset: 0, length, reserved: size - length };
  }

  private grant(more: number, make: () => ArrayBuffer): ArrayBuffer | undefined {
    if (this.allocated + this.reserved + more > this.limit) return undefined;
    try {
      return make();
    } catch (error) {
      if (error instanceof RangeError) return undefined;
      throw error;
    }
  }

  private note(length: number, reserved: number, blocks: number): void {
    this.allocated += length;
    this.reserved += reserved;
    this.blocks += blocks;
    this.highWater = Math.max(this.highWater, this.allocated + this.reserved);
  }
}
