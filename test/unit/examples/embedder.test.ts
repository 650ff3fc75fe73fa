// The example of an embedding, as its first line says to run it.
import assert from "node:assert/strict";
import { test } from "node:test";
import { runExample } from "../../engines/run-example.js";

test("examples/embedder keeps its tenants apart, within its pool, and leaves nothing behind", () => {
  const { status, stdout, stderr } = runExample("embedder/main.mjs");
  assert.deepEqual({ status, stderr }, { status: 0, stderr: "" });
  const lines = stdout.split("\n");
  assert.deepEqual(lines.slice(0, 8), [
    'north: 2 of its words in "***, then ****. No sand."',
    "north: out of bounds memory access: 1000000 bytes at 0xfde8",
    "north: 40 bytes of stack used",
    'south: 1 of its words in "Fog, then rain. No ****."',
    "south: out of bounds memory access: 1000000 bytes at 0xfde8",
    "south: 40 bytes of stack used",
    "north: text checked",
    "south: text checked",
  ]);
  const bytes = lines.slice(8, 12).map((line) => Number(/: (\d+) bytes$/.exec(line)?.[1]));
  const [all, module, north, south] = bytes as [number, number, number, number];
  assert.ok(all < 256 * 1024 && all > module && module > north + south);
  // A page of linear memory and the heap.
  assert.ok(north > 65536 + 4096 && north < 65536 + 4096 + 2048);
  assert.equal(south, north);
  assert.deepEqual(lines.slice(12), ["leaks: 0", ""]);
});
