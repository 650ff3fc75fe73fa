// A big-endian host is told so, instead of computing with halves in the wrong order. There is none here, so one is pretended.
import assert from "node:assert/strict";
import { execFileSync } from "node:child_process";
import { it } from "node:test";

const SCRIPT = `
  const real = globalThis.Uint16Array;
  if (process.argv[1] === "big") {
    globalThis.Uint16Array = function (list) { return new real(list.map((x) => ((x & 255) << 8) | (x >> 8))); };
  }
  const { load } = await import(process.argv[2] + "loader/load.js");
  const { compileSync } = await import(process.argv[2] + "compiler/compile.js");
  globalThis.Uint16Array = real;
  try {
    load(compileSync(Uint8Array.of(0, 97, 115, 109, 1, 0, 0, 0))).instantiate();
    console.log("done");
  } catch (error) {
    console.log(error.name, error.code, error.message);
  }`;

function instantiateOn(host: "big" | "little"): string {
  const dist = new URL("../../../", import.meta.url).href;
  const args = ["--input-type=module", "-e", SCRIPT, host, dist];
  return execFileSync(process.execPath, args, { encoding: "utf8" }).trim();
}

it("refuses to instantiate on a big-endian host", () => {
  assert.equal(instantiateOn("little"), "done");
  assert.match(instantiateOn("big"), /^WasmError byte-order this host is big-endian/);
});
