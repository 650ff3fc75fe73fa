// The bench's kernels, each with its least work: for every target, at the levels that differ, the results of native WebAssembly.
// They are what C compilers make of ordinary programs, which neither the suite nor the fuzzer has.
import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { describe, it } from "node:test";
import { compileSync } from "../../compiler/compile.js";
import { TARGETS } from "../../loader/layout.js";
import { KERNELS } from "../bench/kernels.js";
import { evaluateCommonJs } from "../support/js-artifact.js";
import { W } from "../support/webassembly.js";

type Run = (n: number) => number;

describe("kernels", { skip: W === undefined ? "no native WebAssembly" : false }, () => {
  for (const { name, sizes } of KERNELS) {
    it(name, () => {
      const bytes = readFileSync(`test/bench/kernels/${name}.wasm`);
      const native = new W.Instance(new W.Module(bytes)).exports["run"] as Run;
      const expected = native(sizes[2]);
      for (const target of TARGETS) {
        for (const optLevel of [1, 2, "s"] as const) {
          const artifact = evaluateCommonJs(compileSync(bytes, { target, optLevel, format: "cjs" }));
          const run = artifact.instantiateSync({}).exports["run"] as Run;
          assert.equal(run(sizes[2]), expected, `target ${target}, -O${optLevel}`);
        }
      }
    });
  }
});
