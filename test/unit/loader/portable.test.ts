// The loader where there is no Node: bundled for browsers, in a realm that has nothing but the language.
import assert from "node:assert/strict";
import { fileURLToPath } from "node:url";
import { describe, it } from "node:test";
import vm from "node:vm";
import { buildSync } from "esbuild";
import { writeAot } from "../../../compiler/write/aot.js";
import { fullImage } from "./images.js";

const bundle = buildSync({
  entryPoints: [fileURLToPath(new URL("../../../loader/index.js", import.meta.url))],
  bundle: true,
  write: false,
  format: "iife",
  globalName: "loader",
  platform: "browser",
}).outputFiles[0]!.text;

function realm(strings: boolean): vm.Context {
  const context = vm.createContext({}, { codeGeneration: { strings, wasm: false } });
  vm.runInContext(bundle, context);
  context.bytes = vm.runInContext(`Uint8Array.of(${writeAot(fullImage()).join()})`, context);
  return context;
}

describe("the loader without Node", () => {
  it("verifies, compiles and locates by its own means", () => {
    const run = `
      var module = loader.load(bytes, { verify: true });
      var e = module.instantiate({ env: { log: function () {} } }).exports;
      var frames; try { e.boom() } catch (x) { frames = x.frames }
      JSON.stringify([module.region.digest.length, e.add(2, 3), e.twice(10, 3), String(e.mul(-3n, 5n)), frames[0]])`;
    assert.equal(vm.runInContext(run, realm(true)), '[64,5,14,"-15",{"funcIndex":7,"name":"go boom ☃","offset":140}]');
  });

  it("says at load what to do where eval is forbidden", () => {
    const run = "try { loader.load(bytes); '' } catch (e) { e.name + ' ' + e.code + ' ' + e.message }";
    assert.match(vm.runInContext(run, realm(false)) as string, /^ArtifactError eval-forbidden .*--format esm/);
  });

  it("has no file system", () => {
    assert.throws(() => vm.runInContext("loader.loadFile('x.aot')", realm(true)), { message: /no file system/ });
  });
});
