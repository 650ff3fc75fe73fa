// Reading immediates of validated code. Skipping is derived from the opcode table's immediate kinds.
// https://webassembly.github.io/spec/core/binary/instructions.html
import type { Reader } from "../../runtime/wasm/reader.js";
import { type Op, opInfo } from "../../runtime/wasm/opcodes.js";
import { ABSTRACT, type ValType, refType } from "../../runtime/wasm/types.js";

export interface Memarg {
  readonly memory: number;
  /** Static offset, 0 to 2^32 - 1. */
  readonly offset: number;
}

export function readMemarg(reader: Reader): Memarg {
  const flags = reader.u32();
  const memory = (flags & 0x40) !== 0 ? reader.u32() : 0;
  return { memory, offset: reader.u32() };
}

/** No type, one result type, or a type index. */
export function readBlockType(reader: Reader): undefined | ValType | { readonly index: number } {
  const byte = reader.bytes[reader.pos]!;
  if (byte === 0x40) {
    reader.pos++;
    return undefined;
  }
  // A type index is a non-negative s33; value types are the negative one-byte ones.
  if ((byte & 0xc0) === 0x40) return readValType(reader);
  return { index: reader.s33() };
}

function readValType(reader: Reader): ValType {
  const byte = reader.byte();
  if (byte === 0x63 || byte === 0x64) {
    const heap = reader.s33();
    return refType(heap < 0 ? ABSTRACT | (heap & 0x7f) : heap, byte === 0x63);
  }
  return byte >= 0x69 && byte <= 0x74 ? refType(ABSTRACT | byte, true) : byte;
}

/** Skips the immediates of an instruction in unreachable code. */
export function skipImmediates(reader: Reader, op: Op): void {
  for (const kind of opInfo(op)!.imms.split(" ")) skipOne(reader, kind);
}

function skipOne(reader: Reader, kind: string): void {
  switch (kind) {
    case "none":
      return;
    case "block":
      readBlockType(reader);
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
      for (let n = reader.u32(); n > 0; n--) readValType(reader);
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
