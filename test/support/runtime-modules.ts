// The modules that an artifact with an external runtime imports, by name, where there is nothing to import them.
import * as artifactModule from "../../loader/js-entry.js";
import type { Artifact } from "../../loader/js-entry.js";
import * as helpersModule from "../../runtime/helpers/index.js";

export type JsArtifact = Pick<Artifact, "module" | "instantiateSync"> & {
  readonly Trap: abstract new (...args: never) => Error;
};

/** An artifact as a function of the modules that it imports; js-artifact.ts makes the text of one. */
export type MakeArtifact = (load: (name: string) => object) => JsArtifact;

const MODULES: Readonly<Record<string, object | undefined>> = {
  "wamrc-ts/runtime/artifact": artifactModule,
  "wamrc-ts/runtime/helpers": helpersModule,
};

export function runtimeModule(name: string): object {
  const found = MODULES[name];
  if (found === undefined)
    throw new Error(`an artifact imports ${name}, expected ${Object.keys(MODULES).join(" or ")}`);
  return found;
}
