// Snapshots of real runtimes: the sums add up to what the allocator has handed out, the blocks cover the pool, and JSON keeps it all.
import assert from "node:assert/strict";
import { describe, it } from "node:test";
import { load } from "../../../loader/index.js";
import { embed, Runtime, type AllocatorOptions } from "../../../runtime/index.js";
import { allHeld, bytesByCategory, placedBlocks, treeLines } from "../../../runtime/report/blocks.js";
import { GRANULE, writtenRanges } from "../../../runtime/report/snapshot.js";
import { takeSnapshot, type MemorySnapshot } from "../../../runtime/report/index.js";
import { artifactOf, GUEST, IMPORTS } from "../memory/guest.js";
import { POOLED, SYSTEM } from "./snapshots.js";

const artifact = artifactOf(GUEST);
const POOL = 1 << 20;
const MODES: readonly (() => AllocatorOptions)[] = [
  () => ({ mode: "Alloc_With_Pool", pool: new ArrayBuffer(POOL), fresh: true }),
  // Not at the beginning of its buffer.
  () => ({ mode: "Alloc_With_Pool", pool: new Uint8Array(new ArrayBuffer(POOL + 640), 320, POOL) }),
  () => ({ mode: "Alloc_With_System_Allocator" }),
  () => ({ mode: "Alloc_With_Allocator", malloc: (bytes) => new Uint8Array(bytes + 40), free() {} }),
];

/** Two instances, one of them grown, holes between blocks, a page of code compiled. */
function busyRuntime(allocator: AllocatorOptions): Runtime {
  const runtime = Runtime.init({ allocator });
  const module = load(artifact, { runtime, name: "guest" });
  const [first, second] = [1, 2].map(() => embed(module, { imports: IMPORTS, heapSize: 4096 }));
  first!.execEnv.call("add", [1, 2]);
  first!.execEnv.call("grow", [1]);
  second!.createExecEnv({ stackSize: 512 }).dispose();
  runtime.malloc(100, "hole").free();
  runtime.malloc(24, "kept");
  return runtime;
}

function checkSums(snapshot: MemorySnapshot): void {
  const { root, allocator } = snapshot;
  assert.equal(root.bytes, allocator.allocated);
  const own = Object.values(bytesByCategory(root)).reduce((a, b) => a + b);
  assert.equal(own, allocator.allocated, "the four categories are everything");
  const held = allHeld(root).filter(({ item }) => !item.byReference);
  assert.equal(held.length, allocator.blocks);
  const lines = treeLines(root).flatMap(({ items }) => items);
  assert.deepEqual(new Set(lines), new Set(allHeld(root).map(({ item }) => item)), "every item is in a line");
  assert.equal(lines.length, new Set(lines).size, "and in one only");
}

function checkBlocks(snapshot: MemorySnapshot): void {
  const { allocator, pool } = snapshot;
  const blocks = placedBlocks(snapshot);
  let end = 0;
  for (const { offset, length } of blocks) {
    assert.equal(offset, end, "without a gap");
    end += length;
  }
  if (pool === undefined) assert.ok(end === allocator.allocated || end === allocator.allocated + allocator.overhead);
  else assert.equal(end, pool.total);
  assert.ok(blocks.every(({ kind }) => kind !== "unknown" && kind !== "damaged"));
  const held = blocks
    .filter(({ kind, held }) => held !== undefined && kind !== "reserved")
    .map(({ held }) => held!.item);
  const items = allHeld(snapshot.root).map(({ item }) => item);
  const placed = items.filter(({ byReference, bytes }) => !byReference && (bytes > 0 || pool !== undefined));
  assert.deepEqual(new Set(held), new Set(placed), "every item has a place");
}

describe("a snapshot", () => {
  for (const options of MODES) {
    const { mode, ...rest } = options();
    it(`adds up: ${mode}${"pool" in rest && ArrayBuffer.isView(rest.pool) ? ", part of a buffer" : ""}`, () => {
      const snapshot = takeSnapshot(busyRuntime(options()));
      checkSums(snapshot);
      checkBlocks(snapshot);
      assert.deepEqual(JSON.parse(JSON.stringify(snapshot)), snapshot);
    });
  }

  it("that the tests of the faces use adds up, too", () => {
    for (const snapshot of [POOLED, SYSTEM]) {
      checkSums(snapshot);
      checkBlocks(snapshot);
    }
    const { allocator, pool } = POOLED;
    assert.equal(allocator.allocated + allocator.overhead + allocator.free!, pool!.total);
  });

  it("tells what has become of code and memories", () => {
    const { code, memories, title } = takeSnapshot(busyRuntime(MODES[0]!()), { title: "busy" });
    assert.equal(title, "busy");
    assert.deepEqual(
      code.map(({ module, pages }) => [module, pages.some(({ resident }) => resident), pages[0]!.mapped]),
      [["guest", true, true]],
    );
    assert.deepEqual(
      memories.map(({ instance, memory, heap }) => [instance, memory, heap !== undefined]),
      [
        ["guest#1", 0, true],
        ["guest#2", 0, true],
      ],
    );
    const [first, second] = memories;
    assert.equal(first!.bytes, second!.bytes + 65536);
    assert.deepEqual(first!.written[0], [0, GRANULE], "the data segment");
  });

  it("finds a block that is in nobody's books", () => {
    const runtime = busyRuntime(MODES[0]!());
    runtime.allocator.allocate(1000, "runtime");
    const snapshot = takeSnapshot(runtime);
    assert.notEqual(snapshot.root.bytes, snapshot.allocator.allocated);
    assert.deepEqual(placedBlocks(snapshot).filter(({ kind }) => kind === "unknown").length, 1);
  });

  it("tells of a damaged pool as far as it can be read", () => {
    const pool = new ArrayBuffer(POOL);
    const runtime = Runtime.init({ allocator: { mode: "Alloc_With_Pool", pool } });
    const { block } = runtime.malloc(64);
    new Uint8Array(pool, block.offset - 8, 80).fill(0xff);
    const snapshot = takeSnapshot(runtime);
    assert.ok(snapshot.pool!.corruption !== undefined);
    const blocks = placedBlocks(snapshot);
    assert.ok(blocks.some(({ kind }) => kind === "damaged"));
    assert.equal(
      blocks.reduce((sum, { length }) => sum + length, 0),
      POOL,
    );
  });
});

describe("what is in use of a memory", () => {
  it("is told by whole granules", () => {
    const bytes = new Uint8Array(8 * GRANULE);
    assert.deepEqual(writtenRanges(bytes), []);
    bytes[0] = bytes[2 * GRANULE - 1] = bytes[5 * GRANULE] = bytes[8 * GRANULE - 1] = 1;
    assert.deepEqual(writtenRanges(bytes), [
      [0, 2 * GRANULE],
      [5 * GRANULE, GRANULE],
      [7 * GRANULE, GRANULE],
    ]);
  });

  it("has a last granule that may be shorter", () => {
    const bytes = new Uint8Array(new ArrayBuffer(3 * GRANULE), 8, GRANULE + 100);
    bytes[GRANULE + 98] = 1;
    assert.deepEqual(writtenRanges(bytes), [[GRANULE, 100]]);
  });
});
