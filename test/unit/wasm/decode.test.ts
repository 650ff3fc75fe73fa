// Malformed modules: the code and the offset of each error, section by section; and what a well-formed one decodes to.
import assert from "node:assert/strict";
import { describe, it } from "node:test";
import { decode } from "../../../runtime/wasm/decode.js";
import { DecodeError } from "../../../runtime/wasm/errors.js";
import { MAX_LOCALS } from "../../../runtime/wasm/limits.js";
import { Op } from "../../../runtime/wasm/opcodes.js";
import { EXTERNREF, F64, FUNCREF, HEAP, I32, I64, refType } from "../../../runtime/wasm/types.js";
import { body, errorOf, HEADER, module, section, text, vec } from "./bytes.js";

const FUNC = [0x60, 0, 0];

const MALFORMED: readonly [name: string, bytes: Uint8Array, code: string, offset: number][] = [
  ["empty file", new Uint8Array(0), "unexpected-end", 0],
  ["not Wasm", Uint8Array.of(0x7f, 0x45, 0x4c, 0x46, 1, 0, 0, 0), "malformed-magic", 0],
  ["no version", Uint8Array.of(0, 0x61, 0x73, 0x6d, 1), "unexpected-end", 5],
  ["version 2", Uint8Array.of(0, 0x61, 0x73, 0x6d, 2, 0, 0, 0), "malformed-version", 4],
  ["a component", Uint8Array.of(0, 0x61, 0x73, 0x6d, 0x0d, 0, 1, 0), "malformed-version", 4],
  ["section id 14", module([14, 0]), "malformed-section-id", 8],
  ["section longer than the file", module([1, 5, 0]), "length-out-of-bounds", 9],
  ["sections out of order", module(section(3, 0), section(1, 0)), "section-order", 11],
  ["two type sections", module(section(1, 0), section(1, 0)), "section-order", 11],
  ["the tag section after globals", module(section(6, 0), section(13, 0)), "section-order", 11],
  ["bytes left in a section", module(section(1, 0, 0)), "section-size-mismatch", 11],
  ["an unknown kind of type", module(section(1, 1, 0x5d)), "malformed-type", 11],
  ["an unknown value type", module(section(1, 1, 0x60, 1, 0x7a, 0)), "malformed-type", 13],
  ["a packed type as parameter", module(section(1, 1, 0x60, 1, 0x78, 0)), "malformed-type", 13],
  ["a heap type of two bytes", module(section(1, 1, 0x60, 1, 0x63, 0xf0, 0x7f, 0)), "malformed-type", 14],
  ["a mutability of 2", module(section(1, 1, 0x5e, 0x7f, 2)), "malformed-mutability", 13],
  ["an import kind of 5", module(section(2, 1, 0, 0, 5)), "malformed-kind", 13],
  ["an import name that is not UTF-8", module(section(2, 1, 1, 0xff, 0, 0, 0)), "malformed-utf8", 11],
  ["table limits with flags 2", module(section(4, 1, 0x70, 2, 0)), "malformed-limits", 12],
  ["memory limits with flags 16", module(section(5, 1, 16, 0)), "malformed-limits", 11],
  ["a table initializer without its zero", module(section(4, 1, 0x40, 1, 0x70, 0, 0)), "zero-byte-expected", 12],
  ["a tag with attribute 1", module(section(13, 1, 1, 0)), "zero-byte-expected", 11],
  ["an unknown opcode in a constant expression", module(section(6, 1, 0x7f, 0, 0xff)), "illegal-opcode", 13],
  ["a constant expression without end", module(section(6, 1, 0x7f, 0, 0x41, 0)), "unexpected-end", 15],
  ["an element segment of kind 8", module(section(9, 1, 8)), "malformed-kind", 11],
  ["an element kind of 1", module(section(9, 1, 1, 1, 0)), "malformed-kind", 12],
  ["a data segment of kind 3", module(section(11, 1, 3)), "malformed-kind", 11],
  ["a data count that is wrong", module(section(12, 2), section(11, 0)), "count-mismatch", 14],
  ["functions without bodies", module(section(1, ...vec(FUNC)), section(3, 1, 0)), "count-mismatch", 18],
  [
    "a body longer than its section",
    module(section(1, ...vec(FUNC)), section(3, 1, 0), section(10, 1, 9, 0, 0x0b)),
    "length-out-of-bounds",
    21,
  ],
  [
    "more locals than allowed",
    module(section(1, ...vec(FUNC)), section(3, 1, 0), section(10, ...vec(body([], [1, 0xd1, 0x86, 0x03, 0x7f])))),
    "too-many-locals",
    22,
  ],
  [
    "2^32 locals",
    module(
      section(1, ...vec(FUNC)),
      section(3, 1, 0),
      section(10, ...vec(body([], [2, 0xff, 0xff, 0xff, 0xff, 0x0f, 0x7f, 1, 0x7e]))),
    ),
    "too-many-locals",
    22,
  ],
];

