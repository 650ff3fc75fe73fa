// What inspection tells: features with their first place, faults as data, custom sections, disassembly with names.
import assert from "node:assert/strict";
import { describe, it } from "node:test";
import * as customs from "../../../runtime/wasm/customs.js";
import { decode } from "../../../runtime/wasm/decode.js";
import { inspectModule, validationReport } from "../../../runtime/wasm/inspect.js";
import { Op } from "../../../runtime/wasm/opcodes.js";
import { disassemble, namesOf } from "../../../runtime/wasm/print.js";
import { body, module, op, section, text, vec } from "./bytes.js";

const VOID = [0x60, 0, 0];

/** A module with one function of type [] -> [] and a memory. */
const withBody = (...instructions: readonly number[]): Uint8Array =>
  module(section(1, ...vec(VOID)), section(3, 1, 0), section(5, 1, 0, 1), section(10, ...vec(body(instructions))));

const features = (bytes: Uint8Array): string[] => validationReport(bytes).features.map((f) => f.feature);

describe("inspection", () => {
  it("needs nothing for WebAssembly 1.0", () => {
    assert.deepEqual(validationReport(withBody(0x41, 0, 0x28, 2, 0, 0x1a)), { valid: true, features: [] });
  });

  it("reports each feature once, at its first place", () => {
    const report = validationReport(
      withBody(0x41, 0, 0xc0, 0xc1, 0x1a, 0x42, 0, 0xc2, 0x1a, 0x41, 0, 0x41, 0, 0x41, 0, ...op(Op.memory_copy), 0, 0),
    );
    assert.deepEqual(report.features, [
      { feature: "sign-extension", what: "i32.extend8_s", offset: 30, section: "code", func: 0 },
      { feature: "bulk-memory", what: "memory.copy", offset: 43, section: "code", func: 0 },
    ]);
  });

  it("says which of several proposals a construct stands for once the rest is known", () => {
    const tag = section(13, 1, 0, 0);
    const exceptions = (...instructions: readonly number[]): Uint8Array =>
      module(section(1, ...vec(VOID)), section(3, 1, 0), tag, section(10, ...vec(body(instructions))));
    assert.deepEqual(features(exceptions(0x08, 0)), ["exceptions"]);
    assert.deepEqual(features(exceptions(0x06, 0x40, 0x08, 0, 0x19, 0x0b)), ["legacy-exceptions"]);
    assert.deepEqual(features(exceptions(0x1f, 0x40, 0, 0x0b)), ["exceptions"]);
    assert.equal(validationReport(exceptions(0x06, 0x40, 0x19, 0x0b)).features[0]!.what, "the tag section");
  });

  const NEEDS: readonly (readonly [string, Uint8Array, readonly string[]])[] = [
    ["two memories", module(section(5, 2, 0, 1, 0, 1)), ["multi-memory"]],
    ["two tables", module(section(4, 2, 0x70, 0, 1, 0x70, 0, 1)), ["reference-types"]],
    ["a shared memory", module(section(5, 1, 3, 1, 1)), ["threads"]],
    ["a 64-bit memory", module(section(5, 1, 4, 1)), ["memory64"]],
    ["a page size", module(section(5, 1, 8, 1, 0)), ["custom-page-sizes"]],
    ["a struct", module(section(1, ...vec([0x5f, 0]))), ["gc"]],
    ["a vector", module(section(1, ...vec([0x60, 1, 0x7b, 0]))), ["simd"]],
    ["a relaxed vector instruction", withBody(0x00, ...op(Op.f32x4_relaxed_madd), 0x1a), ["relaxed-simd"]],
    ["several results", module(section(1, ...vec([0x60, 0, 2, 0x7f, 0x7f]))), ["multi-value"]],
    ["constant arithmetic", module(section(6, 1, 0x7f, 0, 0x41, 1, 0x41, 1, 0x6a, 0x0b)), ["extended-const"]],
    ["a tail call", withBody(0x12, 0), ["tail-call"]],
    ["a saturating conversion", withBody(0x00, ...op(Op.i32_trunc_sat_f32_s), 0x1a), ["saturating-float-to-int"]],
    ["128-bit arithmetic", withBody(0x00, ...op(Op.i64_add128), 0x1a, 0x1a), ["wide-arithmetic"]],
    [
      "an exported mutable global",
      module(section(6, 1, 0x7f, 1, 0x41, 0, 0x0b), section(7, ...vec([...text("g"), 3, 0]))),
      ["mutable-globals"],
    ],
    ["a call through a reference", withBody(0x00, 0x14, 0), ["function-references"]],
  ];
  for (const [what, bytes, expected] of NEEDS) {
    it(`finds ${expected.join()} in ${what}`, () => {
      const report = validationReport(bytes);
      assert.equal(report.fault, undefined);
      assert.deepEqual(
        report.features.map((f) => f.feature),
        expected,
      );
    });
  }

  it("keeps to the features it is given", () => {
    const report = validationReport(withBody(0x12, 0), { features: ["no-tail-call"] });
    assert.equal(report.valid, false);
    assert.equal(report.fault!.code, "feature-disabled");
    assert.equal(
      report.fault!.message,
      "return_call needs the tail-call proposal, which is switched off; enable it with --features tail-call (function 0, offset 0x1c)",
    );
  });

  it("reports a fault with its place", () => {
    assert.deepEqual(validationReport(withBody(0x41, 0)).fault, {
      error: "ValidationError",
      code: "type-mismatch",
      message: "type mismatch: the end of the body expected [] at the end, got 1 more: [i32] (function 0, offset 0x1e)",
      offset: 0x1e,
      section: "code",
      func: 0,
    });
    assert.deepEqual(validationReport(Uint8Array.of(1, 2, 3, 4)).fault!.code, "malformed-magic");
  });

  it("describes a module", () => {
    const bytes = module(
      section(1, ...vec(VOID, [0x60, 1, 0x7f, 1, 0x7e])),
      section(2, ...vec([...text("env"), ...text("log"), 0, 1], [...text("env"), ...text("mem"), 2, 1, 1, 2])),
      section(3, 1, 0),
      section(7, ...vec([...text("run"), 0, 1], [...text("memory"), 2, 0])),
      section(8, 1),
      section(10, ...vec(body([]))),
      section(0, ...text("producers"), ...vec([...text("language"), ...vec([...text("C11"), ...text("")])])),
      section(0, ...text(".debug_info")),
    );
    const report = inspectModule(bytes);
    assert.equal(report.valid, true);
    assert.deepEqual(report.imports, [
      { module: "env", name: "log", kind: "func", type: "[i32] -> [i64]" },
      { module: "env", name: "mem", kind: "memory", type: "1..2 pages" },
    ]);
    assert.deepEqual(report.exports, [
      { name: "run", kind: "func", type: "[] -> []" },
      { name: "memory", kind: "memory", type: "1..2 pages" },
    ]);
    assert.deepEqual([report.start, report.dwarf, report.size], [1, true, bytes.length]);
    assert.deepEqual({ ...report.producers }, { language: [{ name: "C11", version: "" }] });
    assert.deepEqual(report.counts, {
      types: 2,
      functions: 2,
      tables: 0,
      memories: 1,
      globals: 0,
      tags: 0,
      exports: 2,
      elements: 0,
      dataSegments: 0,
    });
    assert.equal(report.sections.at(-1)!.name, 'custom ".debug_info"');
    assert.equal(JSON.parse(JSON.stringify(report)).valid, true);
    assert.throws(() => inspectModule(bytes.subarray(0, 20)), { name: "DecodeError" });
  });
});

