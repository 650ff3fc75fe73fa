// Semantics that the specification's suite does not reach, as the same tables of cases for every engine.
import { describe, it } from "node:test";
import type { Engine } from "../support/engine.js";
import { createEngine } from "../support/engines.js";
import { NativeEngine } from "../support/native-engine.js";
import { W } from "../support/webassembly.js";
import { BOUNDARY_CASES } from "./boundary.js";
import { HOST_CASES } from "./hosts.js";
import { LIMIT_CASES } from "./limits.js";
import { Bench } from "./suite.js";
import type { Case } from "./suite.js";

const ours = await Promise.all([
  createEngine("aot-file", 0),
  createEngine("aot-file", 1),
  createEngine("aot-file", 2),
  createEngine("aot-file", 1, { outlineLimit: 300 }),
  createEngine("aot-pages", 1),
  createEngine("aot-js", 1),
]);
// Where there is no native WebAssembly (node --jitless) the cases hold for ours alone.
const engines = W === undefined ? ours : [new NativeEngine(), ...ours];

// Declared here and not in suite.ts: the runner takes a test for one of the file in which it is declared.
function runCases(engine: Engine, title: string, cases: readonly Case[]): void {
  describe(`${title} (${engine.name})`, () => {
    for (const { name, skip, run } of cases) {
      it(name, { skip: skip?.[engine.name] ?? false }, () => run(new Bench(engine)));
    }
  });
}

for (const engine of engines) {
  runCases(engine, "values at the border", BOUNDARY_CASES);
  runCases(engine, "imports and sharing", HOST_CASES);
  runCases(engine, "limits", LIMIT_CASES);
}
