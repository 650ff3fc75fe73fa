// The engines tests can ask for by mode name. Ours are imported when asked for, so that the native oracle can be
// tested while the compiler cannot be built.
import type { AotMode } from "./aot-engine.js";
import type { CompileOptions } from "../../compiler/index.js";
import type { OptLevel } from "../../compiler/options.js";
import type { Engine } from "./engine.js";
import { NativeEngine } from "./native-engine.js";

const AOT_MODES: readonly AotMode[] = ["aot-file", "aot-pages", "aot-js"];

export const ENGINE_MODES: readonly string[] = [...AOT_MODES, "native"];

/** `options`: further ones for the compiler; `pool`: bytes of the pool that modules and instances live in, default none. */
export async function createEngine(
  mode: string,
  optLevel: OptLevel,
  options: CompileOptions = {},
  pool?: number,
): Promise<Engine> {
  if (mode === "native") return new NativeEngine();
  const { AotEngine } = await import("./aot-engine.js");
  const { TestRuntime } = await import("./test-runtime.js");
  const home =
    pool === undefined
      ? undefined
      : new TestRuntime({ allocator: { mode: "Alloc_With_Pool", pool: new ArrayBuffer(pool) } });
  return new AotEngine(mode as AotMode, optLevel, options, home);
}
