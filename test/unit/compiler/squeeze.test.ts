// Data squeezed by -Os and -Oz come back as they were, from any text in finite time, and only where that is worth it.
import assert from "node:assert/strict";
import { describe, it } from "node:test";
import { compileSync } from "../../../compiler/compile.js";
import type { CompileOptions } from "../../../compiler/index.js";
import { isWorthSqueezing, squeeze } from "../../../compiler/write/squeeze.js";
import { unsqueeze } from "../../../loader/unsqueeze.js";
import { Runtime } from "../../../runtime/index.js";
import { Op } from "../../../runtime/wasm/opcodes.js";
import { ByteWriter, ModuleBuilder } from "../../support/module-builder.js";
import { artifactFunction, evaluateArtifact } from "../../support/js-artifact.js";

/** Bytes of a linear congruential generator. */
function noise(length: number): Uint8Array {
  let state = 12345;
  return Uint8Array.from({ length }, () => (state = (Math.imul(state, 1103515245) + 12345) | 0) >>> 24);
}

/** Words that count up, then text, then zeros, then noise. */
function mixture(): Uint8Array {
  const words = new Uint8Array(Int32Array.from({ length: 500 }, (_, i) => 1024 + 12 * i).buffer);
  const text = new TextEncoder().encode("the quick brown fox jumps over the lazy dog. ".repeat(30));
  return Uint8Array.from([...words, ...text, ...new Uint8Array(900), ...noise(1100)]);
}

describe("squeezed data", () => {
  const samples: Readonly<Record<string, Uint8Array>> = {
    nothing: new Uint8Array(0),
    "a byte": Uint8Array.of(0x80),
    zeros: new Uint8Array(20_000),
    ones: new Uint8Array(5000).fill(255),
    noise: noise(5000),
    "a mixture": mixture(),
  };
  for (const [name, bytes] of Object.entries(samples)) {
    it(`come back: ${name}`, () => {
      const text = squeeze(bytes);
      assert.match(text, /^[#-[\]-c]*$/, "characters that a string literal or gzip would spend more on");
      assert.deepEqual(unsqueeze(text, bytes.length), bytes);
    });
  }

  it("are as short as promised", () => {
    assert.ok(squeeze(samples.zeros!).length < 200);
    assert.ok(squeeze(samples.noise!).length < (5000 * 8 * 1.03) / 6);
    assert.ok(squeeze(samples["a mixture"]!).length < (2200 * 8) / 6);
  });

  it("end whatever their text is", () => {
    const text = squeeze(mixture());
    for (const damaged of ["", text.slice(0, 100), text.slice(7), "\u20ac".repeat(50), `~${text}`]) {
      assert.equal(unsqueeze(damaged, 3000).length, 3000);
    }
  });

  it("are neither few nor many", () => {
    assert.deepEqual([0, 4095, 4096, 131072, 131073].map(isWorthSqueezing), [false, false, true, true, false]);
  });
});

describe("artifacts with squeezed data", () => {
  const bytes = mixture();
  const module = new ModuleBuilder();
  const memory = module.memory({ min: 2 });
  module.export("memory", "memory", memory);
  module.data(bytes.subarray(0, 3000), { memory, offset: 5 });
  module.data(bytes.subarray(3000), { memory, offset: 70_000 });
  const named = new ByteWriter()
    .op(Op.i32_const)
    .s32(100)
    .op(Op.i32_const)
    .s32(0)
    .op(Op.i32_const)
    .s32(4)
    .op(Op.memory_init);
  module.export("init", "func", module.func(module.type([], []), [], named.u32(2).byte(0)));
  module.data(Uint8Array.of(1, 2, 3, 4));
  const wasm = module.toBytes();
  const compiled = (options: CompileOptions): Uint8Array =>
    compileSync(wasm, { format: "esm", runtime: "external", optLevel: "s", ...options });

  const check = (exports: Record<string, unknown>): void => {
    const { buffer } = exports.memory as { buffer: ArrayBuffer };
    assert.deepEqual(new Uint8Array(buffer, 5, 3000), bytes.slice(0, 3000));
    assert.deepEqual(new Uint8Array(buffer, 70_000, bytes.length - 3000), bytes.slice(3000));
    (exports.init as () => void)();
    assert.deepEqual([...new Uint8Array(buffer, 99, 6)], [bytes[94], 1, 2, 3, 4, bytes[99]]);
  };

  it("put every segment in its place", () => check(evaluateArtifact(compiled({})).instantiateSync({}).exports));

  it("do so in a runtime's memory", () => {
    const runtime = Runtime.init({ allocator: { mode: "Alloc_With_System_Allocator" } });
    const instance = evaluateArtifact(compiled({})).instantiateSync({}, { runtime });
    check(instance.exports);
    instance.dispose();
    assert.deepEqual(runtime.dispose(), []);
  });

  it("carry the reader only where it is used", () => {
    const isSqueezed = (options: CompileOptions): boolean => /\bunsqueeze\b/.test(artifactFunction(compiled(options)));
    assert.ok(isSqueezed({}));
    assert.ok(isSqueezed({ optLevel: "z", target: "v8" }));
    assert.ok(!isSqueezed({ optLevel: 1 }));
    assert.ok(!isSqueezed({ target: "quickjs" }), "an interpreter would take seconds");
    assert.ok(!isSqueezed({ disabledPasses: ["squeeze"] }));
    // A constant of the reader's, in a self-contained artifact.
    const reader = (optLevel: "s" | 1): boolean =>
      new TextDecoder().decode(compileSync(wasm, { format: "script", optLevel })).includes("2654435761");
    assert.deepEqual([reader("s"), reader(1)], [true, false]);
  });
});
