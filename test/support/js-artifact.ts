// Evaluates JavaScript artifacts (format esm, external runtime) inside the test process and with its runtime, so that
// instances of different artifacts can be linked with each other. A real import would be asynchronous, so the import and
// export statements, whose form is known, are rewritten; what stands between them is evaluated as it is.
import vm from "node:vm";
import * as artifactModule from "../../loader/js-entry.js";
import * as helpersModule from "../../runtime/helpers/index.js";
import type { Instance, InstantiateOptions } from "../../runtime/index.js";
import type { Imports } from "./engine.js";

export interface JsArtifact {
  instantiateSync(imports?: Imports, options?: InstantiateOptions): Instance;
}

const MODULES: Readonly<Record<string, object>> = {
  "wamrc-ts/runtime/artifact": artifactModule,
  "wamrc-ts/runtime/helpers": helpersModule,
};

export function evaluateArtifact(bytes: Uint8Array): JsArtifact {
  const text = new TextDecoder("utf-8", { ignoreBOM: true })
    .decode(bytes)
    .replace(/^import\{([\w,]+)\}from"([^"]+)";$/gm, 'const {$1}=$$import("$2");')
    .replace(/^export var (module=.*);$/m, "var $1;return{module,instantiate,instantiateSync};")
    .replace(/^export\{[\w,]+\}from"[^"]+";$/m, "");
  const evaluate = vm.runInThisContext(`(function($import){"use strict";${text}})`, { filename: "artifact.mjs" }) as (
    load: (name: string) => object,
  ) => JsArtifact;
  return evaluate((name) => {
    const found = MODULES[name];
    if (found === undefined)
      throw new Error(`an artifact imports ${name}, expected ${Object.keys(MODULES).join(" or ")}`);
    return found;
  });
}
