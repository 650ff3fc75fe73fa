// Variables that are kept as indices, where memory is elements of typed arrays.
import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { it } from "node:test";
import { compileSync } from "../../../compiler/compile.js";

it("variables that would be fractions are not scaled for the sake of each other", () => {
  // Shell's sort: its gap is halved, compared with, and added to pointers.
  const bytes = readFileSync("test/bench/kernels/shellsort.wasm");
  for (const target of ["quickjs", "hermes"] as const) {
    const text = new TextDecoder().decode(compileSync(bytes, { format: "cjs", target, optLevel: 3 }));
    assert.match(text, /(\w)=\1\/2\|0/, target);
  }
});
