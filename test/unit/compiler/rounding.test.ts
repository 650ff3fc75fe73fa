// f32 arithmetic whose rounding is left to the consumer (emit/rounding.ts): comparisons with constants come out as in native
// WebAssembly for numbers at and beside the places where rounding changes, and what is stored is rounded.
import assert from "node:assert/strict";
import { describe, it } from "node:test";
import { compileSync } from "../../../compiler/compile.js";
import { load } from "../../../loader/index.js";
import { W } from "../../support/webassembly.js";
import { wasmOf } from "../environment/guests.js";

const CONSTANTS = [
  "4",
  "-4",
  "0",
  "-0",
  "0x1p-149",
  "-0x1p-149",
  "0x1.fffffcp-127",
  "0x1p-126",
  "0x1.000002p+0",
  "0x1.fffffep+127",
  "-0x1.fffffep+127",
  "0.1",
  "inf",
  "-inf",
  "nan",
];
const OPS = ["f32.lt", "f32.gt", "f32.le", "f32.ge", "f32.eq", "f32.ne"];

const CASES = OPS.flatMap((op) => CONSTANTS.map((constant) => ({ op, constant, name: `${op} ${constant}` })));
const TEXT = `(module (memory 1)
  ${CASES.map(({ op, constant, name }) => `(func (export "${name}") (param $x f64) (result i32) (${op} (f32.demote_f64 (local.get $x)) (f32.const ${constant})))`).join("\n")}
  (func (export "store") (param $x f64) (result i32)
    (f32.store offset=4 (i32.const 8) (f32.demote_f64 (local.get $x))) (i32.load offset=4 (i32.const 8)))
  (func (export "product") (param $x f64) (result i32) (local $f f32)
    (local.set $f (f32.demote_f64 (local.get $x)))
    (f32.store (i32.const 8) (f32.mul (local.get $f) (local.get $f))) (i32.load (i32.const 8)))
  (func (export "convert") (param $x f64) (result i32) (local $i i32)
    (local.set $i (i32.and (i32.trunc_sat_f64_s (local.get $x)) (i32.const 33554431)))
    (i32.reinterpret_f32 (f32.add (f32.convert_i32_s (local.get $i)) (f32.const 1)))))`;

const BITS = new DataView(new ArrayBuffer(8));

/** The double so many steps away. */
function stepped(x: number, steps: bigint): number {
  BITS.setFloat64(0, x);
  BITS.setBigInt64(0, BITS.getBigInt64(0) + steps);
  return BITS.getFloat64(0);
}

/** Every f32 near a constant, what lies halfway between, and the doubles beside those. */
function operands(): number[] {
  const out = [NaN, Infinity, -Infinity, 0, -0, 2 ** 128, -(2 ** 128), 2 ** 24 + 1, 2 ** 25 - 1];
  for (const constant of [
    "4",
    "0.1",
    "1.0000001192092896",
    "1e-45",
    "1.1754943508222875e-38",
    "3.4028234663852886e38",
  ]) {
    const c = Math.fround(Number(constant));
    BITS.setFloat32(0, c);
    const bits = BITS.getInt32(0);
    for (let k = -2; k <= 2; k++) {
      BITS.setInt32(0, bits + k);
      const near = BITS.getFloat32(0);
      const half = Number.isFinite(near) ? (c + near) / 2 : 2 ** 128 - 2 ** 103;
      for (const x of [near, half, stepped(half, 1n), stepped(half, -1n)]) out.push(x, -x);
    }
  }
  return out;
}

type Exports = Record<string, (x: number) => number>;

describe("rounding to f32", { skip: W === undefined ? "no native WebAssembly" : false }, () => {
  const module = wasmOf(TEXT);
  const native = new W!.Instance(new W!.Module(module)).exports as unknown as Exports;
  const names = [...CASES.map(({ name }) => name), "store", "product", "convert"];
  for (const target of ["generic", "v8", "quickjs", "hermes"] as const) {
    it(`is the consumer's for ${target}`, () => {
      const text = new TextDecoder().decode(compileSync(module, { target, format: "cjs" }));
      assert.match(text, />4\.0000002384185/);
      const exports = load(compileSync(module, { target })).instantiate().exports as unknown as Exports;
      for (const name of names) {
        for (const x of operands()) {
          const [found, expected] = [exports[name]!(x), native[name]!(x)];
          // Which NaN arithmetic gives is open.
          if (Number.isNaN(x) && !name.startsWith("f32")) continue;
          assert.equal(found, expected, `${name} of ${x}`);
        }
      }
    });
  }
});
