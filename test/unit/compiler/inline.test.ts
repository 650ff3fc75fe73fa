// Which calls are replaced by the callee's body (compiler/lower/inline.ts), and that this stays within bounds.
import assert from "node:assert/strict";
import { it } from "node:test";
import { compileSync } from "../../../compiler/compile.js";
import type { CompileOptions } from "../../../compiler/options.js";
import { evaluateCommonJs } from "../../support/js-artifact.js";
import { wasmOf } from "../environment/guests.js";

const textOf = (wat: string, options: CompileOptions): string =>
  new TextDecoder().decode(compileSync(wasmOf(wat), { format: "cjs", ...options }));

/** The functions that a function calls. */
function callees(text: string, index: number): string[] {
  const from = text.indexOf(`function f${index}(`);
  const body = text.slice(from + 12, text.indexOf("\n", from));
  return [...new Set([...body.matchAll(/\bf\d+(?=\()/g)].map(String))].filter((name) => name !== `f${index}`).sort();
}

const WIDE = `(module
  (func $step (param i64 i64) (result i64) (i64.add (i64.mul (local.get 0) (i64.const 3)) (local.get 1)))
  (func $clamp (param i64) (result i64)
    (if (i64.lt_s (local.get 0) (i64.const 0)) (then (return (i64.const 0))))
    (local.get 0))
  (func $quotient (param i64 i64) (result i64) (i64.div_s (local.get 0) (local.get 1)))
  (func (export "run") (param i64 i64) (result i64)
    (call $quotient (call $clamp (call $step (local.get 0) (local.get 1))) (local.get 1))))`;

it("for engines with a JIT, arithmetic with i64 is inlined, and what traps is not", () => {
  const text = textOf(WIDE, { target: "v8", optLevel: 1 });
  assert.deepEqual(callees(text, 3), ["f2"]);
  const { run } = evaluateCommonJs(new TextEncoder().encode(text)).instantiateSync({}).exports as unknown as {
    run: (a: bigint, b: bigint) => bigint;
  };
  assert.equal(run(10n, 7n), 5n);
  assert.equal(run(-10n, 7n), 0n);
  assert.equal(run(1n << 62n, 1n), BigInt.asIntN(64, 3n << 62n) < 0n ? 0n : BigInt.asIntN(64, (3n << 62n) + 1n));
  assert.throws(() => run(1n, 0n), /integer divide by zero/);
});

it("it is left alone where it has been switched off, and at -O0 and -Os", () => {
  for (const options of [{ disabledPasses: ["inlining"] }, { optLevel: 0 }, { optLevel: "s" }] as CompileOptions[])
    assert.deepEqual(callees(textOf(WIDE, { target: "v8", ...options }), 3), ["f0", "f1", "f2"]);
});

it("calls within calls do not multiply without end", () => {
  const calls = (callee: string): string => `(call ${callee})`.repeat(8);
  const chain = ["$b", "$c", "$d", "$e"].map((name, i) => `(func $${"abcd"[i]} ${calls(name)})`).join("");
  const text = textOf(
    `(module (global $g (mut i32) (i32.const 0)) ${chain}
      (func $e (global.set $g (i32.add (global.get $g) (i32.const 1))))
      (func (export "run") ${"(call $a)".repeat(500)}))`,
    { target: "hermes", optLevel: 2 },
  );
  assert.ok(text.length < 500_000, `${text.length}`);
});

it("many locals are no reason for many assignments", () => {
  const text = textOf(
    `(module (func $f (local ${"i32 ".repeat(40_000)})) (func (export "run") ${"(call $f)".repeat(2_000)}))`,
    { target: "hermes", optLevel: 2 },
  );
  assert.deepEqual(callees(text, 1), ["f0"]);
});
