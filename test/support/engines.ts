// The engines tests can ask for by mode name. Ours are imported when asked for, so that the native oracle can be
// tested while the compiler cannot be built.
import type { AotMode } from "./aot-engine.js";
import type { Engine } from "./engine.js";
import { NativeEngine } from "./native-engine.js";

const AOT_MODES: readonly AotMode[] = ["aot-file", "aot-pages", "aot-js"];

export const ENGINE_MODES: readonly string[] = [...AOT_MODES, "native"];

export async function createEngine(mode: string, optLevel: number): Promise<Engine> {
  if (mode === "native") return new NativeEngine();
  const { AotEngine } = await import("./aot-engine.js");
  return new AotEngine(mode as AotMode, optLevel as 0 | 1 | 2 | 3);
}
