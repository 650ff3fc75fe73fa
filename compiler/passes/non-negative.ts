// Marks reads of variables that never hold a negative i32 (imm2 = 1 on the read): every assignment gives them a byte, a
// masked value, a comparison … Unsigned comparisons, conversions and address arithmetic on them then need no `>>> 0`.
import { type Expr, type IrFunc, T } from "../ir/ir.js";
import { isNonNegative } from "../ir/make.js";
import { forEachGet, forEachRoot, forEachStmt } from "../ir/walk.js";
import { variablesOf } from "./invariants.js";

export function markNonNegative(func: IrFunc): void {
  const known = variablesOf(func, T.i, isNonNegative);
  // FAST: in place. What is known holds for every read of a variable, so trees may share one.
  const mark = (get: Expr): void => {
    if (get.type === T.i && known[get.imm] === 1) get.imm2 = 1;
  };
  const root = (e: Expr): void => forEachGet(e, mark);
  forEachStmt(func.body, (s) => forEachRoot(s, root));
}
