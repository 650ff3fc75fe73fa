// Which functions others than their own page can ask for; the rest need neither a place in a table nor a type at run time.
import type { Module } from "../runtime/wasm/module.js";
import { declaredFunctions } from "../runtime/wasm/validate.js";

/** Functions that a linker may be asked for: whose references can be taken, and the start function. */
export function reachableFunctions(module: Module): ReadonlySet<number> {
  const reachable = new Set<number>();
  declaredFunctions(module).forEach((declared, index) => declared === 1 && reachable.add(index));
  if (module.start !== undefined) reachable.add(module.start);
  return reachable;
}
