// The integrity check: everything that must be true of a heap between two operations. O(blocks), takes no memory.
import {
  brokenLink,
  Control,
  fail,
  FREE,
  freeSize,
  LARGE,
  Link,
  MAGIC,
  MIN_SIZE,
  overwritten,
  PREV_FREE,
  readNextTag,
  readTag,
  sizeOf,
  type Heap,
} from "./heap.js";
import { smallHead } from "./small.js";
import { visitTree } from "./tree.js";

/** What blocks add up to. Two sets of blocks with equal sums are taken for the same set. */
class Sum {
  blocks = 0;
  words = 0;
  /** Of a hash of each position. */
  places = 0;

  add(at: number, size: number): void {
    this.blocks++;
    this.words += size;
    this.places = (this.places + Math.imul(at ^ (at >>> 15), 0x2c1b3c6d)) | 0;
  }
}

/** Throws EmsError for the first fault it finds. */
export function checkHeap(heap: Heap): void {
  const { control } = heap;
  checkGuard(heap);
  const used = new Sum();
  const free = new Sum();
  walk(heap, (at, tag) => ((tag & FREE) === 0 ? used : free).add(at, sizeOf(tag)));
  const listed = new Sum();
  for (let size = MIN_SIZE; size < LARGE; size += 2) checkList(heap, size, free.blocks, listed);
  for (let bin = 5; bin <= 28; bin++) visitTree(heap, bin, free.blocks, (at, size) => listed.add(at, size));
  if (listed.blocks !== free.blocks || listed.words !== free.words || listed.places !== free.places) {
    const there = `${free.blocks} of ${free.words * 4} are there`;
    brokenLink(heap, heap.first, `${listed.blocks} free blocks of ${listed.words * 4} bytes are listed, ${there}`);
  }
  checkTotal(heap, "free blocks", control[Control.freeBlocks]!, free.blocks);
  checkTotal(heap, "used blocks", control[Control.usedBlocks]!, used.blocks);
  checkTotal(heap, "used words", control[Control.used]!, used.words);
  if ((control[Control.smallMap]! & 7) !== 0 || (control[Control.largeMap]! & ~0x1fffffe0) !== 0) {
    brokenLink(heap, heap.first, "lists are marked that do not exist");
  }
  checkRange(heap, "high-water mark", control[Control.highWater]!, used.words, heap.end - heap.first);
  checkRange(heap, "border of what was in use", control[Control.touched]!, heap.first, heap.end);
}

/** The word that the slice begins with and the end; what is behind the end of the heap is none of its business. */
export function checkGuard(heap: Heap): void {
  const { words, control, end } = heap;
  if (words[0] !== MAGIC || words[1] !== end + 2) overwritten(heap, 0);
  if (control[Control.magic] !== MAGIC || control[Control.length] !== end + 2) {
    fail(heap, "wrong-total", 0, "the control block is not that of this heap");
  }
}

/** Calls `visit` with every block in order, after checking that it agrees with its neighbours. */
export function walk(heap: Heap, visit: (at: number, tag: number) => void): void {
  const { words, end } = heap;
  let previous = 0;
  let at = heap.first;
  while (at < end) {
    const tag = readTag(heap, at);
    checkNeighbours(heap, at, tag, previous);
    const size = sizeOf(tag);
    if ((tag & FREE) !== 0 && words[at + size - 1] !== size) overwritten(heap, at + size - 1);
    visit(at, tag);
    previous = tag;
    at += size;
  }
  checkNeighbours(heap, at, readNextTag(heap, at), previous);
}

function checkNeighbours(heap: Heap, at: number, tag: number, previous: number): void {
  if (((tag & PREV_FREE) !== 0) !== ((previous & FREE) !== 0)) overwritten(heap, at);
  if ((tag & FREE) !== 0 && (previous & FREE) !== 0) overwritten(heap, at);
}

function checkList(heap: Heap, size: number, most: number, listed: Sum): void {
  const { words, control } = heap;
  const head = smallHead(heap, size);
  const marked = ((control[Control.smallMap]! >> (size >> 1)) & 1) === 1;
  if (marked !== (head !== 0)) brokenLink(heap, heap.first, `the list of ${size * 4} byte blocks is marked wrongly`);
  let left = most;
  for (let prev = 0, at = head; at !== 0; prev = at, at = words[at + Link.next]!) {
    if (freeSize(heap, at) !== size || words[at + Link.prev] !== prev || --left < 0) {
      brokenLink(heap, at, `the list of ${size * 4} byte blocks is broken here`);
    }
    listed.add(at, size);
  }
}

function checkTotal(heap: Heap, what: string, counted: number, there: number): void {
  if (counted !== there) fail(heap, "wrong-total", heap.first, `${counted} ${what} were counted, ${there} are there`);
}

function checkRange(heap: Heap, what: string, counted: number, least: number, most: number): void {
  if (counted >= least && counted <= most) return;
  fail(heap, "wrong-total", heap.first, `the ${what} is ${counted} words, which is not between ${least} and ${most}`);
}
