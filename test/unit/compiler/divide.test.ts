// i64 division by constants, powers of two among them, in every form that i64 has, against BigInt.
import assert from "node:assert/strict";
import { it } from "node:test";
import { compileSync } from "../../../compiler/compile.js";
import { evaluateCommonJs } from "../../support/js-artifact.js";
import { wasmOf } from "../environment/guests.js";

const S = (x: bigint): bigint => BigInt.asIntN(64, x);
const U = (x: bigint): bigint => BigInt.asUintN(64, x);
const MEANING: Readonly<Record<string, (a: bigint, b: bigint) => bigint>> = {
  div_s: (a, b) => S(S(a) / S(b)),
  rem_s: (a, b) => S(S(a) % S(b)),
  div_u: (a, b) => S(U(a) / U(b)),
  rem_u: (a, b) => S(U(a) % U(b)),
};
const EXPONENTS = [0, 1, 2, 7, 20, 31, 32, 33, 52, 62, 63];
// Neighbours of powers, which must not be taken for one; reciprocals of 64 and 65 bits, of even and odd divisors.
const OTHERS = [3n, 5n, 6n, 7n, 10n, 14n, 28n, 641n, 86400n, 1000000007n, 2147483647n, 6700417n, 0xfffffffffffffff1n];
const DIVISORS = [
  ...new Set(
    EXPONENTS.flatMap((k) => [1n << BigInt(k), (1n << BigInt(k)) + 1n, -(1n << BigInt(k))])
      .concat(OTHERS)
      .map(S),
  ),
];
const VALUES = DIVISORS.flatMap((d) => [d, S(d - 1n), S(d * (U(-1n) / U(d))), S(d * (U(-1n) / U(d)) - 1n)]).concat(
  0n,
  -1n,
  S((1n << 63n) - 1n),
  123456789012345678n,
  -987654321098765432n,
);
const WAT = `(module ${Object.keys(MEANING)
  .flatMap((op) =>
    DIVISORS.map(
      (divisor) => `(func (export "${op} ${divisor}") (param i64) (result i64)
        (local.set 0 (i64.add (local.get 0) (i64.const 1)))
        (i64.${op} (i64.sub (local.get 0) (i64.const 1)) (i64.const ${divisor})))`,
    ),
  )
  .join("\n")})`;

for (const i64 of ["halves", "bigint"] as const) {
  it(`divides by constants in i64 as ${i64}`, () => {
    const artifact = compileSync(wasmOf(WAT), { format: "cjs", target: "v8", i64 });
    const exports = evaluateCommonJs(artifact).instantiateSync({}).exports as unknown as Record<
      string,
      (a: bigint) => bigint
    >;
    for (const [op, meaning] of Object.entries(MEANING)) {
      for (const divisor of DIVISORS) {
        for (const a of VALUES) {
          if (divisor === -1n && a === S(1n << 63n) && op === "div_s") continue; // traps
          assert.equal(exports[`${op} ${divisor}`]!(a), meaning(a, divisor), `${a} ${op} ${divisor}`);
        }
      }
    }
  });
}

it("calls nothing for it", () => {
  const wat = `(module (func (export "f") (param i64) (result i64) (i64.rem_s (i64.div_s (local.get 0) (i64.const 8)) (i64.const 4294967296))))`;
  const text = new TextDecoder().decode(compileSync(wasmOf(wat), { format: "esm", runtime: "external" }));
  assert.doesNotMatch(text, /i64_(div|rem)_s\(/);
});
