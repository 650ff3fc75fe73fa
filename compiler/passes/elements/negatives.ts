// Variables that begin below zero: counters up to zero, which LLVM adds to the end of an array instead of counting beside a
// pointer. Ranges often lose them, for such a loop ends where an unsigned sum wraps.
import { Op } from "../../../runtime/wasm/opcodes.js";
import { type Expr, type IrFunc, K, T } from "../../ir/ir.js";
import { forEachStmt } from "../../ir/walk.js";

/** Variables that are assigned a negative constant, or such a variable, or a sum of one and a constant. */
export function negativeVariables(func: IrFunc): ReadonlySet<number> {
  const found = new Set<number>();
  /** The variables that are assigned from each variable. */
  const copies = new Map<number, number[]>();
  forEachStmt(func.body, (s) => {
    if (s.kind !== K.set || s.e.type !== T.i) return;
    const { e } = s;
    if (e.op === Op.i32_const && e.imm < 0) return found.add(s.v);
    const from = isSumWithConstant(e) ? e.args[0]! : e;
    if (from.op !== Op.local_get) return;
    const known = copies.get(from.imm);
    if (known === undefined) copies.set(from.imm, [s.v]);
    else known.push(s.v);
  });
  for (const v of found) for (const w of copies.get(v) ?? []) found.add(w);
  return found;
}

function isSumWithConstant(e: Expr): boolean {
  return e.op === Op.i32_add && e.args[1]!.op === Op.i32_const;
}

/** Whether a variable of `variables` occurs in `e`. */
export function mentions(e: Expr, variables: ReadonlySet<number>): boolean {
  return e.op === Op.local_get ? variables.has(e.imm) : e.args.some((arg) => mentions(arg, variables));
}
