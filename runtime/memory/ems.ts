// ems, the pool allocator, after WAMR's allocator of that name: it manages one slice of a buffer and hands out blocks of it by
// their offset in the buffer. All it knows about blocks stands in the slice (ems/heap.ts has the layout): 288 bytes for the
// heap, and 8 for each block.
//
// free is O(log n), and so are allocate and reallocate, but for what they clear and copy, and for a walk over all blocks
// before an aligned allocation is refused. Offsets and lengths are in bytes. EmsError: the heap is damaged, and refuses
// everything from then on; or an offset is no block's, of which the heap takes no harm.
import { checkGuard, checkHeap } from "./ems/check.js";
import { EmsError, type Corruption } from "./ems/corruption.js";
import { Control, HEADER, Heap, MAGIC, MIN_SIZE, offsetOf, PREV_FREE, readTag, sizeOf, writeTag } from "./ems/heap.js";
import { abandon, enter, faultOf, leave, unlock } from "./ems/lock.js";
import { mapOf, statisticsOf, type EmsBlock, type EmsStatistics, type Slice } from "./ems/map.js";
import { makeFree, release, take } from "./ems/place.js";
import { positionOf, usedTag } from "./ems/pointer.js";
import { resize } from "./ems/resize.js";

export { EmsError, type Corruption, type CorruptionKind } from "./ems/corruption.js";
export { type EmsBlock, type EmsStatistics } from "./ems/map.js";

export interface EmsOptions {
  /**
   * The slice is all zero, and nobody writes what was not allocated. Then `allocate` need not clear what has never been in
   * use, and its pages stay untouched until then.
   */
  readonly fresh?: boolean | undefined;
  /**
   * `Ems.CONTROL_WORDS` words for what belongs to the heap as a whole. By default they lie in the slice; where a guest can
   * write the slice, they should not.
   */
  readonly control?: Int32Array | undefined;
  /** The heap is there already: another thread has made it in the same shared buffer. */
  readonly attach?: boolean | undefined;
}

/** Positions are counted in words, in 31 bits. */
const MAX_LENGTH = 2 ** 32 - 8;
/** Stack frames that no reallocation needs. */
const FRAMES = 24;

export class Ems {
  /** Length of a control block, in words of 4 bytes. */
  static readonly CONTROL_WORDS: number = Control.words;
  private readonly heap: Heap;
  /** As it was given; the heap begins and ends at multiples of 8. */
  private slice: Slice;
  /** Whether the control block lies in the slice. */
  private readonly selfContained: boolean;

  /** Manages `length` bytes of `buffer` from `offset`. RangeError: too few, too many, or not in the buffer. */
  constructor(buffer: ArrayBufferLike, offset: number, length: number, options: EmsOptions = {}) {
    const { control, fresh, attach } = options;
    this.slice = { offset, length };
    this.selfContained = control === undefined;
    const base = Math.ceil(offset / 8) * 8;
    const end = Math.floor((offset + length - base) / 8) * 2 - 2;
    const least = 2 + (this.selfContained ? Control.words : 0) + MIN_SIZE;
    if (!(offset >= 0 && length <= MAX_LENGTH && offset + length <= buffer.byteLength && end >= least)) {
      throw new RangeError(`ems: ${length} bytes at offset ${offset} of ${buffer.byteLength} cannot be a heap`);
    }
    if (control !== undefined && control.length < Control.words) {
      throw new RangeError(`ems: a control block has ${Control.words} words, got ${control.length}`);
    }
    this.heap = new Heap(buffer, base, end, control);
    if (attach) joinHeap(this.heap);
    else makeHeap(this.heap, fresh === true);
  }

  /** What damaged the heap, as far as it has been noticed. */
  get corruption(): Corruption | undefined {
    return faultOf(this.heap);
  }

  /**
   * The offset of `length` bytes, all zero, at a multiple of 8 and of `alignment`, a power of two; 0 where there is no room.
   */
  allocate(length: number, alignment = 8): number {
    const { heap } = this;
    const size = sizeFor(heap, length, alignment);
    if (size === 0) return 0;
    enter(heap);
    try {
      const at = take(heap, size, alignment, 0);
      leave(heap);
      return at === 0 ? 0 : offsetOf(heap, at + HEADER);
    } catch (error) {
      throw abandon(heap, error);
    }
  }

  /**
   * Makes the block at `offset` `length` bytes long: where it is if it can be, else elsewhere. Contents are kept, what is new
   * is zero. Returns the offset then, which is a multiple of `alignment` whatever it was before; 0 where there is no room,
   * and nothing has changed. Offset 0 allocates.
   */
  reallocate(offset: number, length: number, alignment = 8): number {
    if (offset === 0) return this.allocate(length, alignment);
    const { heap } = this;
    const size = sizeFor(heap, length, alignment);
    needStack(FRAMES);
    enter(heap);
    try {
      const old = positionOf(heap, offset);
      const tag = usedTag(heap, old, offset);
      const at = size === 0 ? 0 : resize(heap, old, tag, size, alignment);
      // Where a block was longer than it is now, its padding is not zero.
      if (at !== 0) {
        const end = Math.min(sizeOf(tag), sizeOf(readTag(heap, at))) * 4;
        if (HEADER * 4 + length < end) heap.bytes.fill(0, (at + HEADER) * 4 + length, at * 4 + end);
      }
      leave(heap);
      return at === 0 ? 0 : offsetOf(heap, at + HEADER);
    } catch (error) {
      throw abandon(heap, error);
    }
  }

