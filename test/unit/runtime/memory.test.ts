// Memories: the JavaScript face, growth with its buffers, bulk operations at their bounds.
import assert from "node:assert/strict";
import { describe, it } from "node:test";
import { Trap } from "../../../runtime/errors.js";
import {
  allocateMemory,
  copyMemory,
  fillMemory,
  growMemory,
  initMemory,
  MAX_MEMORY_PAGES,
  Memory,
  PAGE,
} from "../../../runtime/instance/memory.js";

describe("Memory", () => {
  it("is made from a descriptor", () => {
    assert.equal(new Memory({ initial: 2 }).buffer.byteLength, 2 * PAGE);
    assert.equal(new Memory({ initial: 0, maximum: 0 }).buffer.byteLength, 0);
    const bad: [unknown, ErrorConstructor][] = [
      [undefined, TypeError],
      [1, TypeError],
      [{}, TypeError],
      [{ initial: -1 }, TypeError],
      [{ initial: 2 ** 32 }, TypeError],
      [{ initial: NaN }, TypeError],
      [{ initial: 65537 }, RangeError],
      [{ initial: 2, maximum: 1 }, RangeError],
      [{ initial: 32769 }, RangeError],
      [{ initial: 1, maximum: 1, shared: true }, TypeError],
    ];
    for (const [descriptor, kind] of bad) assert.throws(() => new Memory(descriptor as { initial: number }), kind);
  });

  it("grows, keeps its bytes, and detaches the buffer that was handed out", () => {
    const memory = new Memory({ initial: 1, maximum: 4 });
    const first = memory.buffer;
    new Uint8Array(first)[7] = 42;
    assert.equal(memory.grow(2), 1);
    assert.equal(first.byteLength, 0);
    assert.equal(memory.buffer.byteLength, 3 * PAGE);
    assert.equal(new Uint8Array(memory.buffer)[7], 42);
    assert.ok(new Uint8Array(memory.buffer, 8).every((byte) => byte === 0));
    assert.throws(() => memory.grow(2), RangeError);
    assert.throws(() => memory.grow(-1), TypeError);
    assert.equal(memory.buffer.byteLength, 3 * PAGE);
  });

  it("reserves while nobody looks at the buffer, and never shows the reserve", () => {
    const memory = new Memory({ initial: 8 });
    growMemory(memory, 1);
    const reserve = memory.view.buffer;
    assert.equal(reserve.byteLength, 12 * PAGE);
    assert.equal(memory.view.byteLength, 9 * PAGE);
    assert.throws(() => memory.view.getInt8(9 * PAGE), RangeError);
    memory.bytes[5] = 5;
    growMemory(memory, 3);
    assert.equal(memory.view.buffer, reserve);
    growMemory(memory, 1);
    assert.equal(memory.buffer.byteLength, 13 * PAGE);
    assert.equal(memory.view.buffer, memory.buffer);
    assert.equal(memory.bytes[5], 5);
    growMemory(memory, 1);
    assert.equal(memory.view.buffer.byteLength, 14 * PAGE);
  });

  it("does not reserve beyond what it may have", () => {
    const memory = new Memory({ initial: 8, maximum: 9 });
    assert.equal(growMemory(memory, 1), 8);
    assert.equal(memory.view.buffer.byteLength, 9 * PAGE);
    assert.equal(growMemory(memory, 1), -1);
  });

  it("tells its followers each new view", () => {
    const memory = new Memory({ initial: 1 });
    const seen: number[] = [];
    memory.follow((view) => seen.push(view.byteLength / PAGE));
    memory.grow(1);
    memory.grow(0);
    memory.grow(2);
    assert.deepEqual(seen, [1, 2, 4]);
  });

  it("stops below 2 GiB and at the host's limit", () => {
    const memory = new Memory({ initial: 1, maximum: 65536 });
    assert.equal(growMemory(memory, MAX_MEMORY_PAGES), -1);
    assert.equal(growMemory(memory, 0xffffffff), -1);
    const limited = allocateMemory(0, 1, 10, 3);
    assert.equal(growMemory(limited, 3), -1);
    assert.equal(growMemory(limited, 2), 1);
    assert.throws(
      () => allocateMemory(1, 40000, undefined, 40000),
      (e) =>
        e instanceof Trap && e.message === "out of memory: memory 1 needs 40000 pages (2500 MiB), the limit is 32767",
    );
  });
});

describe("bulk operations on memories", () => {
  const filled = (): Memory => {
    const memory = new Memory({ initial: 1 });
    memory.bytes.set([1, 2, 3, 4, 5]);
    return memory;
  };
  const outOfBounds = { name: "Trap", message: "out of bounds memory access" };
  const bytes = (memory: Memory, count: number): number[] => [...memory.bytes.subarray(0, count)];

  it("copy, also within one memory", () => {
    const memory = filled();
    copyMemory(memory, memory, 1, 0, 4);
    assert.deepEqual(bytes(memory, 6), [1, 1, 2, 3, 4, 0]);
    copyMemory(memory, memory, 0, 1, 4);
    assert.deepEqual(bytes(memory, 6), [1, 2, 3, 4, 4, 0]);
    const other = new Memory({ initial: 1 });
    copyMemory(other, memory, PAGE - 2, 1, 2);
    assert.deepEqual([...other.bytes.subarray(PAGE - 2)], [2, 3]);
  });

  it("take their operands as unsigned and trap before they write", () => {
    const memory = filled();
    const calls = [
      () => copyMemory(memory, memory, PAGE - 1, 0, 2),
      () => copyMemory(memory, memory, 0, PAGE - 1, 2),
      () => copyMemory(memory, memory, -1, 0, 0),
      () => copyMemory(memory, memory, 0, -1, 1),
      () => copyMemory(memory, memory, 1, 1, -1),
      () => fillMemory(memory, PAGE - 1, 7, 2),
      () => fillMemory(memory, PAGE + 1, 7, 0),
      () => initMemory(memory, new Uint8Array(3), 0, 1, 3),
      () => initMemory(memory, new Uint8Array(3), PAGE - 1, 0, 2),
      () => initMemory(memory, new Uint8Array(3), 0, 4, 0),
    ];
    for (const call of calls) assert.throws(call, outOfBounds);
    assert.deepEqual(bytes(memory, 6), [1, 2, 3, 4, 5, 0]);
    assert.equal(memory.bytes[PAGE - 1], 0);
  });

  it("do nothing for a count of 0 at the end", () => {
    const memory = filled();
    copyMemory(memory, memory, PAGE, PAGE, 0);
    fillMemory(memory, PAGE, 7, 0);
    initMemory(memory, new Uint8Array(3), PAGE, 3, 0);
  });

  it("fill with the low byte", () => {
    const memory = filled();
    fillMemory(memory, 1, -2, 2);
    assert.deepEqual(bytes(memory, 4), [1, 254, 254, 4]);
    fillMemory(memory, 0, 0x1ff, 1);
    assert.equal(memory.bytes[0], 255);
  });
});
