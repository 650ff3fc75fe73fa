// The engines tests can ask for by mode name.
import { AOT_MODES, AotEngine } from "./aot-engine.js";
import type { AotMode } from "./aot-engine.js";
import type { Engine } from "./engine.js";
import { NativeEngine } from "./native-engine.js";

export const MODES: readonly string[] = [...AOT_MODES, "validate", "native"];

export function createEngine(mode: string, optLevel: number): Engine {
  if (mode === "native") return new NativeEngine();
  return new AotEngine(mode === "validate" ? "aot-file" : (mode as AotMode), optLevel as 0 | 1 | 2 | 3);
}
