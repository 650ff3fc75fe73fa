// Makes almost valid modules out of modules: edits of bytes, of instructions (which stay well-formed, sizes are set right
// again) and of whole sections. What instructions to insert is derived from the opcode table.
import { decode } from "../../runtime/wasm/decode.js";
import { ALL_FEATURES } from "../../runtime/wasm/features.js";
import { instructionsOf } from "../../runtime/wasm/instructions.js";
import type { DecodedModule } from "../../runtime/wasm/module.js";
import { ALL_OPS, opInfo } from "../../runtime/wasm/opcodes.js";
import type { Op } from "../../runtime/wasm/opcodes.js";
import { ByteWriter } from "../support/module-builder.js";
import type { Rng } from "./rng.js";

/** A module to mutate, cut into pieces as far as it can be decoded. */
export class Specimen {
  readonly bytes: Uint8Array;
  readonly sections: readonly { readonly id: number; readonly contents: Uint8Array }[];
  readonly module: DecodedModule | undefined;
  private readonly instructions: (readonly Uint8Array[])[] = [];

  constructor(bytes: Uint8Array) {
    this.bytes = bytes;
    try {
      this.module = decode(bytes, { features: ALL_FEATURES });
    } catch {
      this.module = undefined;
    }
    this.sections = (this.module?.sections ?? []).map(({ id, at, size }) => ({
      id,
      contents: bytes.subarray(at, at + size),
    }));
  }

  /** The instructions of the i-th body, each as its bytes; empty if they cannot be read. */
  body(i: number): readonly Uint8Array[] {
    return (this.instructions[i] ??= this.cut(i));
  }

  private cut(i: number): readonly Uint8Array[] {
    try {
      return Array.from(instructionsOf(this.bytes, this.module!.code[i]!), ({ at, end }) =>
        this.bytes.subarray(at, end),
      );
    } catch {
      return [];
    }
  }
}

// Bytes that mean something in many places: opcodes of blocks, types, small indices, LEB continuation.
const BYTES = [
  0x00, 0x01, 0x02, 0x03, 0x04, 0x05, 0x07, 0x08, 0x0b, 0x0c, 0x0d, 0x0e, 0x0f, 0x10, 0x11, 0x1a, 0x1b, 0x1c, 0x1f,
  0x20, 0x21, 0x22, 0x23, 0x24, 0x28, 0x36, 0x40, 0x41, 0x42, 0x43, 0x44, 0x4e, 0x4f, 0x50, 0x5e, 0x5f, 0x60, 0x63,
  0x64, 0x69, 0x6a, 0x6b, 0x6c, 0x6d, 0x6e, 0x6f, 0x70, 0x71, 0x72, 0x73, 0x74, 0x77, 0x78, 0x7b, 0x7c, 0x7d, 0x7e,
  0x7f, 0x80, 0x81, 0xd0, 0xd1, 0xd2, 0xd3, 0xd4, 0xd5, 0xd6, 0xfb, 0xfc, 0xfd, 0xfe, 0xff,
];

/** One mutant; the same for the same random numbers. */
export function mutate(rng: Rng, corpus: readonly Specimen[]): Uint8Array {
  const specimen = rng.pick(corpus);
  const { module } = specimen;
  if (module === undefined) return editBytes(rng, specimen.bytes, 8, specimen.bytes.length);
  const way = rng.below(100);
  if (way < 15) return editBytes(rng, specimen.bytes, 8, specimen.bytes.length);
  if (way < 25) return editSections(rng, specimen, rng.pick(corpus));
  if (way < 45 || module.code.length === 0) return editContents(rng, specimen);
  return editBody(rng, specimen, rng.pick(corpus));
}

function editBytes(rng: Rng, bytes: Uint8Array, from: number, to: number): Uint8Array {
  let edited: Uint8Array = bytes.slice();
  for (let n = rng.between(1, 3); n > 0 && to > from; n--) {
    const at = rng.between(from, to - 1);
    const value = rng.chance(60) ? rng.pick(BYTES) : rng.below(256);
    switch (rng.below(5)) {
      case 0:
        edited = splice(edited, at, 1, new Uint8Array(0));
        to--;
        break;
      case 1:
        edited = splice(edited, at, 0, Uint8Array.of(value));
        to++;
        break;
      case 2:
        edited[at] = edited[at]! ^ (1 << rng.below(8));
        break;
      default:
        edited[at] = value;
    }
  }
  return edited;
}

/** Drops, swaps, repeats sections, or takes one from another module. */
function editSections(rng: Rng, specimen: Specimen, other: Specimen): Uint8Array {
  const sections = [...specimen.sections];
  if (sections.length === 0) return specimen.bytes;
  const at = rng.below(sections.length);
  switch (rng.below(4)) {
    case 0:
      sections.splice(at, 1);
      break;
    case 1: {
      const twin = rng.below(sections.length);
      [sections[at], sections[twin]] = [sections[twin]!, sections[at]!];
      break;
    }
    case 2: {
      const donor = other.sections.find((section) => section.id === sections[at]!.id);
      if (donor !== undefined) sections[at] = donor;
      break;
    }
    default:
      sections.splice(at, 0, rng.chance(50) || other.sections.length === 0 ? sections[at]! : rng.pick(other.sections));
  }
  return assemble(sections);
}

