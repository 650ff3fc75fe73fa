// The compiler's choices for a target, and what the loader takes for granted of it.
import assert from "node:assert/strict";
import { it } from "node:test";
import { CHOICES } from "../../../compiler/targets.js";
import { ELEMENT_TARGETS, TARGETS } from "../../../loader/layout.js";

it("the loader knows whose code has typed arrays over memories", () => {
  assert.deepEqual(
    TARGETS.filter((target) => CHOICES[target].memory === "elements"),
    ELEMENT_TARGETS,
  );
});
