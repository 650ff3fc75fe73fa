// Words to Wasm values and back, at the edges of every type.
import assert from "node:assert/strict";
import { test } from "node:test";
import { Failure } from "../../../compiler/cli/failure.js";
import { describeSignature, formatResult, parseArguments } from "../../../compiler/cli/invoke.js";
import {
  EXTERNREF,
  F32,
  F64,
  FUNCREF,
  I32,
  I64,
  V128,
  type FuncType,
  type ValType,
} from "../../../runtime/wasm/types.js";

const taking = (...params: ValType[]): FuncType => ({ kind: "func", params, results: [] });

test("words become values", () => {
  const cases: [ValType, string, unknown][] = [
    [I32, "7", 7],
    [I32, "-2147483648", -2147483648],
    [I32, "4294967295", -1],
    [I32, "0xffff_ffff", -1],
    [I32, "+1_000", 1000],
    [I64, "18446744073709551615", -1n],
    [I64, "-9223372036854775808", -(2n ** 63n)],
    [I64, "0x10", 16n],
    [F32, "1.5", 1.5],
    [F64, "-0", -0],
    [F64, ".5e-1", 0.05],
    [F64, "0x10", 16],
    [F64, "-inf", -Infinity],
    [F64, "Infinity", Infinity],
    [F64, "nan", NaN],
    [EXTERNREF, "null", null],
    [FUNCREF, "null", null],
  ];
  for (const [type, word, value] of cases) {
    assert.deepEqual(parseArguments("f", taking(type), [word]), [value], word);
  }
});

test("words that are no values are refused", () => {
  const cases: [ValType, string][] = [
    [I32, "4294967296"],
    [I32, "-2147483649"],
    [I32, "1.5"],
    [I32, ""],
    [I32, "0x"],
    [I32, "1e3"],
    [I32, "1__0"],
    [I64, "18446744073709551616"],
    [F64, "one"],
    [F64, "1e"],
    [F64, "."],
    [V128, "0"],
    [EXTERNREF, "7"],
  ];
  for (const [type, word] of cases) {
    assert.throws(() => parseArguments("f", taking(type), [word]), Failure, word);
  }
});

test("a wrong argument is told by place, signature and type", () => {
  const type: FuncType = { kind: "func", params: [I32, F64], results: [I64] };
  const say = (words: string[]): string => {
    try {
      parseArguments("mix", type, words);
    } catch (error) {
      return (error as Failure).message;
    }
    return "accepted";
  };
  assert.equal(describeSignature("mix", type), "mix(i32, f64) -> i64");
  assert.equal(say(["1"]), "mix(i32, f64) -> i64 takes 2 arguments, got 1");
  assert.equal(say(["1", "x"]), "argument 2 of mix(i32, f64) -> i64 is an f64: a number, inf or nan, got x");
  assert.equal(say(["1", "2"]), "accepted");
});

test("results are printed so that they can be told apart", () => {
  const values = [-1, -0, NaN, Infinity, -Infinity, 0.1, 2n ** 63n, null, {}];
  assert.deepEqual(values.map(formatResult), [
    "-1",
    "-0",
    "nan",
    "inf",
    "-inf",
    "0.1",
    "9223372036854775808",
    "null",
    "externref",
  ]);
});