  /** Gives a block back. Offset 0 is none. */
  free(offset: number): void {
    if (offset === 0) return;
    const { heap } = this;
    enter(heap);
    try {
      const at = positionOf(heap, offset);
      release(heap, at, usedTag(heap, at, offset));
      leave(heap);
    } catch (error) {
      // The block is free, and only the host's stack did not suffice to make it known.
      if (heap.settled && heap.corruption === undefined) return unlock(heap);
      throw abandon(heap, error);
    }
  }

  /** How many bytes the block at `offset` can hold: at least what was asked for. */
  sizeOf(offset: number): number {
    const { heap } = this;
    enter(heap);
    try {
      const tag = usedTag(heap, positionOf(heap, offset), offset);
      leave(heap);
      return (sizeOf(tag) - HEADER) * 4;
    } catch (error) {
      throw abandon(heap, error);
    }
  }

  /**
   * The slice has moved, contents and all: into another buffer, or by a multiple of 8. Offsets of blocks move with it, and keep
   * greater alignments only if the distance is a multiple of them.
   */
  rebind(buffer: ArrayBufferLike, offset: number): void {
    const { heap, slice } = this;
    const distance = offset - slice.offset;
    if (distance % 8 !== 0 || !(offset >= 0 && offset + slice.length <= buffer.byteLength)) {
      throw new RangeError(`ems: a heap of ${slice.length} bytes at ${slice.offset} cannot have moved to ${offset}`);
    }
    heap.bind(buffer, heap.base + distance, this.selfContained ? undefined : heap.control);
    this.slice = { offset, length: slice.length };
  }

  /** Examines all blocks, lists and totals. What it finds is kept. */
  check(): Corruption | undefined {
    const { heap } = this;
    try {
      enter(heap);
      checkHeap(heap);
      leave(heap);
      return undefined;
    } catch (error) {
      if (abandon(heap, error) instanceof EmsError) return faultOf(heap);
      throw error;
    }
  }

  /** Figures; of a damaged heap, the last it had. */
  statistics(): EmsStatistics {
    return this.look(statisticsOf);
  }

  /** The memory map: all of the slice, in order. Of a damaged heap, as far as it can be read. */
  blocks(): readonly EmsBlock[] {
    return this.look(mapOf);
  }

  private look<T>(look: (heap: Heap, slice: Slice) => T): T {
    const { heap } = this;
    let entered = false;
    try {
      enter(heap);
      entered = true;
    } catch (error) {
      if (!(error instanceof EmsError)) throw error;
    }
    const seen = look(heap, this.slice);
    if (entered) leave(heap);
    return seen;
  }
}

/** Writes what an empty heap consists of, and nothing else: guards, control block, one free block. */
function makeHeap(heap: Heap, fresh: boolean): void {
  const { words, control, first, end } = heap;
  control.fill(0, 0, Control.words);
  words[0] = control[Control.magic] = MAGIC;
  words[1] = control[Control.length] = end + 2;
  control[Control.touched] = fresh ? first : end;
  if (isShared(control)) joinHeap(heap);
  writeTag(heap, end, PREV_FREE);
  makeFree(heap, first, end - first);
}

function joinHeap(heap: Heap): void {
  if (!isShared(heap.control)) throw new RangeError("ems: threads can only share a heap whose control block is shared");
  checkGuard(heap);
  heap.owner = Atomics.add(heap.control, Control.threads, 1) + 1;
}

function isShared(control: Int32Array): boolean {
  return typeof SharedArrayBuffer === "function" && control.buffer instanceof SharedArrayBuffer;
}

/** The words of a block for `length` bytes; 0: there never is room for that many. */
function sizeFor(heap: Heap, length: number, alignment: number): number {
  if (length >>> 0 !== length && !(length >= 0 && length % 1 === 0)) {
    throw new RangeError(`ems: a length of ${length} bytes`);
  }
  if ((alignment & (alignment - 1)) !== 0 || alignment <= 0 || alignment !== (alignment | 0)) {
    throw new RangeError(`ems: an alignment of ${alignment} bytes is not a power of two`);
  }
  if (length > (heap.end - heap.first) * 4) return 0;
  return Math.max(MIN_SIZE, ((length + 15) >>> 3) << 1);
}

// Throws now what would be thrown later if the stack is nearly exhausted, as in instance/memory.ts.
function needStack(frames: number): number {
  return frames === 0 ? 0 : needStack(frames - 1) + 1;
}
