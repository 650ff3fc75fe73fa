// The catalogue's wording, once: every function of it, as a person would read it.
import assert from "node:assert/strict";
import { describe, it } from "node:test";
import * as errors from "../../../runtime/wasm/errors.js";
import { BOTTOM, BOTTOM_REF, EXTERNREF, FUNCREF, HEAP, I32, I8, refType } from "../../../runtime/wasm/types.js";

const TEXTS: Readonly<Record<string, readonly [error: errors.WasmError, text: string]>> = {
  unexpectedEnd: [errors.unexpectedEnd(1), "unexpected end of section or function"],
  notWasm: [
    errors.notWasm(0),
    "magic header not detected: the file does not begin with 00 61 73 6d; is it a .wasm file?",
  ],
  unknownVersion: [errors.unknownVersion(2, 4), "unknown binary version: expected 1, got 2"],
  malformedSectionId: [errors.malformedSectionId(14, 8), "malformed section id: 14"],
  sectionOrder: [
    errors.sectionOrder("type", true, 8),
    "unexpected content after last section: type section appears twice",
  ],
  sectionSizeMismatch: [
    errors.sectionSizeMismatch(5, 4, 9),
    "section size mismatch: expected 5 bytes, content takes 4",
  ],
  lengthOutOfBounds: [errors.lengthOutOfBounds(9, 2, 1), "length out of bounds: 9 with 2 bytes left"],
  integerTooLong: [errors.integerTooLong(1), "integer representation too long"],
  integerTooLarge: [errors.integerTooLarge(1), "integer too large"],
  malformedUtf8: [errors.malformedUtf8(1), "malformed UTF-8 encoding"],
  malformedType: [errors.malformedType("value type", 5, 1), "malformed value type: 0x05"],
  malformedMutability: [errors.malformedMutability(2, 1), "malformed mutability: expected 0 or 1, got 0x02"],
  malformedLimits: [errors.malformedLimits(8, 1), "malformed limits flags: 0x08"],
  malformedMemarg: [errors.malformedMemarg(128, 1), "malformed memop flags: 0x80"],
  malformedKind: [errors.malformedKind("import kind", 5, 1), "malformed import kind: 0x05"],
  invalidPageSizeBits: [errors.invalidPageSizeBits(64, 1), "invalid custom page size: 2^64"],
  illegalOpcode: [errors.illegalOpcode(0xfc, 0x20, 1), "illegal opcode fc 20"],
  illegalOp: [errors.illegalOp(0xff, 1), "illegal opcode ff"],
  zeroByteExpected: [errors.zeroByteExpected(1, 1), "zero byte expected: got 0x01"],
  endExpected: [errors.endExpected(1), "END opcode expected"],
  missingEnd: [errors.missingEnd(1), "unexpected end of section or function: the instructions have no final end"],
  codeCountMismatch: [
    errors.codeCountMismatch(2, 1, 1),
    "function and code section have inconsistent lengths: 2 functions, 1 bodies",
  ],
  dataCountMismatch: [
    errors.dataCountMismatch(2, 1, 1),
    "data count and data section have inconsistent lengths: 2 announced, 1 present",
  ],
  dataCountRequired: [errors.dataCountRequired("memory.init", 1), "data count section required by memory.init"],
  tooManyLocals: [
    errors.tooManyLocals(50_001, 50_000, 1),
    "too many locals: 50001, the limit is 50000 with parameters",
  ],
  overLimit: [errors.overLimit("types", 2, 1, 1), "implementation limit exceeded: 2 types, the limit is 1"],
  featureDisabled: [
    errors.featureDisabled("v128", ["simd"], 1),
    "v128 needs the simd proposal, which is switched off; enable it with --features simd",
  ],
  unknownFeature: [
    errors.unknownFeature("smid", ["simd"]),
    "unknown feature: smid; known are simd, all, default, none",
  ],
  typeMismatch: [errors.typeMismatch("i32.add", "i32", "f64", 1), "type mismatch: i32.add expected i32, got f64"],
  stackRest: [errors.stackRest("end", "[]", "[i32]", 1), "type mismatch: end expected [] at the end, got [i32]"],
  unknownIndex: [errors.unknownIndex("local", 5, 2, 1), "unknown local 5: the last is 1"],
  wrongKindOfType: [
    errors.wrongKindOfType(0, "a function type", "a struct type", 1),
    "type mismatch: type 0 is a struct type, expected a function type",
  ],
  alignmentTooLarge: [
    errors.alignmentTooLarge("i32.load", 3, 4, 1),
    "alignment must not be larger than natural: i32.load with 2^3, natural is 4",
  ],
  atomicAlignment: [
    errors.atomicAlignment("i32.atomic.load", 1, 4, 1),
    "atomic alignment must be natural: i32.atomic.load with 2^1, natural is 4",
  ],
  offsetOutOfRange: [
    errors.offsetOutOfRange(2 ** 32, 1),
    "offset out of range: 4294967296 in a memory with 32-bit addresses",
  ],
  invalidLane: [errors.invalidLane("i8x16.splat", 16, 16, 1), "invalid lane index: i8x16.splat lane 16 of 16"],
  resultArity: [errors.resultArity(2, 1), "invalid result arity: select with 2 types, expected 1"],
  immutable: [errors.immutable("global", 1, 1), "immutable global: 1 cannot be set"],
  constantRequired: [
    errors.constantRequired("i32.eqz", 1),
    "constant expression required: i32.eqz is not allowed here",
  ],
  undeclaredFunction: [
    errors.undeclaredFunction(1, 1),
    "undeclared function reference: function 1 occurs in no export, global or element segment",
  ],
  uninitializedLocal: [
    errors.uninitializedLocal(0, refType(HEAP.any, false), 1),
    "uninitialized local: 0 of type (ref any) has no default and is not set here",
  ],
  notDefaultable: [errors.notDefaultable("field", refType(1, false), 1), "field type is not defaultable: (ref 1)"],
  packedMismatch: [
    errors.packedMismatch("field", true, "struct.get", 1),
    "field is packed: struct.get needs an unpacked one",
  ],
  arrayNotNumeric: [errors.arrayNotNumeric(FUNCREF, 1), "array type is not numeric or vector: funcref"],
  arrayTypesDiffer: [
    errors.arrayTypesDiffer(I32, I8, 1),
    "array types do not match: elements of type i8 into an array of i32",
  ],
  forwardSupertype: [errors.forwardSupertype(1, 2, 1), "unknown type 2: forward use in sub type 1 definition"],
  manySupertypes: [errors.manySupertypes(1, 2, 1), "sub type 1 has 2 super types, at most 1 is allowed"],
  finalSupertype: [errors.finalSupertype(1, 0, 1), "sub type 1 has final super type 0"],
  unlikeSupertype: [errors.unlikeSupertype(1, 0, 1), "sub type 1 does not match super type 0"],
  subtypeTooDeep: [errors.subtypeTooDeep(70, 63, 1), "sub type 70 is more than 63 super types deep"],
  tagWithResults: [errors.tagWithResults("[i32]", 1), "non-empty tag result type: [i32]"],
  memoryTooLarge: [errors.memoryTooLarge("65536 pages (4GiB)", 1), "memory size must be at most 65536 pages (4GiB)"],
  tableTooLarge: [errors.tableTooLarge("2^32-1 elements", 1), "table size must be at most 2^32-1 elements"],
  invalidPageSize: [errors.invalidPageSize(1, 1), "invalid custom page size: 2^1, expected 1 or 65536"],
  minimumOverMaximum: [errors.minimumOverMaximum(2, 1, 1), "size minimum must not be greater than maximum: 2 > 1"],
  sharedWithoutMaximum: [errors.sharedWithoutMaximum(1), "shared memory must have maximum"],
  duplicateExport: [errors.duplicateExport("a", 1), 'duplicate export name "a"'],
  startSignature: [
    errors.startSignature(1, "[i32] -> []", 1),
    "start function must not have parameters or results: function 1 is [i32] -> []",
  ],
  rethrowOutsideCatch: [errors.rethrowOutsideCatch(0, 1), "invalid rethrow label 0: not the label of a catch"],
  misplaced: [
    errors.misplaced("catch", "in a try before catch_all", 1),
    "misplaced catch: only allowed in a try before catch_all",
  ],
};

