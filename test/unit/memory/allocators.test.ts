// The three allocators keep one contract, and each has its own ways to refuse.
import assert from "node:assert/strict";
import { describe, it } from "node:test";
import { Runtime } from "../../../runtime/index.js";
import { createAllocator, type Allocator, type AllocatorOptions, type Block } from "../../../runtime/memory/index.js";

const bytesOf = ({ buffer, offset, length }: Block): Uint8Array => new Uint8Array(buffer, offset, length);

/** A host that keeps its pieces in one buffer, at odd places, and takes back only what it gave. */
function host(options: { realloc: boolean; limit?: number }): AllocatorOptions {
  const heap = new ArrayBuffer(1 << 20);
  const given = new Map<Uint8Array, number>();
  let top = 24;
  let held = 0;
  const malloc = (size: number): Uint8Array | undefined => {
    const room = Math.ceil(size / 8) * 8 + 16;
    if (held + size > (options.limit ?? Infinity) || top + room > heap.byteLength) return undefined;
    const bytes = new Uint8Array(heap, top, size + 3);
    bytes.fill(0xee);
    top += room;
    held += size;
    given.set(bytes, size);
    return bytes;
  };
  const free = (bytes: Uint8Array): void => {
    assert.ok(given.has(bytes), "only what was given comes back");
    held -= given.get(bytes)!;
    given.delete(bytes);
  };
  const realloc = (bytes: Uint8Array, size: number): Uint8Array | undefined => {
    const moved = malloc(size);
    if (moved === undefined) return undefined;
    moved.set(bytes.subarray(0, Math.min(size, given.get(bytes)!)));
    free(bytes);
    return moved;
  };
  return { mode: "Alloc_With_Allocator", malloc, free, ...(options.realloc && { realloc }) };
}

const KINDS: Readonly<Record<string, (limit?: number) => AllocatorOptions>> = {
  pool: (limit = 1 << 20) => ({ mode: "Alloc_With_Pool", pool: new ArrayBuffer(limit) }),
  "a part of a shared pool": (limit = 1 << 20) => ({
    mode: "Alloc_With_Pool",
    pool: new Uint8Array(new SharedArrayBuffer(limit + 4096), 1024, limit),
  }),
  system: (limit) => ({ mode: "Alloc_With_System_Allocator", ...(limit !== undefined && { limit }) }),
  "host without realloc": (limit) => host({ realloc: false, ...(limit !== undefined && { limit }) }),
  "host with realloc": (limit) => host({ realloc: true, ...(limit !== undefined && { limit }) }),
};

describe("every allocator", () => {
  for (const [kind, options] of Object.entries(KINDS)) {
    it(`${kind}: hands out zeroed memory that is nobody else's`, () => {
      const allocator = createAllocator(options());
      const blocks: Block[] = [];
      for (let i = 0; i < 50; i++) {
        const block = allocator.allocate(i * 7, "runtime")!;
        assert.equal(block.length, i * 7);
        assert.equal(block.offset % 8, 0);
        assert.ok(bytesOf(block).every((byte) => byte === 0));
        bytesOf(block).fill(i + 1);
        blocks.push(block);
      }
      blocks.forEach((block, i) => assert.ok(bytesOf(block).every((byte) => byte === i + 1)));
      const { allocated, blocks: count } = allocator.statistics();
      assert.equal(allocated, (7 * 49 * 50) / 2);
      assert.equal(count, 50);
      for (const block of blocks) allocator.free(block, "runtime");
      assert.equal(allocator.statistics().allocated, 0);
      assert.equal(allocator.statistics().blocks, 0);
      assert.ok(
        bytesOf(allocator.allocate(1000, "runtime")!).every((byte) => byte === 0),
        "zeroed again",
      );
    });

    it(`${kind}: makes blocks longer and shorter, keeping what fits`, () => {
      const allocator = createAllocator(options());
      let block = allocator.allocate(10, "linear memory")!;
      bytesOf(block).fill(1);
      let expected = new Uint8Array(10).fill(1);
      for (const length of [20, 5, 400, 0, 64, 65, 10_000]) {
        const neighbour = allocator.allocate(8, "runtime")!;
        block = allocator.reallocate(block, length, "linear memory")!;
        assert.equal(block.length, length);
        const kept = new Uint8Array(length);
        kept.set(expected.subarray(0, length));
        assert.deepEqual(bytesOf(block), kept, `${length} bytes`);
        bytesOf(block).fill(length & 255);
        expected = new Uint8Array(length).fill(length & 255);
        assert.ok(bytesOf(neighbour).every((byte) => byte === 0));
        assert.equal(allocator.statistics().allocated, length + 8);
        allocator.free(neighbour, "runtime");
      }
      allocator.free(block, "linear memory");
      assert.equal(allocator.statistics().allocated, 0);
      assert.ok(allocator.statistics().highWater >= 10_000);
    });

    it(`${kind}: refuses what it has not, and nothing has changed`, () => {
      const allocator = createAllocator(options(10_000));
      const block = allocator.allocate(4000, "runtime")!;
      bytesOf(block).fill(7);
      const { highWater: _, ...before } = allocator.statistics();
      assert.equal(allocator.allocate(20_000, "runtime"), undefined);
      assert.equal(allocator.reallocate(block, 20_000, "runtime"), undefined);
      const { highWater: __, ...after } = allocator.statistics();
      assert.deepEqual(after, before);
      assert.ok(bytesOf(block).every((byte) => byte === 7));
      allocator.free(block, "runtime");
    });
  }
});

