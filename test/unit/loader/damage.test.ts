// A small run of the artifact fuzzer (test/fuzz/artifact.ts): every byte of header and tables, every cut, some mutations.
import assert from "node:assert/strict";
import { it } from "node:test";
import { fuzzArtifacts } from "../../fuzz/artifact.js";

it("damaged artifacts are refused or work, and nothing unverified is evaluated", () => {
  const { cases, failures, outcomes } = fuzzArtifacts(1000, 1000);
  assert.deepEqual(failures, []);
  assert.ok(cases > 3000);
  // The fuzzer would find nothing if all it made were refused at the door, or all of it worked.
  for (const code of ["digest", "truncated", "malformed", "symbol", "target", "works", "works otherwise"]) {
    assert.ok(outcomes[code]! > 0, `no case ended in "${code}": ${JSON.stringify(outcomes)}`);
  }
});
