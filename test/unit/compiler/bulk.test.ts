// Copies and fills of few bytes move words by functions of the page; every overlap, every remainder and every way out of bounds.
import assert from "node:assert/strict";
import { describe, it } from "node:test";
import { compileSync } from "../../../compiler/compile.js";
import type { Target } from "../../../compiler/options.js";
import { evaluateCommonJs } from "../../support/js-artifact.js";
import { wasmOf } from "../environment/guests.js";

const WAT = `(module
  (memory (export "memory") 1 2)
  (func (export "copy") (param i32 i32 i32) (memory.copy (local.get 0) (local.get 1) (local.get 2)))
  (func (export "fill") (param i32 i32 i32) (memory.fill (local.get 0) (local.get 1) (local.get 2)))
  (func (export "grow") (result i32) (memory.grow (i32.const 1))))`;

interface Exports {
  readonly memory: { readonly buffer: ArrayBuffer };
  readonly copy: (to: number, from: number, count: number) => void;
  readonly fill: (to: number, value: number, count: number) => void;
  readonly grow: () => number;
}

function exportsFor(target: Target, short: boolean): Exports {
  const artifact = compileSync(wasmOf(WAT), { format: "cjs", target, optLevel: 1 });
  const text = new TextDecoder().decode(artifact);
  assert.equal(/function Mc\(/.test(text), short, "whether there is a function of the page");
  return evaluateCommonJs(artifact).instantiateSync({}).exports as unknown as Exports;
}

const LENGTHS = [...Array(35).keys(), 63, 64, 65, 126, 127, 128, 129, 130, 300];

for (const [target, short] of [
  ["generic", true],
  ["v8", true],
  ["quickjs", false],
] as const) {
  describe(`copies and fills of few bytes, target ${target}`, () => {
    it("moves every length by every distance", () => {
      const { memory, copy, fill } = exportsFor(target, short);
      const bytes = new Uint8Array(memory.buffer, 0, 2048);
      for (const count of LENGTHS) {
        for (let distance = -20; distance <= 20; distance++) {
          const [from, to] = [1000, 1000 + distance];
          bytes.forEach((_, i) => (bytes[i] = i * 7 + 3));
          const expected = bytes.slice().copyWithin(to, from, from + count);
          copy(to, from, count);
          if (Buffer.compare(bytes, expected) !== 0) assert.fail(`copy ${count} bytes by ${distance}`);
        }
        checkFill(bytes, 777, 0x1a5, count, fill);
      }
    });

    it("traps before it writes, and copies nothing where that is in bounds", () => {
      const { memory, copy, fill, grow } = exportsFor(target, short);
      for (const size of [65536, 131072]) {
        const bytes = new Uint8Array(memory.buffer);
        assert.equal(bytes.length, size);
        bytes.fill(9);
        for (const count of [1, 3, 8, 100, 128, 129]) {
          for (const at of [size - count + 1, size, -1, -count, 0x7fffffff, -0x80000000]) {
            assert.throws(() => fill(at, 5, count), /out of bounds memory access/, `fill ${at} ${count}`);
            assert.throws(() => copy(at, 0, count), /out of bounds memory access/, `copy to ${at} ${count}`);
            assert.throws(() => copy(0, at, count), /out of bounds memory access/, `copy from ${at} ${count}`);
          }
          assert.ok(bytes.every((byte) => byte === 9));
          fill(size - count, 9, count);
          copy(size - count, size - count, count);
        }
        copy(size, size, 0);
        assert.throws(() => copy(size + 1, 0, 0), /out of bounds memory access/);
        assert.throws(() => fill(size + 1, 0, 0), /out of bounds memory access/);
        assert.throws(() => copy(0, 0, -1), /out of bounds memory access/);
        assert.throws(() => fill(0, 0, -1), /out of bounds memory access/);
        if (size === 65536) assert.equal(grow(), 1);
      }
    });
  });
}

function checkFill(bytes: Uint8Array, at: number, value: number, count: number, fill: Exports["fill"]): void {
  const after = bytes.slice().fill(value, at, at + count);
  fill(at, value, count);
  if (Buffer.compare(bytes, after) !== 0) assert.fail(`fill ${count} bytes`);
}
