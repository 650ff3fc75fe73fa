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
export async function compare(
  oracle: Engine,
  engines: readonly Engine[],
  bytes: Uint8Array,
): Promise<Mismatch | undefined> {
  const expected = await execute(oracle, bytes);
  for (const engine of engines) {
    let got: Trace;
    try {
      got = await execute(engine, bytes);
    } catch (error) {
      return {
        engine: engine.name,
        kind: "crash",
        difference: `  ${engine.name} failed: ${error instanceof Error ? error.stack : messageOf(error)}`,
      };
    }
    const difference = engine.exact
      ? firstDifference(expected, got)
      : firstDifference(loosened(expected), loosened(got));
    if (difference !== undefined) return { engine: engine.name, kind: "trace", difference };
  }
  return undefined;
}

/** A trace without what an optimizer may change: indexes (a function's name is its index), and why there is a trap. */
export function loosened(trace: Trace): Trace {
  return trace.map((line) => line.replace(/function \d+/g, "function").replace(/trap: .*/, "trap"));
}

function firstDifference(expected: Trace, got: Trace): string | undefined {
  const length = Math.max(expected.length, got.length);
  for (let i = 0; i < length; i++) {
    if (expected[i] === STOPPED || got[i] === STOPPED) return undefined;
    if (expected[i] !== got[i]) return `  line ${i} of the trace\n    expected ${expected[i]}\n    got      ${got[i]}`;
  }
  return undefined;
}