describe("a pool", () => {
  it("knows its largest block, and gives it", () => {
    const allocator = createAllocator(KINDS.pool!());
    const { largestFree, total, free, allocated, overhead } = allocator.statistics();
    assert.equal(total, 1 << 20);
    assert.equal(free! + allocated + overhead, total);
    assert.equal(allocator.allocate(largestFree! + 1, "runtime"), undefined);
    assert.ok(allocator.allocate(largestFree!, "runtime"));
  });

  it("must be a buffer, and large enough", () => {
    const wrong = (pool: unknown): Allocator => createAllocator({ mode: "Alloc_With_Pool", pool: pool as ArrayBuffer });
    assert.throws(() => wrong({}), TypeError);
    assert.throws(() => wrong(1 << 20), TypeError);
    assert.throws(() => wrong(new ArrayBuffer(16)), RangeError);
  });
});

describe("the system's allocator", () => {
  it("reserves for linear memories that grow, and gives the reserve up when it is short", () => {
    const allocator = createAllocator({ mode: "Alloc_With_System_Allocator", limit: 400_000 });
    const first = allocator.allocate(100_000, "linear memory")!;
    const grown = allocator.reallocate(first, 110_000, "linear memory")!;
    assert.equal(grown.length + grown.reserved!, 150_000);
    assert.equal(allocator.statistics().overhead, 40_000);
    const again = allocator.reallocate(grown, 150_000, "linear memory")!;
    assert.equal(again.buffer, grown.buffer, "in place");
    assert.equal(allocator.reallocate(again, 390_000, "linear memory")!.reserved, 0);
  });

  it("gives a block a buffer of its own, and another one when asked", () => {
    const allocator = createAllocator({ mode: "Alloc_With_System_Allocator" });
    const block = allocator.reallocate(allocator.allocate(100, "linear memory")!, 200, "linear memory")!;
    const alone = allocator.isolate!(block, false)!;
    assert.equal(alone.buffer.byteLength, 200);
    assert.equal(allocator.isolate!(alone, false), alone);
    const other = allocator.isolate!(alone, true)!;
    assert.notEqual(other.buffer, alone.buffer);
    assert.equal(alone.buffer.byteLength, 0, "detached");
    assert.equal(allocator.statistics().allocated, 200);
  });
});

describe("a host's allocator", () => {
  const mode = "Alloc_With_Allocator";
  it("gets usage and user data", () => {
    const seen: unknown[] = [];
    const userData = {};
    const allocator = createAllocator({
      mode,
      userData,
      malloc(size, ...rest) {
        seen.push(["malloc", size, ...rest]);
        return new Uint8Array(size);
      },
      realloc(_, size, ...rest) {
        seen.push(["realloc", size, ...rest]);
        return new Uint8Array(size);
      },
      free: (bytes, ...rest) => seen.push(["free", bytes.length, ...rest]),
    });
    const block = allocator.reallocate(allocator.allocate(8, "linear memory")!, 16, "linear memory")!;
    allocator.free(block, "runtime");
    assert.deepEqual(seen, [
      ["malloc", 8, "linear memory", userData],
      ["realloc", 16, "linear memory", userData],
      ["free", 16, "runtime", userData],
    ]);
  });

  it("is told what it does wrong", () => {
    const free = (): void => {};
    const given = (bytes: unknown): (() => unknown) => {
      const allocator = createAllocator({ mode, malloc: () => bytes as Uint8Array, free });
      return () => allocator.allocate(16, "runtime");
    };
    assert.throws(given(new ArrayBuffer(16)), /malloc returned .*, expected a Uint8Array or undefined/);
    assert.throws(given(new Uint8Array(15)), /malloc returned 15 bytes, 16 were asked for/);
    assert.throws(given(new Uint8Array(new ArrayBuffer(32), 4, 16)), /at offset 4, which is no multiple of 8/);
    assert.throws(() => createAllocator({ mode, free } as unknown as AllocatorOptions), /malloc and free are required/);
    assert.throws(
      () => createAllocator({ mode: "Alloc" } as unknown as AllocatorOptions),
      /expected mode Alloc_With_Pool/,
    );
  });

  it("may throw, and nothing is counted", () => {
    const runtime = Runtime.init({
      allocator: {
        mode,
        malloc(size) {
          if (size === 1000) throw new Error("mine");
          return new Uint8Array(size);
        },
        free() {},
      },
    });
    const before = runtime.memoryReport();
    assert.throws(() => runtime.malloc(1000), /^Error: mine$/);
    assert.deepEqual(runtime.memoryReport(), before);
  });
});