/** Edits bytes within a section and sets its size right. */
function editContents(rng: Rng, specimen: Specimen): Uint8Array {
  const sections = [...specimen.sections];
  if (sections.length === 0) return specimen.bytes;
  const at = rng.below(sections.length);
  const { id, contents } = sections[at]!;
  sections[at] = { id, contents: editBytes(rng, contents, 0, contents.length) };
  return assemble(sections);
}

/** Edits the instructions of one function. */
function editBody(rng: Rng, specimen: Specimen, other: Specimen): Uint8Array {
  const module = specimen.module!;
  const index = rng.below(module.code.length);
  const body = [...specimen.body(index)];
  if (body.length === 0) return editContents(rng, specimen);
  for (let n = rng.between(1, 3); n > 0; n--) {
    const at = rng.below(body.length);
    switch (rng.below(7)) {
      case 0:
        body.splice(at, 1);
        break;
      case 1:
        body.splice(at, 0, body[rng.below(body.length)]!);
        break;
      case 2:
        body[at] = randomInstruction(rng);
        break;
      case 3:
      case 4:
        body.splice(at, 0, randomInstruction(rng));
        break;
      case 5: {
        const donors = other.module?.code.length ?? 0;
        const donor = donors === 0 ? [] : other.body(rng.below(donors));
        if (donor.length > 0) body.splice(at, 0, rng.pick(donor));
        break;
      }
      default:
        if (body[at]!.length > 1) body[at] = editBytes(rng, body[at]!, 1, body[at]!.length);
    }
    if (body.length === 0) break;
  }
  const sections = specimen.sections.map(({ id, contents }) =>
    id === 10 ? { id, contents: codeSection(specimen, index, body) } : { id, contents },
  );
  return assemble(sections);
}

function codeSection(specimen: Specimen, changed: number, body: readonly Uint8Array[]): Uint8Array {
  const { code } = specimen.module!;
  const out = new ByteWriter().u32(code.length);
  code.forEach(({ at, start, end }, i) => {
    const contents = new ByteWriter().bytes(specimen.bytes.subarray(at, i === changed ? start : end));
    if (i === changed) for (const instruction of body) contents.bytes(instruction);
    out.u32(contents.length).bytes(contents.toBytes());
  });
  return out.toBytes();
}

/** Any instruction, with immediates of the right form, mostly small. */
export function randomInstruction(rng: Rng, op: Op = rng.pick(ALL_OPS)): Uint8Array {
  const out = new ByteWriter().op(op);
  const small = (): number => (rng.chance(90) ? rng.below(4) : rng.below(200));
  const { imms } = opInfo(op)!;
  for (const element of imms === "none" ? [] : imms.split(" ")) {
    switch (element) {
      case "block":
        if (rng.chance(30)) out.byte(0x40);
        else if (rng.chance(50)) out.byte(rng.pick([0x7f, 0x7e, 0x7d, 0x7c, 0x7b, 0x70, 0x6f, 0x6e, 0x69]));
        else out.s32(small());
        break;
      case "catches":
        out.u32(rng.below(3));
        for (let n = rng.below(3); n > 0; n--) out.byte(rng.below(4)).u32(small()).u32(small());
        break;
      case "labels": {
        const count = rng.below(4);
        out.u32(count);
        for (let n = count; n >= 0; n--) out.u32(small());
        break;
      }
      case "cast":
        out.byte(rng.below(5)).u32(small());
        heapType(rng, out);
        heapType(rng, out);
        break;
      case "types":
        out
          .u32(rng.chance(90) ? 1 : rng.below(3))
          .byte(rng.pick([0x7f, 0x7e, 0x7d, 0x7c, 0x7b, 0x70, 0x6f, 0x6e, 0x64]));
        break;
      case "heaptype":
        heapType(rng, out);
        break;
      case "memarg":
        out.u32(rng.below(5) | (rng.chance(5) ? 0x40 : 0));
        out.s64(rng.chance(90) ? BigInt(rng.below(64)) : rng.bits64());
        break;
      case "lane":
        out.byte(rng.below(20));
        break;
      case "shuffle":
        for (let i = 0; i < 16; i++) out.byte(rng.below(rng.chance(5) ? 40 : 32));
        break;
      case "i32":
        out.s32(rng.bits() | 0);
        break;
      case "i64":
        out.s64(rng.bits64());
        break;
      case "f32":
        out.fixed32(rng.bits());
        break;
      case "f64":
        out.fixed64(rng.bits64());
        break;
      case "v128":
        out.fixed64(rng.bits64()).fixed64(rng.bits64());
        break;
      case "zero":
        out.byte(rng.chance(90) ? 0 : 1);
        break;
      default:
        out.u32(small());
    }
  }
  return out.toBytes();
}

function heapType(rng: Rng, out: ByteWriter): void {
  if (rng.chance(60)) out.byte(rng.between(0x68, 0x75));
  else out.s32(rng.below(6));
}

/** A module of the given sections, with sizes to fit. */
export function assemble(sections: readonly { readonly id: number; readonly contents: Uint8Array }[]): Uint8Array {
  const out = new ByteWriter().bytes([0, 0x61, 0x73, 0x6d, 1, 0, 0, 0]);
  for (const { id, contents } of sections) out.byte(id).u32(contents.length).bytes(contents);
  return out.toBytes();
}

function splice(bytes: Uint8Array, at: number, remove: number, insert: Uint8Array): Uint8Array {
  const out = new Uint8Array(bytes.length - remove + insert.length);
  out.set(bytes.subarray(0, at));
  out.set(insert, at);
  out.set(bytes.subarray(at + remove), at + insert.length);
  return out;
}
