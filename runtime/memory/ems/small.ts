// Free blocks of fewer than 256 bytes: a doubly linked list for each size, last in, first out, so that every step is O(1).
import { brokenLink, Control, freeSize, Link, type Heap } from "./heap.js";

const headOf = (size: number): number => Control.lists + (size >> 1) - 3;

export function insertSmall(heap: Heap, at: number, size: number): void {
  const { words, control } = heap;
  const head = control[headOf(size)]!;
  if (head !== 0) {
    if (freeSize(heap, head) !== size) wrongList(heap, head);
    words[head + Link.prev] = at;
  }
  words[at + Link.next] = head;
  words[at + Link.prev] = 0;
  control[headOf(size)] = at;
  control[Control.smallMap]! |= 1 << (size >> 1);
}

export function removeSmall(heap: Heap, at: number, size: number): void {
  const { words, control } = heap;
  const next = words[at + Link.next]!;
  const prev = words[at + Link.prev]!;
  if (next !== 0 && (freeSize(heap, next) !== size || words[next + Link.prev] !== at)) wrongList(heap, next);
  if (prev === 0) {
    if (control[headOf(size)] !== at) wrongList(heap, at);
    control[headOf(size)] = next;
    if (next === 0) control[Control.smallMap]! &= ~(1 << (size >> 1));
  } else {
    if (freeSize(heap, prev) !== size || words[prev + Link.next] !== at) wrongList(heap, prev);
    words[prev + Link.next] = next;
  }
  if (next !== 0) words[next + Link.prev] = prev;
}

/** A free block of the smallest size that is at least `size` and in a list; 0 if there is none. */
export function fitSmall(heap: Heap, size: number): number {
  const map = heap.control[Control.smallMap]! & (-1 << (size >> 1));
  if (map === 0) return 0;
  const found = (31 - Math.clz32(map & -map)) << 1;
  const head = heap.control[headOf(found)]!;
  if (freeSize(heap, head) !== found) wrongList(heap, head);
  return head;
}

/** The largest size in the lists; 0 if they are empty. */
export function largestSmall(heap: Heap): number {
  const map = heap.control[Control.smallMap]!;
  return map === 0 ? 0 : (31 - Math.clz32(map)) << 1;
}

/** The head of the list of blocks of `size` words. */
export function smallHead(heap: Heap, size: number): number {
  return heap.control[headOf(size)]!;
}

function wrongList(heap: Heap, at: number): never {
  return brokenLink(heap, at, "the list of free blocks of one size is broken here");
}
