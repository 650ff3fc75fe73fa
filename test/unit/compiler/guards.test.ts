// Conversions of floats behind the checks of C compilers: exact at every bound, a trap wherever the check does not cover them.
import assert from "node:assert/strict";
import { describe, it } from "node:test";
import { compileSync } from "../../../compiler/compile.js";
import { evaluateCommonJs } from "../../support/js-artifact.js";
import { W } from "../../support/webassembly.js";
import { wasmOf } from "../environment/guests.js";

const TRUNC = "(i32.trunc_f64_s (local.get $x))";
const SIGNED = "(f64.lt (f64.abs (local.get $x)) (f64.const 2147483648))";
const UNSIGNED = "(i32.and (f64.lt (local.get $x) (f64.const 4294967296)) (f64.ge (local.get $x) (f64.const 0)))";
const choice = (cond: string, then: string, otherwise = "(i32.const -2147483648)"): string =>
  `(if (result i32) ${cond} (then ${then}) (else ${otherwise}))`;
const BODIES: Readonly<Record<string, readonly [body: string, calls: boolean]>> = {
  signed: [choice(SIGNED, TRUNC), false],
  negated: [choice(`(i32.eqz ${SIGNED})`, "(i32.const -7)", TRUNC), false],
  unsigned: [choice(UNSIGNED, "(i32.trunc_f64_u (local.get $x))", "(i32.const 0)"), false],
  nested: [choice(SIGNED, choice("(i32.const 1)", `(i32.add (i32.const 1) ${TRUNC})`)), false],
  // Of which another instruction wants the bits as an unsigned number.
  wantedUnsigned: [choice(SIGNED, `(i32.lt_u ${TRUNC} (i32.const 77))`), false],
  convertedUnsigned: [choice(SIGNED, `(f64.gt (f64.convert_i32_u ${TRUNC}) (f64.const 2147483647))`), false],
  // What follows is not covered by the check.
  wrongSign: [choice(SIGNED, "(i32.trunc_f64_u (local.get $x))"), true],
  wrongArm: [choice(SIGNED, "(i32.const 1)", TRUNC), true],
  tooFar: [choice("(f64.lt (f64.abs (local.get $x)) (f64.const 2147483649))", TRUNC), true],
  oneSided: [choice("(f64.lt (local.get $x) (f64.const 2147483648))", TRUNC), true],
  changed: [choice(SIGNED, `(local.set $x (f64.mul (local.get $x) (f64.const 2))) ${TRUNC}`), true],
  behind: [`(local.set $r ${choice(SIGNED, TRUNC)}) (i32.add (local.get $r) ${TRUNC})`, true],
  looped: [
    choice(
      SIGNED,
      `(loop $l (local.set $r (i32.add (local.get $r) ${TRUNC})) (local.set $x (f64.mul (local.get $x) (f64.const 3)))
        (local.set $n (i32.add (local.get $n) (i32.const 1))) (br_if $l (i32.lt_u (local.get $n) (i32.const 3)))) (local.get $r)`,
    ),
    true,
  ],
};
const WAT = `(module ${Object.entries(BODIES)
  .map(
    ([name, [body]]) => `(func (export "${name}") (param $x f64) (result i32) (local $r i32) (local $n i32) ${body})`,
  )
  .join("\n")}
  (func (export "single") (param $x f32) (result i32)
    (if (result i32) (f32.lt (f32.abs (local.get $x)) (f32.const 2147483648)) (then (i32.trunc_f32_s (local.get $x))) (else (i32.const 1)))))`;
const VALUES = [0, 1, 2 ** 31 - 1, 2 ** 31 - 0.5, 2 ** 31, 2 ** 31 + 0.75, 2 ** 32 - 1, 2 ** 32 - 0.5, 2 ** 32, 1e300]
  .concat([0.5, 0.999, 5e-324, 1.5, 1234567.89, Infinity, NaN])
  .flatMap((x) => [x, -x]);

type Exports = Record<string, (x: number) => number>;

describe("conversions behind checks", () => {
  const bytes = wasmOf(WAT);
  const native = new W.Instance(new W.Module(bytes)).exports as unknown as Exports;
  for (const target of ["generic", "v8", "hermes"] as const) {
    const artifact = evaluateCommonJs(compileSync(bytes, { format: "cjs", target }));
    const exports = artifact.instantiateSync({}).exports as unknown as Exports;
    it(`give what they should for ${target}`, () => {
      for (const name of Object.keys(native)) {
        for (const x of VALUES)
          assert.equal(told(exports[name]!, x, artifact.Trap), told(native[name]!, x, W.RuntimeError), `${name} ${x}`);
      }
    });
  }

  it("cost no call where the check covers them, and only there", () => {
    const text = new TextDecoder().decode(compileSync(bytes, { format: "esm", runtime: "external" }));
    const names = [...Object.entries(BODIES).map(([name]) => name), "single"];
    names.forEach((name, index) => {
      const body = new RegExp(`function f${index}\\(.*`).exec(text)![0];
      assert.equal(/i32_trunc_f64_[su]\(/.test(body), BODIES[name]?.[1] ?? false, `${name}: ${body}`);
    });
  });
});

function told(
  convert: (x: number) => number,
  x: number,
  Trap: abstract new (...args: never) => unknown,
): number | string {
  try {
    return convert(x);
  } catch (error) {
    assert.ok(error instanceof Trap);
    return "trap";
  }
}
