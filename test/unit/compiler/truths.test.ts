// What interpreters gain by in conditions and counters: comparisons that stay booleans, and counters that go by way of a copy.
import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { it } from "node:test";
import { compileSync } from "../../../compiler/compile.js";
import { wasmOf } from "../environment/guests.js";

function quickjs(bytes: Uint8Array): string {
  const text = new TextDecoder().decode(compileSync(bytes, { format: "cjs", target: "quickjs", optLevel: 2 }));
  return text.slice(text.lastIndexOf('"use strict"'));
}

function body(text: string): string {
  return quickjs(
    wasmOf(`(module (func (export "f") (param $a i32) (param $b i32) (result i32) (local $c i32) ${text}))`),
  );
}

/** A loop that goes on by what is compared at its head, where `$a` has changed meanwhile. */
const loop = (rest: string): string => `(loop $l (local.set $c (i32.lt_s (local.get $a) (i32.const 9)))
  (local.set $a (i32.add (local.get $a) (i32.const 3))) ${rest} (br_if $l (local.get $c))) (i32.add (local.get $a) (local.get $b))`;

it("a comparison that is only asked for its truth stays a boolean", () => {
  assert.match(body(loop("")), /c=a<9;/);
});

it("one whose number matters becomes a number without leaving it to an operator", () => {
  assert.match(body(loop("(local.set $b (i32.shl (local.get $c) (local.get $b)))")), /c=a<9\?1:0;/);
  assert.match(body("(i32.add (i32.lt_s (local.get $a) (local.get $b)) (local.get $a))"), /return \(a<b\?1:0\)\+a\|0/);
});

it("conditions that are joined by bits are joined as conditions, unless the second has effects", () => {
  const both = (second: string): string =>
    body(
      `(if (i32.and (i32.lt_s (local.get $a) (local.get $b)) ${second}) (then (return (i32.const 7)))) (local.get $a)`,
    );
  assert.match(both("(i32.gt_s (local.get $b) (i32.const 9))"), /if\(a<b&&b>9\)/);
  const divided = both("(i32.gt_s (i32.div_s (local.get $b) (local.get $a)) (i32.const 9))");
  assert.doesNotMatch(divided, /&&/);
});

it("`t = i + 1; …; i = t; while (t != n)` bounds i", () => {
  assert.doesNotMatch(quickjs(readFileSync("test/bench/kernels/spectral.wasm")), /imul/);
});
