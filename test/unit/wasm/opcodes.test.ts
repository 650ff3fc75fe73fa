// The opcode table is the only list of instructions: names agree with the enum, every instruction is decoded, validated and
// printed from its row, and a second opinion (binaryen) reads the same mnemonic from the same bytes.
import assert from "node:assert/strict";
import fs from "node:fs";
import path from "node:path";
import { describe, it } from "node:test";
import { fileURLToPath } from "node:url";
import binaryen from "binaryen";
import { decode } from "../../../runtime/wasm/decode.js";
import { FEATURE_NAMES } from "../../../runtime/wasm/features.js";
import { instructionsOf } from "../../../runtime/wasm/instructions.js";
import { ALL_OPS, Op, opInfo, OPS } from "../../../runtime/wasm/opcodes.js";
import type { OpInfo } from "../../../runtime/wasm/opcodes.js";
import { kindsFor, slotOf } from "../../../runtime/wasm/op-tables.js";
import { disassemble } from "../../../runtime/wasm/print.js";
import { body, errorOf, module, op, section, vec } from "./bytes.js";

const ROOT = path.join(path.dirname(fileURLToPath(import.meta.url)), "..", "..", "..", "..");
const TYPES: Readonly<Record<string, number>> = { i: 0x7f, l: 0x7e, f: 0x7d, d: 0x7c, v: 0x7b, a: 0x7f };

/** The smallest immediates that are valid in `moduleWith`. */
function immediates(info: OpInfo): number[] {
  switch (info.imms) {
    case "memarg":
      return [Math.log2(info.bytes), 0];
    case "memarg lane":
      return [Math.log2(info.bytes), 0, 0];
    case "data memory":
      return [0, 0];
    case "f32":
      return [0, 0, 0, 0];
    case "f64":
      return Array<number>(8).fill(0);
    case "v128":
    case "shuffle":
      return Array<number>(16).fill(0);
    case "none":
      return [];
    default:
      return [0];
  }
}

const memory = section(5, 1, 0, 1);
const table = section(4, 1, 0x70, 0, 1);
const elements = section(9, 1, 1, 0, 0);
const dataCount = section(12, 1);
const data = section(11, 1, 1, 0);

/** A function that applies an instruction to its parameters. */
function moduleWith(operands: string, results: string, instruction: readonly number[]): Uint8Array {
  const types = (letters: string): number[] => vec(...[...letters].map((letter) => [TYPES[letter]!]));
  const gets = [...operands].flatMap((_, i) => [0x20, i]);
  return module(
    section(1, ...vec([0x60, ...types(operands), ...types(results)])),
    section(3, 1, 0),
    table,
    memory,
    elements,
    dataCount,
    section(10, ...vec(body([...gets, ...instruction]))),
    data,
  );
}

// The second parameter is missing from binaryen's type declarations.
const readBinary = binaryen.readBinary as (bytes: Uint8Array, features: number) => binaryen.Module;

const rows = ALL_OPS.map((code) => ({ code, info: opInfo(code)! }));
const regular = rows.filter(({ info }) => info.sig !== "poly");

