// A model of the choices of WAMR's allocator: a header of 4 bytes, singly linked lists of equal sizes below 248 bytes, a search tree
// that is not balanced above, blocks joined when freed, realloc into the free block behind. Without its faults, and without its
// checks of links.
import type { Subject } from "./subject.js";

const USED = 1;
const PREV_FREE = 2;
const MIN_SIZE = 4;
const LARGE = 62;
const LEFT = 1;
const RIGHT = 2;
const PARENT = 3;

/** Positions and sizes in words; tag = size << 2 | flags. Blocks begin at odd positions, so payloads at multiples of 8 bytes. */
export class Wamr implements Subject {
  private readonly words: Int32Array;
  private readonly bytes: Uint8Array;
  private readonly end: number;
  private readonly lists = new Int32Array(LARGE / 2);
  private root = 0;
  private readonly clears: boolean;

  constructor(length: number, clears: boolean) {
    this.clears = clears;
    this.words = new Int32Array(length >> 2);
    this.bytes = new Uint8Array(this.words.buffer);
    // 384 bytes are its control block.
    this.end = ((this.words.length - 96) & ~1) - 1;
    this.words[this.end] = USED;
    this.addFree(1, this.end - 1);
  }

  allocate(length: number): number {
    const size = sizeFor(length);
    const at = this.find(size);
    if (at === 0) return 0;
    const { words } = this;
    const found = words[at]! >> 2;
    const rest = found - size;
    if (rest >= MIN_SIZE) this.addFree(at + size, rest);
    else words[at + found]! &= ~PREV_FREE;
    const taken = rest >= MIN_SIZE ? size : found;
    words[at] = (taken << 2) | USED;
    if (this.clears) words.fill(0, at + 1, at + taken);
    return (at + 1) * 4;
  }

  reallocate(offset: number, length: number): number {
    const { words } = this;
    const at = offset / 4 - 1;
    const size = sizeFor(length);
    const old = words[at]! >> 2;
    if (size <= old) return offset;
    const next = at + old;
    const behind = (words[next]! & USED) === 0 ? words[next]! >> 2 : 0;
    if (old + behind >= size) {
      this.removeFree(next, behind);
      const rest = old + behind - size;
      const taken = rest >= MIN_SIZE ? size : old + behind;
      if (rest >= MIN_SIZE) this.addFree(at + size, rest);
      else words[at + taken]! &= ~PREV_FREE;
      words[at] = (taken << 2) | (words[at]! & 3);
      words.fill(0, next, at + taken);
      return offset;
    }
    const moved = this.allocate(length);
    if (moved === 0) return 0;
    this.bytes.copyWithin(moved, offset, (at + old) * 4);
    this.free(offset);
    return moved;
  }

  free(offset: number): void {
    const { words } = this;
    let at = offset / 4 - 1;
    let size = words[at]! >> 2;
    const next = at + size;
    if ((words[next]! & USED) === 0) {
      const behind = words[next]! >> 2;
      this.removeFree(next, behind);
      size += behind;
    }
    if ((words[at]! & PREV_FREE) !== 0) {
      const before = words[at - 1]!;
      at -= before;
      this.removeFree(at, before);
      size += before;
    }
    this.addFree(at, size);
  }

  private addFree(at: number, size: number): void {
    const { words } = this;
    words[at] = size << 2;
    words[at + size - 1] = size;
    words[at + size]! |= PREV_FREE;
    if (size < LARGE) {
      words[at + 1] = this.lists[size >> 1]!;
      this.lists[size >> 1] = at;
      return;
    }
    words[at + LEFT] = words[at + RIGHT] = words[at + PARENT] = 0;
    if (this.root === 0) {
      this.root = at;
      return;
    }
    for (let node = this.root; ;) {
      const side = words[node]! >> 2 < size ? RIGHT : LEFT;
      const child = words[node + side]!;
      if (child === 0) {
        words[node + side] = at;
        words[at + PARENT] = node;
        return;
      }
      node = child;
    }
  }

  private removeFree(at: number, size: number): void {
    if (size >= LARGE) return this.removeNode(at);
    const { words, lists } = this;
    let node = lists[size >> 1]!;
    if (node === at) {
      lists[size >> 1] = words[at + 1]!;
      return;
    }
    while (words[node + 1] !== at) node = words[node + 1]!;
    words[node + 1] = words[at + 1]!;
  }

  private find(size: number): number {
    const { words, lists } = this;
    for (let i = size >> 1; i < lists.length; i++) {
      const at = lists[i]!;
      if (at === 0) continue;
      lists[i] = words[at + 1]!;
      return at;
    }
    let best = 0;
    for (let node = this.root; node !== 0;) {
      const found = words[node]! >> 2;
      if (found >= size) best = node;
      node = words[node + (found < size ? RIGHT : LEFT)]!;
      if (found === size) break;
    }
    if (best !== 0) this.removeNode(best);
    return best;
  }

  private removeNode(at: number): void {
    const { words } = this;
    const left = words[at + LEFT]!;
    const right = words[at + RIGHT]!;
    if (left === 0 || right === 0) return this.replace(at, left === 0 ? right : left);
    // The largest on the left takes its place.
    let heir = left;
    while (words[heir + RIGHT] !== 0) heir = words[heir + RIGHT]!;
    this.replace(heir, words[heir + LEFT]!);
    this.replace(at, heir);
    for (const side of [LEFT, RIGHT]) {
      const child = words[at + side]!;
      words[heir + side] = child;
      if (child !== 0) words[child + PARENT] = heir;
    }
  }

  private replace(at: number, heir: number): void {
    const { words } = this;
    const parent = words[at + PARENT]!;
    if (parent === 0) this.root = heir;
    else words[parent + (words[parent + LEFT] === at ? LEFT : RIGHT)] = heir;
    if (heir !== 0) words[heir + PARENT] = parent;
  }
}

function sizeFor(length: number): number {
  return Math.max(MIN_SIZE, ((length + 4 + 7) >>> 3) << 1);
}
