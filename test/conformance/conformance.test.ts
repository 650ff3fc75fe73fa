// Semantics that the specification's suite does not reach, as the same tables of cases for every engine.
import { createEngine } from "../support/engines.js";
import { NativeEngine } from "../support/native-engine.js";
import { W } from "../support/webassembly.js";
import { BOUNDARY_CASES } from "./boundary.js";
import { HOST_CASES } from "./hosts.js";
import { LIMIT_CASES } from "./limits.js";
import { runCases } from "./suite.js";

const ours = await Promise.all([
  createEngine("aot-file", 0),
  createEngine("aot-file", 1),
  createEngine("aot-file", 2),
  createEngine("aot-js", 1),
]);
// Where there is no native WebAssembly (node --jitless) the cases hold for ours alone.
const engines = W === undefined ? ours : [new NativeEngine(), ...ours];

for (const engine of engines) {
  runCases(engine, "values at the border", BOUNDARY_CASES);
  runCases(engine, "imports and sharing", HOST_CASES);
  runCases(engine, "limits", LIMIT_CASES);
}
