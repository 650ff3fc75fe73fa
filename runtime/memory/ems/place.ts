// Taking blocks out of free ones and giving them back: choose, align, split, coalesce. Two free blocks are never neighbours.
// Positions and sizes are in words, sizes include the header. An operation comes into force with one tag: until then a walk from
// tag to tag sees the heap as it was, from then on as it is (rebuild.ts relies on that).
import {
  Control,
  fail,
  FREE,
  freeSize,
  HEADER,
  LARGE,
  Link,
  MIN_SIZE,
  offsetOf,
  overwritten,
  previousFree,
  PREV_FREE,
  readNextTag,
  readTag,
  sizeOf,
  wipeTag,
  writeTag,
  type Heap,
} from "./heap.js";
import { fitSmall, insertSmall, removeSmall } from "./small.js";
import { fitLarge, insertLarge, removeLarge } from "./tree.js";

/** How many sizes an aligned allocation looks at before it takes a block that fits wherever it lies. */
const CANDIDATES = 4;

/** Makes `size` words at `at` a free block that can be found. The tag behind it is the caller's to write. */
export function makeFree(heap: Heap, at: number, size: number): void {
  const { words, control } = heap;
  touch(heap, at + Math.min(size, Link.parent + 1));
  writeTag(heap, at, (size << 1) | FREE);
  words[at + size - 1] = size;
  if (size < LARGE) insertSmall(heap, at, size);
  else insertLarge(heap, at, size);
  control[Control.freeBlocks]!++;
}

/** Takes a free block out of its list or tree. */
export function takeOut(heap: Heap, at: number, size: number): void {
  if (size < LARGE) removeSmall(heap, at, size);
  else removeLarge(heap, at, size);
  heap.control[Control.freeBlocks]!--;
}

/** Words before `to` are no longer known to be zero. */
function touch(heap: Heap, to: number): void {
  if (to > heap.control[Control.touched]!) heap.control[Control.touched] = to;
}

/** Counts `words` more (or less) that are in use. */
export function count(heap: Heap, words: number): void {
  const { control } = heap;
  const used = (control[Control.used]! += words);
  if (used > control[Control.highWater]!) control[Control.highWater] = used;
}

/** How many words to leave free at the beginning of a free block for its payload to be aligned. */
export function leadOf(heap: Heap, at: number, alignment: number): number {
  if (alignment <= 8) return 0;
  const over = offsetOf(heap, at + HEADER) % alignment;
  const lead = over === 0 ? 0 : (alignment - over) / 4;
  // A few words are no free block.
  return lead > 0 && lead < MIN_SIZE ? lead + alignment / 4 : lead;
}

/** A free block for `size` words; best fit. 0: none. */
function find(heap: Heap, size: number): number {
  const at = size < LARGE ? fitSmall(heap, size) : 0;
  return at === 0 ? fitLarge(heap, size) : at;
}

function findAligned(heap: Heap, size: number, alignment: number): number {
  // A block that was freed is often just what is needed, at just the right place.
  for (let least = size, tries = 0; tries < CANDIDATES; tries++) {
    const at = find(heap, least);
    if (at === 0 && least === size) return 0;
    if (at === 0) break;
    const found = freeSize(heap, at);
    if (leadOf(heap, at, alignment) + size <= found) return at;
    least = found + 2;
  }
  const at = find(heap, size + alignment / 4 + MIN_SIZE);
  return at === 0 ? findAnywhere(heap, size, alignment) : at;
}

/** Before an aligned allocation fails: is there really no place? */
function findAnywhere(heap: Heap, size: number, alignment: number): number {
  let at = heap.first;
  while (at < heap.end) {
    const tag = readTag(heap, at);
    if ((tag & FREE) !== 0 && leadOf(heap, at, alignment) + size <= sizeOf(tag)) return at;
    at += sizeOf(tag);
  }
  return 0;
}

/**
 * The position of a new block of at least `size` words, 0 where there is no room. Its payload is zero but for the first `kept`
 * words, which the caller is about to write.
 */
export function take(heap: Heap, size: number, alignment: number, kept: number): number {
  const from = alignment <= 8 ? find(heap, size) : findAligned(heap, size, alignment);
  if (from === 0) return 0;
  const { control } = heap;
  const lead = leadOf(heap, from, alignment);
  const found = freeSize(heap, from);
  if (found < lead + size) fail(heap, "broken-link", from, "a free block is smaller than where it was found");
  takeOut(heap, from, found);
  const at = from + lead;
  const used = control[Control.touched]!;
  const taken = cut(heap, at, found - lead, size);
  if (lead > 0) {
    writeTag(heap, at, (taken << 1) | FREE);
    makeFree(heap, from, lead);
  }
  zero(heap, at + HEADER + kept, at + taken, used);
  count(heap, taken);
  control[Control.usedBlocks]!++;
  writeTag(heap, at, (taken << 1) | (lead > 0 ? PREV_FREE : 0));
  return at;
}

/**
 * Of `found` words that are in no list, `size` are about to be used: the rest becomes a free block, if it is large enough for
 * one. Returns how many words are used. `found` ends where a used block begins.
 */
export function cut(heap: Heap, at: number, found: number, size: number): number {
  const rest = found - size;
  const behind = at + found;
  const tag = readNextTag(heap, behind);
  if ((tag & FREE) !== 0) overwritten(heap, behind);
  if (rest >= MIN_SIZE) {
    makeFree(heap, at + size, rest);
    if ((tag & PREV_FREE) === 0) writeTag(heap, behind, tag | PREV_FREE);
    return size;
  }
  writeTag(heap, behind, tag & ~PREV_FREE);
  touch(heap, behind);
  return found;
}

/** Makes words zero; those from `untouched` on are already, but for the one in which the last free block had its size. */
export function zero(heap: Heap, from: number, to: number, untouched: number): void {
  const { words, end } = heap;
  const stop = Math.min(to, untouched);
  // A call of fill takes as long as writing about this many words.
  if (stop - from > 40) words.fill(0, from, stop);
  else for (let i = from; i < stop; i++) words[i] = 0;
  if (to === end && from < end) words[end - 1] = 0;
}

/** Makes the used block at `at` free. */
export function release(heap: Heap, at: number, tag: number): void {
  const next = at + sizeOf(tag);
  const nextTag = readNextTag(heap, next);
  if ((nextTag & PREV_FREE) !== 0) overwritten(heap, next);
  const from = (tag & PREV_FREE) !== 0 ? previousFree(heap, at) : at;
  const behind = (nextTag & FREE) !== 0 ? sizeOf(nextTag) : 0;
  if (from !== at) takeOut(heap, from, at - from);
  if (behind > 0) takeOut(heap, next, behind);
  else writeTag(heap, next, nextTag | PREV_FREE);
  count(heap, at - next);
  heap.control[Control.usedBlocks]!--;
  writeTag(heap, from, ((next + behind - from) << 1) | FREE);
  heap.settled = true;
  // Before links are written, which may come to lie there.
  if (from !== at) wipeTag(heap, at);
  if (behind > 0) wipeTag(heap, next);
  makeFree(heap, from, next + behind - from);
}
