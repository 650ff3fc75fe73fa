// The oracle: runs a module on native WebAssembly and on ours, and says where the traces part.
import type { Engine } from "../support/engine.js";
import { messageOf } from "../support/engine.js";
import { execute, STOPPED } from "./execute.js";
import type { Trace } from "./execute.js";

export interface Mismatch {
  readonly engine: string;
  /** What kind of difference it is; minimizing must not turn one kind into another. */
  readonly kind: "crash" | "trace";
  readonly difference: string;
}

/** The first of `engines` that differs from `oracle`; undefined when all agree. */
export function compare(oracle: Engine, engines: readonly Engine[], bytes: Uint8Array): Mismatch | undefined {
  const expected = execute(oracle, bytes);
  for (const engine of engines) {
    let got: Trace;
    try {
      got = execute(engine, bytes);
    } catch (error) {
      return {
        engine: engine.name,
        kind: "crash",
        difference: `  ${engine.name} failed: ${error instanceof Error ? error.stack : messageOf(error)}`,
      };
    }
    const difference = firstDifference(expected, got);
    if (difference !== undefined) return { engine: engine.name, kind: "trace", difference };
  }
  return undefined;
}

function firstDifference(expected: Trace, got: Trace): string | undefined {
  const length = Math.max(expected.length, got.length);
  for (let i = 0; i < length; i++) {
    if (expected[i] === STOPPED || got[i] === STOPPED) return undefined;
    if (expected[i] !== got[i]) return `  line ${i} of the trace\n    expected ${expected[i]}\n    got      ${got[i]}`;
  }
  return undefined;
}
