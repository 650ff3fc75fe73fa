// From what a caller calls a block to the block, and what to say where it is none.
import { walk } from "./check.js";
import { EmsError, type CorruptionKind } from "./corruption.js";
import { FREE, HEADER, isTag, MIN_SIZE, offsetOf, sizeOf, type Heap } from "./heap.js";

/** The position of the block whose payload is at `offset`; -1 where none can be. */
export function positionOf(heap: Heap, offset: number): number {
  const distance = offset - heap.base;
  // Also false for what is no integer.
  if (distance >>> 0 !== distance || (distance & 7) !== 0) return -1;
  const at = (distance >>> 2) - HEADER;
  return at >= heap.first && at < heap.end ? at : -1;
}

/** The tag of the used block at `at`, the position of `offset`. Throws EmsError where there is none. */
export function usedTag(heap: Heap, at: number, offset: number): number {
  if (at >= 0) {
    const tag = heap.words[at]!;
    const size = sizeOf(tag);
    if (isTag(heap, at, tag) && (tag & FREE) === 0 && size >= MIN_SIZE && size <= heap.end - at) return tag;
  }
  return explain(heap, offset);
}

/** Finds out by a walk through all blocks what it is. If they are in order, the mistake is the caller's. */
function explain(heap: Heap, offset: number): never {
  const at = (offset - heap.base) / 4 - HEADER;
  let kind: CorruptionKind = "foreign-pointer";
  let found = "the pointer leads out of the heap";
  walk(heap, (begin, tag) => {
    const end = begin + sizeOf(tag);
    if (!(at >= begin - 1 && at < end - 1)) return;
    const where = `the block of ${sizeOf(tag) * 4} bytes at offset ${offsetOf(heap, begin)}`;
    if ((tag & FREE) === 0) found = `the pointer leads into the middle of ${where}`;
    else {
      kind = "double-free";
      found = `the pointer leads into ${where}, which is free`;
    }
  });
  throw new EmsError({ kind, offset, found });
}