describe("opcode table", () => {
  it("has a row for every member of the enum, named like it", () => {
    const source = fs.readFileSync(path.join(ROOT, "runtime/wasm/opcodes.ts"), "utf8");
    const enumText = source.slice(source.indexOf("enum Op {"), source.indexOf("\n}"));
    const members = [...enumText.matchAll(/^ {2}(\w+) = (0x[0-9a-f]+),$/gm)].map(
      ([, name, code]) => [name!, Number(code)] as const,
    );
    assert.equal(members.length, Object.keys(OPS).length);
    for (const [name, code] of members) {
      const mnemonic = opInfo(code)!.name.replace(/[./ ]/g, "_");
      assert.ok(name === mnemonic || name === "select_t", `${name} is called ${mnemonic}`);
    }
    assert.equal(new Set(members.map(([, code]) => slotOf(code))).size, members.length, "slots are distinct");
  });

  it("has no instruction that validation does not know", () => {
    for (const { code, info } of rows) assert.notEqual(kindsFor(-1)[slotOf(code)], 0, info.name);
    for (const { info } of rows) for (const f of [info.feature ?? []].flat()) assert.ok(FEATURE_NAMES.includes(f), f);
  });

  it("gives operands and results that validation demands", () => {
    for (const { code, info } of regular) {
      const [operands, results] = info.sig.split(":") as [string, string];
      const instruction = [...op(code), ...immediates(info)];
      assert.equal(errorOf(moduleWith(operands, results, instruction), "all")?.message, undefined, info.name);
      for (let i = 0; i < operands.length; i++) {
        const other = operands[i] === "f" ? "d" : "f";
        const wrong = operands.slice(0, i) + other + operands.slice(i + 1);
        assert.equal(
          errorOf(moduleWith(wrong, results, instruction), "all")?.code,
          "type-mismatch",
          `${info.name} with ${wrong}`,
        );
      }
      assert.equal(
        errorOf(moduleWith(operands.slice(1), results, instruction), "all")?.code,
        operands === "" ? undefined : "type-mismatch",
        `${info.name} with too few operands`,
      );
      if (results !== "")
        assert.equal(
          errorOf(moduleWith(operands, results + "i", instruction), "all")?.code,
          "type-mismatch",
          `${info.name} with too few results`,
        );
    }
  });

  it("has no context-dependent instruction without a rule", () => {
    for (const { code, info } of rows) {
      // Valid or not, it must not end in "BUG: no rule"; errorOf passes on what is no WasmError.
      if (info.sig === "poly") errorOf(moduleWith("", "", [0x00, ...op(code), ...Array<number>(20).fill(0)]), "all");
    }
  });

  it("refuses an instruction whose feature is off, naming the proposal", () => {
    for (const { code, info } of regular) {
      if (info.feature === undefined) continue;
      const [operands, results] = info.sig.split(":") as [string, string];
      const names = [info.feature].flat();
      // Without operands, so that the instruction is met before another use of its proposal.
      const error = errorOf(moduleWith("", results.replace(/v/g, "i"), [0x00, ...op(code), ...immediates(info)]), [
        "all",
        ...names.map((n) => `no-${n}`),
      ]);
      assert.equal(error?.code, "feature-disabled", `${info.name} ${operands}`);
      assert.ok(error.message.includes(names[0]!), error.message);
    }
  });

  it("is enough to read instructions one by one and to print them", () => {
    for (const { code, info } of regular) {
      const [operands, results] = info.sig.split(":") as [string, string];
      const m = decode(moduleWith(operands, results, [...op(code), ...immediates(info)]), { features: "all" });
      const list = [...instructionsOf(m.bytes, m.code[0]!)];
      assert.deepEqual(
        list.slice(operands.length).map((i) => i.op),
        [code, Op.end],
        info.name,
      );
      assert.equal(list.at(-1)!.end, m.code[0]!.end, info.name);
      assert.ok(disassemble(m, 0).split("\n").at(-2)!.includes(`  ${info.name}`), info.name);
    }
  });

  it("agrees with binaryen about mnemonics", () => {
    for (const { code, info } of regular) {
      if (code === Op.nop) continue; // binaryen drops it
      const [operands, results] = info.sig.split(":") as [string, string];
      const m = binaryen.readBinary(moduleWith(operands, results, [...op(code), ...immediates(info)]));
      const printed = m.emitText();
      m.dispose();
      assert.ok(printed.includes(`(${info.name}`), `${info.name}: ${printed}`);
    }
  });

  it("agrees with binaryen about instructions that differ in meaning only", () => {
    // (struct (mut i8)), (array (mut i8)), functions of a reference to i32
    const types = section(
      1,
      ...vec(
        [0x5f, 1, 0x78, 1],
        [0x5e, 0x78, 1],
        [0x60, 1, 0x63, 0, 1, 0x7f],
        [0x60, 1, 0x63, 1, 1, 0x7f],
        [0x60, 1, 0x6c, 1, 0x7f],
        [0x60, 1, 0x6e, 1, 0x6b],
      ),
    );
    const get = [0x20, 0];
    const cases: readonly (readonly [number, Op, readonly number[], string])[] = [
      [2, Op.struct_get_s, [0, 0], "struct.get_s"],
      [2, Op.struct_get_u, [0, 0], "struct.get_u"],
      [3, Op.array_get_s, [1], "array.get_s"],
      [3, Op.array_get_u, [1], "array.get_u"],
      [4, Op.i31_get_s, [], "i31.get_s"],
      [4, Op.i31_get_u, [], "i31.get_u"],
      [5, Op.ref_cast, [0x6b], "ref.cast (ref struct)"],
      [5, Op.ref_cast_null, [0x6b], "ref.cast structref"],
    ];
    for (const [type, code, imms, expected] of cases) {
      const index = opInfo(code)!.name.startsWith("array") ? [0x41, 0] : [];
      const bytes = module(
        types,
        section(3, 1, type),
        section(10, ...vec(body([...get, ...index, ...op(code), ...imms]))),
      );
      assert.equal(errorOf(bytes)?.message, undefined, expected);
      const m = readBinary(bytes, binaryen.Features.All);
      assert.ok(m.emitText().includes(expected), `${expected}: ${m.emitText()}`);
      m.dispose();
    }
  });
});