describe("custom sections", () => {
  const custom = (name: string, ...contents: readonly number[]): ReturnType<typeof decode> =>
    decode(module(section(0, ...text(name), ...contents)));

  it("reads what tools agree on", () => {
    assert.deepEqual(
      customs.targetFeatures(custom("target_features", ...vec([0x2b, ...text("simd128")], [0x2d, ...text("atomics")]))),
      [
        { prefix: "+", name: "simd128" },
        { prefix: "-", name: "atomics" },
      ],
    );
    assert.deepEqual(customs.dylink(custom("dylink.0", 1, 4, 0x10, 4, 2, 1, 2, 6, 1, ...text("libc"))), {
      memorySize: 16,
      memoryAlignment: 4,
      tableSize: 2,
      tableAlignment: 1,
      needed: ["libc"],
    });
    assert.equal(customs.sourceMappingUrl(custom("sourceMappingURL", ...text("a.map"))), "a.map");
    assert.equal(customs.buildId(custom("build_id", 2, 0xab, 0x01)), "ab01");
    assert.deepEqual(customs.branchHints(custom("metadata.code.branch_hint", 1, 7, 2, 5, 1, 1, 9, 1, 0)), [
      { func: 7, offset: 5, likely: true },
      { func: 7, offset: 9, likely: false },
    ]);
  });

  it("ignores them where they are malformed", () => {
    assert.equal(customs.producers(custom("producers", 9)), undefined);
    assert.equal(customs.dylink(custom("dylink.0", 1, 40)), undefined);
    assert.equal(customs.sourceMappingUrl(custom("sourceMappingURL", 3, 0x61)), undefined);
    assert.equal(customs.targetFeatures(custom("other")), undefined);
  });

  it("reads all kinds of names", () => {
    const names = namesOf(
      custom(
        "name",
        0,
        2,
        ...text("m"),
        1,
        4,
        1,
        3,
        ...text("f"),
        2,
        6,
        1,
        3,
        1,
        0,
        ...text("x"),
        7,
        4,
        1,
        0,
        ...text("g"),
        10,
        6,
        1,
        1,
        1,
        0,
        ...text("l"),
      ),
    );
    assert.equal(names.module, "m");
    assert.equal(names.functions.get(3), "f");
    assert.equal(names.locals.get(3)!.get(0), "x");
    assert.equal(names.globals.get(0), "g");
    assert.equal(names.fields.get(1)!.get(0), "l");
    assert.equal(names.tables.size, 0);
  });
});

