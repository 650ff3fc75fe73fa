// Rewrites a function by the ranges of its variables, for targets that gain by it.
import { type IrFunc, exprStmt } from "../../ir/ir.js";
import { Elements } from "../elements/index.js";
import { scaleVariables } from "../elements/scale.js";
import type { PassContext } from "../index.js";
import { type Rewriter, rewriteByRanges } from "./flow.js";

/** Leaves accesses as they are. */
const NOTHING: Rewriter = {
  load: (access) => access,
  store: (access) => [exprStmt(access)],
  assigned: () => undefined,
  loops: 0,
};

export function useRanges(func: IrFunc, { choices, memories }: PassContext): void {
  if (!choices.ranges) return;
  if (choices.memory !== "elements") return rewriteByRanges(func, NOTHING);
  const elements = new Elements(func, memories, choices);
  rewriteByRanges(func, elements);
  scaleVariables(func, elements.alignments, choices.index === "rotate");
}
