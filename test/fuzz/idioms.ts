// Shapes that compilers emit and code generators look for: rotations from shifts, halves joined and taken apart, carries,
// high products, extensions by shift pairs. Random trees hardly ever form them.
import { Op } from "../../runtime/wasm/opcodes.js";
import { floatBits } from "./menu.js";
import { constant, i32, i64, node } from "./nodes.js";
import type { Letter, Node } from "./program.js";
import type { Rng } from "./rng.js";

type Make = (operand: Letter) => Node;

/** A shape of the given type; undefined where there is none. Operands that occur twice are made twice, not shared. */
export function idiom(rng: Rng, type: Letter, make: Make): Node | undefined {
  if (type === "i") return rng.pick(I32)(rng, make);
  if (type === "l") return rng.pick(I64)(rng, make);
  if (type === "d") return rounded(rng, make);
  return undefined;
}

const ii = (op: Op, a: Node, b: Node): Node => node(op, ["i"], [a, b]);
const ll = (op: Op, a: Node, b: Node): Node => node(op, ["l"], [a, b]);
const wrap = (a: Node): Node => node(Op.i32_wrap_i64, ["i"], [a]);
const unsigned = (a: Node): Node => node(Op.i64_extend_i32_u, ["l"], [a]);
const signed = (a: Node): Node => node(Op.i64_extend_i32_s, ["l"], [a]);
const extended = (rng: Rng, make: Make): Node => (rng.chance(50) ? signed : unsigned)(make("i"));

const OFFSETS = [0, 0.5, -0.5, 2 ** 31, -(2 ** 31), 2 ** 32, 2 ** 52, 2 ** 63, -(2 ** 63)];
const f64 = (value: number): Node => constant("d", floatBits("d", value));

/** A number with a fraction, near where conversions to integers end. */
export function fraction(rng: Rng, make: Make): Node {
  const integer = node(rng.pick([Op.f64_convert_i32_s, Op.f64_convert_i32_u]), ["d"], [make("i")]);
  const scaled = node(Op.f64_mul, ["d"], [integer, f64(rng.pick([0.25, 0.5, 1.75, 1e-3, 1]))]);
  return node(Op.f64_add, ["d"], [scaled, f64(rng.pick(OFFSETS))]);
}

function rounded(rng: Rng, make: Make): Node {
  const op = rng.pick([Op.f64_ceil, Op.f64_floor, Op.f64_trunc, Op.f64_nearest, Op.f64_abs, Op.f64_neg]);
  // What comes of conversions of integers is no NaN, so its bits are specified.
  return node(op, ["d"], [fraction(rng, make)]);
}

const I32: readonly ((rng: Rng, make: Make) => Node)[] = [
  // The high half.
  (rng, make) => wrap(ll(rng.pick([Op.i64_shr_u, Op.i64_shr_s]), make("l"), i64(BigInt(rng.pick([32, 31, 33, 63]))))),
  // The high half of a product of two 32-bit numbers.
  (rng, make) => wrap(ll(Op.i64_shr_u, ll(Op.i64_mul, extended(rng, make), extended(rng, make)), i64(32n))),
  // A byte or half word, extended by shifts.
  (rng, make) => {
    const bits = rng.pick([8, 16, 24, 31]);
    return ii(rng.pick([Op.i32_shr_s, Op.i32_shr_u]), ii(Op.i32_shl, make("i"), i32(bits)), i32(bits));
  },
  // Comparison of extended values with constants at the edge.
  (rng, make) =>
    node(
      rng.pick([Op.i64_lt_s, Op.i64_gt_u, Op.i64_le_s, Op.i64_eq, Op.i64_ge_u]),
      ["i"],
      [extended(rng, make), i64(rng.pick([0n, -1n, 0x7fff_ffffn, 0x8000_0000n, 0xffff_ffffn, -0x8000_0000n]))],
    ),
  // Conversions that trap outside of a range.
  (rng, make) =>
    node(
      rng.pick([Op.i32_trunc_f64_s, Op.i32_trunc_f64_u, Op.i32_trunc_sat_f64_s, Op.i32_trunc_sat_f64_u]),
      ["i"],
      [fraction(rng, make)],
    ),
  // A test of bits.
  (rng, make) => node(Op.i32_eqz, ["i"], [ii(Op.i32_and, make("i"), i32(1 << rng.below(32)))]),
  (rng, make) =>
    node(Op.i32_eqz, ["i"], [node(Op.i64_eqz, ["i"], [ll(Op.i64_and, make("l"), i64(1n << BigInt(rng.below(63))))])]),
  // Clamped or scaled index arithmetic.
  (rng, make) =>
    ii(
      Op.i32_add,
      ii(rng.pick([Op.i32_mul, Op.i32_shl]), make("i"), i32(rng.pick([1, 2, 3, 4, 12, 16]))),
      i32(rng.between(-16, 64)),
    ),
  (rng, make) => ii(Op.i32_sub, i32(rng.pick([0, 31, 32, -1])), make("i")),
  (_, make) => ii(Op.i32_xor, make("i"), i32(-1)),
];

