// The contract between generated code and the runtime: the version, and the one list of helpers that generated code may
// call. The compiler emits only names of this list, the loader resolves only names of this list, and a test checks that
// runtime/helpers implements exactly this list.

import type { Module } from "./wasm/module.js";

/** Raised whenever old artifacts and this runtime (or the reverse) could misunderstand each other. */
export const ABI_VERSION = 2;

// Signatures are over the scalars of generated code: i = int32 (an i64 is two of them, low then high), f = f32, d = f64,
// I = the instance object. A result of `ii` returns the low half and leaves the high half in `S.h`. `n` = never returns.
export const HELPERS = {
  trap: "i:n",
  i32_div_s: "ii:i",
  i32_div_u: "ii:i",
  i32_rem_s: "ii:i",
  i32_rem_u: "ii:i",
  i32_ctz: "i:i",
  i32_popcnt: "i:i",
  i32_trunc_f64_s: "d:i", // f32 operands too: every f32 is an f64
  i32_trunc_f64_u: "d:i",
  i32_trunc_sat_f64_s: "d:i",
  i32_trunc_sat_f64_u: "d:i",
  i64_mul: "iiii:ii",
  i64_mul_u32: "ii:ii", // full 64-bit product of two unsigned 32-bit numbers
  i64_div_s: "iiii:ii",
  i64_div_u: "iiii:ii",
  i64_rem_s: "iiii:ii",
  i64_rem_u: "iiii:ii",
  i64_shl: "iii:ii", // the shift count's high half never matters
  i64_shr_s: "iii:ii",
  i64_shr_u: "iii:ii",
  i64_rotl: "iii:ii",
  i64_rotr: "iii:ii",
  // The quotient or remainder of cells i and i + 1 into cell i, for generated code that has i64 as BigInt.
  cell_div_s: "i:i",
  cell_div_u: "i:i",
  cell_rem_s: "i:i",
  cell_rem_u: "i:i",
  i64_clz: "ii:i", // result fits the low half; the high half is 0 and is not stored
  i64_ctz: "ii:i",
  i64_popcnt: "ii:i",
  i64_trunc_f64_s: "d:ii",
  i64_trunc_f64_u: "d:ii",
  i64_trunc_sat_f64_s: "d:ii",
  i64_trunc_sat_f64_u: "d:ii",
  i64_reinterpret_f64: "d:ii",
  f64_reinterpret_i64: "ii:d",
  i32_reinterpret_f32: "f:i",
  f32_reinterpret_i32: "i:f",
  f32_convert_i64_s: "ii:f",
  f32_convert_i64_u: "ii:f",
  f64_nearest: "d:d", // f32 too: rounding an f32 to integer is exact in f64
  f64_copysign: "dd:d",
  f64_neg: "d:d", // keeps NaN payloads and flips their sign, which JavaScript's unary minus need not
  f64_abs: "d:d",
  f32_copysign: "ff:f",
  f32_neg: "f:f",
  f32_abs: "f:f",
} as const satisfies Record<string, string>;

export type HelperName = keyof typeof HELPERS;

/** The methods of the instance object that generated code calls, as `I.name(…)`. Memory, table and segment indices come first. */
export const INSTANCE_METHODS = [
  "memory_grow",
  "memory_init",
  "memory_copy",
  "memory_fill",
  "data_drop",
  "table_init",
  "elem_drop",
  "table_copy",
  "table_fill",
  "table_grow",
  "table_size",
  "table_get",
  "table_set",
  "ref_func",
  "bad_call",
] as const;

/**
 * Which globals live in a cell of their own (`c3.v`), because others see them change or share them: all imported ones, and
 * the mutable ones that are exported. The others are fields of the instance's globals object (`G.g3`).
 */
export function cellGlobals(module: Module): boolean[] {
  const cells = module.globals.map((_, i) => i < module.imported.global);
  for (const { kind, index } of module.exports) {
    if (kind === "global" && module.globals[index]!.type.mutable) cells[index] = true;
  }
  return cells;
}
