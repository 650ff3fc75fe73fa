// Reading immediates of validated code. Skipping is derived from the opcode table's immediate kinds.
// https://webassembly.github.io/spec/core/binary/instructions.html
import type { TypeReader } from "../../runtime/wasm/type-reader.js";
import { type Op, opInfo } from "../../runtime/wasm/opcodes.js";

export interface Memarg {
  /** Bytes by which the program expects the address to be aligned. */
  readonly align: number;
  readonly memory: number;
  /** Static offset, 0 to 2^32 - 1. */
  readonly offset: number;
}

export function readMemarg(reader: TypeReader): Memarg {
  const flags = reader.u32();
  const memory = (flags & 0x40) !== 0 ? reader.u32() : 0;
  return { align: 1 << (flags & 0x3f), memory, offset: reader.u32() };
}

/** Skips the immediates of an instruction in unreachable code. */
export function skipImmediates(reader: TypeReader, op: Op): void {
  for (const kind of opInfo(op)!.imms.split(" ")) skipOne(reader, kind);
}

function skipOne(reader: TypeReader, kind: string): void {
  switch (kind) {
    case "none":
      return;
    case "block":
      reader.blockType();
      return;
    case "catches":
      for (let n = reader.u32(); n > 0; n--) {
        if (reader.byte() < 2) reader.u32();
        reader.u32();
      }
      return;
    case "labels":
      for (let n = reader.u32(); n >= 0; n--) reader.u32();
      return;
    case "types":
      for (let n = reader.u32(); n > 0; n--) reader.valType();
      return;
    case "cast":
      reader.byte();
      reader.u32();
      reader.s33();
      reader.s33();
      return;
    case "heaptype":
      reader.s33();
      return;
    case "memarg":
      // A 64-bit offset is as long as its bytes say.
      if ((reader.u32() & 0x40) !== 0) reader.u32();
      while ((reader.byte() & 0x80) !== 0);
      return;
    case "i32":
      reader.s32();
      return;
    case "i64":
      reader.s64();
      return;
    case "f32":
      reader.pos += 4;
      return;
    case "f64":
      reader.pos += 8;
      return;
    case "v128":
    case "shuffle":
      reader.pos += 16;
      return;
    case "lane":
    case "zero":
      reader.pos++;
      return;
    default:
      // Indices of any space.
      reader.u32();
  }
}
