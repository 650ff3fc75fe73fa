// The engines tests can ask for by mode name.
import type { Engine } from "./engine.js";
import { NativeEngine } from "./native-engine.js";

export const MODES: readonly string[] = ["aot-file", "aot-js", "aot-esm", "validate", "native"];

export async function createEngine(mode: string, optLevel: number): Promise<Engine> {
  if (mode === "native") return new NativeEngine();
  throw new Error(`BUG: no engine for mode ${mode} ${optLevel}`);
}
