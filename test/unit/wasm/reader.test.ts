// Integer, float and name encodings, valid and malformed, with the offset of each error.
import assert from "node:assert/strict";
import { describe, it } from "node:test";
import { DecodeError } from "../../../runtime/wasm/errors.js";
import { Reader } from "../../../runtime/wasm/reader.js";
import { ByteWriter } from "../../support/module-builder.js";

type Method = "u32" | "s32" | "s33" | "u64" | "s64";

function read(method: Method, bytes: readonly number[]): bigint | number {
  const reader = new Reader(Uint8Array.from(bytes));
  const low = reader[method]();
  assert.equal(reader.pos, bytes.length, "all bytes are read");
  if (method === "u32" || method === "s32") return low;
  const wide = (BigInt(reader.high) << 32n) | BigInt(low >>> 0);
  return method === "u64" ? BigInt.asUintN(64, wide) : wide;
}

const GOOD: readonly [Method, readonly number[], number | bigint][] = [
  ["u32", [0x00], 0],
  ["u32", [0x7f], 127],
  ["u32", [0x80, 0x01], 128],
  ["u32", [0x80, 0x00], 0],
  ["u32", [0xff, 0xff, 0xff, 0xff, 0x0f], 0xffff_ffff],
  ["s32", [0x7f], -1],
  ["s32", [0x3f], 63],
  ["s32", [0x40], -64],
  ["s32", [0xc0, 0x00], 64],
  ["s32", [0xff, 0xff, 0xff, 0xff, 0x7f], -1],
  ["s32", [0x80, 0x80, 0x80, 0x80, 0x78], -0x8000_0000],
  ["s32", [0xff, 0xff, 0xff, 0xff, 0x07], 0x7fff_ffff],
  ["s33", [0x40], -64n],
  ["s33", [0xff, 0xff, 0xff, 0xff, 0x0f], 0xffff_ffffn],
  ["s33", [0x80, 0x80, 0x80, 0x80, 0x70], -0x1_0000_0000n],
  ["u64", [0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0x01], 0xffff_ffff_ffff_ffffn],
  ["u64", [0x80, 0x80, 0x80, 0x80, 0x10], 0x1_0000_0000n],
  ["s64", [0x7f], -1n],
  ["s64", [0x80, 0x80, 0x80, 0x80, 0x80, 0x80, 0x80, 0x80, 0x80, 0x7f], -0x8000_0000_0000_0000n],
  ["s64", [0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0x00], 0x7fff_ffff_ffff_ffffn],
  ["s64", [0x80, 0x80, 0x80, 0x80, 0x78], -0x8000_0000n],
];

const BAD: readonly [Method, readonly number[], string, number][] = [
  ["u32", [], "unexpected-end", 0],
  ["u32", [0x80], "unexpected-end", 1],
  ["u32", [0x80, 0x80, 0x80, 0x80, 0x80, 0x00], "integer-too-long", 4],
  ["u32", [0x80, 0x80, 0x80, 0x80, 0x10], "integer-too-large", 4],
  ["s32", [0x80, 0x80, 0x80, 0x80, 0x08], "integer-too-large", 4],
  ["s32", [0xff, 0xff, 0xff, 0xff, 0x77], "integer-too-large", 4],
  ["s32", [0xff, 0xff, 0xff, 0xff, 0xff, 0x7f], "integer-too-long", 4],
  ["s33", [0x80, 0x80, 0x80, 0x80, 0x20], "integer-too-large", 4],
  ["u64", [0x80, 0x80, 0x80, 0x80, 0x80, 0x80, 0x80, 0x80, 0x80, 0x02], "integer-too-large", 9],
  ["u64", [0x80, 0x80, 0x80, 0x80, 0x80, 0x80, 0x80, 0x80, 0x80, 0x80], "integer-too-long", 9],
  ["s64", [0x80, 0x80, 0x80, 0x80, 0x80, 0x80, 0x80, 0x80, 0x80, 0x01], "integer-too-large", 9],
  ["s64", [0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0x7e], "integer-too-large", 9],
];

function assertCode(run: () => unknown, code: string, offset: number): void {
  assert.throws(run, (error) => {
    assert.ok(error instanceof DecodeError);
    assert.deepEqual([error.code, error.offset], [code, offset]);
    return true;
  });
}

describe("reader", () => {
  for (const [method, bytes, value] of GOOD) {
    it(`${method} ${value}`, () => assert.equal(read(method, bytes), value));
  }

  for (const [method, bytes, code, offset] of BAD) {
    it(`${method} [${bytes.join(" ")}] is refused`, () => assertCode(() => read(method, bytes), code, offset));
  }

  it("reads back every power of two and its neighbours", () => {
    for (let bit = 0n; bit < 64n; bit++) {
      for (const value of [1n << bit, (1n << bit) - 1n, -(1n << bit), -(1n << bit) - 1n]) {
        const signed = BigInt.asIntN(64, value);
        assert.equal(read("s64", [...new ByteWriter().s64(signed).toBytes()]), signed);
        if (bit < 32n) {
          const narrow = Number(BigInt.asIntN(32, value));
          assert.equal(read("s32", [...new ByteWriter().s32(narrow).toBytes()]), narrow);
          assert.equal(read("u32", [...new ByteWriter().u32(narrow).toBytes()]), narrow >>> 0);
        }
      }
    }
  });

  it("gives floats as bits", () => {
    const reader = new Reader(Uint8Array.of(1, 0, 0xa0, 0x7f, 2, 0, 0, 0, 0, 0, 0xf4, 0x7f));
    assert.equal(reader.f32bits(), 0x7fa0_0001);
    assert.deepEqual([reader.f64bits(), reader.high], [2, 0x7ff4_0000]);
    assertCode(() => reader.f32bits(), "unexpected-end", 12);
  });

  it("decodes names strictly", () => {
    const name = (...bytes: number[]): string => new Reader(Uint8Array.of(bytes.length, ...bytes)).name();
    assert.equal(name(0x66, 0x61, 0x63), "fac");
    assert.equal(name(0xef, 0xbb, 0xbf), "\ufeff");
    assert.equal(name(0xf0, 0x9f, 0x98, 0x80), "😀");
    assert.equal(name(...Array.from({ length: 40 }, () => 0x78)), "x".repeat(40));
    for (const bytes of [[0xc0, 0x80], [0xed, 0xa0, 0x80], [0xf4, 0x90, 0x80, 0x80], [0x61, 0xff], [0xc3]]) {
      assertCode(() => name(...bytes), "malformed-utf8", 0);
    }
    assertCode(() => new Reader(Uint8Array.of(3, 0x61)).name(), "length-out-of-bounds", 0);
  });
});
