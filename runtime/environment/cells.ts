// Values in memory, little-endian. A frame of an ExecEnv has 8 bytes for each; the arguments of WAMR's call_wasm are packed, 4 or 8
// bytes as the type needs. A reference has no bits: it is written as 0 (null) or 1, and cannot be read back.
import { f32_reinterpret_i32, i32_reinterpret_f32 } from "../helpers/convert.js";
import { S } from "../instance/store.js";
import { toBigInt, type Scalar } from "../instance/value.js";
import { F32, F64, I32, I64, isRef, V128, type ValType } from "../wasm/types.js";

/** Writes one value; `high` is that of an i64. */
function writeValue(view: DataView, at: number, type: ValType, scalar: Scalar, high: Scalar): void {
  switch (type) {
    case I32:
      view.setInt32(at, scalar as number, true);
      break;
    case F32:
      view.setInt32(at, i32_reinterpret_f32(scalar as number), true);
      break;
    case I64:
      view.setInt32(at, scalar as number, true);
      view.setInt32(at + 4, high as number, true);
      break;
    case F64:
      view.setFloat64(at, scalar as number, true);
      break;
    default:
      view.setInt32(at, scalar === null ? 0 : 1, true);
  }
}

/** The first scalar of one value; an i64's high half is left in `S.h`. @internal */
export function readValue(view: DataView, at: number, type: ValType): Scalar {
  switch (type) {
    case F32:
      return f32_reinterpret_i32(view.getInt32(at, true));
    case F64:
      return view.getFloat64(at, true);
    default:
      if (type === I64) S.h = view.getInt32(at + 4, true);
      return view.getInt32(at, true);
  }
}

/** Writes scalars of generated code (an i64 is two) as frames hold them. @internal */
export function writeCells(view: DataView, at: number, types: readonly ValType[], scalars: readonly Scalar[]): void {
  for (let i = 0, k = 0; i < types.length; i++, k++, at += 8) {
    const scalar = scalars[k];
    writeValue(view, at, types[i]!, scalar, types[i] === I64 ? scalars[++k] : undefined);
  }
}

/** A value of a frame as JavaScript sees it. @internal */
export function readCell(view: DataView, at: number, type: ValType): unknown {
  if (isRef(type)) return view.getInt32(at, true) === 0 ? "null" : "ref";
  const value = readValue(view, at, type);
  return type === I64 ? toBigInt(value as number, S.h) : value;
}

/** Bytes that packed values take. Throws TypeError where one has no bits. @internal */
export function packedSize(types: readonly ValType[]): number {
  let size = 0;
  for (const type of types) {
    if (isRef(type) || type === V128) throw new TypeError("type mismatch: expected numbers only in cells of memory");
    size += type === I64 || type === F64 ? 8 : 4;
  }
  return size;
}

/** @internal */
export function readPacked(view: DataView, types: readonly ValType[]): Scalar[] {
  // V8 quiets signalling NaNs in arrays of doubles: an array that has held something else does not become one.
  const scalars: Scalar[] = [null];
  scalars.length = 0;
  let at = 0;
  for (const type of types) {
    scalars.push(readValue(view, at, type));
    if (type === I64) scalars.push(S.h);
    at += type === I64 || type === F64 ? 8 : 4;
  }
  return scalars;
}

/** @internal */
export function writePacked(view: DataView, types: readonly ValType[], scalars: readonly Scalar[]): void {
  for (let i = 0, k = 0, at = 0; i < types.length; i++, k++) {
    const type = types[i]!;
    const scalar = scalars[k];
    writeValue(view, at, type, scalar, type === I64 ? scalars[++k] : undefined);
    at += type === I64 || type === F64 ? 8 : 4;
  }
}
