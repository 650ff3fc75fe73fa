// binaryen as front optimizer, from -O2 on: Wasm in, better Wasm out. It knows nothing of JavaScript; what only a
// JavaScript back end can know is done by our own passes afterwards. It is itself WebAssembly, so in a host without it
// the levels above 1 run our passes alone.
import type { DecodedModule } from "../runtime/wasm/module.js";
import type { OptLevel } from "./options.js";

/** What binaryen runs at a level: its optimize and shrink level; undefined where it does not run. */
const LEVELS: Readonly<Record<string, readonly [optimize: number, shrink: number]>> = {
  2: [2, 0],
  3: [3, 0],
  s: [2, 1],
  z: [2, 2],
};

/**
 * Passes over function bodies that change nothing one could observe. Left out of binaryen's own choice: what removes
 * imports, exports or elements (a link error would go unnoticed), what turns a trap into another (optimize-instructions, directize,
 * memory-packing) or a signalling NaN quiet (precompute), and inlining, which moves functions out of a trap's frames.
 */
const PASSES = [
  "dce",
  "remove-unused-names",
  "remove-unused-brs",
  "remove-unused-names",
  "pick-load-signs",
  "code-pushing",
  "simplify-locals-nostructure",
  "vacuum",
  "reorder-locals",
  "remove-unused-brs",
  "coalesce-locals",
  "local-cse",
  "simplify-locals",
  "vacuum",
  "reorder-locals",
  "coalesce-locals",
  "reorder-locals",
  "vacuum",
  "merge-blocks",
  "remove-unused-brs",
  "remove-unused-names",
  "merge-blocks",
  "rse",
  "vacuum",
] as const;

/** True where the host can run binaryen. */
export function canOptimize(level: OptLevel): boolean {
  return String(level) in LEVELS && "WebAssembly" in globalThis;
}

/** The optimized module, or undefined where binaryen cannot read it (it knows fewer proposals than we do). */
export async function optimizeWasm(source: DecodedModule, level: OptLevel): Promise<Uint8Array | undefined> {
  const [optimize, shrink] = LEVELS[String(level)]!;
  const { default: binaryen } = await import("binaryen");
  const { All, GC, Strings, SIMD128, RelaxedSIMD } = binaryen.Features;
  const { CompactImports = 0 } = binaryen.Features as { CompactImports?: number }; // missing in its declarations
  let module;
  try {
    module = binaryen.readBinary(source.bytes);
  } catch {
    return undefined;
  }
  try {
    // Only what the input may use: with GC on, binaryen would write types that the input has not; with SIMD it would copy
    // and fill small ranges of memory by vectors, which our lowering does not know.
    module.setFeatures(All & ~(CompactImports | Strings | GC | SIMD128 | RelaxedSIMD));
    binaryen.setOptimizeLevel(optimize);
    binaryen.setShrinkLevel(shrink);
    binaryen.setDebugInfo(source.funcNames.size > 0);
    module.runPasses([...PASSES]);
    return module.emitBinary();
  } finally {
    module.dispose();
  }
}
