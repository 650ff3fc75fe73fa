// Values in memory, 8 bytes each, as on the stack of an ExecEnv: an i32 or f32 in the first four, an i64 or f64 in all, a
// reference as 0 (null) or 1, for it has no bits.
import { f32_reinterpret_i32, i32_reinterpret_f32 } from "../helpers/convert.js";
import { toBigInt, type Scalar } from "../instance/value.js";
import { F32, F64, I32, I64, type ValType } from "../wasm/types.js";

/** Writes scalars of generated code (an i64 is two) from `at` on. @internal */
export function writeCells(view: DataView, at: number, types: readonly ValType[], scalars: readonly Scalar[]): void {
  for (let i = 0, k = 0; i < types.length; i++, k++, at += 8) {
    const scalar = scalars[k];
    switch (types[i]) {
      case I32:
        view.setInt32(at, scalar as number, true);
        break;
      case F32:
        view.setInt32(at, i32_reinterpret_f32(scalar as number), true);
        break;
      case I64:
        view.setInt32(at, scalar as number, true);
        view.setInt32(at + 4, scalars[++k] as number, true);
        break;
      case F64:
        view.setFloat64(at, scalar as number, true);
        break;
      default:
        view.setInt32(at, scalar === null ? 0 : 1, true);
    }
  }
}

/** The scalars of one value; null for a reference. @internal */
export function readScalars(view: DataView, at: number, type: ValType): Scalar[] {
  switch (type) {
    case I32:
      return [view.getInt32(at, true)];
    case F32:
      return [f32_reinterpret_i32(view.getInt32(at, true))];
    case I64:
      return [view.getInt32(at, true), view.getInt32(at + 4, true)];
    case F64:
      return [view.getFloat64(at, true)];
    default:
      return [null];
  }
}

/** One value as JavaScript sees it. @internal */
export function readCell(view: DataView, at: number, type: ValType): unknown {
  const [first, high] = readScalars(view, at, type);
  if (type === I64) return toBigInt(first as number, high as number);
  return type === I32 || type === F32 || type === F64 ? first : view.getInt32(at, true) === 0 ? "null" : "ref";
}
