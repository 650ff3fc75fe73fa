// Constant expressions: global initializers, offsets, elements. Values are scalars of generated code; of an i64 the low half
// is the result and the high half in `S.h`.
// https://webassembly.github.io/spec/core/valid/instructions.html#constant-expressions
import { bug } from "../errors.js";
import { f32_reinterpret_i32, f64_reinterpret_i64 } from "../helpers/convert.js";
import { i64_mul } from "../helpers/i64-arith.js";
import type { ConstExpr } from "../wasm/module.js";
import { Op } from "../wasm/opcodes.js";
import type { Instance } from "./instance.js";
import { S } from "./store.js";
import type { Scalar } from "./value.js";

/** @internal */
export function evalConst(instance: Instance, expr: ConstExpr): Scalar {
  // V8 loses the bits of NaNs in arrays of doubles (Node 24: from the sixth on); one that has held something else does not become one.
  const lows: Scalar[] = [null];
  const highs: number[] = [];
  for (let pc = 0; pc < expr.length;) {
    const op = expr[pc++]!;
    let value: Scalar;
    S.h = 0;
    switch (op) {
      case Op.i32_const:
        value = expr[pc++]!;
        break;
      case Op.i64_const:
        value = expr[pc++]!;
        S.h = expr[pc++]!;
        break;
      case Op.f32_const:
        value = f32_reinterpret_i32(expr[pc++]!);
        break;
      case Op.f64_const:
        value = f64_reinterpret_i64(expr[pc]!, expr[pc + 1]!);
        pc += 2;
        break;
      case Op.global_get:
        value = instance.getGlobal(expr[pc++]!);
        break;
      case Op.ref_null:
        value = null;
        pc++;
        break;
      case Op.ref_func:
        value = instance.func(expr[pc++]!);
        break;
      default: {
        const bHigh = highs.pop()!;
        const b = lows.pop() as number;
        const aHigh = highs.pop()!;
        value = arithmetic(op, lows.pop() as number, aHigh, b, bHigh);
      }
    }
    lows.push(value);
    highs.push(S.h);
  }
  S.h = highs[0]!;
  return lows[1];
}

function arithmetic(op: number, a: number, aHigh: number, b: number, bHigh: number): number {
  switch (op) {
    case Op.i32_add:
      return (a + b) | 0;
    case Op.i32_sub:
      return (a - b) | 0;
    case Op.i32_mul:
      return Math.imul(a, b);
    case Op.i64_add: {
      const low = (a + b) | 0;
      S.h = (aHigh + bHigh + (low >>> 0 < b >>> 0 ? 1 : 0)) | 0;
      return low;
    }
    case Op.i64_sub:
      S.h = (aHigh - bHigh - (a >>> 0 < b >>> 0 ? 1 : 0)) | 0;
      return (a - b) | 0;
    case Op.i64_mul:
      return i64_mul(a, aHigh, b, bHigh);
    default:
      return bug(`opcode 0x${op.toString(16)} in a constant expression`);
  }
}
