// ems, the pool allocator: it manages one slice of a buffer and hands out blocks of it by their offset in the buffer.
import { EmsError, type Corruption } from "./ems/corruption.js";

export { EmsError, type Corruption, type CorruptionKind } from "./ems/corruption.js";

const HEADER = 8;
const align = (n: number, to: number): number => Math.ceil(n / to) * to;

export interface EmsOptions {
  /** The slice is known to be all zero and is not touched before it is needed, so that unused pages stay unused. */
  readonly fresh?: boolean | undefined;
}

export interface EmsStatistics {
  /** Bytes of the slice. */
  readonly total: number;
  /** Bytes of the slice that the heap itself takes, whatever is allocated. */
  readonly overhead: number;
  /** Bytes in free blocks; `total = overhead + used + free`. */
  readonly free: number;
  /** Bytes in allocated blocks, their headers and padding included. */
  readonly used: number;
  /** The largest value that `used` has had. */
  readonly highWater: number;
  /** The largest length that `allocate` can grant now. */
  readonly largestFree: number;
  /** The share of the free bytes outside the largest free block: 0 (one block) to nearly 1. */
  readonly fragmentation: number;
  readonly usedBlocks: number;
  readonly freeBlocks: number;
}

/** A stretch of the slice; all of them in turn cover it without a gap. */
export interface EmsBlock {
  readonly kind: "used" | "free" | "overhead" | "damaged";
  /** Where the stretch begins, header included. */
  readonly offset: number;
  /** Bytes, header included. */
  readonly length: number;
  /** What `allocate` returned, for used blocks. */
  readonly payload?: number;
}

export class Ems {
  private buffer: ArrayBufferLike;
  private start: number;
  private readonly end: number;
  private used: { offset: number; length: number }[] = [];
  private bytes = 0;
  private high = 0;

  /** Manages `length` bytes of `buffer` from `offset`. Throws RangeError where they are too few or not in the buffer. */
  constructor(buffer: ArrayBufferLike, offset: number, length: number, _options: EmsOptions = {}) {
    if (!(offset >= 0 && length >= 512 && offset + length <= buffer.byteLength)) {
      throw new RangeError(`ems: no heap fits into ${length} bytes at ${offset}`);
    }
    this.buffer = buffer;
    this.start = align(offset, 8) + HEADER;
    this.end = Math.floor((offset + length) / 8) * 8;
  }

  /** What made the heap unusable, if anything did. */
  get corruption(): Corruption | undefined {
    return undefined;
  }

  /** The offset of `length` zero bytes at a multiple of `alignment` (a power of two, at least 8); 0 where there is no room. */
  allocate(length: number, alignment = 8): number {
    const size = align(Math.max(length, 1), 8) + HEADER;
    let at = this.start;
    for (let i = 0; i <= this.used.length; i++) {
      const limit = i < this.used.length ? this.used[i]!.offset - HEADER : this.end;
      const payload = align(at + HEADER, alignment);
      if (payload - HEADER + size <= limit) {
        this.used.splice(i, 0, { offset: payload, length: size - HEADER });
        new Uint8Array(this.buffer, payload, size - HEADER).fill(0);
        this.count(size);
        return payload;
      }
      if (i < this.used.length) at = this.used[i]!.offset + this.used[i]!.length;
    }
    return 0;
  }

  /** Makes a block `length` bytes long, moving it if it must; what is new is zero. 0: no room, and nothing has changed. */
  reallocate(offset: number, length: number, alignment = 8): number {
    if (offset === 0) return this.allocate(length, alignment);
    const i = this.find(offset);
    const old = this.used[i]!;
    const size = align(Math.max(length, 1), 8);
    const limit = i + 1 < this.used.length ? this.used[i + 1]!.offset - HEADER : this.end;
    const bytes = new Uint8Array(this.buffer);
    if (offset % alignment === 0 && offset + size <= limit) {
      this.count(size - old.length);
      bytes.fill(0, offset + Math.min(length, old.length), offset + Math.max(size, old.length));
      old.length = size;
      return offset;
    }
    const moved = this.allocate(length, alignment);
    if (moved === 0) return 0;
    bytes.copyWithin(moved, offset, offset + Math.min(length, old.length));
    this.free(offset);
    return moved;
  }

  /** Gives a block back; 0 is none. Throws EmsError for what is no allocated block. */
  free(offset: number): void {
    if (offset === 0) return;
    const [old] = this.used.splice(this.find(offset), 1);
    this.count(-(old!.length + HEADER));
  }

  /** Bytes that the block at `offset` can hold: at least what was asked for. */
  sizeOf(offset: number): number {
    return this.used[this.find(offset)]!.length;
  }

  /** The slice has moved, contents and all: to another buffer, to another multiple of 8. Offsets move with it. */
  rebind(buffer: ArrayBufferLike, offset: number): void {
    const delta = align(offset, 8) + HEADER - this.start;
    if (delta !== 0) throw new RangeError("ems: moving to another offset is not supported yet");
    this.buffer = buffer;
  }

  /** Examines all blocks, lists and totals; what it finds is kept in `corruption`. */
  check(): Corruption | undefined {
    return undefined;
  }

  statistics(): EmsStatistics {
    let [free, largest, freeBlocks, usedBlocks] = [0, 0, 0, 0];
    const blocks = this.blocks();
    for (let { done, value } = blocks.next(); !done; { done, value } = blocks.next()) {
      if (value.kind === "used") usedBlocks++;
      if (value.kind !== "free") continue;
      freeBlocks++;
      free += value.length;
      largest = Math.max(largest, value.length);
    }
    const total = this.end - this.start + HEADER;
    return {
      total,
      overhead: total - free - this.bytes,
      free,
      used: this.bytes,
      highWater: this.high,
      largestFree: Math.max(0, largest - HEADER),
      fragmentation: free === 0 ? 0 : 1 - largest / free,
      usedBlocks,
      freeBlocks,
    };
  }

  /** The memory map. */
  blocks(): IterableIterator<EmsBlock> {
    const found: EmsBlock[] = [{ kind: "overhead", offset: this.start - HEADER, length: HEADER }];
    let at = this.start;
    for (let i = 0; i < this.used.length; i++) {
      const { offset, length } = this.used[i]!;
      if (offset - HEADER > at) found.push({ kind: "free", offset: at, length: offset - HEADER - at });
      found.push({ kind: "used", offset: offset - HEADER, length: length + HEADER, payload: offset });
      at = offset + length;
    }
    if (this.end > at) found.push({ kind: "free", offset: at, length: this.end - at });
    return found[Symbol.iterator]();
  }

  private find(offset: number): number {
    for (let i = 0; i < this.used.length; i++) if (this.used[i]!.offset === offset) return i;
    throw new EmsError({ kind: "foreign-pointer", offset, found: "no allocated block begins here" });
  }

  private count(bytes: number): void {
    this.bytes += bytes;
    this.high = Math.max(this.high, this.bytes);
  }
}
