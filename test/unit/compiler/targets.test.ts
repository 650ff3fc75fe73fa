// The compiler's choices for a target, and what the loader takes for granted of it.
import assert from "node:assert/strict";
import { it } from "node:test";
import { compileSync } from "../../../compiler/compile.js";
import { CHOICES } from "../../../compiler/targets.js";
import { ELEMENT_TARGETS, TARGETS } from "../../../loader/layout.js";
import { evaluateCommonJs } from "../../support/js-artifact.js";
import { wasmOf } from "../environment/guests.js";

it("the loader knows whose code has typed arrays over memories", () => {
  assert.deepEqual(
    TARGETS.filter((target) => CHOICES[target].memory === "elements"),
    ELEMENT_TARGETS,
  );
});

it("the high half of a product is the same from a double and from pieces", () => {
  const bytes = wasmOf(
    `(module (func (export "multiply") (param i64 i64) (result i64) (i64.mul (local.get 0) (local.get 1)))
      (func (export "square") (param i32) (result i64) (i64.mul (i64.extend_i32_u (local.get 0)) (i64.extend_i32_u (local.get 0))))
      (func (export "add") (param i64 i64) (result i64) (i64.add (i64.add (local.get 0) (local.get 1)) (i64.const 0x90000000)))
      (func (export "below") (param i32) (result i32) (i32.lt_u (local.get 0) (i32.const 0x90000001))))`,
  );
  const artifact = compileSync(bytes, { format: "cjs", target: "jsc", optLevel: 1 });
  const text = new TextDecoder().decode(artifact);
  assert.match(text, /function Hi\(a,b\)/);
  assert.match(text, /\^-2147483648\)<268435457/);
  const { multiply, square, add, below } = evaluateCommonJs(artifact).instantiateSync({}).exports as unknown as Record<
    string,
    (...args: unknown[]) => unknown
  >;
  const words = [
    0, 1, 2, 0xffff, 0x10000, 0x10001, 0x7fffffff, 0x80000000, 0x90000000, 0x90000001, 0xfffeffff, 0xffff0001,
    0xffffffff,
  ];
  for (const a of words) {
    const [x, wide] = [BigInt(a), (BigInt(a) << 32n) | BigInt(a ^ 0x55aa)];
    assert.equal(square!(a | 0), BigInt.asIntN(64, x * x), `${a} squared`);
    assert.equal(below!(a | 0), +(a < 0x90000001), `${a} < 0x90000001`);
    for (const b of words) {
      const y = (BigInt(b ^ 0x1234) << 32n) | BigInt(b);
      assert.equal(multiply!(wide, y), BigInt.asIntN(64, wide * y), `${wide} * ${y}`);
      assert.equal(add!(wide, y), BigInt.asIntN(64, wide + y + 0x90000000n), `${wide} + ${y} + 0x90000000`);
    }
  }
});

it("integers have no exponent: QuickJS would make doubles of them", () => {
  const bytes = wasmOf(
    `(module (func (export "run") (param i32) (result i32) (i32.mul (i32.add (local.get 0) (i32.const -20000)) (i32.const 1000000000)))
      (func (export "far") (param f64) (result f64) (f64.mul (local.get 0) (f64.const 5e12))))`,
  );
  for (const target of TARGETS) {
    const text = new TextDecoder().decode(compileSync(bytes, { format: "cjs", target, optLevel: 1 }));
    assert.doesNotMatch(text, /2e4|1e9/, target);
    assert.match(text, /5e12/, target);
  }
});
