// Loops with i64 as BigInt that run in strips do what they do in one: they go on where a strip ended, leave by every way out,
// keep each variable, in nests as well, and calls within find and leave the cells as they should.
import assert from "node:assert/strict";
import { describe, it } from "node:test";
import { compileSync } from "../../../compiler/compile.js";
import { evaluateCommonJs } from "../../support/js-artifact.js";
import { W } from "../../support/webassembly.js";
import { wasmOf } from "../environment/guests.js";

type Exports = Record<string, (...args: unknown[]) => unknown>;

/** A step of a generator: i64 work that every loop here does. */
const STEP = `(local.set $s (i64.add (i64.mul (local.get $s) (i64.const 6364136223846793005)) (local.get $c)))`;
const HEAD = `(param $n i32) (result i64) (local $s i64) (local $i i32) (local $x f64)`;
const WAT = `(module (memory 1)
  (func $sum (export "sum") (param $n i32) (param $c i64) (result i64) (local $s i64)
    (loop $l ${STEP} (br_if $l (local.tee $n (i32.sub (local.get $n) (i32.const 1)))))
    (local.get $s))
  (func (export "others") ${HEAD} (local $c i64)
    (local.set $c (i64.extend_i32_u (local.get $n)))
    (loop $l ${STEP}
      (local.set $x (f64.add (local.get $x) (f64.convert_i32_s (i32.wrap_i64 (i64.shr_u (local.get $s) (i64.const 40))))))
      (local.set $i (i32.add (i32.mul (local.get $i) (i32.const 3)) (i32.wrap_i64 (local.get $s))))
      (br_if $l (local.tee $n (i32.sub (local.get $n) (i32.const 1)))))
    (i64.xor (i64.xor (local.get $s) (i64.reinterpret_f64 (local.get $x))) (i64.extend_i32_s (local.get $i))))
  (func (export "ways out") (param $n i32) (param $c i64) (result i64) (local $s i64)
    (block $out
      (loop $l ${STEP}
        (if (i32.eq (local.get $n) (i32.const 3)) (then (return (i64.const -7))))
        (br_if $out (i64.eqz (i64.and (local.get $s) (i64.const 0xfff))))
        (if (i64.lt_s (local.get $s) (i64.const 0)) (then (local.set $n (i32.sub (local.get $n) (i32.const 3))) (br $l)))
        (local.set $n (i32.sub (local.get $n) (i32.const 1)))
        (br_if $l (i32.gt_s (local.get $n) (i32.const 0))))
      (return (i64.add (local.get $s) (i64.const 1))))
    (i64.xor (local.get $s) (i64.extend_i32_s (local.get $n))))
  (func (export "nest") ${HEAD} (local $c i64) (local $j i32) (local $k i32)
    (local.set $c (i64.const 11))
    (local.set $i (local.get $n))
    (loop $outer
      (local.set $j (local.get $n))
      (local.set $c (i64.add (local.get $c) (i64.const 2)))
      (loop $middle
        (local.set $k (i32.const 40))
        (local.set $c (i64.xor (local.get $c) (i64.shr_u (local.get $s) (i64.const 9))))
        (loop $inner ${STEP}
          (br_if $inner (local.tee $k (i32.sub (local.get $k) (i32.const 1)))))
        (br_if $middle (local.tee $j (i32.sub (local.get $j) (i32.const 1)))))
      (br_if $outer (local.tee $i (i32.sub (local.get $i) (i32.const 1)))))
    (i64.xor (local.get $s) (local.get $c)))
  (func $recursive (export "recursive") (param $n i32) (param $c i64) (result i64) (local $s i64) (local $m i32)
    (local.set $m (i32.add (local.get $n) (i32.const 300)))
    (loop $l ${STEP}
      (if (i32.and (i32.eqz (i32.rem_u (local.get $m) (i32.const 100))) (i32.gt_s (local.get $n) (i32.const 0)))
        (then (local.set $s (i64.xor (local.get $s) (call $recursive (i32.sub (local.get $n) (i32.const 1)) (local.get $s))))))
      (br_if $l (local.tee $m (i32.sub (local.get $m) (i32.const 1)))))
    (i64.add (local.get $s) (local.get $c)))
  (func (export "switched") (param $n i32) (param $c i64) (result i64) (local $s i64)
    (loop $l ${STEP}
      (local.set $n (i32.sub (local.get $n) (i32.const 1)))
      (block $done (br_table $l $done (i32.le_s (local.get $n) (i32.const 0))))
      (br_if $l (i32.gt_s (local.get $n) (i32.const 0))))
    (local.get $s))
  (func (export "traps") (param $n i32) (param $c i64) (result i64) (local $s i64)
    (loop $l ${STEP}
      (i64.store (i32.mul (local.get $n) (i32.const 8)) (local.get $s))
      (br_if $l (local.tee $n (i32.add (local.get $n) (i32.const 1)))))
    (local.get $s)))`;

function compiled(disabledPasses: readonly string[]): { exports: Exports; text: string } {
  const artifact = compileSync(wasmOf(WAT), { format: "cjs", target: "v8", i64: "bigint", disabledPasses });
  const { exports } = evaluateCommonJs(artifact).instantiateSync({});
  return { exports: exports as unknown as Exports, text: new TextDecoder().decode(artifact) };
}

const strips = compiled([]);
const whole = compiled(["strip-mining"]);
const native = new W.Instance(new W.Module(wasmOf(WAT))).exports as unknown as Exports;

describe("strip-mining", () => {
  const CALLS: readonly [name: string, ...args: unknown[]][] = [
    // Around the ends of strips of 256 rounds.
    ...[1, 2, 255, 256, 257, 511, 512, 513, 5000].map((n): [string, ...unknown[]] => ["sum", n, 5n]),
    ...[1, 256, 257, 3000].map((n): [string, ...unknown[]] => ["others", n]),
    ...[2, 5, 300, 700, 2000, 9000].map((n): [string, ...unknown[]] => ["ways out", n, 13n]),
    ...[1, 15, 16, 17, 40].map((n): [string, ...unknown[]] => ["nest", n]),
    ...[0, 1, 2].map((n): [string, ...unknown[]] => ["recursive", n, 99n]),
    ...[1, 2, 300].map((n): [string, ...unknown[]] => ["switched", n, 3n]),
  ];
  for (const [name, ...args] of CALLS) {
    it(`${name}(${args.join()})`, () => {
      const expected = native[name]!(...args);
      assert.equal(strips.exports[name]!(...args), expected);
      assert.equal(whole.exports[name]!(...args), expected);
    });
  }

  it("traps where the loop does", () => {
    assert.throws(() => strips.exports["traps"]!(8000, 1n), { message: /out of bounds memory access/ });
  });

  it("makes pieces, and none where it is switched off", () => {
    const pieces = (text: string): number => new Set(text.match(/function f\d+_\d+/g)).size;
    // One for each loop, of the nest for the two outer ones; none where a br_table goes on with the loop.
    assert.equal(pieces(strips.text), 1 + 1 + 1 + 2 + 1 + 1);
    assert.equal(pieces(whole.text), 0);
  });
});
