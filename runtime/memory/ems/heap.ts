// The heap in its slice: where everything lies, and how a block's tag is read and written. Positions and sizes are counted in
// words of 4 bytes and are even, so that blocks begin at multiples of 8 bytes and all arithmetic is on small integers.
//
//   words   0        2                       first                                        end      end + 2
//           guard    control (if not apart)  block  block  block  …                       guard
//
//   block   tag  seal  payload …                                     tag = size << 1 | PREV_FREE | FREE
//   free    tag  seal  next  prev  (left  right  parent) … size      the size again in the last word
//
// The seal depends on tag and position: an overrun, a wild write or a pointer to something else is noticed wherever a tag is
// read. It guards against accidents. A hostile writer, such as the guest whose memory a slice lies in, can forge it, so nothing
// that is read from the slice is believed further than its checks reach: sizes stay within the slice, links lead to blocks
// that are tagged free, and no loop is longer than a path in a tree or the number of blocks that fit into the slice.
import { CORRUPTION_KINDS, EmsError, type Corruption, type CorruptionKind } from "./corruption.js";

/** Words of the control block: what belongs to the heap as a whole. */
export const enum Control {
  magic,
  /** Words from the first to the last guard, both included. */
  length,
  /** 1 while an operation is under way, and afterwards if it did not come to its end. */
  busy,
  /** The number of the thread whose operation that is, where threads share the heap. */
  lock,
  /** How many threads have had the heap. */
  threads,
  /** Index into CORRUPTION_KINDS plus one, and the position. */
  fault,
  faultAt,
  used,
  highWater,
  usedBlocks,
  freeBlocks,
  /** From this position on the slice has never been used: all zero, but for the word before the last guard. */
  touched,
  /** One bit for each list and each tree that is not empty. */
  smallMap,
  largeMap,
  /** Heads of the lists, by size: free blocks of 3 to 31 granules of 8 bytes. */
  lists,
  /** Roots of the trees, by the power of two that the size begins with: free blocks of 2^5 to 2^28 granules. */
  roots = lists + 29,
  /** An even number. */
  words = roots + 25,
}

/** Offsets of a free block's links from its position; `left`, `right` and `parent` are those of blocks in trees. */
export const enum Link {
  next = 2,
  prev = 3,
  left = 4,
  right = 5,
  parent = 6,
}

export const FREE = 1;
export const PREV_FREE = 2;
/** The smallest block: tag, seal, two links and the size again, in an even number of words. */
export const MIN_SIZE = 6;
/** From this size on free blocks are in trees. */
export const LARGE = 64;
export const HEADER = 2;
export const MAGIC = 0x31736d65; // "ems1"

/** What all parts of ems work on. A class, so that engines know its shape. */
export class Heap {
  /** The slice. */
  words!: Int32Array;
  /** The same as bytes. */
  bytes!: Uint8Array;
  control!: Int32Array;
  /** Offset in the buffer of the first word. */
  base!: number;
  readonly first: number;
  readonly end: number;
  /** Found on this thread. */
  corruption: Corruption | undefined = undefined;
  /** The number of this thread among those that share the heap; 0 where the control block is not shared. */
  owner = 0;
  /** The operation under way has come into force; what is left to do can be made up for (rebuild.ts). */
  settled = false;

  /** `control`: the control block, if it is not in the slice. */
  constructor(buffer: ArrayBufferLike, base: number, end: number, control: Int32Array | undefined) {
    this.first = 2 + (control === undefined ? Control.words : 0);
    this.end = end;
    this.bind(buffer, base, control);
  }

  /** `base` is a multiple of 8. */
  bind(buffer: ArrayBufferLike, base: number, control: Int32Array | undefined): void {
    this.words = new Int32Array(buffer, base, this.end + 2);
    this.bytes = new Uint8Array(buffer, base, (this.end + 2) * 4);
    this.control = control ?? this.words.subarray(2, 2 + Control.words);
    this.base = base;
  }
}

export function sizeOf(tag: number): number {
  return (tag >>> 2) << 1;
}

function mark(at: number): number {
  return Math.imul(at + 1, 0x9e3779b1);
}

export function writeTag(heap: Heap, at: number, tag: number): void {
  heap.words[at] = tag;
  heap.words[at + 1] = tag ^ mark(at);
}

/** Nothing that once was a block's beginning may look like one when it is none any more. */
export function wipeTag(heap: Heap, at: number): void {
  heap.words[at] = 0;
  heap.words[at + 1] = 0;
}

/** Whether `tag`, which was read at `at`, was written there as a tag. */
export function isTag(heap: Heap, at: number, tag: number): boolean {
  return (tag ^ heap.words[at + 1]!) === mark(at);
}

/** The tag of the block at `at`, which ends within the slice. */
export function readTag(heap: Heap, at: number): number {
  // Read once: another thread may write here.
  const tag = heap.words[at]!;
  const size = sizeOf(tag);
  if (!isTag(heap, at, tag) || size < MIN_SIZE || size > heap.end - at) overwritten(heap, at);
  return tag;
}

/** The tag at the end of a block: of the next one, or of the last guard, which is like a used block without size. */
export function readNextTag(heap: Heap, at: number): number {
  if (at !== heap.end) return readTag(heap, at);
  const tag = heap.words[at]!;
  if (!isTag(heap, at, tag) || (tag & ~PREV_FREE) !== 0) overwritten(heap, at);
  return tag;
}

/** The size of the free block at `at`, to which some link led. */
export function freeSize(heap: Heap, at: number): number {
  if (at < heap.first || at >= heap.end || (at & 1) !== 0) brokenLink(heap, at, "a link leads out of the slice");
  const tag = readTag(heap, at);
  if ((tag & (FREE | PREV_FREE)) !== FREE) brokenLink(heap, at, "a link of free blocks leads to a used one");
  return sizeOf(tag);
}

/** The position of the free block that ends at `at`, as the tag there says. */
export function previousFree(heap: Heap, at: number): number {
  const size = heap.words[at - 1]!;
  if (size < MIN_SIZE || size > at - heap.first || (size & 1) !== 0) overwritten(heap, at - 1);
  if (freeSize(heap, at - size) !== size) overwritten(heap, at - 1);
  return at - size;
}

export function offsetOf(heap: Heap, at: number): number {
  return heap.base + at * 4;
}

/** What cannot be read any more is not damaged. */
export function assertAttached(heap: Heap): void {
  if (heap.words.length > 0) return;
  throw new RangeError("ems: the buffer is detached; rebind the heap to the new one first");
}

/** Reports a fault, and keeps the first: the heap is of no use from now on. */
export function fail(heap: Heap, kind: CorruptionKind, at: number, found: string): never {
  assertAttached(heap);
  const corruption = { kind, offset: offsetOf(heap, at), found };
  if (heap.corruption === undefined) {
    heap.corruption = corruption;
    heap.control[Control.fault] = CORRUPTION_KINDS.indexOf(kind) + 1;
    heap.control[Control.faultAt] = at;
  }
  throw new EmsError(corruption);
}

export function overwritten(heap: Heap, at: number): never {
  const hex = (word: number | undefined): string => `0x${((word ?? 0) >>> 0).toString(16).padStart(8, "0")}`;
  const found = `${hex(heap.words[at])} ${hex(heap.words[at + 1])}, which the heap cannot have written`;
  return fail(heap, "overwritten-tag", at, found);
}

export function brokenLink(heap: Heap, at: number, found: string): never {
  return fail(heap, "broken-link", at, found);
}
