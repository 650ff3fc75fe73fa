// Rewrites a function by the ranges of its variables, for targets that gain by it.
import { type IrFunc, K } from "../../ir/ir.js";
import { Elements } from "../elements/index.js";
import { scaleVariables } from "../elements/scale.js";
import type { PassContext } from "../index.js";
import { type Rewriter, rewriteByRanges } from "./flow.js";

/** Leaves accesses as they are. */
const NOTHING: Rewriter = {
  load: (access) => access,
  store: (access) => [{ kind: K.expr, e: access }],
};

export function useRanges(func: IrFunc, { choices, memories }: PassContext): void {
  if (!choices.ranges) return;
  const elements =
    choices.memory === "elements"
      ? new Elements(memories, choices.stores, (type) => func.vars.push(type) - 1)
      : NOTHING;
  rewriteByRanges(func, elements);
  if (choices.memory === "elements") scaleVariables(func);
}
