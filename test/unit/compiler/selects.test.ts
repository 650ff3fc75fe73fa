// `select` of integers, printed as a choice, as the smaller or greater of two, or by a mask.
import assert from "node:assert/strict";
import { describe, it } from "node:test";
import { compileSync } from "../../../compiler/compile.js";
import { TARGETS } from "../../../loader/layout.js";
import { evaluateCommonJs } from "../../support/js-artifact.js";
import { W } from "../../support/webassembly.js";
import { wasmOf } from "../environment/guests.js";

const COMPARISONS = ["lt_s", "lt_u", "le_s", "le_u", "gt_s", "gt_u", "ge_s", "ge_u", "eq", "ne"];
const A = "(local.get $a)";
const B = "(local.get $b)";
const select = (a: string, b: string, cond: string): string => `(select ${a} ${b} ${cond})`;
const BODIES = COMPARISONS.flatMap((op) => {
  const cond = `(i32.${op} ${A} ${B})`;
  return [
    select(A, B, cond),
    select(B, A, cond),
    select(A, "(i32.const 0)", cond),
    select("(i32.const 0)", B, cond),
    select("(i32.const -5)", "(i32.const 9)", cond),
    select("(local.get $c)", A, cond),
    select(A, "(i32.const -3)", `(i32.${op} ${A} (i32.const -3))`),
    // The condition assigns what the others read, once, and its value is wanted as an unsigned number.
    `(local.set $c (i32.mul ${A} (i32.const 77777)))
     (i32.shr_u ${select("(local.get $c)", B, `(i32.${op} (local.get $c) ${B})`)} (i32.const 3))`,
    `(local.set $c (call $next))
     ${select(A, "(local.get $c)", cond)}`,
    select(A, B, `(i32.and ${cond} (i32.ne ${A} (i32.const 1)))`),
    select(A, B, "(local.get $c)"),
    ...[A, "(i32.const -3)", "(i32.const 0)"].map(
      (other) => `(i32.wrap_i64 (i64.trunc_f64_s (f64.convert_i32_u ${select(B, other, cond)})))`,
    ),
  ];
});
const WAT = `(module
  (global $g (mut i32) (i32.const 0))
  (func $next (result i32) (global.set $g (i32.add (global.get $g) (i32.const 3))) (global.get $g))
  ${BODIES.map((body, i) => `(func (export "${i}") (param $a i32) (param $b i32) (param $c i32) (result i32) ${body})`).join("\n")})`;
const VALUES = [0, 1, 2, -1, -3, 2147483647, -2147483648, 77777];

type Exports = Record<string, (a: number, b: number, c: number) => number>;

describe("select", () => {
  const bytes = wasmOf(WAT);
  for (const target of TARGETS) {
    it(`gives what it should for ${target}`, () => {
      const native = new W.Instance(new W.Module(bytes)).exports as unknown as Exports;
      const artifact = evaluateCommonJs(compileSync(bytes, { format: "cjs", target }));
      const exports = artifact.instantiateSync({}).exports as unknown as Exports;
      for (const i of BODIES.keys()) {
        for (const a of VALUES)
          for (const b of VALUES)
            for (const c of [0, 1, -7])
              assert.equal(exports[i]!(a, b, c), native[i]!(a, b, c), `${BODIES[i]} of ${a}, ${b}, ${c}`);
      }
    });
  }

  it("has no branch in code for V8", () => {
    const text = new TextDecoder().decode(compileSync(bytes, { format: "esm", runtime: "external", target: "v8" }));
    assert.match(text, /return min\(a,b\)\}/);
    assert.match(text, /return max\(a>>>0,b>>>0\)\|0\}/);
    assert.match(text, /return -\(a==b\)&\(a\^b\)\^b\}/);
    assert.match(text, /return -\(a==b\)&-14\^9\}/);
  });
});
