// A little of the fuzzer of validation (test/fuzz/validate.ts) in every run: mutants of the bench kernels and of one module
// per instruction must be judged as native WebAssembly does. It needs a Node whose WebAssembly has all of 3.0.
import assert from "node:assert/strict";
import fs from "node:fs";
import path from "node:path";
import { it } from "node:test";
import { fileURLToPath } from "node:url";
import { WasmError } from "../../../runtime/wasm/errors.js";
import { DEFAULT_FEATURES } from "../../../runtime/wasm/features.js";
import { explain, nativeRejection } from "../../fuzz/disagreements.js";
import { mutate, Specimen } from "../../fuzz/mutate.js";
import { Rng } from "../../fuzz/rng.js";
import { rejection } from "../../spec/validate-mode.js";
import { W } from "../../support/webassembly.js";
import { body, module, section, vec } from "./bytes.js";

const KERNELS = path.join(path.dirname(fileURLToPath(import.meta.url)), "../../../..", "test/bench/kernels");
const MUTANTS = 4000;

/** Types, tables, memories, segments and tags of all sorts, so that inserted instructions find something to refer to. */
function playground(): Uint8Array {
  return module(
    section(1, ...vec([0x60, 0, 0], [0x60, 1, 0x7f, 1, 0x7f], [0x5f, 2, 0x78, 1, 0x64, 0x6e, 0], [0x5e, 0x7c, 1])),
    section(3, 2, 0, 1),
    section(4, ...vec([0x70, 0, 1], [0x6e, 4, 1])),
    section(5, ...vec([0, 1], [4, 1])),
    section(13, 2, 0, 0, 0, 0),
    section(6, ...vec([0x7f, 1, 0x41, 0, 0x0b], [0x6c, 0, 0xd0, 0x6c, 0x0b])),
    section(7, ...vec([1, 0x66, 0, 0])),
    section(9, ...vec([1, 0, 1, 0], [5, 0x6e, 0])),
    section(12, 1),
    section(
      10,
      ...vec(
        body([0x02, 0x40, 0x00, 0x0b, 0x03, 0x40, 0x0b, 0x1f, 0x40, 1, 0, 0, 0, 0x0b], [1, 1, 0x64, 2]),
        body([0x20, 0, 0x41, 1, 0x6a, 0x04, 0x7f, 0x41, 2, 0x05, 0x41, 3, 0x0b, 0x1a, 0xd0, 0x71, 0xd1]),
      ),
    ),
    section(11, ...vec([1, 1, 7])),
  );
}

const specimens = [playground(), playground(), playground()];

it("judges mutants as native WebAssembly does", (t) => {
  if (!W.validate(playground())) return t.skip(`WebAssembly of Node ${process.versions.node} lacks parts of 3.0`);
  assert.equal(rejection(playground(), DEFAULT_FEATURES), undefined);
  for (const file of fs.readdirSync(KERNELS)) {
    if (file.endsWith(".wasm")) specimens.push(new Uint8Array(fs.readFileSync(path.join(KERNELS, file))));
  }
  const corpus = specimens.map((bytes) => new Specimen(bytes));
  let accepted = 0;
  for (let seed = 0; seed < MUTANTS; seed++) {
    const bytes = mutate(new Rng(seed), corpus);
    const error = rejection(bytes, DEFAULT_FEATURES);
    assert.ok(
      error === undefined || error instanceof WasmError,
      `seed ${seed}: ${(error as Error | undefined)?.stack}`,
    );
    if (error === undefined) accepted++;
    if (W.validate(bytes) === (error === undefined)) continue;
    const native = nativeRejection(bytes);
    assert.ok(explain(native, error?.message) !== undefined, `seed ${seed}: native ${native}; ours ${error?.message}`);
  }
  assert.ok(accepted > MUTANTS / 50, `${accepted} mutants are valid: too few to say anything`);
});
