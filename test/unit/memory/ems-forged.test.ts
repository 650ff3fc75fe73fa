// Damage with valid seals, as a guest could make it that knows ems: what contradicts the rest of the heap is noticed, and nothing
// hangs.
import assert from "node:assert/strict";
import { describe, it } from "node:test";
import { Ems, EmsError, type CorruptionKind } from "../../../runtime/memory/ems.js";
import { Control, FREE, Link, PREV_FREE, writeTag, type Heap } from "../../../runtime/memory/ems/heap.js";

/** A heap whose blocks have the given sizes in bytes, headers included; a negative one is free. */
class Layout {
  readonly ems = new Ems(new ArrayBuffer(8192), 0, 8192, { control: new Int32Array(Ems.CONTROL_WORDS) });
  readonly heap = (this.ems as unknown as { heap: Heap }).heap;
  readonly words = this.heap.words;
  /** Positions of the blocks. */
  readonly at: readonly number[];

  constructor(...sizes: readonly number[]) {
    const offsets = sizes.map((size) => this.ems.allocate(Math.abs(size) - 8));
    sizes.forEach((size, i) => size < 0 && this.ems.free(offsets[i]!));
    assert.ok(offsets.every((offset) => offset > 0));
    this.at = offsets.map((offset) => offset / 4 - 2);
    assert.equal(this.ems.check(), undefined);
  }

  free(block: number): void {
    this.ems.free(this.at[block]! * 4 + 8);
  }

  /** Sets or clears flags of a block's tag. */
  flag(block: number, set: number, clear = 0): void {
    const at = this.at[block]!;
    writeTag(this.heap, at, (this.words[at]! | set) & ~clear);
  }

  notices(kind: CorruptionKind, at: number | undefined, run: () => unknown): void {
    assert.throws(run, EmsError);
    this.isClosed(kind, at);
  }

  checks(kind: CorruptionKind, at?: number): void {
    this.ems.check();
    this.isClosed(kind, at);
  }

  private isClosed(kind: CorruptionKind, at: number | undefined): void {
    const { corruption } = this.ems;
    assert.equal(corruption?.kind, kind, corruption?.found);
    if (at !== undefined) assert.equal(corruption.offset, at * 4, corruption.found);
  }
}

describe("flags that contradict the neighbour", () => {
  it("a block before that is not free", () => {
    const checked = new Layout(64, 64, 64);
    checked.flag(1, PREV_FREE);
    checked.checks("overwritten-tag", checked.at[1]);
    const freed = new Layout(64, 64, 64);
    freed.flag(1, PREV_FREE);
    freed.notices("overwritten-tag", freed.at[1], () => freed.free(0));
  });

  it("a block before that is free", () => {
    const layout = new Layout(64, -64, 64);
    layout.flag(2, 0, PREV_FREE);
    layout.checks("overwritten-tag", layout.at[2]);
  });

  it("two free blocks side by side", () => {
    const layout = new Layout(64, -64, -64, 64);
    // One of 128 bytes by now; cut it in two.
    const [, first, second] = layout.at;
    for (const at of [first!, second!]) {
      writeTag(layout.heap, at, (16 << 1) | FREE | (at === second ? PREV_FREE : 0));
      layout.words[at + 15] = 16;
    }
    layout.checks("overwritten-tag", second);
  });
});

describe("the size at the end of a free block", () => {
  for (const [what, size] of [
    ["nothing", 0],
    ["an odd number", 15],
    ["more than there is", 4000],
    ["a negative number", -16],
    ["the distance to another free block", 48],
  ] as const) {
    it(`that says ${what}`, () => {
      const layout = new Layout(-64, 64, -64, 64);
      const end = layout.at[3]! - 1;
      layout.words[end] = size;
      layout.notices("overwritten-tag", end, () => layout.free(3));
    });
  }
});

