// Functions cut into pieces do what whole ones do: values cross in and out with their bits, every way out of a piece leads
// where it should, recursion does not mix up what pieces leave, traps tell the same frames. And the pieces are small enough.
import assert from "node:assert/strict";
import { describe, it } from "node:test";
import binaryen from "binaryen";
import { compileImageSync, compileSync } from "../../../compiler/compile.js";
import { lowerFunction } from "../../../compiler/lower/lower.js";
import { PASSES, runPasses } from "../../../compiler/passes/index.js";
import { Liveness } from "../../../compiler/passes/liveness.js";
import { CHOICES } from "../../../compiler/targets.js";
import { Sizes } from "../../../compiler/passes/outline/size.js";
import { K } from "../../../compiler/ir/ir.js";
import { load } from "../../../loader/index.js";
import { Trap } from "../../../runtime/errors.js";
import { decode } from "../../../runtime/wasm/decode.js";

const { MVP, TailCall, Multivalue, ReferenceTypes, SignExt } = binaryen.Features;
const LIMIT = 600;

type Exports = Record<string, (...args: unknown[]) => unknown>;

function assembled(functions: string): Uint8Array {
  const module = binaryen.parseText(`(module (memory 1) ${functions})`);
  module.setFeatures(MVP | TailCall | Multivalue | ReferenceTypes | SignExt);
  const bytes = module.emitBinary();
  module.dispose();
  return bytes;
}

/** Code that a piece is worth: it counts up `n` words of memory, each differently. */
function bulk(n: number, at = 64): string {
  const word = (i: number): string => `(i32.const ${at + 4 * i})`;
  return Array.from(
    { length: n },
    (_, i) =>
      `(i32.store ${word(i)} (i32.add (i32.load ${word(i)}) (i32.xor (i32.load8_u ${word(i + 1)}) (i32.const ${i}))))`,
  ).join("\n");
}

