// Generates conversions of floats to integers as compilers make them of C, where they must not trap.
import { Op } from "../../runtime/wasm/opcodes.js";
import { fraction } from "./idioms.js";
import { floatBits, randomConstant } from "./menu.js";
import { constant, node } from "./nodes.js";
import { type Letter, type Node, Pseudo } from "./program.js";
import { Scope } from "./scope.js";

interface Conversion {
  readonly op: Op;
  readonly float: "f" | "d";
  readonly abs: Op;
  readonly and: { readonly lt: Op; readonly ge: Op };
  /** Numbers from `least` on and below `limit` are converted; all whose absolute value is below `limit`, if it is negative. */
  readonly limit: number;
  readonly least: number;
}

const F32 = { float: "f", abs: Op.f32_abs, and: { lt: Op.f32_lt, ge: Op.f32_ge } } as const;
const F64 = { float: "d", abs: Op.f64_abs, and: { lt: Op.f64_lt, ge: Op.f64_ge } } as const;
const CONVERSIONS: Readonly<Record<"i" | "l", readonly Conversion[]>> = {
  i: [
    { op: Op.i32_trunc_f64_s, ...F64, limit: 2 ** 31, least: -1 },
    { op: Op.i32_trunc_f32_s, ...F32, limit: 2 ** 31, least: -1 },
    { op: Op.i32_trunc_f64_u, ...F64, limit: 2 ** 32, least: 0 },
    { op: Op.i32_trunc_f32_u, ...F32, limit: 2 ** 32, least: 0 },
  ],
  l: [
    { op: Op.i64_trunc_f64_s, ...F64, limit: 2 ** 63, least: -1 },
    { op: Op.i64_trunc_f64_u, ...F64, limit: 2 ** 64, least: 0 },
  ],
};

export abstract class Conversions extends Scope {
  protected abstract expression(type: Letter, depth: number): Node;

  /** What C's conversion of a float to an integer is, which must not trap: a test of its range, and a number where it fails. */
  protected checkedConversion(type: "i" | "l", depth: number): Node {
    const { rng } = this;
    const { op, float, abs, and, limit, least } = rng.pick(CONVERSIONS[type]);
    const local = this.newLocal(float);
    this.reserved.add(local);
    this.wildLocals.add(local);
    const get = (): Node => node(Op.local_get, [float], [], [local]);
    const make = (operand: Letter): Node => this.expression(operand, depth - 2);
    const operand = float === "d" && rng.chance(60) ? fraction(rng, make) : make(float);
    const tee = node(Op.local_tee, [float], [operand], [local]);
    // Off by one at times: then it traps, or tells less than it could.
    const bound = constant(
      float,
      floatBits(float, rng.chance(85) ? limit : rng.pick([limit * 2, limit / 2, limit - 1, Infinity])),
    );
    const below = (value: Node): Node => node(and.lt, ["i"], [value, bound]);
    const test =
      least < 0
        ? below(node(abs, [float], [tee]))
        : node(Op.i32_and, ["i"], [below(tee), node(and.ge, ["i"], [get(), constant(float, floatBits(float, least))])]);
    const otherwise = constant(type, randomConstant(rng, type));
    if (rng.chance(50)) {
      const result = node(Op.if, [type], [test]);
      result.label = { types: [type], isLoop: false };
      result.body = this.inside(result.label, (into) => into.push(node(op, [type], [get()])));
      result.otherwise = this.inside(result.label, (into) => into.push(otherwise));
      return result;
    }
    const skip = node(Op.block, [type]);
    skip.label = { types: [type], isLoop: false };
    skip.body = this.inside(skip.label, (into) => {
      const branch = node(Op.br_if, [type], [otherwise, node(Op.i32_eqz, ["i"], [test])]);
      branch.targets = [skip.label!];
      into.push(node(Pseudo.spread, [], [branch], [-1]), node(op, [type], [get()]));
    });
    return skip;
  }
}