describe("error catalogue", () => {
  it("is covered", () => {
    const catalogue = Object.entries(errors).filter(
      ([name, value]) =>
        typeof value === "function" &&
        !/^(WasmError|DecodeError|ValidationError|placed|typeNames?|heapTypeName)$/.test(name),
    );
    assert.deepEqual(Object.keys(TEXTS).sort(), catalogue.map(([name]) => name).sort());
  });

  for (const [name, [error, text]] of Object.entries(TEXTS)) {
    it(name, () => assert.equal(error.text, text));
  }

  it("adds the place to the message", () => {
    const error = errors.typeMismatch("i32.add", "i32", "f64", 0x4e);
    assert.equal(error.message, "type mismatch: i32.add expected i32, got f64 (offset 0x4e)");
    const placed = errors.placed(error, 'function 3 "fac"') as errors.ValidationError;
    assert.equal(placed.message, 'type mismatch: i32.add expected i32, got f64 (function 3 "fac", offset 0x4e)');
    assert.ok(placed instanceof errors.ValidationError);
    assert.equal(errors.placed(placed, "elsewhere"), placed);
    const foreign = new Error("x");
    assert.equal(errors.placed(foreign, "here"), foreign);
  });

  it("spells types as the text format does", () => {
    assert.deepEqual(
      [
        I32,
        I8,
        FUNCREF,
        EXTERNREF,
        refType(HEAP.none, true),
        refType(HEAP.i31, false),
        refType(7, true),
        BOTTOM,
        BOTTOM_REF,
      ].map(errors.typeName),
      [
        "i32",
        "i8",
        "funcref",
        "externref",
        "nullref",
        "(ref i31)",
        "(ref null 7)",
        "any type",
        "any non-null reference",
      ],
    );
  });

  it("recognizes a component", () => assert.match(errors.unknownVersion(0x1000d, 4).text, /this is a component/));
});
