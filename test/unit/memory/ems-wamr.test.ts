// Four faults of the allocator that ems is named after (WAMR's core/shared/mem-alloc/ems, as of version 2.4), each with the steps
// that show it there.
import assert from "node:assert/strict";
import { it } from "node:test";
import { Ems } from "../../../runtime/memory/ems.js";

const MIB = 1 << 20;

it("realloc in place is counted: free bytes never exceed the total, and the high-water mark knows of it", () => {
  const ems = new Ems(new ArrayBuffer(MIB), 0, MIB);
  const { free, total } = ems.statistics();
  const at = ems.allocate(100);
  assert.equal(ems.reallocate(at, 50_000), at);
  assert.equal(ems.statistics().used, 50_008);
  assert.equal(ems.statistics().highWater, 50_008);
  ems.free(at);
  assert.deepEqual(ems.statistics(), { ...ems.statistics(), total, free, used: 0, highWater: 50_008 });
  assert.equal(ems.check(), undefined);
});

it("realloc that takes the free block behind it exactly tells the block behind that one", () => {
  const bytes = new Uint8Array(4096);
  const ems = new Ems(bytes.buffer, 0, bytes.length);
  const [a, b, c] = [ems.allocate(64), ems.allocate(64), ems.allocate(64)];
  ems.allocate(64);
  ems.free(b);
  assert.equal(ems.reallocate(a, 64 + 8 + 64), a);
  // What freeing c would take for the size of a free block before it: the last word that the owner of a may write.
  new DataView(bytes.buffer).setUint32(c - 12, 72, true);
  ems.free(c);
  assert.equal(ems.check(), undefined);
  assert.equal(ems.sizeOf(a), 136);
  assert.deepEqual(
    ems
      .blocks()
      .map(({ kind, length }) => [kind, length])
      .slice(1, 3),
    [
      ["used", 144],
      ["free", 72],
    ],
  );
});

it("realloc never leaves a free block that is too small to be one", () => {
  for (let length = 64; length <= 64 + 8 + 200; length++) {
    const ems = new Ems(new ArrayBuffer(4096), 0, 4096);
    const [a, b, c] = [ems.allocate(64), ems.allocate(200), ems.allocate(64)];
    ems.free(b);
    assert.equal(ems.reallocate(a, length), a);
    assert.equal(ems.check(), undefined, `${length}`);
    for (const block of ems.blocks()) if (block.kind !== "overhead") assert.ok(block.length >= 24, `${length}`);
    ems.free(c);
    ems.free(a);
    assert.deepEqual([ems.statistics().freeBlocks, ems.statistics().used], [1, 0]);
  }
});

it("a block of any size is an ordinary block", () => {
  // There, a header of 0xa11cxxxx marks an aligned block, and is the header of an ordinary one of that size as well.
  const pool = 160_000_000;
  const ems = new Ems(new ArrayBuffer(pool), 0, pool, { fresh: true });
  const { free } = ems.statistics();
  for (const size of [148_897_792, 149_000_000, 149_422_072]) {
    const at = ems.allocate(size - 8);
    assert.ok(at !== 0);
    assert.equal(ems.reallocate(at, size + 1000), at);
    ems.free(at);
    assert.equal(ems.statistics().free, free);
  }
  const aligned = ems.allocate(100, 4096);
  assert.equal(aligned % 4096, 0);
  assert.equal(ems.reallocate(aligned, 200), aligned);
  ems.free(aligned);
  assert.equal(ems.statistics().free, free);
  assert.equal(ems.check(), undefined);
});
