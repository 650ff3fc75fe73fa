// Giving a block another length: where it is if that is possible, else elsewhere. These operations write into payloads before
// they are through, so the caller sees to it that the host's stack suffices.
import {
  Control,
  FREE,
  HEADER,
  MIN_SIZE,
  previousFree,
  PREV_FREE,
  readNextTag,
  readTag,
  sizeOf,
  wipeTag,
  writeTag,
  type Heap,
} from "./heap.js";
import { count, cut, leadOf, makeFree, release, take, takeOut, zero } from "./place.js";

/**
 * Makes the used block at `at`, whose tag is `tag`, at least `size` words long. Returns its position then, contents kept as far
 * as they fit and what is new zero; 0 where there is no room, and then nothing has changed.
 */
export function resize(heap: Heap, at: number, tag: number, size: number, alignment: number): number {
  const old = sizeOf(tag);
  if (leadOf(heap, at, alignment) === 0) {
    if (size <= old) {
      shrink(heap, at, tag, size);
      return at;
    }
    if (growInPlace(heap, at, tag, size)) return at;
  }
  const kept = Math.min(old, size);
  const to = take(heap, size, alignment, kept - HEADER);
  if (to === 0) return slide(heap, at, tag, size, alignment);
  heap.words.copyWithin(to + HEADER, at + HEADER, at + kept);
  // Its neighbours may have changed.
  release(heap, at, readTag(heap, at));
  return to;
}

/** Makes a used block smaller, where that frees anything. */
function shrink(heap: Heap, at: number, tag: number, size: number): void {
  const old = sizeOf(tag);
  const next = at + old;
  const nextTag = readNextTag(heap, next);
  const behind = (nextTag & FREE) !== 0 ? sizeOf(nextTag) : 0;
  if (size === old || (behind === 0 && old - size < MIN_SIZE)) return;
  if (behind > 0) takeOut(heap, next, behind);
  if (behind > 0) wipeTag(heap, next);
  cut(heap, at, old + behind, size);
  writeTag(heap, at, (size << 1) | (tag & PREV_FREE));
  count(heap, size - old);
}

/** Makes a used block larger at the expense of the free block behind it; false: that is too small. */
function growInPlace(heap: Heap, at: number, tag: number, size: number): boolean {
  const old = sizeOf(tag);
  const next = at + old;
  const nextTag = readNextTag(heap, next);
  if ((nextTag & FREE) === 0 || old + sizeOf(nextTag) < size) return false;
  const used = heap.control[Control.touched]!;
  takeOut(heap, next, sizeOf(nextTag));
  const taken = cut(heap, at, old + sizeOf(nextTag), size);
  writeTag(heap, at, (taken << 1) | (tag & PREV_FREE));
  zero(heap, next, at + taken, used);
  count(heap, taken - old);
  return true;
}

/**
 * Gives a used block another size by moving it within the room that it has together with the free blocks before and behind it,
 * usually down. Returns the new position, contents moved; 0: it cannot be.
 */
function slide(heap: Heap, at: number, tag: number, size: number, alignment: number): number {
  const from = (tag & PREV_FREE) !== 0 ? previousFree(heap, at) : at;
  const to = from + leadOf(heap, from, alignment);
  const next = at + sizeOf(tag);
  const nextTag = readNextTag(heap, next);
  const behind = (nextTag & FREE) !== 0 ? sizeOf(nextTag) : 0;
  const end = next + behind;
  if (to + size > end) return 0;
  const used = heap.control[Control.touched]!;
  const kept = Math.min(next - at, size);
  if (from < at) takeOut(heap, from, at - from);
  if (behind > 0) takeOut(heap, next, behind);
  if (behind > 0) wipeTag(heap, next);
  wipeTag(heap, at);
  heap.words.copyWithin(to + HEADER, at + HEADER, at + kept);
  const taken = cut(heap, to, end - to, size);
  zero(heap, to + kept, to + taken, used);
  writeTag(heap, to, (taken << 1) | (to > from ? PREV_FREE : 0));
  if (to > from) makeFree(heap, from, to - from);
  count(heap, taken - (next - at));
  return to;
}
