// Reads instructions one by one with their immediates, driven by the opcode table alone: what disassembly, statistics and
// tests build on. It allocates per instruction; validation and compilation have their own loops.
import * as errors from "./errors.js";
import { FeatureGate } from "./features.js";
import type { FuncBody } from "./module.js";
import { opInfo } from "./opcodes.js";
import type { Immediates, OpInfo, Op } from "./opcodes.js";
import { TypeReader } from "./type-reader.js";
import { refType } from "./types.js";
import type { HeapType, ValType } from "./types.js";

/** What an index immediate counts. */
export type IndexKind =
  "func" | "type" | "local" | "global" | "tag" | "table" | "elem" | "data" | "memory" | "label" | "field";

export interface CatchClause {
  readonly kind: "catch" | "catch_ref" | "catch_all" | "catch_all_ref";
  readonly tag?: number;
  readonly label: number;
}

export type Immediate =
  | { readonly kind: IndexKind; readonly index: number }
  | { readonly kind: "labels"; readonly labels: readonly number[] }
  /** EMPTY_BLOCK, a value type, or `blockTypeOf(index)`. */
  | { readonly kind: "block"; readonly blockType: number }
  | { readonly kind: "catches"; readonly clauses: readonly CatchClause[] }
  | { readonly kind: "cast"; readonly label: number; readonly from: ValType; readonly to: ValType }
  | { readonly kind: "types"; readonly types: readonly ValType[] }
  | { readonly kind: "heaptype"; readonly heapType: HeapType }
  /** `align` is log2; `offset` exact up to 2^53. */
  | { readonly kind: "memarg"; readonly memory: number; readonly align: number; readonly offset: number }
  | { readonly kind: "lanes"; readonly lanes: readonly number[] }
  | { readonly kind: "count" | "zero" | "i32"; readonly value: number }
  /** Low and high half as int32. */
  | { readonly kind: "i64"; readonly low: number; readonly high: number }
  | { readonly kind: "f32"; readonly bits: number }
  | { readonly kind: "f64"; readonly low: number; readonly high: number }
  | { readonly kind: "v128"; readonly words: readonly number[] };

export interface Instruction {
  readonly op: Op;
  readonly info: OpInfo;
  /** Offsets of the opcode and of the byte after the immediates. */
  readonly at: number;
  readonly end: number;
  readonly immediates: readonly Immediate[];
}

type Element = Immediate["kind"] | "lane" | "shuffle";

/** The elementary immediates of a row, in order. */
const ELEMENTS = new Map<Immediates, readonly Element[]>();

function elementsOf(imms: Immediates): readonly Element[] {
  let elements = ELEMENTS.get(imms);
  if (elements === undefined) ELEMENTS.set(imms, (elements = imms === "none" ? [] : (imms.split(" ") as Element[])));
  return elements;
}

/** The instructions of a body, the final `end` included. */
export function* instructionsOf(bytes: Uint8Array, body: FuncBody): Generator<Instruction, void> {
  const reader = new TypeReader(bytes, body.start, body.end, new FeatureGate(-1));
  while (reader.pos < body.end) yield readInstruction(reader);
}

export function readInstruction(reader: TypeReader): Instruction {
  const at = reader.pos;
  const op = reader.opcode() as Op;
  const info = opInfo(op);
  if (info === undefined) throw errors.illegalOp(op, at);
  const immediates = elementsOf(info.imms).map((element) => readImmediate(reader, element));
  return { op, info, at, end: reader.pos, immediates };
}

function readImmediate(reader: TypeReader, element: Element): Immediate {
  switch (element) {
    case "block":
      return { kind: "block", blockType: reader.blockType() };
    case "labels": {
      const labels: number[] = [];
      for (let n = reader.count(); n >= 0; n--) labels.push(reader.u32());
      return { kind: "labels", labels };
    }
    case "catches": {
      const clauses: CatchClause[] = [];
      for (let n = reader.count(); n > 0; n--) clauses.push(readCatch(reader));
      return { kind: "catches", clauses };
    }
    case "cast": {
      const flags = reader.byte();
      const label = reader.u32();
      const from = refType(reader.heapType(), (flags & 1) !== 0);
      return { kind: "cast", label, from, to: refType(reader.heapType(), (flags & 2) !== 0) };
    }
    case "types": {
      const types: ValType[] = [];
      for (let n = reader.count(); n > 0; n--) types.push(reader.valType());
      return { kind: "types", types };
    }
    case "heaptype":
      return { kind: "heaptype", heapType: reader.heapType() };
    case "memarg": {
      const flags = reader.u32();
      const memory = (flags & 0x40) === 0 ? 0 : reader.u32();
      const low = reader.u64() >>> 0;
      return { kind: "memarg", memory, align: flags & 0x3f, offset: low + (reader.high >>> 0) * 2 ** 32 };
    }
    case "lane":
      return { kind: "lanes", lanes: [reader.byte()] };
    case "shuffle":
      return { kind: "lanes", lanes: Array.from({ length: 16 }, () => reader.byte()) };
    case "count":
    case "zero":
      return { kind: element, value: reader.u32() };
    case "i32":
      return { kind: "i32", value: reader.s32() };
    case "i64":
      return { kind: "i64", low: reader.s64(), high: reader.high };
    case "f32":
      return { kind: "f32", bits: reader.f32bits() };
    case "f64":
      return { kind: "f64", low: reader.f64bits(), high: reader.high };
    case "v128":
      return { kind: "v128", words: Array.from({ length: 4 }, () => reader.f32bits()) };
    case "lanes":
      throw new Error("BUG: lanes are spelled lane or shuffle in rows");
    default:
      return { kind: element, index: reader.u32() };
  }
}

const CATCH_KINDS = ["catch", "catch_ref", "catch_all", "catch_all_ref"] as const;

function readCatch(reader: TypeReader): CatchClause {
  const at = reader.pos;
  const code = reader.byte();
  const kind = CATCH_KINDS[code];
  if (kind === undefined) throw errors.malformedKind("catch clause", code, at);
  return code < 2 ? { kind, tag: reader.u32(), label: reader.u32() } : { kind, label: reader.u32() };
}