describe("disassembly", () => {
  it("prints instructions with offsets, names and indentation", () => {
    const bytes = module(
      section(1, ...vec([0x60, 1, 0x7f, 1, 0x7e])),
      section(3, 1, 0),
      section(5, 1, 0, 1),
      section(
        10,
        ...vec(
          body(
            [
              0x20, 0, 0x45, 0x04, 0x7e, 0x42, 0x7e, 0x05, 0x20, 1, 0x29, 2, 8, 0x0b, 0x44, 0, 0, 0, 0, 0, 0, 0, 0x80,
              0x1a,
            ],
            [1, 2, 0x7f],
          ),
        ),
      ),
      section(0, ...text("name"), 1, 6, 1, 0, ...text("fac"), 2, 8, 1, 0, 1, 0, ...text("n 1")),
    );
    const m = decode(bytes);
    assert.equal(
      disassemble(m, 0),
      `(func $fac (type 0) (param i32) (result i64)
  (local i32 × 2)
20  local.get $"n 1"
22  i32.eqz
23  if (result i64)
25    i64.const -2
27  else
28    local.get 1
2a    i64.load offset=8 align=4
2d  end
2e  f64.const -0
37  drop
)`,
    );
  });

  it("prints every form of immediate", () => {
    const line = (...instruction: readonly number[]): string =>
      disassemble(decode(withBody(...instruction), { features: "all" }), 0)
        .split("\n")[1]!
        .replace(/^\w+ {2}/, "");
    assert.equal(line(0x0e, 2, 0, 1, 2), "br_table 0 1 2");
    assert.equal(line(0x1f, 0x40, 2, 1, 0, 1, 2, 0), "try_table (catch_ref 0 1) (catch_all 0)");
    assert.equal(line(...op(Op.br_on_cast), 1, 2, 0x6e, 0x6b), "br_on_cast 2 anyref (ref struct)");
    assert.equal(line(0x1c, 1, 0x63, 0), "select (result (ref null 0))");
    assert.equal(line(0xd0, 0x71), "ref.null none");
    assert.equal(line(0x11, 3, 1), "call_indirect 3 1");
    assert.equal(line(0x28, 0x42, 1, 4), "i32.load 1 offset=4 align=4");
    assert.equal(line(0x43, 0, 0, 0xa0, 0xff), "f32.const -nan:0x200000");
    assert.equal(line(0x43, 0, 0, 0x80, 0x7f), "f32.const inf");
    assert.equal(line(...op(Op.i8x16_extract_lane_u), 3), "i8x16.extract_lane_u 3");
    assert.equal(
      line(...op(Op.v128_const), 1, 0, 0, 0, 2, 0, 0, 0, 3, 0, 0, 0, 4, 0, 0, 0),
      "v128.const i32x4 0x00000001 0x00000002 0x00000003 0x00000004",
    );
    assert.equal(line(...op(Op.array_new_fixed), 2, 5), "array.new_fixed 2 5");
    assert.equal(line(...op(Op.atomic_fence), 0), "atomic.fence");
  });
});
