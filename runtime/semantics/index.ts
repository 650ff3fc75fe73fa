// Every pure scalar operation by opcode: what it computes, exactly and slowly, with i64 as BigInt. Constant folding uses it,
// and templates, helpers and interpreters are tested against it. The types demand a function of the right signature for
// every row of the opcode table; SIMD and wide arithmetic, whose values are no scalars, are not among them.
import { Op, type PureOp, type SigOf } from "../wasm/opcodes.js";
import * as convert from "./convert.js";
import * as f32 from "./f32.js";
import * as f64 from "./f64.js";
import * as i32 from "./i32.js";
import * as i64 from "./i64.js";

export { f32Bits, f32FromBits, f64Bits, f64FromBits } from "./bits.js";
export { NumericTrap, type NumericTrapMessage } from "./trap.js";

/** The JavaScript value of each letter of a signature: the one place that says how values are represented here. */
export interface Scalars {
  i: number;
  l: bigint;
  f: number;
  d: number;
}

type Letter = keyof Scalars;
type Operands<S extends string> = S extends ""
  ? []
  : S extends `${infer L extends Letter}${infer Rest}`
    ? [Scalars[L], ...Operands<Rest>]
    : never;

type IsScalar<S extends string> = S extends `${infer P}:${infer R}` ? (R extends Letter ? Operands<P> : never) : never;

/** Pure operations on scalars with one result. */
export type ScalarOp = { [K in PureOp]: IsScalar<SigOf<K>> extends never ? never : K }[PureOp];

/** `"ll:i"` → `(a: bigint, b: bigint) => number` */
export type Semantics<S extends string> = S extends `${infer P}:${infer R extends Letter}`
  ? (...operands: Operands<P>) => Scalars[R]
  : never;

