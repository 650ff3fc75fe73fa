// ems: what each operation promises, one case at a time. What holds under all circumstances is in ems-model.test.ts.
import assert from "node:assert/strict";
import { describe, it } from "node:test";
import { Ems, EmsError } from "../../../runtime/memory/ems.js";

const SLICE = 65_536;
const OVERHEAD = 8 + Ems.CONTROL_WORDS * 4 + 8;

function emptyHeap(): Ems {
  return new Ems(new ArrayBuffer(SLICE), 0, SLICE);
}

/** A heap filled with blocks of 1,000 bytes, and the blocks. */
function fullHeap(): { ems: Ems; blocks: number[]; bytes: Uint8Array } {
  const bytes = new Uint8Array(SLICE);
  const ems = new Ems(bytes.buffer, 0, SLICE);
  const blocks = [];
  for (let at = ems.allocate(1000); at !== 0; at = ems.allocate(1000)) blocks.push(at);
  return { ems, blocks, bytes };
}

describe("a new heap", () => {
  it("has one free block and a small constant overhead", () => {
    const ems = new Ems(new ArrayBuffer(262_144), 0, 262_144);
    assert.ok(OVERHEAD <= 288);
    assert.deepEqual(ems.statistics(), {
      total: 262_144,
      overhead: OVERHEAD,
      free: 262_144 - OVERHEAD,
      used: 0,
      highWater: 0,
      largestFree: 262_144 - OVERHEAD - 8,
      fragmentation: 0,
      usedBlocks: 0,
      freeBlocks: 1,
      touched: 262_136,
    });
    assert.equal(ems.check(), undefined);
  });

  it("grants its largest free block and nothing larger", () => {
    const ems = emptyHeap();
    const { largestFree } = ems.statistics();
    assert.equal(ems.allocate(largestFree + 1), 0);
    const at = ems.allocate(largestFree);
    assert.equal(at % 8, 0);
    assert.deepEqual([ems.statistics().free, ems.statistics().largestFree, ems.allocate(0)], [0, 0, 0]);
    ems.free(at);
    assert.equal(ems.statistics().largestFree, largestFree);
  });

  it("manages as little as 312 bytes, or 40 with the control block elsewhere", () => {
    assert.throws(() => new Ems(new ArrayBuffer(600), 0, OVERHEAD + 23), RangeError);
    assert.ok(new Ems(new ArrayBuffer(600), 0, OVERHEAD + 24).allocate(16) > 0);
    const control = new Int32Array(Ems.CONTROL_WORDS);
    assert.throws(() => new Ems(new ArrayBuffer(600), 0, 39, { control }), RangeError);
    assert.ok(new Ems(new ArrayBuffer(600), 0, 40, { control }).allocate(16) > 0);
  });

  it("refuses slices that are not in the buffer, and control blocks that are too short", () => {
    for (const [offset, length] of [
      [0, 1025],
      [1, 1024],
      [-8, 1024],
      [NaN, 1024],
      [0, NaN],
      [0, 0],
      [0, -1024],
    ]) {
      assert.throws(() => new Ems(new ArrayBuffer(1024), offset!, length!), RangeError, `${offset} ${length}`);
    }
    assert.throws(() => new Ems(new ArrayBuffer(1024), 0, 1024, { control: new Int32Array(10) }), /68 words, got 10/);
  });

  it("does not touch a fresh slice but at its ends", () => {
    const bytes = new Uint8Array(1 << 20);
    const ems = new Ems(bytes.buffer, 0, bytes.length, { fresh: true });
    ems.free(ems.allocate(5000));
    const { touched } = ems.statistics();
    assert.ok(touched >= 5000 && touched < 6000, `${touched}`);
    assert.equal(
      bytes.findIndex((byte, at) => at >= touched && byte !== 0),
      bytes.length - 12,
    );
  });
});

