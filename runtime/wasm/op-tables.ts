// Tables derived from OPS for code that looks at every instruction: opcodes become dense slots, signatures become bytes.
// Nothing is stated here that a row of OPS does not say.
import { featureBits } from "./features.js";
import { ALL_OPS, opInfo } from "./opcodes.js";
import type { Immediates, Op, OpInfo } from "./opcodes.js";
import { F32, F64, I32, I64, V128 } from "./types.js";

export const SLOTS = 0x600;

/** First slot of each prefix (minus 0xfb), and how many sub-opcodes have slots. One-byte opcodes are their own slots. */
const PREFIX_BASE = [0x100, 0x200, 0x300, 0x500] as const;
const PREFIX_SIZE = [0x100, 0x100, 0x200, 0x100] as const;

/** The slot of a prefixed instruction, or 0x16 (never an instruction) if the sub-opcode is out of range. */
export function prefixedSlot(prefix: number, sub: number): number {
  return sub < PREFIX_SIZE[prefix - 0xfb]! ? PREFIX_BASE[prefix - 0xfb]! + sub : 0x16;
}

export function slotOf(op: number): number {
  if (op < 0x100) return op;
  return op < 0x10000 ? prefixedSlot(op >> 8, op & 0xff) : prefixedSlot(op >>> 16, op & 0xffff);
}

export const enum Kind {
  /** No instruction. */
  illegal = 0,
  /** Has a signature `t:r`, no immediates. */
  unary = 1,
  /** Has a signature `tt:r`, no immediates. */
  binary = 2,
  /** One byte, signature `a:r`, a memarg. */
  load = 3,
  /** One byte, signature `at:`, a memarg. */
  store = 4,
  /** One byte, signature `:r`, an integer immediate. */
  constant = 5,
  /** Has any other signature. */
  sig = 6,
  /** Reads or sets a local. */
  local = 7,
  /** Its types depend on context. */
  poly = 8,
  /** Needs a feature that has not been admitted. */
  gated = 9,
}

/** Stands in an operand list for the address type of the memory accessed. */
export const ADDRESS = 1;

const LETTERS: Readonly<Record<string, number>> = { i: I32, l: I64, f: F32, d: F64, v: V128, a: ADDRESS };
const toTypes = (letters: string): Uint8Array => Uint8Array.from(letters, (letter) => LETTERS[letter]!);

const KINDS = new Uint8Array(SLOTS);
/** Rows by slot. */
export const ROW: (OpInfo | undefined)[] = new Array<OpInfo | undefined>(SLOTS).fill(undefined);
/** Operand and result types by slot; empty for "poly" rows. */
export const OPERANDS: Uint8Array[] = new Array<Uint8Array>(SLOTS).fill(new Uint8Array(0));
export const RESULTS: Uint8Array[] = new Array<Uint8Array>(SLOTS).fill(new Uint8Array(0));
/** Features by slot, any of which admits the instruction; 0 if none is needed. */
export const NEEDS = new Int32Array(SLOTS);
/** log2 of the bytes accessed. */
export const NATURAL = new Uint8Array(SLOTS);
/** Immediates by slot. */
export const IMMS: Immediates[] = new Array<Immediates>(SLOTS).fill("none");
/** For kinds before `sig`: operand type and result type (of a store: the type stored). */
export const FROM = new Uint8Array(SLOTS);
export const TO = new Uint8Array(SLOTS);

for (const op of ALL_OPS) {
  const info: OpInfo = opInfo(op)!;
  const slot = slotOf(op);
  ROW[slot] = info;
  IMMS[slot] = info.imms;
  NEEDS[slot] = info.feature === undefined ? 0 : featureBits(info.feature);
  NATURAL[slot] = Math.log2(info.bytes || 1);
  if (info.sig === "poly") {
    KINDS[slot] = info.imms === "local" ? Kind.local : Kind.poly;
    continue;
  }
  const [operands, results] = info.sig.split(":") as [string, string];
  OPERANDS[slot] = toTypes(operands);
  RESULTS[slot] = toTypes(results);
  KINDS[slot] = kindOf(info, operands, results, op);
  FROM[slot] = OPERANDS[slot]![0] ?? 0;
  TO[slot] = RESULTS[slot]![0] ?? OPERANDS[slot]![1] ?? 0;
}

function kindOf({ imms }: OpInfo, operands: string, results: string, op: Op): Kind {
  if (imms === "none" && results.length === 1) {
    if (operands.length === 1) return Kind.unary;
    if (operands.length === 2 && operands[0] === operands[1]) return Kind.binary;
  }
  if (op > 0xff) return Kind.sig;
  if (imms === "memarg") return results === "" ? Kind.store : Kind.load;
  return imms === "i32" || imms === "i64" ? Kind.constant : Kind.sig;
}

/** Kinds by slot where only the given features are admitted. */
export function kindsFor(features: number): Uint8Array {
  const kinds = KINDS.slice();
  for (let slot = 0; slot < SLOTS; slot++)
    if (NEEDS[slot] !== 0 && (NEEDS[slot]! & features) === 0) kinds[slot] = Kind.gated;
  return kinds;
}
