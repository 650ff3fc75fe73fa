// Products that a double holds exactly are not wrapped by themselves; sums of them must be before they stop being exact.
import assert from "node:assert/strict";
import { test } from "node:test";
import { compileSync } from "../../../compiler/compile.js";
import { ELEMENT_TARGETS, TARGETS } from "../../../loader/layout.js";
import { evaluateCommonJs } from "../../support/js-artifact.js";
import { W } from "../../support/webassembly.js";
import { wasmOf } from "../environment/guests.js";

const FACTORS = [4194301, -4194301, 2097151, 31, 16777619, -1640531535, 65536, 2147483647, -2147483648];
const PRODUCTS = FACTORS.map(
  (factor, i) => `
  (func (export "product${i}") (param i32 i32 i32) (result i32) (i32.mul (local.get 0) (i32.const ${factor})))
  (func (export "sum${i}") (param i32 i32 i32) (result i32)
    (i32.add
      (i32.add (i32.mul (local.get 0) (i32.const ${factor})) (i32.mul (local.get 1) (i32.const ${factor})))
      (i32.mul (i32.xor (i32.mul (local.get 2) (i32.const ${factor})) (i32.const 5)) (i32.const ${factor}))))
  (func (export "difference${i}") (param i32 i32 i32) (result i32)
    (i32.sub
      (i32.sub (i32.const 3) (i32.mul (local.get 0) (i32.const ${factor})))
      (i32.mul (i32.add (local.get 1) (local.get 2)) (i32.const ${factor}))))`,
);
const BYTES = wasmOf(`(module ${PRODUCTS.join("")})`);
const VALUES = [0, 1, -1, 3, 2147483647, 2147483645, 2147483641, -2147483648, -2147483645];

type Exports = Record<string, (a: number, b: number, c: number) => number>;
const native = new W.Instance(new W.Module(BYTES)).exports as unknown as Exports;

for (const target of TARGETS.filter((target) => ELEMENT_TARGETS.includes(target))) {
  test(`sums of products in code for ${target}`, () => {
    const artifact = evaluateCommonJs(compileSync(BYTES, { target, format: "cjs" }));
    const exports = artifact.instantiateSync({}).exports as unknown as Exports;
    for (const name of Object.keys(native)) {
      for (const a of VALUES) {
        for (const b of VALUES) {
          for (const c of VALUES)
            assert.equal(exports[name]!(a, b, c), native[name]!(a, b, c), `${name} ${a} ${b} ${c}`);
        }
      }
    }
  });
}

const WIDE_FACTORS = [2, 3, 5, 10, 255, 1000, 32769, 65534, 65535, 65536, 65537, 2097151, 2097153, -1, -3];
const WIDE = wasmOf(
  `(module ${WIDE_FACTORS.map(
    (factor) => `
  (func (export "product ${factor}") (param i64 i64) (result i64) (i64.mul (local.get 0) (i64.const ${factor})))
  (func (export "either ${factor}") (param i64 i64) (result i64) (local i32)
    (local.set 2 (i64.lt_u (local.get 0) (local.get 1)))
    (i64.add
      (i64.mul (select (local.get 0) (i64.const 0) (local.get 2)) (i64.const ${factor}))
      (i64.xor (select (i64.const 0) (local.get 1) (local.get 2)) (i64.extend_i32_u (local.get 2)))))`,
  ).join("")})`,
);
const HALVES = [0n, 1n, 2n, 0x7fffn, 0x8000n, 0xffffn, 0x10000n, 0x7fffffffn, 0x80000000n, 0xfffeffffn, 0xffffffffn];

for (const target of ["generic", "v8", "jsc"] as const) {
  test(`products of i64 with constants, and an i64 or zero, in halves for ${target}`, () => {
    const artifact = evaluateCommonJs(compileSync(WIDE, { target, format: "cjs", i64: "halves" }));
    const exports = artifact.instantiateSync({}).exports as unknown as Record<string, (a: bigint, b: bigint) => bigint>;
    const expected = new W.Instance(new W.Module(WIDE)).exports as unknown as typeof exports;
    for (const name of Object.keys(expected)) {
      for (const high of HALVES) {
        for (const low of HALVES) {
          const args = [BigInt.asIntN(64, (high << 32n) | low), BigInt.asIntN(64, (low << 32n) | high)] as const;
          assert.equal(exports[name]!(...args), expected[name]!(...args), `${name} ${args.join()}`);
        }
      }
    }
  });
}
