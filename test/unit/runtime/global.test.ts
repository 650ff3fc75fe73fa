// Globals: the JavaScript face, and where an instance keeps which.
import assert from "node:assert/strict";
import { describe, it } from "node:test";
import { cellGlobals } from "../../../runtime/abi.js";
import { Global } from "../../../runtime/instance/global.js";
import { instantiate } from "../../../runtime/instance/instantiate.js";
import { S } from "../../../runtime/instance/store.js";
import { Op } from "../../../runtime/wasm/opcodes.js";
import { EXTERNREF, F64, HEAP, I32, I64 } from "../../../runtime/wasm/types.js";
import { makeModule, NO_CODE } from "./hand-made.js";

describe("Global", () => {
  const values: [ConstructorParameters<typeof Global>[0]["value"], unknown, unknown][] = [
    ["i32", undefined, 0],
    ["i32", 2 ** 32 + 5, 5],
    ["i64", undefined, 0n],
    ["i64", 2n ** 63n, -(2n ** 63n)],
    ["f32", 0.1, Math.fround(0.1)],
    ["f64", "1.5", 1.5],
    ["f64", -0, -0],
    ["externref", undefined, undefined],
    ["anyfunc", undefined, null],
  ];
  for (const [type, given, wanted] of values) {
    it(`of type ${type} made from ${String(given)}`, () => {
      assert.ok(Object.is(new Global({ value: type }, given).value, wanted));
    });
  }

  it("changes only if it is mutable", () => {
    const global = new Global({ value: "i64", mutable: true }, 1n);
    global.value = -1n;
    assert.deepEqual([global.value, global.cell.v, global.cell.h], [-1n, -1, -1]);
    assert.throws(() => (global.value = 1), TypeError);
    assert.throws(() => (new Global({ value: "i32" }, 1).value = 2), TypeError);
    assert.equal(new Global({ value: "i32" }, 7).valueOf(), 7);
  });

  it("refuses types it does not know", () => {
    assert.throws(() => new Global({ value: "i8" as "i32" }), TypeError);
    assert.throws(() => new Global(undefined as unknown as { value: "i32" }), TypeError);
  });
});

describe("globals of an instance", () => {
  const module = makeModule({
    imports: [["env", "g", { kind: "global", global: { type: I32, mutable: false } }]],
    globals: [
      { type: { type: I64, mutable: true }, init: [Op.i64_const, 1, 2] },
      { type: { type: F64, mutable: true }, init: [Op.f64_const, 0, 0x3ff80000] },
      { type: { type: I32, mutable: false }, init: [Op.global_get, 0] },
      { type: { type: EXTERNREF, mutable: true }, init: [Op.ref_null, HEAP.extern] },
    ],
    exports: { mutable: ["global", 2], constant: ["global", 3] },
  });

  it("have a cell where others see them change", () => {
    assert.deepEqual(cellGlobals(module), [true, false, true, false, false]);
  });

  it("are fields elsewhere", () => {
    const instance = instantiate(module, NO_CODE, { env: { g: 9 } });
    assert.deepEqual(instance.privates, { g1: 1, h1: 2, g3: 9, g4: null });
    assert.equal(instance.getGlobal(1), 1);
    assert.equal(S.h, 2);
    const { mutable, constant } = instance.exports as Record<string, Global>;
    assert.equal(mutable!.cell, instance.cells[2]);
    assert.equal(constant!.value, 9);
    mutable!.value = 2.5;
    assert.equal(instance.getGlobal(2), 2.5);
    assert.equal(instance.global(2), mutable);
  });
});
