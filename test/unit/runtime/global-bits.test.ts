// The bits of NaNs that globals begin with, in the first instance and when the engine knows the code by heart.
import assert from "node:assert/strict";
import { it } from "node:test";
import { compileSync } from "../../../compiler/compile.js";
import { evaluateCommonJs } from "../../support/js-artifact.js";
import { wasmOf } from "../environment/guests.js";

interface Exports {
  readonly single: () => number;
  readonly double: () => bigint;
}

it("every instance has the same bits in its globals", () => {
  const bytes = wasmOf(`(module
    (global $single (mut f32) (f32.const -nan:0x400001))
    (global $double (mut f64) (f64.const -nan:0x8000000000001))
    (func (export "single") (result i32) (i32.reinterpret_f32 (global.get $single)))
    (func (export "double") (result i64) (i64.reinterpret_f64 (global.get $double))))`);
  const artifact = evaluateCommonJs(compileSync(bytes, { format: "cjs" }));
  for (let i = 0; i < 2000; i++) {
    const { single, double } = artifact.instantiateSync({}).exports as unknown as Exports;
    assert.equal(single(), 0xffc00001 | 0, `instance ${i}`);
    assert.equal(double(), BigInt.asIntN(64, 0xfff8000000000001n), `instance ${i}`);
  }
});
