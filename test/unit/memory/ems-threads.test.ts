// Several threads over one heap in a shared buffer. This file is the threads' program as well.
import assert from "node:assert/strict";
import { it } from "node:test";
import { fileURLToPath } from "node:url";
import { isMainThread, parentPort, Worker, workerData } from "node:worker_threads";
import { Ems, EmsError } from "../../../runtime/memory/ems.js";
import { Control } from "../../../runtime/memory/ems/heap.js";
import { Rng } from "../../fuzz/rng.js";

const SLICE = 262_144;

interface Task {
  readonly buffer: SharedArrayBuffer;
  readonly thread: number;
}

/** Allocates, paints with its number, resizes, frees; returns how often it found another number in its blocks. */
function hammer({ buffer, thread }: Task): number {
  const ems = new Ems(buffer, 0, SLICE, { attach: true });
  const bytes = new Uint8Array(buffer);
  const rng = new Rng(thread);
  const blocks: { at: number; length: number }[] = [];
  let wrong = 0;
  const release = (index: number): void => {
    const [{ at, length }] = blocks.splice(index, 1) as [{ at: number; length: number }];
    for (let i = at; i < at + length; i++) if (bytes[i] !== thread) wrong++;
    ems.free(at);
  };
  for (let i = 0; i < 20_000; i++) {
    const length = rng.below(500);
    const index = rng.below(blocks.length);
    const block = blocks[index];
    if (block !== undefined && rng.chance(20)) {
      const at = ems.reallocate(block.at, length);
      if (at !== 0) blocks[index] = { at, length };
      if (at !== 0) bytes.fill(thread, at + Math.min(length, block.length), at + length);
    } else if (block !== undefined && rng.chance(blocks.length)) release(index);
    else {
      const at = ems.allocate(length);
      if (at === 0) continue;
      bytes.fill(thread, at, at + length);
      blocks.push({ at, length });
    }
  }
  while (blocks.length > 0) release(0);
  return wrong;
}

if (!isMainThread) parentPort!.postMessage(hammer(workerData as Task));
else {
  it("two users of one heap see the same blocks", () => {
    const buffer = new SharedArrayBuffer(SLICE);
    const first = new Ems(buffer, 0, SLICE);
    const second = new Ems(buffer, 0, SLICE, { attach: true });
    const at = first.allocate(100);
    second.free(at);
    assert.equal(first.statistics().used, 0);
    assert.throws(() => new Ems(new ArrayBuffer(1024), 0, 1024, { attach: true }), /control block is shared/);
    assert.throws(() => new Ems(buffer, 0, SLICE / 2, { attach: true }), EmsError);
  });

  it("threads get blocks of their own", async () => {
    const buffer = new SharedArrayBuffer(SLICE);
    const ems = new Ems(buffer, 0, SLICE);
    const results = [1, 2, 3].map(
      (thread) =>
        new Promise((resolve, reject) => {
          const worker = new Worker(fileURLToPath(import.meta.url), { workerData: { buffer, thread } satisfies Task });
          worker.once("message", resolve).once("error", reject);
        }),
    );
    assert.deepEqual(await Promise.all(results), [0, 0, 0]);
    assert.equal(ems.check(), undefined);
    assert.deepEqual([ems.statistics().used, ems.statistics().freeBlocks], [0, 1]);
  });

  it("a thread that ends in the middle of an operation closes the heap for the others, in time", (context) => {
    const buffer = new SharedArrayBuffer(SLICE);
    const ems = new Ems(buffer, 0, SLICE);
    const control = new Int32Array(buffer, 8, Ems.CONTROL_WORDS);
    control[Control.lock] = 77;
    let now = 0;
    context.mock.method(Date, "now", () => (now += 500));
    assert.throws(() => ems.allocate(8), /^EmsError: interrupted at offset 0: thread 77 has not ended its operation$/);
    const other = new Ems(buffer, 0, SLICE, { attach: true });
    assert.throws(() => other.allocate(8), EmsError);
    assert.match(other.corruption!.found, /another thread/);
  });
}
