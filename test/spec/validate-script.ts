// Mode "validate": only decodes and validates; commands that are about anything else are skipped.
import { outcomeOf, Skip, type Outcome } from "./outcome.js";
import { CUSTOM, requireFeatures, TEXT_FORM } from "./prepare.js";
import { groupOf, type Script } from "./suite.js";
import { checkValidation } from "./validate-mode.js";

export function validateScript(script: Script): Outcome[] {
  return script.commands.map((command) =>
    outcomeOf(command, () => {
      requireFeatures(command, VALIDATED);
      const wrong = checkValidation(command, groupOf(script));
      if (typeof wrong === "string") throw new Error(wrong);
      if (wrong === undefined) return;
      if (command.outdated !== undefined) throw new Skip(`outdated: ${command.outdated}`);
      if (command.module_type === "text") throw new Skip(TEXT_FORM);
      throw new Skip(command.type.endsWith("_custom") ? CUSTOM : "validation only: nothing is run");
    }),
  );
}

// Features that decoder and validator know, by the suite's names.
const VALIDATED = new Set([
  "simd",
  "relaxed-simd",
  "tail-call",
  "extended-const",
  "exceptions",
  "function-references",
  "gc",
  "memory64",
  "multi-memory",
  "threads",
  "legacy-exceptions",
  "custom-page-sizes",
  "wide-arithmetic",
]);