describe("allocate", () => {
  it("gives zeros, whatever was there", () => {
    for (const length of [0, 1, 7, 8, 100, 5000, SLICE - OVERHEAD - 8]) {
      const bytes = new Uint8Array(SLICE).fill(0xa5);
      const ems = new Ems(bytes.buffer, 0, SLICE);
      const first = ems.allocate(length);
      assert.ok(bytes.subarray(first, first + length).every((byte) => byte === 0));
      bytes.fill(0xa5, first, first + length);
      ems.free(first);
      const second = ems.allocate(length);
      assert.ok(bytes.subarray(second, second + length).every((byte) => byte === 0));
      assert.equal(ems.check(), undefined);
    }
  });

  it("aligns to any power of two, in terms of the buffer", () => {
    const ems = new Ems(new ArrayBuffer(400_000), 24, 300_000);
    for (let alignment = 1; alignment <= 65_536; alignment *= 2) {
      const at = ems.allocate(100, alignment);
      assert.ok(at > 0 && at % alignment === 0, `${at} at ${alignment}`);
    }
    assert.equal(ems.check(), undefined);
  });

  it("takes the smallest free block that fits", () => {
    const ems = emptyHeap();
    const sizes = [900, 300, 40, 700, 304, 5000, 296];
    const blocks = sizes.map((size) => {
      const at = ems.allocate(size);
      ems.allocate(8);
      return at;
    });
    blocks.forEach((at) => ems.free(at));
    assert.deepEqual(new Set([ems.allocate(298), ems.allocate(298)]), new Set([blocks[1], blocks[4]]));
    assert.equal(ems.allocate(296), blocks[6]);
    assert.equal(ems.allocate(600), blocks[3]);
    assert.equal(ems.allocate(20), blocks[2]);
  });

  it("finds the one place for an aligned block that there is", () => {
    const ems = new Ems(new ArrayBuffer(4 * 65_536), 0, 4 * 65_536);
    const page = ems.allocate(65_536, 65_536);
    const rest = [];
    for (let at = ems.allocate(10_000); at !== 0; at = ems.allocate(10_000)) rest.push(at);
    ems.free(page);
    assert.equal(ems.allocate(65_536, 65_536), page);
    assert.equal(ems.allocate(65_536, 65_536), 0);
    assert.equal(ems.check(), undefined);
  });

  it("refuses what never fits, and throws for what is no length or alignment", () => {
    const ems = emptyHeap();
    for (const length of [SLICE, 2 ** 31, 2 ** 32 - 1, 2 ** 32, 2 ** 53]) assert.equal(ems.allocate(length), 0);
    assert.equal(ems.allocate(8, 2 ** 30), 0);
    for (const length of [-1, 0.5, NaN, Infinity]) assert.throws(() => ems.allocate(length), RangeError);
    for (const alignment of [0, 3, -8, 12, NaN, 2 ** 31, 0.5])
      assert.throws(() => ems.allocate(8, alignment), RangeError);
    assert.equal(ems.statistics().used, 0);
  });
});

describe("free", () => {
  it("joins neighbours in any order", () => {
    for (const order of ["012", "021", "102", "120", "201", "210"]) {
      const ems = emptyHeap();
      const blocks = [50, 500, 20].map((length) => ems.allocate(length));
      for (const index of order) ems.free(blocks[Number(index)]!);
      assert.equal(ems.statistics().freeBlocks, 1);
      assert.equal(ems.check(), undefined);
    }
  });

  it("takes 0 for no block", () => {
    emptyHeap().free(0);
  });
});