const IN_BODIES: readonly [name: string, instructions: readonly number[], code: string, offset: number][] = [
  ["an illegal opcode", [0x27], "illegal-opcode", 23],
  ["an illegal opcode after a prefix", [0xfc, 0x20], "illegal-opcode", 23],
  ["a prefixed opcode too large for any table", [0xfd, 0xff, 0xff, 0x7f], "illegal-opcode", 23],
  ["an unknown catch clause", [0x1f, 0x40, 1, 4, 0, 0x0b], "malformed-kind", 26],
  ["memory.init without data count", [0xfc, 8, 0, 0], "data-count-required", 23],
  ["memop flags of 128", [0x28, 0x80, 1, 0], "malformed-memarg", 24],
  ["else outside if", [0x05], "end-expected", 23],
  ["a block that is not closed", [0x02, 0x40], "unexpected-end", 26],
  ["instructions after the end", [0x0b, 0x01], "section-size-mismatch", 24],
];

describe("decode", () => {
  for (const [name, bytes, code, offset] of MALFORMED) {
    it(`refuses ${name}`, () => {
      const error = errorOf(bytes);
      assert.ok(error instanceof DecodeError, error?.message);
      assert.deepEqual([error.code, error.offset], [code, offset], error.message);
    });
  }

  for (const [name, instructions, code, offset] of IN_BODIES) {
    it(`refuses ${name} in a body`, () => {
      const memory = name.startsWith("mem") ? [section(5, 1, 0, 1)] : [];
      const bytes = module(
        section(1, ...vec(FUNC)),
        section(3, 1, 0),
        ...memory,
        section(10, ...vec(body(instructions))),
      );
      const error = errorOf(bytes);
      assert.ok(error instanceof DecodeError, error?.message);
      assert.deepEqual([error.code, error.offset], [code, offset + (memory.length > 0 ? 5 : 0)], error.message);
      assert.equal(error.where, "function 0");
    });
  }

  it("reads every section", () => {
    const m = decode(
      module(
        section(0, ...text("first"), 1, 2),
        section(
          1,
          ...vec(
            [0x60, 2, 0x7f, 0x7e, 1, 0x7c],
            [0x4e, 2, 0x50, 0, 0x5f, 1, 0x63, 2, 1, 0x4f, 1, 1, 0x5f, 2, 0x63, 2, 1, 0x78, 0],
          ),
        ),
        section(2, ...vec([...text("env"), ...text("f"), 0, 0], [...text("env"), ...text("g"), 3, 0x7f, 0])),
        section(3, 1, 0),
        section(4, ...vec([0x70, 1, 1, 2], [0x40, 0, 0x6f, 4, 3, 0xd0, 0x6f, 0x0b])),
        section(5, ...vec([0x07, 1, 0x80, 0x80, 0x04])),
        section(13, 1, 0, 0),
        section(6, ...vec([0x7e, 1, 0x42, 0x7f, 0x0b], [0x7f, 0, 0x23, 0, 0x41, 2, 0x6a, 0x0b])),
        section(7, ...vec([...text("run"), 0, 1])),
        section(8, 1),
        section(9, ...vec([0, 0x41, 1, 0x0b, 1, 1], [7, 0x70, 1, 0xd2, 0, 0x0b])),
        section(12, 2),
        section(10, ...vec(body([0x44, 0, 0, 0, 0, 0, 0, 0, 0], [2, 3, 0x7f, 1, 0x7d]))),
        section(11, ...vec([0, 0x42, 5, 0x0b, 2, 9, 8], [1, 1, 7])),
        section(0, ...text("name"), 0, 2, 1, 0x6d, 1, 4, 1, 1, 1, 0x66),
      ),
    );
    assert.deepEqual(m.types[0], {
      final: true,
      supertypes: [],
      composite: { kind: "func", params: [I32, I64], results: [F64] },
      recGroupStart: 0,
      recGroupSize: 1,
    });
    assert.equal(m.types[1]!.final, false);
    assert.deepEqual(m.types[2]!.supertypes, [1]);
    assert.deepEqual(
      m.types.map((t) => [t.recGroupStart, t.recGroupSize]),
      [
        [0, 1],
        [1, 2],
        [1, 2],
      ],
    );
    assert.deepEqual(m.types[1]!.composite, { kind: "struct", fields: [{ type: refType(2, true), mutable: true }] });
    assert.deepEqual(
      m.imports.map((i) => [i.module, i.name, i.desc.kind]),
      [
        ["env", "f", "func"],
        ["env", "g", "global"],
      ],
    );
    assert.deepEqual(m.imported, { func: 1, table: 0, memory: 0, global: 1, tag: 0 });
    assert.deepEqual(m.funcTypes, [0, 0]);
    assert.deepEqual(m.tables, [
      { type: { element: FUNCREF, limits: { min: 1, max: 2 }, address64: false } },
      { type: { element: EXTERNREF, limits: { min: 3 }, address64: true }, init: [Op.ref_null, HEAP.extern] },
    ]);
    assert.deepEqual(m.memories, [{ limits: { min: 1, max: 65536 }, shared: true, address64: true, pageSizeLog2: 16 }]);
    assert.deepEqual(m.tags, [{ typeIndex: 0 }]);
    assert.deepEqual(m.globals.slice(1), [
      { type: { type: I64, mutable: true }, init: [Op.i64_const, -1, -1] },
      { type: { type: I32, mutable: false }, init: [Op.global_get, 0, Op.i32_const, 2, Op.i32_add] },
    ]);
    assert.deepEqual(m.exports, [{ name: "run", kind: "func", index: 1 }]);
    assert.equal(m.start, 1);
    assert.deepEqual(m.elements, [
      { mode: "active", table: 0, offset: [Op.i32_const, 1], type: refType(HEAP.func, false), funcs: [1] },
      { mode: "declarative", table: 0, offset: [], type: FUNCREF, exprs: [[Op.ref_func, 0]] },
    ]);
    assert.deepEqual(m.code[0]!.localRuns, [
      { count: 3, type: I32 },
      { count: 1, type: 0x7d },
    ]);
    assert.equal(m.bytes[m.code[0]!.start], 0x44);
    assert.equal(m.bytes[m.code[0]!.end - 1], 0x0b);
    assert.equal(m.dataCount, 2);
    assert.deepEqual(
      m.dataSegments.map((d) => [d.mode, [...d.bytes]]),
      [
        ["active", [9, 8]],
        ["passive", [7]],
      ],
    );
    assert.deepEqual(
      m.customs.map((c) => [c.name, c.bytes.length]),
      [
        ["first", 2],
        ["name", 10],
      ],
    );
    assert.equal(m.moduleName, "m");
    assert.deepEqual([...m.funcNames], [[1, "f"]]);
    assert.equal(m.sections.length, 15);
  });

  it("keeps the order of limits beyond 2^53", () => {
    const limit = (...bytes: number[]): number[] => [...Array<number>(8).fill(0x80), ...bytes];
    const table = (min: readonly number[], max: readonly number[]): Uint8Array =>
      module(section(4, 1, 0x70, 5, ...min, ...max));
    assert.equal(errorOf(table(limit(0x70), limit(0x71))), undefined);
    assert.equal(errorOf(table(limit(0x71), limit(0x70)))?.code, "limits-order");
    const { limits } = decode(table(limit(0x70), limit(0x71))).tables[0]!.type;
    assert.deepEqual(limits, { min: 2 ** 53, max: 2 ** 53 });
  });

  it("names the section in which an error lies", () => {
    assert.equal(
      errorOf(module(section(1, 1, 0x5d)))!.message,
      "malformed definition type: 0x5d (while reading the type section, offset 0xb)",
    );
  });

  it("ignores a malformed name section", () => {
    const m = decode(module(section(0, ...text("name"), 1, 9, 2, 0, 1, 0x61, 1, 5)));
    assert.deepEqual([...m.funcNames], []);
    assert.deepEqual([...decode(module(section(0, ...text("name"), 1, 6, 2, 0, 1, 0x61, 1, 5))).funcNames], [[0, "a"]]);
  });

  it("accepts a module that is a view into a larger buffer", () => {
    const buffer = new Uint8Array(64);
    buffer.set(HEADER, 10);
    buffer.set(section(5, 1, 0, 1), 18);
    assert.equal(decode(buffer.subarray(10, 23)).memories.length, 1);
  });

  it("allows exactly the largest number of locals", () => {
    assert.equal(MAX_LOCALS, 50_000);
    const bytes = module(
      section(1, ...vec(FUNC)),
      section(3, 1, 0),
      section(10, ...vec(body([0x20, 0xcf, 0x86, 0x03, 0x1a], [1, 0xd0, 0x86, 0x03, 0x7f]))),
    );
    assert.equal(errorOf(bytes), undefined);
  });
});