/** The exports of a module in one whole and cut into pieces. */
function bothWays(functions: string): { whole: Exports; cut: Exports } {
  const bytes = assembled(functions);
  const { pages } = compileImageSync(bytes, { outlineLimit: LIMIT });
  assert.match(pages[0]!.text, /function f\d+_1\(/, "nothing was cut");
  const exportsOf = (outlineLimit: number): Exports =>
    load(compileSync(bytes, { outlineLimit })).instantiate({}).exports as Exports;
  return { whole: exportsOf(Infinity), cut: exportsOf(LIMIT) };
}

/** Calls `run` with each list of arguments, in turn, on both. */
function agree(functions: string, calls: readonly unknown[][]): void {
  const { whole, cut } = bothWays(functions);
  for (const args of calls)
    assert.deepEqual(cut["run"]!(...args), whole["run"]!(...args), `of ${args.map(String).join()}`);
}

const numbers = [0, 1, 2, 3, 4, 5, -1, 77].map((n) => [n]);

describe("ways out of a piece", () => {
  it("off its end, and back to a loop", () =>
    agree(
      `(func (export "run") (param i32) (result i32) (local i32)
        (loop $l ${bulk(12)}
          (local.set 1 (i32.add (local.get 1) (i32.load (i32.const 64))))
          (br_if $l (i32.gt_s (local.tee 0 (i32.sub (local.get 0) (i32.const 1))) (i32.const 0)))
          ${bulk(12, 256)})
        (i32.add (local.get 1) (i32.load (i32.const 256))))`,
      numbers,
    ));

  it("to many labels, by a br_table", () =>
    agree(
      `(func (export "run") (param i32) (result i32) (local i32)
        (block $a (block $b (block $c (block $d
          (if (i32.lt_s (local.get 0) (i32.const 100))
            (then ${bulk(10)}
              (local.set 1 (i32.load (i32.const 64)))
              (br_table $a $b $c $d $a (local.get 0))))
          ${bulk(10, 256)})
          (return (i32.add (local.get 1) (i32.const 1000))))
          (local.set 1 (i32.add (local.get 1) (i32.const 10))))
          (local.set 1 (i32.add (local.get 1) (i32.const 100))))
        (local.get 1))`,
      numbers,
    ));

  it("out of the function, with one result, several and none", () => {
    const returning = (result: string, value: string, other: string): string =>
      `(func (export "run") (param i32) (result ${result})
        (block $out
          (if (local.get 0)
            (then ${bulk(10)}
              (if (i32.eq (local.get 0) (i32.const 1)) (then (return ${value})))
              (br_if $out (i32.eq (local.get 0) (i32.const 2)))
              (if (i32.eq (local.get 0) (i32.const 3)) (then (return ${other})))))
          ${bulk(10, 256)})
        ${other})`;
    agree(returning("i32", "(i32.load (i32.const 64))", "(i32.const -5)"), numbers);
    agree(returning("i64", "(i64.load (i32.const 64))", "(i64.const -0x123456789ab)"), numbers);
    const pair = (a: string, b: string): string =>
      `(i64.extend_i32_s (i32.load ${a})) (f64.convert_i32_s (i32.load ${b}))`;
    agree(
      returning("i64 f64", pair("(i32.const 64)", "(i32.const 68)"), pair("(i32.const 72)", "(i32.const 256)")),
      numbers,
    );
    agree(
      `${returning("", "", "").replace("(result )", "").replace('"run"', '"none"')}
      (func (export "run") (param i32) (result i32) (call 0 (local.get 0)) (i32.load (i32.const 64)))`,
      numbers,
    );
  });

  it("into a trap alone", () => {
    const { whole, cut } = bothWays(
      `(func (export "run") (param i32) (result i32)
        (if (local.get 0) (then ${bulk(12)} (unreachable)))
        ${bulk(12)}
        (i32.load (i32.const 64)))`,
    );
    assert.throws(() => cut["run"]!(1), { message: "unreachable" });
    assert.equal(cut["run"]!(0), (whole["run"]!(0), whole["run"]!(0)));
  });

  it("never by a tail call", () =>
    agree(
      `(func $even (export "run") (param i32) (result i32)
        (if (i32.eqz (local.get 0)) (then (return (i32.load (i32.const 64)))))
        ${bulk(12)}
        (return_call $odd (i32.sub (local.get 0) (i32.const 1))))
      (func $odd (param i32) (result i32)
        (if (i32.le_s (local.get 0) (i32.const 0)) (then (return (i32.const 0))))
        ${bulk(12)}
        (return_call $even (i32.sub (local.get 0) (i32.const 1))))`,
      [[0], [1], [20_000], [20_001]],
    ));
});

describe("values that cross", () => {
  // Each type lives over a piece's beginning and is assigned in it.
  it("keep their bits, signalling NaNs too", () =>
    agree(
      `(func (export "run") (param i32 i64 f64) (result i64 f64 i32)
        (local $f f32)
        (f32.store (i32.const 0) (f32.reinterpret_i32 (i32.const 0x7fa00001)))
        (local.set $f (f32.load (i32.const 0)))
        (if (local.get 0)
          (then
            (i32.store (i32.const 8) (i32.reinterpret_f32 (local.get $f)))
            ${bulk(10)}
            (local.set 1 (i64.mul (local.get 1) (i64.const 0x100000003)))
            (local.set 2 (f64.add (local.get 2) (f64.const 0.5)))
            (local.set $f (f32.load (i32.const 8)))))
        ${bulk(10, 256)}
        (i64.xor (local.get 1) (i64.load (i32.const 64)))
        (local.get 2)
        (i32.reinterpret_f32 (local.get $f)))`,
      [
        [0, 5n, 1],
        [1, -5n, 2 ** 60],
        [1, 2n ** 62n, NaN],
      ],
    ));

  it("are references", () =>
    agree(
      `(func (export "run") (param i32 externref externref) (result externref)
        (if (local.get 0) (then ${bulk(12)} (local.set 1 (local.get 2)) (local.set 2 (ref.null extern))))
        ${bulk(12, 256)}
        (select (result externref) (local.get 1) (local.get 2) (i32.and (local.get 0) (i32.const 1))))`,
      [
        [0, "a", "b"],
        [1, "a", "b"],
        [2, "a", "b"],
      ],
    ));

  it("are not mixed up by recursion", () =>
    agree(
      `(func $run (export "run") (param i32 i32) (result i32) (local i32 i32 i32)
        (if (i32.le_s (local.get 0) (i32.const 0)) (then (return (local.get 1))))
        (loop $again
          ${bulk(6)}
          (local.set 2 (i32.add (local.get 2) (call $run (i32.sub (local.get 0) (i32.const 1)) (local.get 2))))
          (local.set 3 (i32.xor (local.get 2) (i32.mul (local.get 1) (i32.const 7))))
          (local.set 1 (i32.add (local.get 1) (i32.const 3)))
          (br_if $again (i32.lt_s (local.tee 4 (i32.add (local.get 4) (i32.const 1))) (i32.const 3)))
          ${bulk(6, 256)})
        (i32.add (local.get 2) (local.get 3)))`,
      [
        [3, 0],
        [6, 1],
      ],
    ));
});

describe("traps in pieces", () => {
  it("have the frames of whole functions", () => {
    const { whole, cut } = bothWays(
      `(func $outer (export "run") (param i32) (result i32)
        ${bulk(10)}
        (if (i32.gt_s (local.get 0) (i32.const 0))
          (then ${bulk(4)} (return (call $outer (i32.sub (local.get 0) (i32.const 1))))))
        ${bulk(10)}
        (i32.div_s (i32.const 1) (local.get 0)))`,
    );
    const framesOf = (exports: Exports): unknown => {
      try {
        exports["run"]!(2);
      } catch (error) {
        if (error instanceof Trap)
          return error.frames.map(({ funcIndex, offset }) => [funcIndex, offset !== undefined]);
      }
      return assert.fail("no trap");
    };
    const offsetOf = (exports: Exports): unknown => {
      try {
        return exports["run"]!(0);
      } catch (error) {
        return (error as Trap).offset;
      }
    };
    assert.deepEqual(framesOf(cut), framesOf(whole));
    assert.equal(typeof offsetOf(whole), "number");
    assert.equal(offsetOf(cut), offsetOf(whole));
  });
});

describe("pieces", () => {
  const straight = assembled(`(func (export "run") (param i32) ${bulk(400)})`);
  const cut = (outlineLimit: number): number[] => {
    const func = lowerFunction(decode(straight), 0);
    const context = { level: 1, disabled: new Set<string>(), choices: CHOICES.generic, memories: [] };
    runPasses(func, PASSES, { ...context, outlineLimit });
    return [func, ...func.pieces].map(({ body }) => new Sizes().list(body));
  };

  it("are within the limit, and so is what is left", () => {
    for (const limit of [20_000, 5_000, 1_000]) {
      const sizes = cut(limit);
      assert.ok(sizes.length > 1 && Math.max(...sizes) <= 1.1 * limit, `${limit}: ${sizes.join()}`);
    }
  });

  it("are none where the function is", () => assert.equal(cut(1_000_000).length, 1));

  it("are found alike every time", () => assert.deepEqual(cut(5_000), cut(5_000)));

  it("are not made for engines that have no limit", () => {
    const text = (target: "hermes" | "v8"): string => compileImageSync(straight, { target }).pages[0]!.text;
    const long = assembled(`(func (export "run") (param i32) ${bulk(1500)})`);
    const textOf = (target: "hermes" | "v8"): string => compileImageSync(long, { target }).pages[0]!.text;
    assert.doesNotMatch(text("v8"), /f0_1/);
    assert.match(textOf("v8"), /f0_1/);
    assert.doesNotMatch(textOf("hermes"), /f0_1/);
  });
});

describe("liveness", () => {
  it("goes round loops", () => {
    const bytes = assembled(
      `(func (export "run") (param $n i32) (param $k i32) (result i32) (local $sum i32)
        (loop $outer
          (loop $inner
            (local.set $sum (i32.add (local.get $sum) (local.get $k)))
            (br_if $inner (i32.lt_s (local.get $sum) (local.get $n))))
          (local.set $n (i32.sub (local.get $n) (i32.const 1)))
          (br_if $outer (local.get $n)))
        (local.get $sum))`,
    );
    const func = lowerFunction(decode(bytes), 0);
    const outer = func.body.find((s) => s.kind === K.loop)!;
    assert.ok(outer.kind === K.loop);
    const inner = outer.body.find((s) => s.kind === K.loop)!;
    assert.ok(inner.kind === K.loop);
    const live = new Liveness(func, new Set([func.body, outer.body, inner.body]));
    // What the next round of the outer loop reads is alive in the inner one.
    assert.deepEqual(live.members(live.at(inner.body, 0)).sort(), [0, 1, 2]);
    assert.deepEqual(live.members(live.at(func.body, func.body.indexOf(outer))).sort(), [0, 1, 2]);
    assert.deepEqual(live.members(live.at(func.body, func.body.indexOf(outer) + 1)), [2]);
  });
});