describe("reallocate", () => {
  it("grows into the free block behind, and gives back what it does not need", () => {
    const { ems, blocks } = fullHeap();
    ems.free(blocks[6]!);
    assert.equal(ems.reallocate(blocks[5]!, 1500), blocks[5]);
    assert.equal(ems.sizeOf(blocks[5]!), 1504);
    assert.equal(ems.reallocate(blocks[5]!, 2008), blocks[5]);
    assert.equal(ems.reallocate(blocks[5]!, 2009), 0);
    assert.equal(ems.reallocate(blocks[5]!, 1000), blocks[5]);
    assert.equal(ems.allocate(1000), blocks[6]);
    assert.equal(ems.check(), undefined);
  });

  it("moves down where only the room before it and behind it together suffices", () => {
    const { ems, blocks, bytes } = fullHeap();
    bytes.set([1, 2, 3], blocks[5]!);
    bytes[blocks[5]! + 999] = 4;
    ems.free(blocks[4]!);
    ems.free(blocks[6]!);
    assert.equal(ems.reallocate(blocks[5]!, 3016), blocks[4]);
    assert.deepEqual([...bytes.subarray(blocks[4]!, blocks[4]! + 4)], [1, 2, 3, 0]);
    assert.equal(bytes[blocks[4]! + 999], 4);
    assert.ok(bytes.subarray(blocks[4]! + 1000, blocks[4]! + 3016).every((byte) => byte === 0));
    assert.equal(ems.check(), undefined);
  });

  it("moves up where only its own room and that behind it holds an aligned block", () => {
    for (let offset = 0; offset < 512; offset += 8) {
      const ems = new Ems(new ArrayBuffer(1024), offset, 500, { control: new Int32Array(Ems.CONTROL_WORDS) });
      const [before, at, behind] = [ems.allocate(40), ems.allocate(40), ems.allocate(136)];
      while (ems.allocate(16) !== 0);
      ems.free(before);
      ems.free(behind);
      const moved = ems.reallocate(at, 120, 128);
      if (moved === 0) continue;
      assert.equal(moved % 128, 0);
      assert.equal(ems.check(), undefined);
      if (moved !== at) assert.throws(() => ems.free(at), EmsError);
      ems.free(moved);
      assert.equal(ems.corruption, undefined);
    }
  });

  it("clears what a shorter length leaves behind", () => {
    const bytes = new Uint8Array(SLICE);
    const ems = new Ems(bytes.buffer, 0, SLICE);
    const at = ems.allocate(100);
    bytes.fill(7, at, at + 100);
    assert.equal(ems.reallocate(at, 3), at);
    assert.equal(ems.reallocate(at, 100), at);
    assert.deepEqual([...bytes.subarray(at, at + 100)], [7, 7, 7, ...new Array<number>(97).fill(0)]);
  });

  it("leaves the block as it is where there is no room", () => {
    const { ems, blocks } = fullHeap();
    const before = ems.blocks();
    assert.equal(ems.reallocate(blocks[3]!, 3000), 0);
    assert.equal(ems.reallocate(blocks[3]!, 2 ** 32), 0);
    assert.deepEqual(ems.blocks(), before);
  });

  it("allocates for offset 0", () => {
    const ems = emptyHeap();
    assert.equal(ems.sizeOf(ems.reallocate(0, 500, 64)), 504);
  });
});

describe("a slice that moves", () => {
  it("keeps its blocks, at the same distance", () => {
    const old = new Uint8Array(4096);
    const ems = new Ems(old.buffer, 1000, 2000);
    const [a, b] = [ems.allocate(100), ems.allocate(50)];
    const bytes = new Uint8Array(8192);
    bytes.set(old.subarray(1000, 3000), 3000);
    ems.rebind(bytes.buffer, 3000);
    assert.equal(ems.check(), undefined);
    ems.free(a + 2000);
    assert.equal(ems.reallocate(b + 2000, 60), b + 2000);
    assert.equal(ems.blocks()[0]!.offset, 3000);
    for (const offset of [3001, -8, 8000]) assert.throws(() => ems.rebind(bytes.buffer, offset), RangeError);
  });

  it("says that its buffer is detached, and works again when it has the new one", () => {
    for (const control of [undefined, new Int32Array(Ems.CONTROL_WORDS)]) {
      const buffer = new ArrayBuffer(4096);
      const ems = new Ems(buffer, 0, 4096, { control });
      const at = ems.allocate(100);
      const moved = structuredClone(buffer, { transfer: [buffer] });
      assert.throws(() => ems.free(at), /detached; rebind/);
      assert.throws(() => ems.allocate(8), /detached; rebind/);
      ems.rebind(moved, 0);
      ems.free(at);
      assert.equal(ems.check(), undefined);
    }
  });
});
