// i64 as BigInt: the operations that V8 has no instruction for, on all pairs of values at which something changes. And comparisons with
// constants, which look at one half where that decides, in both forms of i64.
import assert from "node:assert/strict";
import { it } from "node:test";
import { compileSync } from "../../../compiler/compile.js";
import { evaluateCommonJs } from "../../support/js-artifact.js";
import { wasmOf } from "../environment/guests.js";

const OPS = ["shl", "shr_u", "shr_s", "rotl", "rotr", "div_u", "rem_u", "div_s", "rem_s"] as const;
const WAT = `(module ${OPS.map(
  (op) => `(func (export "${op}") (param i64 i64) (result i64) (i64.${op} (local.get 0) (local.get 1)))`,
).join("")})`;

const U = (x: bigint): bigint => BigInt.asUintN(64, x);
const S = (x: bigint): bigint => BigInt.asIntN(64, x);
const EXPECTED: Readonly<Record<(typeof OPS)[number], (a: bigint, b: bigint) => bigint>> = {
  shl: (a, b) => a << (b & 63n),
  shr_u: (a, b) => a >> (b & 63n),
  shr_s: (a, b) => S(a) >> (b & 63n),
  rotl: (a, b) => (a << (b & 63n)) | (a >> (64n - (b & 63n))),
  rotr: (a, b) => (a >> (b & 63n)) | (a << (64n - (b & 63n))),
  div_u: (a, b) => a / b,
  rem_u: (a, b) => a % b,
  div_s: (a, b) => S(a) / S(b),
  rem_s: (a, b) => S(a) % S(b),
};

/** Powers of two and their neighbours, and a few numbers without pattern. */
const VALUES = [
  ...[0, 1, 2, 5, 31, 32, 33, 47, 62, 63].flatMap((k) => [-1n, 0n, 1n].map((d) => U((1n << BigInt(k)) + d))),
  U(-2n),
  0x9e3779b97f4a7c15n,
  0xbf58476d1ce4e5b9n,
  12345678901234567n,
  10n,
  1000000007n,
];

it("computes shifts, rotations and divisions of i64 as BigInt", () => {
  const artifact = compileSync(wasmOf(WAT), { format: "cjs", target: "v8", i64: "bigint", optLevel: 1 });
  assert.match(new TextDecoder().decode(artifact), /function Wrem\(/, "i64 is not a BigInt");
  const exports = exportsOf(artifact);
  for (const op of OPS) {
    const divides = op.startsWith("div") || op.startsWith("rem");
    for (const a of VALUES) {
      for (const b of VALUES) {
        const traps = divides && (b === 0n || (op === "div_s" && S(a) === -(1n << 63n) && S(b) === -1n));
        if (traps) assert.throws(() => exports[op]!(a, b), /divide by zero|overflow/, `${op} ${a} ${b}`);
        else if (exports[op]!(a, b) !== S(EXPECTED[op](a, b))) assert.fail(`${op} ${a} ${b}`);
      }
    }
  }
});

const COMPARISONS = ["eq", "ne", "lt_s", "lt_u", "gt_s", "gt_u", "le_s", "le_u", "ge_s", "ge_u"] as const;
const SIGNS: Readonly<Record<string, (a: bigint, b: bigint) => boolean>> = {
  eq: (a, b) => a === b,
  ne: (a, b) => a !== b,
  lt: (a, b) => a < b,
  gt: (a, b) => a > b,
  le: (a, b) => a <= b,
  ge: (a, b) => a >= b,
};

for (const i64 of ["halves", "bigint"] as const) {
  it(`compares i64 as ${i64} with constants`, () => {
    const bounds = [
      0n,
      1n,
      -1n,
      0xffffffffn,
      1n << 32n,
      -1n << 32n,
      1n << 63n,
      (1n << 63n) - 1n,
      7n << 32n,
      (9n << 32n) - 1n,
    ].map(S);
    const functions = COMPARISONS.flatMap((op) =>
      bounds.map((bound, i) => {
        // Used as a value, as a condition, and negated.
        const compare = `(i64.${op} (local.get 0) (i64.const ${bound}))`;
        return `(func (export "${op} ${i}") (param i64) (result i32)
          (i32.add (if (result i32) ${compare} (then (i32.const 2)) (else (i32.const 0)))
            (i32.add ${compare} (if (result i32) (i32.eqz ${compare}) (then (i32.const 0)) (else (i32.const 4))))))`;
      }),
    );
    const bytes = wasmOf(`(module ${functions.join("\n")})`);
    const exports = exportsOf(compileSync(bytes, { format: "cjs", target: "v8", i64, optLevel: 1 }));
    const values = [...new Set(bounds.flatMap((bound) => [bound, S(bound + 1n), S(bound - 1n)]))];
    for (const op of COMPARISONS) {
      const holds = SIGNS[op.slice(0, 2)]!;
      const wrap = op.endsWith("_u") ? U : S;
      bounds.forEach((bound, i) => {
        for (const value of values) {
          const expected = holds(wrap(value), wrap(bound)) ? 7 : 0;
          assert.equal(exports[`${op} ${i}`]!(value, 0n), expected, `${value} ${op} ${bound}`);
        }
      });
    }
  });
}

type Exports = Record<string, (a: bigint, b: bigint) => bigint>;

function exportsOf(artifact: Uint8Array): Exports {
  return evaluateCommonJs(artifact).instantiateSync({}).exports as unknown as Exports;
}
