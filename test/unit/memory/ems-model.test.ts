// A quick share of the comparison of ems with its model (test/fuzz/ems-model.ts): pools of several sizes, kinds and pressures.
import assert from "node:assert/strict";
import { it } from "node:test";
import { fuzzModel } from "../../fuzz/ems.js";

it("ems does what its model says, and passes its integrity check after each batch", () => {
  const { operations, failures, outcomes } = fuzzModel(2000, 200_000);
  assert.deepEqual(failures, []);
  assert.ok(operations >= 200_000);
  // The comparison would say little if pools were never full, or blocks never resized.
  for (const [outcome, count] of Object.entries(outcomes)) assert.ok(count > 30, `${outcome}: ${count}`);
});
