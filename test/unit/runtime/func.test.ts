// Wrappers and adapters: every signature shape gives the same values, whichever specialization serves it; NaN bits on the raw
// path; type keys.
import assert from "node:assert/strict";
import { describe, it } from "node:test";
import { invokeRaw, exportFunc, funcOf, makeFunc, typeKeyOf, type Func } from "../../../runtime/instance/func.js";
import { hostCode } from "../../../runtime/instance/host.js";
import type { RawCode } from "../../../runtime/instance/store.js";
import { f32Bits, f32FromBits, f64Bits, f64FromBits } from "../../../runtime/semantics/index.js";
import { EXTERNREF, HEAP, refType } from "../../../runtime/wasm/types.js";
import { type } from "./hand-made.js";

const func = (key: string, code: RawCode): Func => makeFunc(type(key), key, code, null, 3, "");

const SAMPLE: Record<string, [unknown, unknown]> = {
  // what JavaScript passes, what arrives
  i: [4294967297.9, 1],
  l: [-2n, -2n],
  f: [0.1, Math.fround(0.1)],
  d: ["2.5", 2.5],
  e: [SYMBOL(), undefined],
};
function SYMBOL(): symbol {
  return Symbol.for("any value");
}
SAMPLE["e"]![1] = SAMPLE["e"]![0];

/** A host function of the signature, seen from JavaScript through adapter and wrapper: values must arrive and return. */
function roundTrip(key: string): void {
  const [params, results] = key.split(":") as [string, string];
  const seen: unknown[][] = [];
  const answers = [...results].map((letter) => SAMPLE[letter]!);
  const host = (...args: unknown[]): unknown => {
    seen.push(args);
    return results.length === 1 ? answers[0]![0] : answers.map((answer) => answer[0]);
  };
  const exported = exportFunc(func(key, hostCode(host, type(key))));
  assert.equal(exported.length, params.length);
  const got = exported(...[...params].map((letter) => SAMPLE[letter]![0]));
  assert.deepEqual(seen, [[...params].map((letter) => SAMPLE[letter]![1])], key);
  const wanted = answers.map((answer) => answer[1]);
  assert.deepEqual(got, results.length === 0 ? undefined : results.length === 1 ? wanted[0] : wanted, key);
}

describe("wrappers and adapters", () => {
  it("of up to 10 parameters of each kind", () => {
    for (const letter of "ilfde") {
      for (let arity = 0; arity <= 10; arity++) {
        for (const result of ["", "i", "l", "f", "d", "e"]) roundTrip(`${letter.repeat(arity)}:${result}`);
      }
    }
  });

  it("of mixed parameters", () => {
    for (const params of ["id", "di", "eif", "lil", "fdlie", "ididididi", "dddddddi", "leleleel"])
      roundTrip(`${params}:d`);
  });

  it("of several results", () => {
    for (const results of [
      "ii",
      "ll",
      "il",
      "li",
      "dl",
      "ld",
      "fd",
      "eie",
      "lelf",
      "iiiiiiiiii",
      "dddddddddd",
      "llllll",
    ]) {
      roundTrip(`:${results}`);
      roundTrip(`il:${results}`);
    }
  });

  it("of functions", () => {
    const f = exportFunc(func(":", () => undefined));
    const exported = exportFunc(
      func(
        "n:n",
        hostCode((x: unknown) => x, type("n:n")),
      ),
    );
    assert.equal(exported(f), f);
    assert.equal(exported(null), null);
    assert.throws(() => exported({}), TypeError);
  });

  it("refuse v128", () => {
    assert.throws(() => exportFunc(func("v:", () => undefined))(1), TypeError);
    assert.throws(() => exportFunc(func(":v", () => 0))(), TypeError);
  });

  it("refuse a wrong number of results", () => {
    const short = exportFunc(
      func(
        ":ii",
        hostCode(() => [1], type(":ii")),
      ),
    );
    assert.throws(() => short(), /expected 2 results of a host function, got 1/);
    const none = exportFunc(
      func(
        ":ii",
        hostCode(() => 1, type(":ii")),
      ),
    );
    assert.throws(() => none(), /expected an iterable/);
  });

  it("are made once and lead back to the record", () => {
    const f = func("i:i", (x: number) => x);
    assert.equal(exportFunc(f), exportFunc(f));
    assert.equal(funcOf(exportFunc(f)), f);
    assert.equal(exportFunc(f).name, "3");
    assert.equal(
      funcOf(() => 1),
      undefined,
    );
  });
});

describe("the raw path", () => {
  it("keeps NaN bits", () => {
    // V8 quiets signalling NaNs in an array of nothing but doubles; one that has held something else leaves them alone.
    const args = (x: number): unknown[] => {
      const scalars: unknown[] = [null];
      scalars[0] = x;
      return scalars;
    };
    const same32 = func("f:f", (x: number) => x);
    for (const bits of [0x7fc00000, 0x7fa00001, 0xffffffff | 0, 0x7f800001]) {
      assert.equal(f32Bits(invokeRaw(same32, args(f32FromBits(bits)))[0] as number), bits);
    }
    const same64 = func("d:d", (x: number) => x);
    for (const bits of [0x7ff8000000000000n, 0x7ff0000000000001n, -1n]) {
      assert.equal(f64Bits(invokeRaw(same64, args(f64FromBits(bits)))[0] as number), bits);
    }
  });
});

describe("type keys", () => {
  it("tell types apart", () => {
    assert.equal(typeKeyOf(type("ilfdvne:li")), "ilfdvne:li");
    const nonNull = refType(HEAP.func, false);
    const keys = [
      EXTERNREF,
      nonNull,
      refType(HEAP.func, true),
      refType(0, true),
      refType(0, false),
      refType(1, false),
    ].map((t) => typeKeyOf({ kind: "func", params: [t], results: [] }));
    assert.equal(new Set(keys).size, keys.length);
  });
});
