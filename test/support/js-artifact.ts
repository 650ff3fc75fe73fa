// Evaluates JavaScript artifacts inside the test process, with the runtime that the tests use, so that instances of
// different artifacts can be linked with each other.
import type { Imports } from "./engine.js";
import type { Instance } from "../../runtime/index.js";

export interface JsArtifact {
  instantiateSync(imports?: Imports): Instance;
}

export function evaluateArtifact(bytes: Uint8Array, format: "cjs" | "script"): JsArtifact {
  void bytes;
  throw new Error(`BUG: JavaScript artifacts (${format}) are not evaluated yet`);
}