const I64: readonly ((rng: Rng, make: Make) => Node)[] = [
  // Two halves joined.
  (rng, make) =>
    ll(
      rng.pick([Op.i64_or, Op.i64_add, Op.i64_xor]),
      ll(Op.i64_shl, extended(rng, make), i64(32n)),
      unsigned(make("i")),
    ),
  // A rotation from shifts, of a constant amount.
  (rng, make) => {
    const amount = BigInt(rng.between(1, 63));
    return ll(Op.i64_or, ll(Op.i64_shl, make("l"), i64(amount)), ll(Op.i64_shr_u, make("l"), i64(64n - amount)));
  },
  // Full products.
  (rng, make) => ll(Op.i64_mul, extended(rng, make), extended(rng, make)),
  (rng, make) =>
    ll(
      Op.i64_mul,
      make("l"),
      rng.chance(50)
        ? extended(rng, make)
        : i64(rng.pick([0x5851_f42d_4c95_7f2dn, 3n, -1n, 10n, 0x1_0000_0000n, 0x1_0000_0001n])),
    ),
  // Division by constants and of narrow values.
  (rng, make) =>
    ll(
      rng.pick([Op.i64_div_u, Op.i64_div_s, Op.i64_rem_u, Op.i64_rem_s]),
      rng.chance(50) ? make("l") : extended(rng, make),
      i64(rng.pick([10n, 3n, 1_000_000_007n, -7n, 0x1_0000_0000n, 1n << 40n, 0xffff_ffffn, -1n])),
    ),
  // Masks that leave one half, or part of one.
  (rng, make) =>
    ll(
      Op.i64_and,
      make("l"),
      i64(rng.pick([0xffff_ffffn, -0x1_0000_0000n, 0xffn, 0xffff_ffff_ffffn, 0x7fff_ffff_ffff_ffffn])),
    ),
  // The carry of an addition as a comparison.
  (rng, make) =>
    ll(Op.i64_add, make("l"), unsigned(node(rng.pick([Op.i64_lt_u, Op.i64_gt_u]), ["i"], [make("l"), make("l")]))),
  // Sign extensions.
  (rng, make) => ll(Op.i64_shr_s, ll(Op.i64_shl, make("l"), i64(32n)), i64(BigInt(rng.pick([32, 40, 31, 63])))),
  (rng, make) => node(rng.pick([Op.i64_extend8_s, Op.i64_extend16_s, Op.i64_extend32_s]), ["l"], [make("l")]),
  (_, make) => ll(Op.i64_sub, constant("l", 0n), make("l")),
  // Conversions that trap outside of a range.
  (rng, make) =>
    node(
      rng.pick([Op.i64_trunc_f64_s, Op.i64_trunc_f64_u, Op.i64_trunc_sat_f64_s, Op.i64_trunc_sat_f64_u]),
      ["l"],
      [fraction(rng, make)],
    ),
  // Shift amounts that are computed.
  (rng, make) =>
    ll(
      rng.pick([Op.i64_shl, Op.i64_shr_u, Op.i64_shr_s, Op.i64_rotl, Op.i64_rotr]),
      make("l"),
      unsigned(ii(Op.i32_and, make("i"), i32(rng.pick([31, 63, 127])))),
    ),
];
