// Calls through a table as a switch over what its segments put there: whatever the table comes to hold later is called
// instead, and every trap stays the one it was.
import assert from "node:assert/strict";
import { describe, it } from "node:test";
import binaryen from "binaryen";
import { compileImageSync, compileSync } from "../../../compiler/compile.js";
import { load } from "../../../loader/index.js";

const WAT = `(module
  (type $t (func (param i32 i64) (result i64)))
  (table (export "table") 8 funcref)
  (elem (i32.const 1) $add $sub $other)
  (elem declare func $mul)
  (func $add (param i32 i64) (result i64) (i64.add (i64.extend_i32_s (local.get 0)) (local.get 1)))
  (func $sub (param i32 i64) (result i64) (i64.sub (i64.extend_i32_s (local.get 0)) (local.get 1)))
  (func $mul (param i32 i64) (result i64) (i64.mul (i64.extend_i32_s (local.get 0)) (local.get 1)))
  (func $other (param i32) (result i32) (local.get 0))
  (func (export "put") (param i32) (table.set (local.get 0) (ref.func $mul)))
  (func (export "clear") (param i32) (table.set (local.get 0) (ref.null func)))
  (func (export "apply") (param i32 i32 i64) (result i64)
    (call_indirect (type $t) (local.get 1) (local.get 2) (local.get 0))))`;

type Exports = Record<string, (...args: unknown[]) => unknown>;

function exportsOf(): Exports {
  const module = binaryen.parseText(WAT);
  module.setFeatures(binaryen.Features.MVP | binaryen.Features.ReferenceTypes | binaryen.Features.BulkMemory);
  const bytes = module.emitBinary();
  module.dispose();
  const text = compileImageSync(bytes, { target: "v8" }).pages[0]!.text;
  assert.match(text, /function t0_\d+_\(i,p0,p1,p2\)/, "no dispatcher");
  return load(compileSync(bytes, { target: "v8" })).instantiate({}).exports as Exports;
}

describe("dispatch through tables", () => {
  it("calls what the segments put there", () => {
    const { apply } = exportsOf();
    assert.equal(apply!(1, 3, 4n), 7n);
    assert.equal(apply!(2, 3, 4n), -1n);
  });

  it("calls what the table holds now", () => {
    const { apply, put } = exportsOf();
    put!(1);
    assert.equal(apply!(1, 3, 4n), 12n);
    put!(6);
    assert.equal(apply!(6, -3, 1n << 40n), -3n * (1n << 40n));
    assert.equal(apply!(2, 3, 4n), -1n);
  });

  it("tells the traps apart", () => {
    const { apply, clear } = exportsOf();
    clear!(2);
    assert.throws(() => apply!(2, 0, 0n), /uninitialized element/);
    assert.throws(() => apply!(3, 0, 0n), /indirect call type mismatch/);
    assert.throws(() => apply!(8, 0, 0n), /undefined element/);
    assert.throws(() => apply!(-1, 0, 0n), /undefined element/);
  });
});
