// i64 as BigInt: the operations that V8 has no instruction for, on all pairs of values at which something changes.
import assert from "node:assert/strict";
import { it } from "node:test";
import binaryen from "binaryen";
import { compileSync } from "../../../compiler/compile.js";

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
  ...Array.from({ length: 65 }, (_, k) => [-1n, 0n, 1n].map((d) => U((1n << BigInt(k)) + d))).flat(),
  0x9e3779b97f4a7c15n,
  0xbf58476d1ce4e5b9n,
  12345678901234567n,
  10n,
  1000000007n,
];

it("computes shifts, rotations and divisions of i64 as BigInt", () => {
  const module = binaryen.parseText(WAT);
  const bytes = module.emitBinary();
  module.dispose();
  const text = new TextDecoder().decode(
    compileSync(bytes, { format: "cjs", target: "v8", i64: "bigint", optLevel: 1 }),
  );
  assert.match(text, /function Wrem\(/, "i64 is not a BigInt");
  const artifact = {} as {
    instantiateSync: (imports: object) => { exports: Record<string, (a: bigint, b: bigint) => bigint> };
  };
  new Function("exports", text)(artifact);
  const { exports } = artifact.instantiateSync({});
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
