// A big-endian host is told so, instead of computing with halves in the wrong order. There is none here, so one is pretended.
import assert from "node:assert/strict";
import { it } from "node:test";
import { compileSync } from "../../../compiler/index.js";
import { load } from "../../../loader/load.js";

const EMPTY = Uint8Array.of(0, 97, 115, 109, 1, 0, 0, 0);

it("refuses to instantiate on a big-endian host", () => {
  const module = load(compileSync(EMPTY));
  const { Uint16Array: real } = globalThis;
  const swapped = function (list: number[]): Uint16Array {
    return new real(list.map((x) => ((x & 255) << 8) | (x >> 8)));
  };
  globalThis.Uint16Array = swapped as unknown as typeof Uint16Array;
  try {
    assert.throws(() => module.instantiate(), { name: "WasmError", code: "byte-order", message: /big-endian/ });
  } finally {
    globalThis.Uint16Array = real;
  }
  assert.ok(module.instantiate());
});
