// JavaScript artifacts (format esm, external runtime) as functions of the runtime, so that instances of different artifacts
// can be linked with each other. A real import would be asynchronous, so the import and export statements, whose form is
// known, are rewritten; what stands between them stays as it is.
import vm from "node:vm";
import { runtimeModule, type JsArtifact, type MakeArtifact } from "./runtime-modules.js";

/** The text of a function expression, a `MakeArtifact`, in ES5 as the artifact. */
export function artifactFunction(bytes: Uint8Array): string {
  const text = new TextDecoder("utf-8", { ignoreBOM: true })
    .decode(bytes)
    .replace(/^import\{([\w,]+)\}from("[^"]+");$/gm, (_, names: string, from: string) =>
      names
        .split(",")
        .map((name) => `var ${name}=$import(${from}).${name};`)
        .join(""),
    )
    .replace(/^export var (?=module=)(.*);$/m, "var $1;return{module:module,instantiateSync:instantiateSync};")
    .replace(/^export\{[\w,]+\}from"[^"]+";$/m, "");
  return `(function($import){"use strict";${text}})`;
}

/** Evaluates a self-contained artifact of format cjs. */
export function evaluateCommonJs(bytes: Uint8Array): JsArtifact {
  const artifact = {} as JsArtifact;
  new Function("exports", new TextDecoder().decode(bytes))(artifact);
  return artifact;
}

/** Evaluates an artifact inside the test process and with its runtime. */
export function evaluateArtifact(bytes: Uint8Array): JsArtifact {
  return (vm.runInThisContext(artifactFunction(bytes), { filename: "artifact.mjs" }) as MakeArtifact)(runtimeModule);
}