describe("lists", () => {
  it("that lead to a used block", () => {
    const layout = new Layout(64, -64, 64, -64, 64);
    const [used, , , head] = layout.at;
    layout.words[head! + Link.next] = used!;
    layout.notices("broken-link", used, () => layout.ems.allocate(56));
    const headless = new Layout(64, -64, 64);
    headless.heap.control[Control.lists + 8 - 3] = headless.at[0]!;
    headless.notices("broken-link", headless.at[0], () => headless.ems.allocate(56));
  });

  it("in which another block says that it is the first", () => {
    const layout = new Layout(64, -64, 64, -64, 64);
    const second = layout.at[1]!;
    layout.words[second + Link.prev] = 0;
    layout.notices("broken-link", second, () => layout.free(0));
  });

  it("that contain a block that is none, instead of one that is", () => {
    const layout = new Layout(128, -64, 64);
    const fake = layout.at[0]! + 4;
    writeTag(layout.heap, fake, (16 << 1) | FREE);
    layout.words.fill(0, fake + 2, fake + 16);
    layout.words[fake + 15] = 16;
    layout.heap.control[Control.lists + 8 - 3] = fake;
    layout.checks("broken-link");
  });
});

describe("trees that lead back to where they came from", () => {
  // Sizes of one tree, 256 to 511 bytes. The first to be freed stands at the top.
  const make = (): { layout: Layout; top: number; below: number } => {
    const layout = new Layout(64, -400, 64, -304, 64, -440, 64, 360, 64, 6352);
    const [, top, , below] = layout.at as [number, number, number, number];
    assert.equal(layout.words[top + Link.left], below);
    layout.words[below + Link.left] = layout.words[below + Link.right] = top;
    layout.words[top + Link.left] = layout.words[top + Link.right] = below;
    return { layout, top, below };
  };

  it("when a block is looked for", () => {
    let noticed = 0;
    for (let length = 248; length < 504; length += 8) {
      const { layout } = make();
      try {
        layout.ems.allocate(length);
      } catch {
        layout.checks("broken-link");
        noticed++;
      }
    }
    assert.ok(noticed > 3, `${noticed}`);
  });

  it("when a block is added", () => {
    const { layout } = make();
    layout.notices("broken-link", undefined, () => layout.free(7));
  });

  it("when a block is taken out, or the smallest or the largest is looked for", () => {
    for (const operation of [
      (layout: Layout): void => layout.free(0),
      (layout: Layout): void => void layout.ems.allocate(16),
    ]) {
      const { layout, top, below } = make();
      layout.words[top + Link.parent] = below;
      layout.notices("broken-link", undefined, () => operation(layout));
    }
    const { layout } = make();
    assert.equal(layout.ems.statistics().largestFree, 0);
    layout.checks("broken-link");
  });
});

it("a free block that another thread makes smaller between two looks", () => {
  let noticed = 0;
  for (let looks = 0; looks < 8; looks++) {
    const { ems, heap, words, at } = new Layout(64, -2000, 64);
    const block = at[1]!;
    let seen = 0;
    heap.words = new Proxy(words, {
      get(target, name) {
        if (name === String(block) && ++seen > looks) {
          // With a used block behind it, so that all is in order for who looks only now.
          writeTag(heap, block, (276 << 1) | FREE);
          writeTag(heap, block + 276, (224 << 1) | PREV_FREE);
        }
        const value: unknown = Reflect.get(target, name, target);
        return typeof value === "function" ? (value.bind(target) as unknown) : value;
      },
      set: (target, name, value: number) => Reflect.set(target, name, value, target),
    });
    let offset = 0;
    try {
      offset = ems.allocate(1900);
    } catch (error) {
      assert.ok(error instanceof EmsError);
      noticed++;
    }
    if (offset !== 0) assert.ok(words[offset / 4 - 2]! >>> 1 >= 477, `a block of ${words[offset / 4 - 2]! * 2} bytes`);
  }
  assert.ok(noticed > 0);
});
