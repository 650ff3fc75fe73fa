// What a heap tells about itself: figures, and the map of all its blocks.
import { walk } from "./check.js";
import { EmsError } from "./corruption.js";
import { Control, FREE, HEADER, offsetOf, sizeOf, type Heap } from "./heap.js";
import { largestSmall } from "./small.js";
import { largestLarge } from "./tree.js";

/** In bytes, unless said otherwise. */
export interface EmsStatistics {
  /** The slice. */
  readonly total: number;
  /** What the heap itself takes, whatever is allocated; `total = overhead + used + free`. */
  readonly overhead: number;
  /** In free blocks. */
  readonly free: number;
  /** In allocated blocks, their headers (8 bytes) and padding included. */
  readonly used: number;
  /** The largest value that `used` has had. */
  readonly highWater: number;
  /** The largest length that `allocate` can grant now. */
  readonly largestFree: number;
  /** The share of the free bytes that lies outside the largest free block: from 0 to nearly 1. */
  readonly fragmentation: number;
  /** Number of allocated blocks. */
  readonly usedBlocks: number;
  /** Number of free blocks. */
  readonly freeBlocks: number;
  /** The part of the slice, from its beginning, that has been in use at some time; the rest may never have cost a page. */
  readonly touched: number;
}

/** A stretch of the slice; all of them, in order, cover it without a gap. */
export interface EmsBlock {
  /** `overhead` is what the heap itself takes, `damaged` what cannot be read any more. */
  readonly kind: "used" | "free" | "overhead" | "damaged";
  /** Where the stretch begins: at the header of a block. */
  readonly offset: number;
  /** In bytes, header included. */
  readonly length: number;
  /** For used blocks: what `allocate` returned. */
  readonly payload?: number;
}

/** The slice as the host gave it; the heap may begin and end some bytes further in. */
export interface Slice {
  readonly offset: number;
  readonly length: number;
}

export function statisticsOf(heap: Heap, slice: Slice): EmsStatistics {
  const { control, first, end } = heap;
  const used = control[Control.used]!;
  const free = end - first - used;
  const largest = largestFree(heap);
  return {
    total: slice.length,
    overhead: slice.length - (end - first) * 4,
    free: free * 4,
    used: used * 4,
    highWater: control[Control.highWater]! * 4,
    largestFree: Math.max(0, largest - HEADER) * 4,
    fragmentation: free === 0 ? 0 : 1 - largest / free,
    usedBlocks: control[Control.usedBlocks]!,
    freeBlocks: control[Control.freeBlocks]!,
    touched: offsetOf(heap, control[Control.touched]!) - slice.offset,
  };
}

/** Words of the largest free block; 0 if there is none or the heap is damaged. */
function largestFree(heap: Heap): number {
  if (heap.corruption !== undefined) return 0;
  try {
    return largestLarge(heap) || largestSmall(heap);
  } catch (error) {
    if (error instanceof EmsError) return 0;
    throw error;
  }
}

export function mapOf(heap: Heap, slice: Slice): EmsBlock[] {
  const { first, end } = heap;
  const found: EmsBlock[] = [];
  const add = (kind: EmsBlock["kind"], offset: number, to: number): void => {
    if (to > offset) found.push({ kind, offset, length: to - offset });
  };
  add("overhead", slice.offset, offsetOf(heap, first));
  let reached = first;
  try {
    walk(heap, (at, tag) => {
      const [offset, payload] = [offsetOf(heap, at), offsetOf(heap, at + HEADER)];
      reached = at + sizeOf(tag);
      if ((tag & FREE) !== 0) add("free", offset, offsetOf(heap, reached));
      else found.push({ kind: "used", offset, length: sizeOf(tag) * 4, payload });
    });
  } catch (error) {
    if (!(error instanceof EmsError)) throw error;
    add("damaged", offsetOf(heap, reached), offsetOf(heap, end));
  }
  add("overhead", offsetOf(heap, end), slice.offset + slice.length);
  return found;
}
