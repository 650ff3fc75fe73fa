// Every module that the differential fuzzer once found a bug with, minimized: its trace must be the one that native
// WebAssembly gave, which lies beside it.
import assert from "node:assert/strict";
import fs from "node:fs";
import path from "node:path";
import { describe, it } from "node:test";
import { execute } from "../fuzz/execute.js";
import { createEngine } from "../support/engines.js";

const FOLDER = path.join("test", "fuzz", "cases");
const cases = fs.readdirSync(FOLDER).filter((name) => name.endsWith(".wasm"));

const engines = await Promise.all([
  createEngine("aot-file", 0),
  createEngine("aot-file", 1),
  createEngine("aot-file", 2),
  createEngine("aot-js", 1),
]);

describe("cases found by fuzzing", () => {
  for (const name of cases) {
    const bytes = fs.readFileSync(path.join(FOLDER, name));
    const expected = fs.readFileSync(path.join(FOLDER, name.replace(/wasm$/, "txt")), "utf8");
    for (const engine of engines) {
      it(`${name} (${engine.name})`, () => assert.equal(`${execute(engine, bytes).join("\n")}\n`, expected));
    }
  }
});
