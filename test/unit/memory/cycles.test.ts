// A few of the cycles of cycles.ts. What a guest consists of is some 50 KB of JavaScript's heap: if anything kept it, this shows.
import assert from "node:assert/strict";
import { it } from "node:test";
import { runCycles } from "./cycles.js";

it("guests come and go, and nothing of them stays", () => {
  const { leaked, heapPerCycle, buffersPerCycle } = runCycles(300);
  assert.equal(leaked, 0);
  assert.ok(heapPerCycle < 10_000, `${heapPerCycle} bytes of heap a cycle`);
  assert.ok(buffersPerCycle < 100, `${buffersPerCycle} bytes of buffers a cycle`);
});
