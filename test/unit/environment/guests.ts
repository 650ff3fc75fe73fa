// Guests for the tests of the embedding API: modules from text, compiled and loaded into a runtime.
import binaryen from "binaryen";
import { compileSync } from "../../../compiler/index.js";
import { load, type LoadedModule } from "../../../loader/index.js";
import { embed, type EmbedArgs, type ModuleInstance, type Runtime } from "../../../runtime/environment/index.js";

const { MVP, BulkMemory, Multivalue, MutableGlobals, ReferenceTypes } = binaryen.Features;
const FEATURES = MVP | BulkMemory | Multivalue | MutableGlobals | ReferenceTypes;

binaryen.setDebugInfo(true); // function names

const artifacts = new Map<string, Uint8Array>();

/** A module in text form as a file. */
export function wasmOf(text: string): Uint8Array {
  const module = binaryen.parseText(text);
  module.setFeatures(FEATURES);
  const wasm = module.emitBinary();
  module.dispose();
  return wasm;
}

/** The artifact of a module in text form. */
export function artifactOf(text: string): Uint8Array {
  let artifact = artifacts.get(text);
  if (artifact === undefined) artifacts.set(text, (artifact = compileSync(wasmOf(text), { format: "aot" })));
  return artifact;
}

export function loadText(runtime: Runtime, text: string): LoadedModule {
  return load(artifactOf(text), { runtime, name: "guest" });
}

export function embedText(runtime: Runtime, text: string, args?: EmbedArgs): ModuleInstance {
  return embed(loadText(runtime, text), args);
}
