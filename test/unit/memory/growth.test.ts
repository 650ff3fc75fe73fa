// Linear memories in a runtime: they grow in place, by moving, or not at all, and the host is told why not.
import assert from "node:assert/strict";
import { describe, it } from "node:test";
import { load } from "../../../loader/index.js";
import { Runtime, type AllocatorOptions, type GrowthRefused, type Memory } from "../../../runtime/index.js";
import { artifactOf, itemsOf, type Calls } from "./guest.js";

const PAGE = 65536;
const TEXT = `(module
  (memory (export "memory") 1 6)
  (func (export "grow") (param i32) (result i32) (memory.grow (local.get 0)))
  (func (export "size") (result i32) memory.size)
  (func (export "load") (param i32) (result i32) (i32.load (local.get 0)))
  (func (export "store") (param i32 i32) (i32.store (local.get 0) (local.get 1))))`;
const artifact = artifactOf(TEXT);

function start(allocator: AllocatorOptions, maxMemoryPages?: number) {
  const refused: Omit<GrowthRefused, "instance">[] = [];
  const runtime = Runtime.init({
    allocator,
    onMemoryGrowthRefused: ({ instance, ...rest }) => {
      assert.equal(instance.exports, guest.exports);
      refused.push(rest);
    },
  });
  const module = load(artifact, { runtime });
  const guest = module.instantiate({}, maxMemoryPages === undefined ? {} : { maxMemoryPages });
  const place = (): { bytes: number; offset?: number } =>
    itemsOf(runtime.memoryReport(), "instance", "linear memory")[0]!;
  return { runtime, guest, calls: guest.exports as Calls, refused, place };
}

const pool = (pages: number): AllocatorOptions => ({ mode: "Alloc_With_Pool", pool: new ArrayBuffer(pages * PAGE) });

describe("a linear memory in a pool", () => {
  it("grows in place where there is room behind it, else by moving", () => {
    const { runtime, calls, place } = start(pool(20));
    calls.store!(0, 42);
    const { offset } = place();
    assert.equal(calls.grow!(1), 1);
    assert.equal(place().offset, offset);
    const inTheWay = runtime.malloc(64);
    assert.equal(calls.grow!(2), 2);
    assert.notEqual(place().offset, offset);
    assert.equal(place().bytes, 4 * PAGE);
    assert.equal(calls.size!(), 4);
    assert.equal(calls.load!(0), 42);
    assert.equal(calls.load!(4 * PAGE - 4), 0);
    inTheWay.free();
  });

  it("has new pages of zeros, and lets nobody read what was there", () => {
    const { runtime, calls } = start(pool(20));
    const secret = runtime.malloc(3 * PAGE);
    secret.bytes().fill(0xff);
    secret.free();
    assert.equal(calls.grow!(3), 1);
    for (let at = PAGE; at < 4 * PAGE; at += 512) assert.equal(calls.load!(at), 0);
    assert.throws(() => calls.load!(4 * PAGE - 3), { name: "Trap" });
    assert.throws(() => calls.load!(-4), { name: "Trap" });
  });

  it("has no buffer that JavaScript could see more than the memory in", () => {
    const { guest } = start(pool(20));
    assert.throws(() => (guest.exports.memory as Memory).buffer, /part of a pool/);
    assert.equal((guest.exports.memory as Memory).bytes.length, PAGE);
  });
});

describe("a growth that is refused", () => {
  it("says -1 to the guest, and why to the host", () => {
    const { calls, refused, place } = start(pool(4));
    assert.equal(calls.grow!(6), -1);
    assert.equal(calls.grow!(4), -1);
    assert.deepEqual(refused, [
      { memory: 0, delta: 6, why: "maximum" },
      { memory: 0, delta: 4, why: "pool" },
    ]);
    assert.equal(place().bytes, PAGE);
    assert.equal(calls.grow!(0), 1);
    assert.equal(refused.length, 2);
  });

  it("at the limit that the host has set", () => {
    const { calls, refused } = start(pool(20), 2);
    assert.equal(calls.grow!(1), 1);
    assert.equal(calls.grow!(1), -1);
    assert.deepEqual(refused, [{ memory: 0, delta: 1, why: "limit" }]);
  });

  it("by the host's allocator, or by the system", () => {
    const malloc = (size: number): Uint8Array | undefined => (size > 2 * PAGE ? undefined : new Uint8Array(size));
    const modes: AllocatorOptions[] = [
      { mode: "Alloc_With_Allocator", malloc, free() {} },
      { mode: "Alloc_With_System_Allocator", limit: 3 * PAGE },
    ];
    for (const allocator of modes) {
      const { calls, refused } = start(allocator);
      assert.equal(calls.grow!(1), 1);
      assert.equal(calls.grow!(3), -1);
      assert.deepEqual(refused, [{ memory: 0, delta: 3, why: "host" }]);
    }
  });

  it("throws where it is JavaScript that wanted it", () => {
    const { guest, refused } = start(pool(4));
    assert.throws(() => (guest.exports.memory as Memory).grow(5), RangeError);
    assert.deepEqual(refused, [{ memory: 0, delta: 5, why: "pool" }]);
  });

  it("before the instance is there is an error with all that one needs to know", () => {
    const runtime = Runtime.init({ allocator: pool(1) });
    const module = load(artifact, { runtime, name: "guest" });
    assert.throws(() => module.instantiate(), {
      name: "MemoryError",
      code: "out-of-memory",
      category: "instance",
      owner: "guest#1",
      item: "linear memory",
      wanted: PAGE,
      message:
        /^out of memory: 65536 bytes for linear memory of instance "guest#1", the largest free block has \d+: dispose of/,
    });
    assert.throws(() => module.instantiate({}, { maxMemoryPages: 0 }), {
      name: "Trap",
      message: /needs 1 pages.*limit is 0/,
    });
  });
});

describe("a linear memory of the system's", () => {
  it("shows JavaScript a buffer of its own, detached by growth, as the JS API says", () => {
    const { guest, calls } = start({ mode: "Alloc_With_System_Allocator" });
    const memory = guest.exports.memory as Memory;
    const { buffer } = memory;
    assert.equal(buffer.byteLength, PAGE);
    assert.equal(memory.buffer, buffer);
    calls.store!(8, 7);
    assert.equal(new Int32Array(buffer)[2], 7);
    assert.equal(memory.grow(0), 1);
    assert.equal(buffer.byteLength, 0);
    assert.equal(memory.grow(1), 1);
    assert.equal(memory.buffer.byteLength, 2 * PAGE);
    assert.equal(calls.load!(8), 7);
  });
});
