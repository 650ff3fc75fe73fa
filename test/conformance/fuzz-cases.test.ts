// Every module that the differential fuzzer once found a bug with, minimized: its trace must be the one that native
// WebAssembly gave, which lies beside it. BLESS=1 writes those traces again, after the way a trace is taken has changed.
import assert from "node:assert/strict";
import fs from "node:fs";
import path from "node:path";
import { describe, it } from "node:test";
import type { Engine } from "../support/engine.js";
import { execute } from "../fuzz/execute.js";
import { createEngine } from "../support/engines.js";
import { NativeEngine } from "../support/native-engine.js";

const FOLDER = path.join("test", "fuzz", "cases");
const cases = fs.readdirSync(FOLDER).filter((name) => name.endsWith(".wasm"));

const engines = await Promise.all([
  createEngine("aot-file", 0),
  createEngine("aot-file", 1),
  createEngine("aot-file", 1, { i64: "bigint" }),
  createEngine("aot-file", 2),
  createEngine("aot-file", 1, { outlineLimit: 300 }),
  createEngine("aot-pages", 1),
  createEngine("aot-js", 1),
]);

function traceOf(engine: Engine, bytes: Uint8Array): string {
  return `${execute(engine, bytes).join("\n")}\n`;
}

describe("cases found by fuzzing", () => {
  for (const name of cases) {
    const bytes = fs.readFileSync(path.join(FOLDER, name));
    const file = path.join(FOLDER, name.replace(/wasm$/, "txt"));
    if (process.env["BLESS"] === "1")
      it(`bless ${name}`, () => fs.writeFileSync(file, traceOf(new NativeEngine(), bytes)));
    for (const engine of engines) {
      it(`${name} (${engine.name})`, () => {
        assert.equal(traceOf(engine, bytes), fs.readFileSync(file, "utf8"));
      });
    }
  }
});
