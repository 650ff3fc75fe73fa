// Invalid modules: the code and the offset of each error, in bodies and around them; the piecemeal validator; and the
// places where V8 is known to accept what the specification forbids.
import assert from "node:assert/strict";
import { describe, it } from "node:test";
import { decode } from "../../../runtime/wasm/decode.js";
import { ValidationError } from "../../../runtime/wasm/errors.js";
import { Op } from "../../../runtime/wasm/opcodes.js";
import { createValidator, validate } from "../../../runtime/wasm/validate.js";
import { body, errorOf, module, op, section, text, vec } from "./bytes.js";

const VOID = [0x60, 0, 0];
const TO_I32 = [0x60, 0, 1, 0x7f];

/** Types: 0 [] -> [], 1 [] -> [i32], 2 (struct (mut i8) (field i64)), 3 (array (mut f32)), 4 [i32] -> [i64 f32], 5 (array i8). */
const TYPES = section(
  1,
  ...vec(VOID, TO_I32, [0x5f, 2, 0x78, 1, 0x7e, 0], [0x5e, 0x7d, 1], [0x60, 1, 0x7f, 2, 0x7e, 0x7d], [0x5e, 0x78, 0]),
);
const AROUND = [
  section(4, ...vec([0x70, 0, 1], [0x6f, 0, 1])),
  section(5, 1, 0, 1),
  section(13, 1, 0, 0),
  section(6, ...vec([0x7f, 0, 0x41, 0, 0x0b], [0x7e, 1, 0x42, 0, 0x0b])),
  section(9, ...vec([5, 0x6f, 0])),
];
/** The module of the body tests; its only function has the type 0 or 1. */
function bodyModule(type: 0 | 1, instructions: readonly number[], locals: readonly number[] = [0]): Uint8Array {
  return module(TYPES, section(3, 1, type), ...AROUND, section(10, ...vec(body(instructions, locals))));
}

/** Offset of the first instruction in `bodyModule` (one run of locals takes two bytes more). */
const START = decode(bodyModule(0, [])).code[0]!.start;

const drop = Op.drop;

type Case = readonly [
  name: string,
  type: 0 | 1,
  instructions: readonly number[],
  code: string | undefined,
  at?: number,
];

