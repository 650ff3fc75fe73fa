// A module from a file: binary as it is, text through binaryen; and which proposals the user allows in it.
import { parseFeatures, type FeatureSet } from "../../runtime/wasm/features.js";
import { type Source, sourceOf } from "../compile.js";
import { Failure } from "./failure.js";
import { readInput, reading } from "./files.js";
import { kindOf } from "./input.js";
import { readSparse } from "./sparse.js";
import { readText } from "./wat.js";

/** The bytes of a .wasm, or of a .wat assembled; anything else is refused with a word on what it is. */
export function readModule(path: string): Promise<Uint8Array> {
  return asModule(path, readInput(path));
}

/** A module, perhaps without its debug information, and what it was with it. */
export interface ModuleToCompile {
  readonly bytes: Uint8Array;
  readonly source: Source;
}

export async function readModuleToCompile(path: string): Promise<ModuleToCompile> {
  const sparse = reading(path, () => readSparse(path));
  const bytes = sparse?.bytes ?? readInput(path);
  const module = await asModule(path, bytes);
  return { bytes: module, source: module === sparse?.bytes ? sparse.source : sourceOf(module) };
}

async function asModule(path: string, bytes: Uint8Array): Promise<Uint8Array> {
  const kind = kindOf(path, bytes);
  if (kind === "wasm") return bytes;
  if (kind === "wat") return readText(path, new TextDecoder().decode(bytes));
  const is = kind === "aot" ? "an artifact, compiled already" : "JavaScript";
  throw new Failure("invalid", `${path}: expected a .wasm or .wat, got ${is}`);
}

/** The default features changed by lists like `+wide-arithmetic,-simd`. */
export function readFeatures(lists: readonly string[] = []): FeatureSet {
  try {
    return parseFeatures(lists.join(","));
  } catch (error) {
    throw new Failure("usage", `--features: ${(error as Error).message}`);
  }
}
