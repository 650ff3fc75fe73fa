// Functions with i64 too large for V8 as BigInts are there in both forms, take turns at first, and give the same results in
// each of them, in pieces that return from the function as well.
import assert from "node:assert/strict";
import { describe, it } from "node:test";
import { compileSync } from "../../../compiler/compile.js";
import { evaluateCommonJs } from "../../support/js-artifact.js";
import { W } from "../../support/webassembly.js";
import { wasmOf } from "../environment/guests.js";

type Exports = Record<string, (...args: unknown[]) => unknown>;

/** Straight-line code of `n` steps on four variables, which are alive all the time, and a way out now and then. */
function steps(n: number): string {
  return Array.from({ length: n }, (_, i) => {
    const [a, b, c] = [i % 4, (i + 1) % 4, (i + 3) % 4].map((k) => `$s${k}`);
    const step = `(local.set ${a} (i64.add (i64.rotl (i64.mul (local.get ${a}) (i64.const ${2654435761 + 2 * i})) (i64.const 31)) (i64.xor (local.get ${b}) (local.get ${c}))))`;
    const exit = `(if (i32.eq (local.get $n) (i32.const ${i})) (then (return (i64.add (local.get ${a}) (local.get $f)))))`;
    const keep = `(local.set $x (i32.add (local.get $x) (i32.wrap_i64 (local.get ${a}))))`;
    return i % 100 === 50 ? step + exit + keep : step;
  }).join("\n");
}

const WAT = `(module (func (export "run") (param $n i32) (param $f i64) (result i64)
  (local $s0 i64) (local $s1 i64) (local $s2 i64) (local $s3 i64) (local $x i32)
  (local.set $s1 (local.get $f)) (local.set $s3 (i64.extend_i32_u (local.get $n)))
  ${steps(1000)}
  (i64.add (i64.xor (local.get $s0) (local.get $s2)) (i64.extend_i32_s (local.get $x)))))`;

const bytes = wasmOf(WAT);
const native = new W.Instance(new W.Module(bytes)).exports as unknown as Exports;
const text = new TextDecoder().decode(compileSync(bytes, { format: "cjs", target: "v8" }));

function instantiated(source: string): Exports {
  const artifact = evaluateCommonJs(new TextEncoder().encode(source));
  return artifact.instantiateSync({}).exports as unknown as Exports;
}

describe("large functions with BigInts", () => {
  it("are there in both forms, in pieces", () => {
    const names = [...text.matchAll(/function (f0_?\d*)\(/g)].map(([, name]) => name);
    assert.ok(names.includes("f0") && names.includes("f0_0"), names.join());
    assert.ok(names.includes("f0_1") && names.includes("f0_2"), names.join());
    assert.match(text, /if\(L0\.n<8192&&L0\.n\+\+&31\)return f0_0\(/);
  });

  // All calls with BigInts but the first; a turn of each form.
  for (const [what, source] of [
    ["later", text.replaceAll("8192", "1")],
    ["at first", text],
  ] as const) {
    it(`give the results of native WebAssembly ${what}`, () => {
      const { run } = instantiated(source);
      for (let call = 0; call < 70; call++) {
        const args = [call % 3 === 0 ? 50 + (call % 10) * 100 : -call, BigInt(call) * 0x123456789abcdefn];
        assert.equal(run!(...args), native["run"]!(...args), `call ${call} (${args.join()})`);
      }
    });
  }

  it("are left in halves at -Os", () => {
    const small = new TextDecoder().decode(compileSync(bytes, { format: "cjs", target: "v8", optLevel: "s" }));
    assert.doesNotMatch(small, /f0_0|asUintN/);
  });
});