const BODIES: readonly Case[] = [
  ["nothing", 0, [], undefined],
  ["a missing result", 1, [], "type-mismatch", 0],
  ["a superfluous value", 0, [0x41, 0], "type-mismatch", 2],
  ["an operand of another type", 1, [0x41, 0, 0x42, 0, 0x6a], "type-mismatch", 4],
  ["an operand of an outer block", 1, [0x41, 0, 0x02, 0x40, 0x1a, 0x0b], "type-mismatch", 4],
  ["any operands in unreachable code", 1, [0x00, 0x6a], undefined],
  ["a wrong operand in unreachable code", 1, [0x00, 0x42, 0, 0x6a], "type-mismatch", 3],
  ["an unknown local", 0, [0x20, 0, drop], "unknown-index", 0],
  ["an unknown global", 0, [0x23, 2, drop], "unknown-index", 0],
  ["setting an immutable global", 0, [0x41, 0, 0x24, 0], "immutable", 2],
  ["an unknown function", 0, [0x10, 1], "unknown-index", 0],
  ["an unknown label", 0, [0x0c, 1], "unknown-index", 0],
  ["a branch to the body", 1, [0x41, 0, 0x0c, 0], undefined],
  ["an unknown memory", 0, [0x41, 0, 0x28, 0x40, 1, 0, drop], "unknown-index", 2],
  ["an alignment above natural", 0, [0x41, 0, 0x28, 3, 0, drop], "alignment", 3],
  ["an atomic access below natural alignment", 0, [0x41, 0, ...op(Op.i32_atomic_load), 1, 0, drop], "alignment", 4],
  ["an offset beyond 32 bits", 0, [0x41, 0, 0x28, 2, 0x80, 0x80, 0x80, 0x80, 0x10, drop], "offset-range", 3],
  ["a lane too high", 0, [0xfd, 12, ...Array<number>(16).fill(0), 0xfd, 0x1d, 2, drop], "lane-index", 18],
  ["an unknown data segment", 0, [0xfc, 9, 0], "data-count-required", 0],
  ["an unknown element segment", 0, [0xfc, 13, 1], "unknown-index", 0],
  ["a table of externref called", 0, [0x41, 0, 0x11, 0, 1], "type-mismatch", 2],
  ["labels of different arity", 1, [0x02, 0x40, 0x41, 0, 0x41, 0, 0x0e, 1, 0, 1, 0x0b, 0x41, 0], "type-mismatch", 6],
  ["if without else and with a result", 1, [0x41, 0, 0x04, 0x7f, 0x41, 0, 0x0b], "type-mismatch", 6],
  ["select of references without a type", 0, [0xd0, 0x70, 0xd0, 0x70, 0x41, 0, 0x1b, drop], "type-mismatch", 6],
  ["select with two types", 0, [0x00, 0x1c, 2, 0x7f, 0x7f, drop], "result-arity", 1],
  ["ref.func of an undeclared function", 0, [0xd2, 0, drop], "undeclared-function", 0],
  ["a field that does not exist", 0, [0x00, ...op(Op.struct_get), 2, 2, drop], "unknown-index", 1],
  ["a packed field without a sign", 0, [0x00, ...op(Op.struct_get), 2, 0, drop], "packed", 1],
  ["an unpacked field with a sign", 0, [0x00, ...op(Op.struct_get_s), 2, 1, drop], "packed", 1],
  ["an immutable field", 0, [0x00, ...op(Op.struct_set), 2, 1], "immutable", 1],
  ["an immutable array", 0, [0x00, ...op(Op.array_set), 5], "immutable", 1],
  ["a struct as array", 0, [0x00, ...op(Op.array_get), 2, drop], "type-mismatch", 1],
  ["arrays of different elements", 0, [0x00, ...op(Op.array_copy), 3, 5], "array-type", 1],
  ["an unknown type", 0, [0xd0, 9, drop], "unknown-index", 0],
  ["a cast across hierarchies", 0, [0xd0, 0x6f, ...op(Op.ref_cast), 0x6b, drop], "type-mismatch", 2],
  ["a tag that is not there", 0, [0x08, 1], "unknown-index", 0],
  ["a catch to a label of other operands", 1, [0x1f, 0x40, 1, 0, 0, 0, 0x0b, 0x41, 0], "type-mismatch", 3],
  ["rethrow outside of catch", 0, [0x06, 0x40, 0x09, 0, 0x19, 0x0b], "rethrow-label", 2],
  ["rethrow in a catch", 0, [0x06, 0x40, 0x19, 0x09, 0, 0x0b], undefined],
  ["catch after catch_all", 0, [0x06, 0x40, 0x19, 0x07, 0, 0x0b], "misplaced", 3],
  ["delegate after catch", 0, [0x06, 0x40, 0x07, 0, 0x18, 0], "misplaced", 4],
  ["a try that delegates to the caller", 0, [0x06, 0x40, 0x18, 0], undefined],
  ["a tail call with other results", 1, [0x00, 0x41, 0, 0x12, 0], undefined],
  ["a tail call of another type", 0, [0x41, 0, 0x41, 0, 0x13, 4, 0], "type-mismatch", 4],
  ["multiple results", 0, [0x41, 0, 0x02, 4, drop, 0x42, 0, 0x43, 0, 0, 0, 0, 0x0b, drop, drop], undefined],
  ["ref.eq of a number in unreachable code, which V8 accepts", 1, [0x00, 0x42, 0, 0xd3], "type-mismatch", 3],
  ["br_on_non_null to a label of a number, which V8 accepts", 1, [0x00, 0xd6, 0, 0x41, 0], "type-mismatch", 1],
  ["a reference of unreachable origin as number, which V8 accepts", 1, [0x00, 0xd4], "type-mismatch", 2],
];

