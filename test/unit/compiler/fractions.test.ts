// f64 arithmetic for V8 that could be taken for that of integers has an operand that cannot; no number is another for it.
import assert from "node:assert/strict";
import { describe, it } from "node:test";
import { compileSync } from "../../../compiler/compile.js";
import { evaluateCommonJs } from "../../support/js-artifact.js";
import { wasmOf } from "../environment/guests.js";

const OPS = { add: "+", sub: "-", mul: "*", div: "/" } as const;
const SUM = "(f64.mul (f64.add (local.get 0) (local.get 1)) (local.get 0))";
const WAT = `(module (memory 1)
  ${Object.keys(OPS)
    .map((op) => `(func (export "${op}") (param f64 f64) (result f64) (f64.${op} (local.get 0) (local.get 1)))`)
    .join("\n")}
  (func (export "again") (param f64 f64) (result f64) (local f64)
    (local.set 2 (f64.sub (local.get 0) (local.get 1)))
    (f64.add (f64.mul (local.get 2) (local.get 2)) ${SUM}))
  (func (export "digits") (param f64 i32) (result f64)
    (f64.add (f64.mul (local.get 0) (f64.const 10)) (f64.convert_i32_s (local.get 1)))))`;
const VALUES = [0, -0, 1, -1, 0.5, 3, 1e300, -1e300, 5e-324, Infinity, -Infinity, NaN];

type Exports = Record<string, (a: number, b: number) => number>;

describe("f64 that may be integers", () => {
  const bytes = wasmOf(WAT);
  const textFor = (target: "v8" | "generic"): string =>
    new TextDecoder().decode(compileSync(bytes, { target, format: "esm", runtime: "external" }));

  it("keep their values and the sign of zero", () => {
    const artifact = evaluateCommonJs(compileSync(bytes, { target: "v8", format: "cjs" }));
    const exports = artifact.instantiateSync({}).exports as unknown as Exports;
    for (const a of VALUES) {
      for (const b of VALUES) {
        const expected = { add: a + b, sub: a - b, mul: a * b, div: a / b };
        for (const [op, value] of Object.entries(expected))
          assert.ok(Object.is(exports[op]!(a, b), value), `${op} ${a} ${b}`);
        assert.ok(Object.is(exports["again"]!(a, b), (a - b) * (a - b) + (a + b) * a), `${a} ${b}`);
      }
    }
  });

  it("are told apart once, and only for V8", () => {
    const text = textFor("v8");
    assert.match(text, /return a\+-0\+b\}/);
    assert.match(text, /return \(a\+-0\)\/b\}/);
    // The difference is none that could be taken for an integer, and digits are counted.
    assert.match(text, /=a\+-0-b;return \(a\+-0\+b\)\*a\+(\w)\*\1\}|=a\+-0-b;return (\w)\*\2\+\(a\+-0\+b\)\*a\}/);
    assert.match(text, /return a\*10\+b\}/);
    assert.doesNotMatch(textFor("generic"), /\+-0/);
  });
});
