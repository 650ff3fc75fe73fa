// Operations of ems that are cut off in the middle. Wherever that happens, the next operation finds the heap in order, nothing is
// lost, and contents are as they were.
import assert from "node:assert/strict";
import { describe, it } from "node:test";
import { Ems } from "../../../runtime/memory/ems.js";
import { Control, FREE, writeTag, type Heap } from "../../../runtime/memory/ems/heap.js";

function heapOf(ems: Ems): Heap {
  return (ems as unknown as { heap: Heap }).heap;
}

/** A heap of 100 used blocks and 50 free ones between them; the bytes of a used block hold its number. */
class PaintedHeap {
  readonly bytes = new Uint8Array(1 << 17);
  readonly ems = new Ems(this.bytes.buffer, 0, this.bytes.length, { fresh: true });
  readonly blocks: readonly { readonly at: number; readonly length: number }[];

  constructor() {
    const lengths = Array.from({ length: 150 }, (_, i) => (i * 40) % 700);
    const all = lengths.map((length) => ({ at: this.ems.allocate(length), length }));
    this.blocks = all.filter((_, i) => i % 3 !== 0);
    all.forEach(({ at }, i) => i % 3 === 0 && this.ems.free(at));
    this.blocks.forEach(({ at, length }, i) => this.bytes.fill(1 + i, at, at + length));
  }

  /** `completed`: whether the operation, on block `index`, came to its end. */
  assertInOrder(operation: Operation, index: number, completed: boolean): void {
    const { ems, bytes, blocks } = this;
    assert.equal(ems.check(), undefined);
    const used = new Set(ems.blocks().map(({ payload }) => payload));
    blocks.forEach(({ at, length }, i) => {
      if (i === index && completed && operation !== "allocate") return;
      assert.ok(used.has(at), `block ${i} is gone`);
      assert.ok(
        bytes.subarray(at, at + length).every((byte) => byte === 1 + i),
        `contents of block ${i}`,
      );
    });
    const more = !completed || operation === "reallocate" ? 0 : operation === "allocate" ? 1 : -1;
    assert.equal(ems.statistics().usedBlocks, blocks.length + more, completed ? "completed" : "cut off");
  }
}

type Operation = "allocate" | "free" | "reallocate";

function operate(operation: Operation, { ems, blocks }: PaintedHeap, i: number): void {
  const { at } = blocks[i]!;
  if (operation === "allocate") ems.allocate(i % 2 === 0 ? 24 : 500, i % 3 === 0 ? 64 : 8);
  else if (operation === "free") ems.free(at);
  else ems.reallocate(at, (i * 56) % 900);
}

describe("an exhausted stack", () => {
  for (const operation of ["allocate", "free", "reallocate"] as const) {
    it(`cuts ${operation} off`, () => {
      // Compiling a function takes stack, too: only what is compiled already is cut off in the middle.
      for (let round = 0; round < 5; round++) {
        const heap = new PaintedHeap();
        for (let i = 0; i < 100; i++) operate(operation, heap, i);
      }
      let cutOff = 0;
      for (let spare = 0; spare < 80; spare++) {
        const heap = new PaintedHeap();
        let waiting = spare;
        let completed = false;
        // As deep as it goes, and `spare` frames back.
        const dive = (): void => {
          try {
            dive();
          } catch {
            // Here.
          }
          if (waiting-- !== 0) return;
          operate(operation, heap, spare);
          completed = true;
        };
        dive();
        if (!completed) cutOff++;
        heap.assertInOrder(operation, spare, completed);
      }
      assert.ok(cutOff > 5 && cutOff < 80, `${cutOff} cut off`);
    });
  }
});

describe("any error of the host's", () => {
  for (const operation of ["allocate", "free"] as const) {
    it(`cuts ${operation} off, at any word that it reads`, () => {
      let cutOff = 0;
      for (let index = 0; index < 15; index++) {
        let completed = false;
        for (let reads = 0; !completed; reads++) {
          const heap = new PaintedHeap();
          const inner = heapOf(heap.ems);
          const { words } = inner;
          inner.words = failing(words, reads);
          try {
            operate(operation, heap, index);
            completed = true;
          } catch (error) {
            assert.match(String(error), /cut off/);
            cutOff++;
          }
          inner.words = words;
          heap.assertInOrder(operation, index, completed);
          // A free block is found again at once, even if the host did not hear of it.
          if (completed && inner.control[Control.busy] !== 0) completed = false;
          assert.ok(reads < 500);
        }
      }
      assert.ok(cutOff > 150, `${cutOff} cut off`);
    });
  }
});

/** Throws instead of the read after the first `reads`. */
function failing(words: Int32Array, reads: number): Int32Array {
  return new Proxy(words, {
    get(target, name) {
      if (reads-- === 0) throw new Error("cut off");
      const value: unknown = Reflect.get(target, name, target);
      return typeof value === "function" ? (value.bind(target) as unknown) : value;
    },
    set: (target, name, value: number) => Reflect.set(target, name, value, target),
  });
}

it("free blocks that were left side by side become one, and the totals are made anew", () => {
  const ems = new Ems(new ArrayBuffer(4096), 0, 4096);
  const blocks = Array.from({ length: 7 }, () => ems.allocate(100));
  const heap = heapOf(ems);
  const tags = blocks.map((at) => at / 4 - 2);
  for (const at of tags.slice(2, 5)) writeTag(heap, at, heap.words[at]! | FREE);
  heap.control.fill(-1, Control.used, Control.touched);
  heap.control[Control.busy] = 1;
  assert.equal(ems.check(), undefined);
  const { used, usedBlocks, freeBlocks } = ems.statistics();
  assert.deepEqual({ used, usedBlocks, freeBlocks }, { used: 4 * 112, usedBlocks: 4, freeBlocks: 2 });
  assert.equal(ems.blocks()[3]!.length, 336);
  for (const at of tags.slice(3, 5)) assert.deepEqual([heap.words[at], heap.words[at + 1]], [0, 0]);
});
