// Before V8 optimizes a function it notes at every `+`, `-`, `*`, `/` what the operands were. Numbers that are integers then may be small
// integers, whatever their type in Wasm: values loaded by DataView or converted from i32, and what such operations make of them. As long as
// no other has come by, optimized code converts doubles to int32 with checks, and back (distances between points of whole numbers took
// 3 times native, now 1.3). A double in an object on the heap is noted as such, and so is what it is an operand of.
import { Op } from "../../runtime/wasm/opcodes.js";
import { type Expr, type IrFunc, T } from "../ir/ir.js";
import { f64Of } from "../ir/constants.js";
import { variablesOf } from "./invariants.js";

/** The f64 variables that never hold a small integer. */
export function heapNumbers(func: IrFunc): Uint8Array {
  return func.vars.includes(T.d) ? variablesOf(func, T.d, isHeapNumber) : new Uint8Array(0);
}

/** Whether an operation would be noted as one of integers, should its operands be some, and must not be. */
export function isMistakable({ args }: Expr, known: Uint8Array): boolean {
  return args.every((arg) => !isHeapNumber(arg, known) && !isInteger(arg));
}

/** Whether V8 keeps the value as an object, provided that nothing is mistaken. */
function isHeapNumber(e: Expr, known: Uint8Array): boolean {
  switch (e.op) {
    case Op.f64_add:
    case Op.f64_sub:
    case Op.f64_mul:
    case Op.f64_div:
      return !e.args.some(isInteger) || e.args.some((arg) => isHeapNumber(arg, known));
    case Op.local_get:
      return known[e.imm] === 1;
    case Op.f64_neg:
      return isHeapNumber(e.args[0]!, known);
    case Op.f64_const:
      return !isInteger(e);
    default:
      return false;
  }
}

/** With these, programs do count: digits become numbers as fast by int32. */
function isInteger({ op, imm, imm2 }: Expr): boolean {
  if (op === Op.f64_convert_i32_s || op === Op.f64_convert_i32_u) return true;
  if (op !== Op.f64_const) return false;
  const value = f64Of(imm, imm2);
  return (value | 0) === value && !Object.is(value, -0);
}
