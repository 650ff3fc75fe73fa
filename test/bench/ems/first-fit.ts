// The allocator that everybody writes first: one list of the free blocks in order of address, the first that fits is taken, and
// free looks for its place in the list. A word with the size before each block.
import type { Subject } from "./subject.js";

/** Free block: size, next. Positions and sizes in words. */
export class FirstFit implements Subject {
  private readonly words: Int32Array;
  private readonly bytes: Uint8Array;
  /** The first free block; -1: none. */
  private head = 0;

  constructor(length: number) {
    this.words = new Int32Array(length >> 2);
    this.bytes = new Uint8Array(this.words.buffer);
    this.words[0] = this.words.length;
    this.words[1] = -1;
  }

  allocate(length: number): number {
    const { words } = this;
    const size = sizeFor(length);
    let previous = -1;
    for (let at = this.head; at >= 0; previous = at, at = words[at + 1]!) {
      const found = words[at]!;
      if (found < size) continue;
      let next = words[at + 1]!;
      if (found - size >= 4) {
        const rest = at + size;
        words[rest] = found - size;
        words[rest + 1] = next;
        words[at] = size;
        next = rest;
      }
      if (previous < 0) this.head = next;
      else words[previous + 1] = next;
      words.fill(0, at + 2, at + words[at]!);
      return (at + 2) * 4;
    }
    return 0;
  }

  reallocate(offset: number, length: number): number {
    const capacity = this.words[offset / 4 - 2]! * 4 - 8;
    if (length <= capacity) return offset;
    const moved = this.allocate(length);
    if (moved === 0) return 0;
    this.bytes.copyWithin(moved, offset, offset + capacity);
    this.free(offset);
    return moved;
  }

  free(offset: number): void {
    const { words } = this;
    const at = offset / 4 - 2;
    let previous = -1;
    let next = this.head;
    while (next >= 0 && next < at) {
      previous = next;
      next = words[next + 1]!;
    }
    if (next >= 0 && at + words[at]! === next) {
      words[at]! += words[next]!;
      next = words[next + 1]!;
    }
    words[at + 1] = next;
    if (previous >= 0 && previous + words[previous]! === at) {
      words[previous]! += words[at]!;
      words[previous + 1] = next;
    } else if (previous >= 0) words[previous + 1] = at;
    else this.head = at;
  }
}

function sizeFor(length: number): number {
  return Math.max(4, ((length + 15) >>> 3) << 1);
}