export const SEMANTICS: { readonly [K in ScalarOp]: Semantics<SigOf<K>> } = {
  [Op.i32_eqz]: i32.i32_eqz,
  [Op.i32_eq]: i32.i32_eq,
  [Op.i32_ne]: i32.i32_ne,
  [Op.i32_lt_s]: i32.i32_lt_s,
  [Op.i32_lt_u]: i32.i32_lt_u,
  [Op.i32_gt_s]: i32.i32_gt_s,
  [Op.i32_gt_u]: i32.i32_gt_u,
  [Op.i32_le_s]: i32.i32_le_s,
  [Op.i32_le_u]: i32.i32_le_u,
  [Op.i32_ge_s]: i32.i32_ge_s,
  [Op.i32_ge_u]: i32.i32_ge_u,
  [Op.i64_eqz]: i64.i64_eqz,
  [Op.i64_eq]: i64.i64_eq,
  [Op.i64_ne]: i64.i64_ne,
  [Op.i64_lt_s]: i64.i64_lt_s,
  [Op.i64_lt_u]: i64.i64_lt_u,
  [Op.i64_gt_s]: i64.i64_gt_s,
  [Op.i64_gt_u]: i64.i64_gt_u,
  [Op.i64_le_s]: i64.i64_le_s,
  [Op.i64_le_u]: i64.i64_le_u,
  [Op.i64_ge_s]: i64.i64_ge_s,
  [Op.i64_ge_u]: i64.i64_ge_u,
  [Op.f32_eq]: f32.f32_eq,
  [Op.f32_ne]: f32.f32_ne,
  [Op.f32_lt]: f32.f32_lt,
  [Op.f32_gt]: f32.f32_gt,
  [Op.f32_le]: f32.f32_le,
  [Op.f32_ge]: f32.f32_ge,
  [Op.f64_eq]: f64.f64_eq,
  [Op.f64_ne]: f64.f64_ne,
  [Op.f64_lt]: f64.f64_lt,
  [Op.f64_gt]: f64.f64_gt,
  [Op.f64_le]: f64.f64_le,
  [Op.f64_ge]: f64.f64_ge,
  [Op.i32_clz]: i32.i32_clz,
  [Op.i32_ctz]: i32.i32_ctz,
  [Op.i32_popcnt]: i32.i32_popcnt,
  [Op.i32_add]: i32.i32_add,
  [Op.i32_sub]: i32.i32_sub,
  [Op.i32_mul]: i32.i32_mul,
  [Op.i32_div_s]: i32.i32_div_s,
  [Op.i32_div_u]: i32.i32_div_u,
  [Op.i32_rem_s]: i32.i32_rem_s,
  [Op.i32_rem_u]: i32.i32_rem_u,
  [Op.i32_and]: i32.i32_and,
  [Op.i32_or]: i32.i32_or,
  [Op.i32_xor]: i32.i32_xor,
  [Op.i32_shl]: i32.i32_shl,
  [Op.i32_shr_s]: i32.i32_shr_s,
  [Op.i32_shr_u]: i32.i32_shr_u,
  [Op.i32_rotl]: i32.i32_rotl,
  [Op.i32_rotr]: i32.i32_rotr,
  [Op.i64_clz]: i64.i64_clz,
  [Op.i64_ctz]: i64.i64_ctz,
  [Op.i64_popcnt]: i64.i64_popcnt,
  [Op.i64_add]: i64.i64_add,
  [Op.i64_sub]: i64.i64_sub,
  [Op.i64_mul]: i64.i64_mul,
  [Op.i64_div_s]: i64.i64_div_s,
  [Op.i64_div_u]: i64.i64_div_u,
  [Op.i64_rem_s]: i64.i64_rem_s,
  [Op.i64_rem_u]: i64.i64_rem_u,
  [Op.i64_and]: i64.i64_and,
  [Op.i64_or]: i64.i64_or,
  [Op.i64_xor]: i64.i64_xor,
  [Op.i64_shl]: i64.i64_shl,
  [Op.i64_shr_s]: i64.i64_shr_s,
  [Op.i64_shr_u]: i64.i64_shr_u,
  [Op.i64_rotl]: i64.i64_rotl,
  [Op.i64_rotr]: i64.i64_rotr,
  [Op.f32_abs]: f32.f32_abs,
  [Op.f32_neg]: f32.f32_neg,
  [Op.f32_ceil]: f32.f32_ceil,
  [Op.f32_floor]: f32.f32_floor,
  [Op.f32_trunc]: f32.f32_trunc,
  [Op.f32_nearest]: f32.f32_nearest,
  [Op.f32_sqrt]: f32.f32_sqrt,
  [Op.f32_add]: f32.f32_add,
  [Op.f32_sub]: f32.f32_sub,
  [Op.f32_mul]: f32.f32_mul,
  [Op.f32_div]: f32.f32_div,
  [Op.f32_min]: f32.f32_min,
  [Op.f32_max]: f32.f32_max,
  [Op.f32_copysign]: f32.f32_copysign,
  [Op.f64_abs]: f64.f64_abs,
  [Op.f64_neg]: f64.f64_neg,
  [Op.f64_ceil]: f64.f64_ceil,
  [Op.f64_floor]: f64.f64_floor,
  [Op.f64_trunc]: f64.f64_trunc,
  [Op.f64_nearest]: f64.f64_nearest,
  [Op.f64_sqrt]: f64.f64_sqrt,
  [Op.f64_add]: f64.f64_add,
  [Op.f64_sub]: f64.f64_sub,
  [Op.f64_mul]: f64.f64_mul,
  [Op.f64_div]: f64.f64_div,
  [Op.f64_min]: f64.f64_min,
  [Op.f64_max]: f64.f64_max,
  [Op.f64_copysign]: f64.f64_copysign,
  [Op.i32_wrap_i64]: convert.i32_wrap_i64,
  [Op.i32_trunc_f32_s]: convert.i32_trunc_f32_s,
  [Op.i32_trunc_f32_u]: convert.i32_trunc_f32_u,
  [Op.i32_trunc_f64_s]: convert.i32_trunc_f64_s,
  [Op.i32_trunc_f64_u]: convert.i32_trunc_f64_u,
  [Op.i64_extend_i32_s]: convert.i64_extend_i32_s,
  [Op.i64_extend_i32_u]: convert.i64_extend_i32_u,
  [Op.i64_trunc_f32_s]: convert.i64_trunc_f32_s,
  [Op.i64_trunc_f32_u]: convert.i64_trunc_f32_u,
  [Op.i64_trunc_f64_s]: convert.i64_trunc_f64_s,
  [Op.i64_trunc_f64_u]: convert.i64_trunc_f64_u,
  [Op.f32_convert_i32_s]: convert.f32_convert_i32_s,
  [Op.f32_convert_i32_u]: convert.f32_convert_i32_u,
  [Op.f32_convert_i64_s]: convert.f32_convert_i64_s,
  [Op.f32_convert_i64_u]: convert.f32_convert_i64_u,
  [Op.f32_demote_f64]: convert.f32_demote_f64,
  [Op.f64_convert_i32_s]: convert.f64_convert_i32_s,
  [Op.f64_convert_i32_u]: convert.f64_convert_i32_u,
  [Op.f64_convert_i64_s]: convert.f64_convert_i64_s,
  [Op.f64_convert_i64_u]: convert.f64_convert_i64_u,
  [Op.f64_promote_f32]: convert.f64_promote_f32,
  [Op.i32_reinterpret_f32]: convert.i32_reinterpret_f32,
  [Op.i64_reinterpret_f64]: convert.i64_reinterpret_f64,
  [Op.f32_reinterpret_i32]: convert.f32_reinterpret_i32,
  [Op.f64_reinterpret_i64]: convert.f64_reinterpret_i64,
  [Op.i32_extend8_s]: i32.i32_extend8_s,
  [Op.i32_extend16_s]: i32.i32_extend16_s,
  [Op.i64_extend8_s]: i64.i64_extend8_s,
  [Op.i64_extend16_s]: i64.i64_extend16_s,
  [Op.i64_extend32_s]: i64.i64_extend32_s,
  [Op.i32_trunc_sat_f32_s]: convert.i32_trunc_sat_f32_s,
  [Op.i32_trunc_sat_f32_u]: convert.i32_trunc_sat_f32_u,
  [Op.i32_trunc_sat_f64_s]: convert.i32_trunc_sat_f64_s,
  [Op.i32_trunc_sat_f64_u]: convert.i32_trunc_sat_f64_u,
  [Op.i64_trunc_sat_f32_s]: convert.i64_trunc_sat_f32_s,
  [Op.i64_trunc_sat_f32_u]: convert.i64_trunc_sat_f32_u,
  [Op.i64_trunc_sat_f64_s]: convert.i64_trunc_sat_f64_s,
  [Op.i64_trunc_sat_f64_u]: convert.i64_trunc_sat_f64_u,
};
