// Disassembly: a function as text, one instruction a line with its file offset, in the words of the text format and with
// the names of the name section. Mnemonics and immediates come from the opcode table.
import { findCustom } from "./customs.js";
import { heapTypeName, typeName } from "./errors.js";
import { instructionsOf } from "./instructions.js";
import type { IndexKind, Immediate, Instruction } from "./instructions.js";
import { typeOfFunc } from "./module.js";
import type { DecodedModule, Module } from "./module.js";
import { readNames } from "./names.js";
import type { NameMap, Names } from "./names.js";
import { Op } from "./opcodes.js";
import { EMPTY_BLOCK } from "./type-reader.js";

const NO_NAMES = readNames(new Uint8Array(0));

/** All names that the name section gives. */
export function namesOf(module: Module): Names {
  const section = findCustom(module, "name");
  return section === undefined ? NO_NAMES : readNames(section.bytes);
}

/** The text of one function; an imported one is its signature alone. */
export function disassemble(module: DecodedModule, funcIndex: number, names: Names = namesOf(module)): string {
  return [...disassembleLines(module, funcIndex, names)].join("\n");
}

/** The same line by line, for functions whose text is large. */
export function* disassembleLines(
  module: DecodedModule,
  funcIndex: number,
  names: Names = namesOf(module),
): Generator<string, void> {
  const body = module.code[funcIndex - module.imported.func];
  const type = typeOfFunc(module, funcIndex);
  const signature = [
    `(func ${nameOrIndex(names.functions, funcIndex)} (type ${module.funcTypes[funcIndex]})`,
    ...(type.params.length > 0 ? [`(param ${type.params.map(typeName).join(" ")})`] : []),
    ...(type.results.length > 0 ? [`(result ${type.results.map(typeName).join(" ")})`] : []),
  ].join(" ");
  if (body === undefined) {
    yield `(import ${signature}))`;
    return;
  }
  yield signature;
  if (body.localRuns.length > 0) {
    yield `  (local ${body.localRuns.map(({ count, type }) => (count === 1 ? typeName(type) : `${typeName(type)} × ${count}`)).join(" ")})`;
  }
  const width = body.end.toString(16).length;
  const printer = new InstructionPrinter(names, funcIndex);
  for (const instruction of instructionsOf(module.bytes, body)) {
    const line = printer.print(instruction);
    yield instruction.end === body.end ? ")" : `${instruction.at.toString(16).padStart(width, "0")}  ${line}`;
  }
}

class InstructionPrinter {
  private readonly names: Names;
  private readonly funcIndex: number;
  private depth = 0;

  constructor(names: Names, funcIndex: number) {
    this.names = names;
    this.funcIndex = funcIndex;
  }

  print(instruction: Instruction): string {
    const { op, info } = instruction;
    const outdent = op === Op.end || op === Op.else || op === Op.catch || op === Op.catch_all || op === Op.delegate;
    if (outdent) this.depth--;
    const text = [info.name, ...instruction.immediates.map((imm) => this.immediate(imm))]
      .filter((part) => part !== "")
      .join(" ");
    const line = "  ".repeat(Math.max(0, this.depth)) + text;
    const indent =
      info.imms === "block" || info.imms === "block catches" || (outdent && op !== Op.end && op !== Op.delegate);
    if (indent) this.depth++;
    return line;
  }

  private immediate(imm: Immediate): string {
    switch (imm.kind) {
      case "label":
      case "field":
        return String(imm.index);
      case "labels":
        return imm.labels.join(" ");
      case "block":
        if (imm.blockType === EMPTY_BLOCK) return "";
        return imm.blockType < EMPTY_BLOCK ? `(type ${-2 - imm.blockType})` : `(result ${typeName(imm.blockType)})`;
      case "catches":
        return imm.clauses
          .map(
            ({ kind, tag, label }) =>
              `(${[kind, ...(tag === undefined ? [] : [nameOrIndex(this.names.tags, tag)]), label].join(" ")})`,
          )
          .join(" ");
      case "cast":
        return `${imm.label} ${typeName(imm.from)} ${typeName(imm.to)}`;
      case "types":
        return `(result ${imm.types.map(typeName).join(" ")})`;
      case "heaptype":
        return heapTypeName(imm.heapType);
      case "memarg":
        return [
          ...(imm.memory === 0 ? [] : [nameOrIndex(this.names.memories, imm.memory)]),
          ...(imm.offset === 0 ? [] : [`offset=${imm.offset}`]),
          `align=${2 ** imm.align}`,
        ].join(" ");
      case "lanes":
        return imm.lanes.join(" ");
      case "zero":
        return "";
      case "count":
      case "i32":
        return String(imm.value);
      case "i64":
        return String((BigInt(imm.high) << 32n) | BigInt(imm.low >>> 0));
      case "f32":
        return f32Text(imm.bits);
      case "f64":
        return f64Text(imm.low, imm.high);
      case "v128":
        return `i32x4 ${imm.words.map((word) => `0x${(word >>> 0).toString(16).padStart(8, "0")}`).join(" ")}`;
      default:
        return nameOrIndex(this.mapOf(imm.kind), imm.index);
    }
  }

  private mapOf(kind: IndexKind): NameMap | undefined {
    switch (kind) {
      case "func":
        return this.names.functions;
      case "type":
        return this.names.types;
      case "local":
        return this.names.locals.get(this.funcIndex);
      case "global":
        return this.names.globals;
      case "tag":
        return this.names.tags;
      case "table":
        return this.names.tables;
      case "memory":
        return this.names.memories;
      case "elem":
        return this.names.elements;
      case "data":
        return this.names.dataSegments;
      default:
        return undefined;
    }
  }
}

// What the text format allows in an identifier.
const IDENTIFIER = /^[0-9A-Za-z!#$%&'*+\-./:<=>?@\\^_`|~]+$/;

function nameOrIndex(names: NameMap | undefined, index: number): string {
  const name = names?.get(index);
  if (name === undefined) return String(index);
  return IDENTIFIER.test(name) ? `$${name}` : `$${JSON.stringify(name)}`;
}

const scratch = new DataView(new ArrayBuffer(8));

function f32Text(bits: number): string {
  scratch.setInt32(0, bits);
  const value = scratch.getFloat32(0);
  if (!Number.isNaN(value)) return numberText(value);
  return `${bits < 0 ? "-" : ""}nan:0x${(bits & 0x7f_ffff).toString(16)}`;
}

function f64Text(low: number, high: number): string {
  scratch.setInt32(0, high);
  scratch.setInt32(4, low);
  const value = scratch.getFloat64(0);
  if (!Number.isNaN(value)) return numberText(value);
  const payload = (BigInt(high & 0xf_ffff) << 32n) | BigInt(low >>> 0);
  return `${high < 0 ? "-" : ""}nan:0x${payload.toString(16)}`;
}

function numberText(value: number): string {
  if (Object.is(value, -0)) return "-0";
  if (!Number.isFinite(value)) return value < 0 ? "-inf" : "inf";
  return String(value);
}
