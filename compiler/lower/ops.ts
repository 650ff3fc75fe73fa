// The instructions that compute a result from operands alone, as rows the lowering can walk without branching on each:
// derived from the opcode table, so a new pure instruction needs nothing here.
import { T } from "../ir/ir.js";
import type { Op } from "../../runtime/wasm/opcodes.js";
import { ALL_OPS, opInfo } from "../../runtime/wasm/opcodes.js";
import { F32, F64, I32, I64, type ValType, isRef } from "../../runtime/wasm/types.js";

export interface PureRow {
  readonly arity: number;
  readonly result: T;
  /** Division, remainder and trapping conversions. */
  readonly traps: boolean;
}

/** FAST: nearly all instructions have one byte, and every one is looked up. */
class ByOp<R> {
  private readonly short: (R | undefined)[] = new Array<R | undefined>(0x100).fill(undefined);
  private readonly long = new Map<number, R>();

  set(op: number, row: R): void {
    if (op < 0x100) this.short[op] = row;
    else this.long.set(op, row);
  }

  get(op: number): R | undefined {
    return op < 0x100 ? this.short[op] : this.long.get(op);
  }
}

const LETTER: Record<string, T> = { i: T.i, l: T.l, f: T.f, d: T.d };

const ROWS = new ByOp<PureRow>();
for (const op of ALL_OPS) {
  const info = opInfo(op)!;
  if (info.imms !== "none" || info.bytes !== 0 || info.sig === "poly") continue;
  const [operands, results] = info.sig.split(":") as [string, string];
  if (results.length !== 1 || !(results in LETTER) || [...operands].some((c) => !(c in LETTER))) continue;
  ROWS.set(op, { arity: operands.length, result: LETTER[results]!, traps: info.traps });
}

/** A load or store, but for atomic ones. */
export interface AccessRow {
  /** Type of a load's value; undefined for a store, and for vectors. */
  readonly result: T | undefined;
  readonly isStore: boolean;
  /** Bytes of the widest access that it becomes: an i64 is accessed as two i32. */
  readonly width: number;
}

const ACCESSES = new ByOp<AccessRow>();
for (const op of ALL_OPS) {
  const info = opInfo(op)!;
  if (info.imms !== "memarg" || info.atomic) continue;
  const [operands, result] = info.sig.split(":") as [string, string];
  const word = operands.includes("l") || result === "l" ? 4 : 8;
  ACCESSES.set(op, { result: LETTER[result], isStore: result === "", width: Math.min(info.bytes, word) });
}

/** The row of a load or store; undefined for anything else. */
export function accessRow(op: Op): AccessRow | undefined {
  return ACCESSES.get(op);
}

/** The row of a pure scalar instruction; undefined for anything else. */
export function pureRow(op: Op): PureRow | undefined {
  return ROWS.get(op);
}

/** The representation of a value type in the IR; undefined for v128. */
export function typeOf(type: ValType): T | undefined {
  switch (type) {
    case I32:
      return T.i;
    case I64:
      return T.l;
    case F32:
      return T.f;
    case F64:
      return T.d;
  }
  return isRef(type) ? T.r : undefined;
}
