// Constant expressions: read from bytes into the flat form that modules keep, and walked again from there. The walk is
// derived from the opcode table, so an instruction becomes constant by its row alone.
// https://webassembly.github.io/spec/core/valid/instructions.html#constant-expressions
import { constantRequired, illegalOp, overLimit } from "./errors.js";
import { featureBits } from "./features.js";
import { MAX_ARRAY_NEW_FIXED } from "./limits.js";
import type { ConstExpr } from "./module.js";
import { Op, opInfo } from "./opcodes.js";
import type { Immediates, OpInfo } from "./opcodes.js";
import type { TypeReader } from "./type-reader.js";

const EXTENDED_CONST = featureBits("extended-const");

/** Reads up to and including the final `end`. `importedGlobals` only tells which features the expression needs. */
export function readConstExpr(reader: TypeReader, importedGlobals: number): ConstExpr {
  const expr: number[] = [];
  for (;;) {
    const at = reader.pos;
    const op = reader.opcode();
    if (op === Op.end) return expr;
    const info = opInfo(op);
    if (info === undefined) throw illegalOp(op, at);
    if (info.feature !== undefined) reader.gate.need(featureBits(info.feature), info.name, at);
    if (info.constant === false) throw constantRequired(info.name, at);
    if (info.constant !== true)
      reader.gate.need(featureBits(info.constant), `${info.name} in a constant expression`, at);
    expr.push(op);
    switch (info.imms) {
      case "none":
        break;
      case "i32":
        expr.push(reader.s32());
        break;
      case "i64":
        expr.push(reader.s64(), reader.high);
        break;
      case "f32":
        expr.push(reader.f32bits());
        break;
      case "f64":
        expr.push(reader.f64bits(), reader.high);
        break;
      case "v128":
        expr.push(reader.f32bits(), reader.f32bits(), reader.f32bits(), reader.f32bits());
        break;
      case "heaptype":
        expr.push(reader.heapType());
        break;
      case "type":
      case "func":
        expr.push(reader.u32());
        break;
      case "global": {
        const index = reader.u32();
        if (index >= importedGlobals)
          reader.gate.need(EXTENDED_CONST, "global.get of a defined global in a constant expression", at);
        expr.push(index);
        break;
      }
      case "type count": {
        expr.push(reader.u32());
        const count = reader.u32();
        if (count > MAX_ARRAY_NEW_FIXED) throw overLimit("elements of array.new_fixed", count, MAX_ARRAY_NEW_FIXED, at);
        expr.push(count);
        break;
      }
      default:
        throw new Error(`BUG: constant instruction ${info.name} with immediates ${info.imms}`);
    }
  }
}

/** How many numbers an instruction's immediates take in a ConstExpr. */
export function constImmediates(imms: Immediates): number {
  switch (imms) {
    case "none":
      return 0;
    case "v128":
      return 4;
    case "i64":
    case "f64":
    case "type count":
      return 2;
    default:
      return 1;
  }
}

/** Calls `visit` for each instruction: its row, its opcode, the index of its first immediate, and its ordinal. */
export function walkConstExpr(
  expr: ConstExpr,
  visit: (info: OpInfo, op: Op, imm: number, ordinal: number) => void,
): void {
  let ordinal = 0;
  for (let i = 0; i < expr.length; ordinal++) {
    const op = expr[i] as Op;
    const info = opInfo(op)!;
    visit(info, op, i + 1, ordinal);
    i += 1 + constImmediates(info.imms);
  }
}