const MODULES: readonly [name: string, bytes: Uint8Array, code: string | undefined, offset?: number][] = [
  ["a recursive type", module(section(1, ...vec([0x60, 1, 0x64, 0, 0]))), undefined],
  ["a type that comes later", module(section(1, ...vec([0x60, 1, 0x64, 1, 0], VOID))), "unknown-index", 11],
  ["a final supertype", module(section(1, ...vec([0x5f, 0], [0x50, 1, 0, 0x5f, 0]))), "sub-type", 13],
  [
    "a subtype with fewer fields",
    module(section(1, ...vec([0x50, 0, 0x5f, 1, 0x7f, 0], [0x50, 1, 0, 0x5f, 0]))),
    "sub-type",
    17,
  ],
  [
    "a subtype that refines a field",
    module(section(1, ...vec([0x50, 0, 0x5f, 1, 0x6e, 0], [0x50, 1, 0, 0x5f, 1, 0x6d, 0]))),
    undefined,
  ],
  [
    "a subtype that refines a mutable field",
    module(section(1, ...vec([0x50, 0, 0x5f, 1, 0x6e, 1], [0x50, 1, 0, 0x5f, 1, 0x6d, 1]))),
    "sub-type",
    17,
  ],
  [
    "two supertypes",
    module(section(1, ...vec([0x50, 0, 0x5f, 0], [0x50, 0, 0x5f, 0], [0x50, 2, 0, 1, 0x5f, 0]))),
    "sub-type",
    19,
  ],
  ["a function of an unknown type", module(section(3, 1, 0), section(10, ...vec(body([])))), "unknown-index", 11],
  ["a tag with results", module(section(1, ...vec(TO_I32)), section(13, 1, 0, 0)), "tag-result", 18],
  ["a table whose minimum is above its maximum", module(section(4, 1, 0x70, 1, 2, 1)), "limits-order", 11],
  ["a table of non-null references without initializer", module(section(4, 1, 0x64, 0x70, 0, 1)), "type-mismatch", 11],
  ["a memory above 4 GiB", module(section(5, 1, 0, 0x81, 0x80, 0x04)), "memory-size", 11],
  ["a shared memory without maximum", module(section(5, 1, 2, 0)), "shared-memory", 11],
  ["a global of the wrong type", module(section(6, 1, 0x7e, 0, 0x41, 0, 0x0b)), "type-mismatch", 15],
  [
    "a global initialized from a later one",
    module(section(6, ...vec([0x7f, 0, 0x23, 1, 0x0b], [0x7f, 0, 0x41, 0, 0x0b]))),
    "unknown-index",
    13,
  ],
  [
    "a global initialized from a mutable one",
    module(section(6, ...vec([0x7f, 1, 0x41, 0, 0x0b], [0x7f, 0, 0x23, 0, 0x0b]))),
    "constant-required",
    18,
  ],
  ["an instruction that is not constant", module(section(6, 1, 0x7f, 0, 0x41, 0, 0x45, 0x0b)), "constant-required", 15],
  ["an export of nothing", module(section(7, ...vec([...text("f"), 0, 0]))), "unknown-index", 11],
  [
    "two exports of one name",
    module(section(5, 1, 0, 1), section(7, ...vec([...text("m"), 2, 0], [...text("m"), 2, 0]))),
    "duplicate-export",
    20,
  ],
  [
    "a start function with results",
    module(section(1, ...vec(TO_I32)), section(3, 1, 0), section(8, 0), section(10, ...vec(body([0x41, 0])))),
    "start-function",
    21,
  ],
  ["a segment for a missing memory", module(section(11, ...vec([0, 0x41, 0, 0x0b, 0]))), "unknown-index", 11],
  [
    "elements for a table of another type",
    module(section(4, 1, 0x6f, 0, 1), section(9, ...vec([0, 0x41, 0, 0x0b, 0]))),
    "type-mismatch",
    17,
  ],
];

function assertError(bytes: Uint8Array, code: string | undefined, offset: number | undefined): void {
  const error = errorOf(bytes);
  if (code === undefined) assert.equal(error?.message, undefined);
  else {
    assert.deepEqual([error?.code, error?.offset], [code, offset], error?.message);
    if (code !== "data-count-required") assert.ok(error instanceof ValidationError);
  }
}

