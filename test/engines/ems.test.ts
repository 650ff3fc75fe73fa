// ems on other engines than Node: the comparison with its model, and operations cut off by an exhausted stack, down-levelled to
// ES5 for those that know nothing newer.
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { after, describe } from "node:test";
import { fileURLToPath } from "node:url";
import { buildSync } from "esbuild";
import ts from "typescript";
import { runsEverywhere } from "./shells.js";

const directory = mkdtempSync(join(tmpdir(), "wamrc-ts-engines-"));
after(() => rmSync(directory, { recursive: true }));

const PROGRAM = `
import { Ems } from "./runtime/memory/ems.js";
import { EmsModel } from "./test/fuzz/ems-model.js";
import { drawProfile } from "./test/fuzz/ems-profile.js";
import { Rng } from "./test/fuzz/rng.js";

const out = typeof print === "function" ? print : console.log;
let runs = 0;
for (let seed = 1; runs < 15; seed++) {
  const rng = new Rng(seed);
  const profile = drawProfile(rng);
  if (profile.slice > 70000) continue;
  const model = new EmsModel(rng, { ...profile, shared: profile.shared && typeof SharedArrayBuffer === "function" });
  for (let batch = 0; batch < 4; batch++) model.batch(250);
  model.end();
  runs++;
}
out(runs + " runs as the model says");

const ems = new Ems(new ArrayBuffer(1 << 16), 0, 1 << 16);
let blocks = [];
let faults = 0;
for (let spare = 0; spare < 12; spare++) {
  let waiting = spare;
  const dive = () => {
    try { dive(); } catch (error) {}
    if (waiting-- !== 0) return;
    if (spare % 2) blocks.push(ems.allocate(40 + spare * 9)); else if (blocks.length) ems.free(blocks.pop());
  };
  try { dive(); } catch (error) {}
  if (ems.check() !== undefined) faults++;
}
out(faults + " faults");
`;

// What the model asks of node:assert.
const ASSERT = `
const fail = (message) => { throw new Error(message); };
const text = (value) => JSON.stringify(value, (key, v) => v && v.kind ? [v.kind, v.offset, v.length, v.payload] : v);
const ok = (value, message) => { if (!value) fail(message); };
export default {
  fail, ok,
  equal: (a, b, message) => ok(Object.is(a, b), message + ": " + a + ", " + b),
  deepEqual: (a, b) => ok(text(Object.entries(a).sort()) === text(Object.entries(b).sort()), text(a) + text(b)),
  throws: (run, { name }) => {
    try { run(); } catch (error) { return ok(error.name === name, String(error)); }
    fail("nothing was thrown");
  },
};
`;

const assertFile = join(directory, "assert.js");
writeFileSync(assertFile, ASSERT);
const bundle = buildSync({
  stdin: { contents: PROGRAM, resolveDir: fileURLToPath(new URL("../..", import.meta.url)) },
  bundle: true,
  write: false,
  format: "iife",
  alias: { "node:assert/strict": assertFile },
}).outputFiles[0]!.text;
const compilerOptions = { target: ts.ScriptTarget.ES5, downlevelIteration: true };
const file = join(directory, "ems.js");
writeFileSync(file, ts.transpileModule(bundle, { compilerOptions }).outputText);

describe("ems", () => runsEverywhere(file, "15 runs as the model says\n0 faults\n"));
