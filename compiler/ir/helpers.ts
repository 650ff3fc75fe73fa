// Nodes that call a runtime helper, derived from the ABI's list.
import { HELPERS, type HelperName } from "../../runtime/abi.js";
import { type Expr, Fx, Ir, T, expr } from "./ir.js";

/** All helpers, in the ABI's order; `Ir.helper` nodes hold an index into it. */
export const HELPER_NAMES = Object.keys(HELPERS) as HelperName[];

const INDEX = new Map<string, number>(HELPER_NAMES.map((name, i) => [name, i]));
const RESULT: Record<string, T> = { i: T.i, ii: T.i, f: T.f, d: T.d, n: T.none };

/** A helper call; one with two results leaves the second in slot 1. */
export function helper(name: HelperName, args: Expr[], at = 0): Expr {
  const results = HELPERS[name].split(":")[1]!;
  const fx = (results.length > 1 ? Fx.writeSlot : 0) | (at !== 0 ? Fx.trapOther : 0);
  return expr(Ir.helper, RESULT[results]!, args, INDEX.get(name)!, 0, fx, at);
}
