// Loads and stores of the second level (i64 already split): how wide they are, and what they are in JavaScript.
import { Op } from "../../runtime/wasm/opcodes.js";

/** Methods of a DataView. */
export type ViewMethod =
  `${"get" | "set"}${"Int8" | "Int16" | "Int32" | "Float32" | "Float64" | "BigUint64"}` | "getUint8" | "getUint16";

export interface Access {
  /** Method of a DataView, and whether it takes the byte order. */
  readonly method: ViewMethod;
  readonly littleEndian: boolean;
  /** Bytes. */
  readonly width: number;
  /** Letter of the typed array with elements of this kind, see `ELEMENT_ARRAYS`. */
  readonly array: ElementArray;
}

/** Constructors of typed arrays by the letter in the name of a memory's array: `M_w`. */
export const ELEMENT_ARRAYS = {
  b: "Int8Array",
  B: "Uint8Array",
  h: "Int16Array",
  H: "Uint16Array",
  w: "Int32Array",
  f: "Float32Array",
  d: "Float64Array",
} as const;

export type ElementArray = keyof typeof ELEMENT_ARRAYS;

/**
 * What code has of a memory besides its view: a typed array, which begins so many bytes into the memory, a multiple of its
 * elements' width; or ("end") the last address behind which there are so many bytes.
 */
export interface MemoryPart {
  readonly kind: ElementArray | "end";
  readonly bytes: number;
}

function row(method: ViewMethod, littleEndian: boolean, width: number, array: ElementArray): Access {
  return { method, littleEndian, width, array };
}

export const ACCESS: Partial<Record<Op, Access>> = {
  [Op.i32_load]: row("getInt32", true, 4, "w"),
  [Op.i32_load8_s]: row("getInt8", false, 1, "b"),
  [Op.i32_load8_u]: row("getUint8", false, 1, "B"),
  [Op.i32_load16_s]: row("getInt16", true, 2, "h"),
  [Op.i32_load16_u]: row("getUint16", true, 2, "H"),
  [Op.f32_load]: row("getFloat32", true, 4, "f"),
  [Op.f64_load]: row("getFloat64", true, 8, "d"),
  [Op.i32_store]: row("setInt32", true, 4, "w"),
  [Op.i32_store8]: row("setInt8", false, 1, "B"),
  [Op.i32_store16]: row("setInt16", true, 2, "H"),
  [Op.f32_store]: row("setFloat32", true, 4, "f"),
  [Op.f64_store]: row("setFloat64", true, 8, "d"),
};

/** Loads and stores, which print as a call of the memory's view. */
export function isAccess(op: number): boolean {
  return ACCESS[op as Op] !== undefined;
}
