// Makers of tree nodes.
import { Op } from "../../runtime/wasm/opcodes.js";
import type { Letter, Node } from "./program.js";

const CONST_OP: Readonly<Record<string, Op>> = { i: Op.i32_const, l: Op.i64_const, f: Op.f32_const, d: Op.f64_const };

export function node(op: number, results: readonly Letter[], args: Node[] = [], imms: readonly number[] = []): Node {
  return { op, imms, args, results };
}

export function constant(type: Letter, value: number | bigint): Node {
  return { op: CONST_OP[type]!, imms: [], args: [], results: [type], value };
}

export const i32 = (value: number): Node => constant("i", value);

export const i64 = (value: bigint): Node => constant("l", value);
