// Each pass switched off, one at a time: the passes behind it must not have come to depend on it. Everything that the
// differential fuzzer ever found, and modules of fixed seeds, give what native WebAssembly gave.
import assert from "node:assert/strict";
import fs from "node:fs";
import path from "node:path";
import { describe, it } from "node:test";
import { OPTIONAL_PASSES } from "../../compiler/passes/index.js";
import { compare } from "../fuzz/compare.js";
import { execute } from "../fuzz/execute.js";
import { generateProgram } from "../fuzz/generate.js";
import { encodeProgram } from "../fuzz/program.js";
import { createEngine } from "../support/engines.js";
import { NativeEngine } from "../support/native-engine.js";
import { W } from "../support/webassembly.js";

const FOLDER = path.join("test", "fuzz", "cases");
const cases = fs.readdirSync(FOLDER).filter((name) => name.endsWith(".wasm"));
const SEEDS = Array.from({ length: 8 }, (_, i) => 40_000 + i);

describe("passes switched off", () => {
  for (const pass of OPTIONAL_PASSES) {
    // Pieces are otherwise too rare to be met; the choices for V8 include those for all.
    const settings = { disabledPasses: [pass], target: "v8", outlineLimit: 2000 } as const;
    it(`${pass}: cases found by fuzzing`, async () => {
      const engine = await createEngine("aot-file", 1, settings);
      for (const name of cases) {
        const trace = execute(engine, fs.readFileSync(path.join(FOLDER, name)));
        const expected = fs
          .readFileSync(path.join(FOLDER, name.replace(/wasm$/, "txt")), "utf8")
          .trimEnd()
          .split("\n");
        assert.deepEqual(trace, expected, name);
      }
    });
    it(`${pass}: generated modules`, { skip: W === undefined ? "no native WebAssembly" : false }, async () => {
      const engine = await createEngine("aot-file", 1, settings);
      const native = new NativeEngine();
      for (const seed of SEEDS) {
        const bytes = encodeProgram(generateProgram(seed, { features: new Set(native.features) }));
        assert.equal(compare(native, [engine], bytes)?.difference, undefined, `seed ${seed}`);
      }
    });
  }
});