describe("validate", () => {
  for (const [name, type, instructions, code, at] of BODIES) {
    it(`${code === undefined ? "accepts" : "refuses"} ${name}`, () =>
      assertError(bodyModule(type, instructions), code, at === undefined ? undefined : START + at));
  }

  for (const [name, bytes, code, offset] of MODULES) {
    it(`${code === undefined ? "accepts" : "refuses"} ${name}`, () => assertError(bytes, code, offset));
  }

  it("tracks locals that have no default", () => {
    const local = [1, 1, 0x64, 0x6e]; // one local of type (ref any)
    const set = [Op.i32_const, 0, ...op(Op.ref_i31), 0x21, 0];
    const get = [0x20, 0, drop];
    const run = (...instructions: number[]): string | undefined => errorOf(bodyModule(0, instructions, local))?.code;
    assert.equal(run(...get), "uninitialized-local");
    assert.equal(run(...set, ...get), undefined);
    assert.equal(run(0x02, 0x40, ...set, 0x0b, ...get), "uninitialized-local");
    assert.equal(run(...set, 0x02, 0x40, ...get, 0x0b, ...get), undefined);
    assert.equal(run(0x41, 0, 0x04, 0x40, ...set, 0x05, ...get, 0x0b), "uninitialized-local");
    assert.equal(run(0x00, ...get), "uninitialized-local");
  });

  it("reads immediates in all lengths", () => {
    const padded = (value: number): number[] => [value | 0x80, 0x80, 0x00];
    const run = (...instructions: number[]): string | undefined =>
      errorOf(bodyModule(1, instructions, [2, 1, 0x7f, 0xac, 0x02, 0x7e]))?.code;
    for (const n of [(v: number): number[] => [v], padded]) {
      const memarg = [...n(2), ...n(8)];
      assert.equal(run(0x20, ...n(0), 0x22, ...n(0), 0x21, ...n(0), 0x41, ...n(5)), undefined);
      assert.equal(run(0x20, ...n(0), 0x20, ...n(0), 0x28, ...memarg, 0x36, ...memarg, 0x41, ...n(5)), undefined);
      assert.equal(run(0x20, ...n(1)), "type-mismatch");
      assert.equal(run(0x42, ...n(0), 0x21, ...n(0), 0x41, 0), "type-mismatch");
      assert.equal(run(0x42, ...n(0), 0x28, ...memarg), "type-mismatch");
      assert.equal(run(0x41, ...n(0), 0x42, ...n(0), 0x36, ...memarg, 0x41, 0), "type-mismatch");
      assert.equal(run(0x41, ...n(0), 0x29, ...memarg), "type-mismatch");
      assert.equal(run(0x20, ...n(0), 0x28, ...n(3), ...n(0)), "alignment");
    }
    assert.equal(run(0x20, 0xac, 0x02, 0x1a, 0x41, 0), undefined); // local 300, the last
    assert.equal(run(0x20, 0xad, 0x02, 0x1a, 0x41, 0), "unknown-index");
  });

  it("equates types by structure", () => {
    // Two equal recursion groups, and one that differs in finality.
    const group = [0x4e, 2, 0x5f, 1, 0x63, 1, 0, 0x5f, 1, 0x63, 0, 0];
    const again = [0x4e, 2, 0x5f, 1, 0x63, 3, 0, 0x5f, 1, 0x63, 2, 0];
    const other = [0x4e, 2, 0x50, 0, 0x5f, 1, 0x63, 5, 0, 0x5f, 1, 0x63, 4, 0];
    const run = (from: number, to: number): string | undefined =>
      errorOf(
        module(
          section(1, ...vec(group, again, other, [0x60, 1, 0x63, from, 1, 0x63, to])),
          section(3, 1, 6),
          section(10, ...vec(body([0x20, 0]))),
        ),
      )?.code;
    assert.equal(run(0, 2), undefined);
    assert.equal(run(3, 1), undefined);
    assert.equal(run(0, 1), "type-mismatch");
    assert.equal(run(2, 4), "type-mismatch");
  });

  it("gives the name of the function and the first error by position", () => {
    const names = section(0, ...text("name"), 1, 6, 1, 1, 3, 0x66, 0x61, 0x63);
    const bytes = module(
      section(1, ...vec(VOID)),
      section(3, 2, 0, 0),
      section(10, ...vec(body([]), body([0x6a]))),
      section(11, ...vec([0, 0x41, 0, 0x0b, 0])),
      names,
    );
    assert.equal(
      errorOf(bytes)!.message,
      'type mismatch: i32.add expected i32, got an empty stack (function 1 "fac", offset 0x1b)',
    );
  });

  it("validates function by function", () => {
    const m = decode(
      module(
        section(1, ...vec(VOID, TO_I32)),
        section(3, 3, 0, 1, 0),
        section(10, ...vec(body([]), body([0x42, 0]), body([0x41, 0, 0x1a]))),
      ),
    );
    const validator = createValidator(m);
    validator.module();
    validator.func(2);
    validator.func(0);
    assert.throws(
      () => validator.func(1),
      /type mismatch: the end of the body expected i32, got i64 \(function 1, offset 0x22\)/,
    );
    validator.func(0);
    assert.throws(() => validate(m), ValidationError);
    createValidator(m).func(2); // in a worker that never validates the module part
  });
});
