// The helpers, one name each: what runtime/abi.ts lists, no more and no less.
export { f32_abs, f32_copysign, f32_neg, f64_abs, f64_copysign, f64_nearest, f64_neg } from "./float.js";
export {
  f32_convert_i64_s,
  f32_convert_i64_u,
  f32_reinterpret_i32,
  f64_reinterpret_i64,
  i32_reinterpret_f32,
  i32_trunc_f64_s,
  i32_trunc_f64_u,
  i32_trunc_sat_f64_s,
  i32_trunc_sat_f64_u,
  i64_reinterpret_f64,
  i64_trunc_f64_s,
  i64_trunc_f64_u,
  i64_trunc_sat_f64_s,
  i64_trunc_sat_f64_u,
} from "./convert.js";
export { i32_ctz, i32_div_s, i32_div_u, i32_popcnt, i32_rem_s, i32_rem_u } from "./i32.js";
export { i64_div_s, i64_div_u, i64_mul, i64_mul_u32, i64_rem_s, i64_rem_u } from "./i64-arith.js";
export { cell_div_s, cell_div_u, cell_rem_s, cell_rem_u } from "./cells.js";
export { i64_clz, i64_ctz, i64_popcnt, i64_rotl, i64_rotr, i64_shl, i64_shr_s, i64_shr_u } from "./i64-bits.js";
export { trap } from "./trap.js";
