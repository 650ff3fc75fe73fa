// Signature strings: what is well formed, what fits which type, and that types of TypeScript follow from them.
import assert from "node:assert/strict";
import { describe, it } from "node:test";
import { native, type Pointer } from "../../../runtime/environment/index.js";
import { parseSignature, plainSignature, signatureMismatch } from "../../../runtime/environment/signature.js";
import { type } from "../runtime/hand-made.js";

describe("parseSignature", () => {
  it("takes letters apart", () => {
    assert.deepEqual(parseSignature("(i*~$)i"), { text: "(i*~$)i", params: ["i", "*", "~", "$"], results: ["i"] });
    assert.deepEqual(parseSignature("()"), { text: "()", params: [], results: [] });
    assert.deepEqual(parseSignature("(IfFr)r").params, ["I", "f", "F", "r"]);
    assert.deepEqual(parseSignature("()iI").results, ["i", "I"]);
  });

  const malformed: [text: string, why: string][] = [
    ["", "expected letters in parentheses"],
    ["i", "expected letters in parentheses"],
    ["i)i", "expected letters in parentheses"],
    ["(i", "expected letters in parentheses"],
    [" (i)", "expected letters in parentheses"],
    ["(x)", 'parameter 0 is "x"'],
    ["(ii )", 'parameter 2 is " "'],
    ["(()", 'parameter 0 is "("'],
    ["(~)", 'parameter 0 is "~", but no "*" precedes it'],
    ["(i~)", 'parameter 1 is "~", but no "*" precedes it'],
    ["(*~~)", 'parameter 2 is "~", but no "*" precedes it'],
    ["($~)", 'parameter 1 is "~", but no "*" precedes it'],
    ["()*", 'result 0 is "*"'],
    ["()$", 'result 0 is "$"'],
    ["()i)", 'result 1 is ")"'],
    ["(é)", 'parameter 0 is "é"'],
  ];
  for (const [text, why] of malformed) {
    it(`refuses ${JSON.stringify(text)}`, () => {
      const letters = "i i32, I i64, f f32, F f64, r reference, * address, ~ its length, $ string";
      assert.throws(() => parseSignature(text), {
        name: "WasmError",
        code: "native-signature",
        message: `malformed native signature: "${text}": ${why}; letters are ${letters}`,
      });
    });
  }
});

describe("signatureMismatch", () => {
  const fits: [signature: string, typeKey: string][] = [
    ["()", ":"],
    ["(iIfF)I", "ilfd:l"],
    ["(*~$*)i", "iiii:i"],
    ["(rr)r", "en:e"],
    ["()iF", ":id"],
  ];
  for (const [signature, key] of fits) {
    it(`${signature} fits ${key}`, () =>
      assert.equal(signatureMismatch(parseSignature(signature), type(key)), undefined));
  }

  const not: [signature: string, typeKey: string, why: string][] = [
    ["()", "i:", "(i32) -> (): 0 parameters, expected 1"],
    ["(ii)", "i:", "(i32) -> (): 2 parameters, expected 1"],
    ["()", ":i", "() -> (i32): 0 results, expected 1"],
    ["()i", ":", "() -> (): 1 results, expected 0"],
    ["(i)", "l:", '(i64) -> (): parameter 0 is "i", expected i64'],
    ["(*~)", "il:", '(i32, i64) -> (): parameter 1 is "~", expected i64'],
    ["($)", "l:", '(i64) -> (): parameter 0 is "$", expected i64'],
    ["(*)", "e:", '(externref) -> (): parameter 0 is "*", expected externref'],
    ["(f)", "d:", '(f64) -> (): parameter 0 is "f", expected f64'],
    ["(r)", "i:", '(i32) -> (): parameter 0 is "r", expected i32'],
    ["()i", ":f", '() -> (f32): result 0 is "i", expected f32'],
  ];
  for (const [signature, key, why] of not) {
    it(`${signature} does not fit ${key}`, () => {
      const text = `native signature "${signature}" does not fit ${why}`;
      assert.equal(signatureMismatch(parseSignature(signature), type(key)), text);
    });
  }

  it("no signature stands for values as they are, and never for a vector", () => {
    assert.deepEqual(plainSignature(type("ilfden:l")).params, ["i", "I", "f", "F", "r", "r"]);
    assert.equal(signatureMismatch(plainSignature(type("ilfden:l")), type("ilfden:l")), undefined);
    assert.match(signatureMismatch(plainSignature(type("v:")), type("v:"))!, /expected v128/);
  });
});

describe("native", () => {
  it("gives the function the types of its signature", () => {
    // That this compiles is the test: each parameter is used as what its letter says.
    const symbol = native("f", "(iI*~$Fr)I", (env, i, wide, pointer, length, text, x, ref) => {
      const numbers: number = i + length + x;
      const view: Pointer = pointer;
      const host: unknown = ref;
      return wide + BigInt(numbers) + BigInt(text.length + view.length) + BigInt(host === env ? 1 : 0);
    });
    assert.equal(symbol.symbol, "f");
    assert.equal(symbol.signature, "(iI*~$Fr)I");
    // @ts-expect-error a bigint is promised
    native("g", "()I", () => 1);
    // @ts-expect-error there is no second parameter
    native("h", "(i)", (_env, _i, _more) => {});
    native("no result", "(i)", (_env, _i: number) => {});
  });
});
