// Variables that hold the outcome of a comparison for conditions only: `c = a < b; …; if (c)`. As JavaScript's booleans they need
// not become numbers, which is two or three bytecodes each time. For engines without a JIT; V8 is no faster by it.
import { Op } from "../../runtime/wasm/opcodes.js";
import { type Expr, Ir, type IrFunc, K, T, expr } from "../ir/ir.js";
import { isBoolean, isI32 } from "../ir/make.js";
import { forEachStmt } from "../ir/walk.js";
import type { PassContext } from "./index.js";
import { variablesOf } from "./invariants.js";

export function keepBooleans(func: IrFunc, { choices }: PassContext): void {
  if (choices.booleans !== "conditional") return;
  const kept = variablesOf(func, T.i, (e) => isBoolean(e));
  const visit = (e: Expr, isCondition: boolean): void => {
    switch (e.op as Op | Ir) {
      case Op.local_get:
        if (!isCondition) kept[e.imm] = 0;
        return;
      case Op.i32_eqz:
      case Ir.and_then:
      case Ir.or_else:
        for (const arg of e.args) visit(arg, true);
        return;
      case Op.select:
        e.args.forEach((arg, i) => visit(arg, i === 0 || isCondition));
        return;
      case Op.i32_ne:
        if (!isI32(e.args[1]!, 0)) break;
        return visit(e.args[0]!, isCondition);
    }
    for (const arg of e.args) visit(arg, false);
  };
  forEachStmt(func.body, (s) => {
    if (s.kind === K.if) visit(s.cond, true);
    else if (s.kind === K.return) for (const e of s.args) visit(e, false);
    else if (s.kind === K.set || s.kind === K.expr || s.kind === K.switch) visit(s.e, false);
  });
  forEachStmt(func.body, (s) => {
    if (s.kind === K.set && kept[s.v] === 1 && s.e.op !== Op.i32_const) s.e = expr(Ir.truth, T.i, [s.e]);
  });
}
