// The example of a WASI program in Node, as its first line says to run it.
import assert from "node:assert/strict";
import { test } from "node:test";
import { runExample } from "../../engines/run-example.js";

test("examples/wasi-command counts what it reads", () => {
  const inputs: [text: string, counts: string][] = [
    ["", "0 0 0\n"],
    ["one two  three\n\tfour\n", "2 4 21\n"],
    ["word ".repeat(40_000), "0 40000 200000\n"],
  ];
  for (const [text, counts] of inputs) {
    assert.deepEqual(runExample("wasi-command/main.mjs", [], text), { status: 0, stdout: counts, stderr: "" });
  }
});
