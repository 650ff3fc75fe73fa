// Descriptions of values: what is written is read back, as bytes and as literals, and nothing else is accepted.
import assert from "node:assert/strict";
import { createHash } from "node:crypto";
import { describe, it } from "node:test";
import * as codec from "../../../loader/codec.js";
import type { Schema } from "../../../loader/codec.js";
import { ArtifactError } from "../../../loader/errors.js";
import { pack, packData, unpack, unpackData } from "../../../loader/literal.js";
import { sha256Portable } from "../../../loader/sha256.js";
import { quote } from "../../../compiler/write/javascript.js";

const { bool, bytes, choice, deltas, digest, list, name, optional, record, s32, u32, u53, union } = codec;

type Shape = { readonly kind: "dot" } | { readonly kind: "box"; readonly w: number; readonly h?: number };
const shape = union<Shape>({ dot: record<object>({}), box: record({ w: u32, h: optional(s32) }) });

const VALUES: readonly (readonly [string, Schema<unknown>, readonly unknown[]])[] = [
  ["u32", u32, [0, 1, 127, 128, 16383, 16384, 0x7fffffff, 0xffffffff]],
  [
    "s32",
    s32,
    [0, 1, -1, 63, 64, -64, -65, 8191, 8192, -8192, -8193, 0x0fffffff, -0x10000000, 0x7fffffff, -0x80000000],
  ],
  ["u53", u53, [0, 2 ** 32, 2 ** 53]],
  ["bool", bool, [true, false]],
  ["name", name, ["", "a", "\0", "é", "☃", "🎉", "\ud7ff\ue000"]],
  ["digest", digest, ["0123456789abcdef".repeat(4)]],
  ["choice", choice(["a", "b"]), ["a", "b"]],
  ["list", list(s32), [[], [1], [-1, 2, -3]]],
  ["deltas", deltas, [[], [5], [3, 2, 1], [0x7fffffff, -0x80000000]]],
  ["optional", optional(u32), [undefined, 0, 7]],
  ["union", shape, [{ kind: "dot" }, { kind: "box", w: 1 }, { kind: "box", w: 1, h: -2 }]],
  ["record", record<{ a: number; b?: string }>({ a: u32, b: optional(name) }), [{ a: 1 }, { a: 1, b: "" }]],
];

function encode<T>(schema: Schema<T>, value: T): Uint8Array {
  const out = new codec.ByteWriter();
  codec.write(schema, value, out);
  return out.finish();
}

function decode<T>(schema: Schema<T>, input: Uint8Array | readonly number[]): T {
  const reader = new codec.ByteReader(Uint8Array.from(input), "test", 0x100);
  const value = codec.read(schema, reader);
  reader.end();
  return value;
}

describe("codec", () => {
  for (const [title, schema, values] of VALUES) {
    it(`reads what it has written: ${title}`, () => {
      for (const value of values) {
        const encoded = encode(schema, value);
        assert.deepEqual(decode(schema, encoded), value);
        assert.deepEqual(unpack(schema, JSON.parse(JSON.stringify(pack(schema, value)))), value);
        for (let cut = 0; cut < encoded.length; cut++) {
          assert.throws(() => decode(schema, encoded.subarray(0, cut)), ArtifactError, `${title} cut at ${cut}`);
        }
        assert.throws(() => decode(schema, [...encoded, 0]), { code: "malformed", message: /1 bytes after the end/ });
      }
    });
  }

  it("reads bytes as a view", () => {
    const input = Uint8Array.of(2, 7, 8);
    const view = codec.read(bytes, new codec.ByteReader(input, "test", 0));
    assert.deepEqual([...view], [7, 8]);
    assert.equal(view.buffer, input.buffer);
  });

  const MALFORMED: readonly (readonly [string, Schema<unknown>, readonly number[], number])[] = [
    ["an unsigned number not in its shortest form", u32, [0x80, 0], 0x100],
    ["an unsigned number over 32 bits", u32, [0xff, 0xff, 0xff, 0xff, 0x1f], 0x100],
    ["an endless number", u53, new Array<number>(20).fill(0x80), 0x100],
    ["a number over 2^53", u53, [0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0x1f], 0x100],
    ["a signed number not in its shortest form", s32, [0x80, 0], 0x100],
    ["a negative number not in its shortest form", s32, [0xff, 0x7f], 0x100],
    ["a signed number over 32 bits", s32, [0x80, 0x80, 0x80, 0x80, 0x08], 0x100],
    ["an endless signed number", s32, [0x80, 0x80, 0x80, 0x80, 0x80, 0x80], 0x100],
    ["a flag that is neither 0 nor 1", bool, [2], 0x100],
    ["an unknown choice", choice(["a", "b"]), [2], 0x100],
    ["an unknown kind", shape, [2], 0x100],
    ["a count that the input cannot hold", list(u32), [0xff, 0xff, 0xff, 0xff, 0x0f, 1], 0x100],
    ["a string that is not UTF-8", name, [2, 0xc3, 0x28], 0x100],
    ["a bad flag inside a list", list(bool), [3, 0, 1, 9], 0x103],
  ];
  for (const [title, schema, input, offset] of MALFORMED) {
    it(`refuses ${title}`, () => {
      assert.throws(() => decode(schema, input), { name: "ArtifactError", code: "malformed", section: "test", offset });
    });
  }

  it("says where the input ends too early", () => {
    assert.throws(() => decode(name, [5, 65, 66]), {
      code: "malformed",
      message: "malformed artifact: count 5 with 2 bytes left (test section, offset 0x100)",
    });
    assert.throws(() => decode(digest, [1, 2]), {
      code: "truncated",
      message: "unexpected end: expected 32 more bytes, got 2 (test section, offset 0x100)",
    });
  });
});

describe("sha256Portable", () => {
  it("agrees with node:crypto", () => {
    const data = Uint8Array.from({ length: 300 }, (_, i) => (i * 167 + 13) & 255);
    for (let length = 0; length <= data.length; length++) {
      const expected = createHash("sha256").update(data.subarray(0, length)).digest("hex");
      assert.equal(sha256Portable(data.subarray(0, length)), expected);
    }
  });
});

describe("data literals", () => {
  it("keep every byte, and split at zeros", () => {
    const all = Uint8Array.from({ length: 256 * 3 }, (_, i) => (i * 7) & 255);
    const sparse = new Uint8Array(200);
    sparse[100] = 9;
    for (const data of [new Uint8Array(0), new Uint8Array(5), new Uint8Array(500), all, sparse]) {
      assert.deepEqual(unpackData(packData(data), new Uint8Array(data.length).fill(255)), data);
    }
    assert.deepEqual(packData(sparse), [100, "\x09", 99]);
  });

  it("are quoted so that any engine reads the same string", () => {
    const everything = String.fromCharCode(...Array.from({ length: 256 }, (_, i) => i));
    const hard = ["\0" + "1", "\0\0", "</script><!--", "'\"\\", '""\'', "\u2028\u2029\ufeff\ud800", everything];
    for (const text of hard) {
      for (const charset of ["utf8", "ascii"] as const) {
        const literal = quote(text, charset);
        assert.equal((0, eval)(`"use strict";${literal}`), text, literal);
        assert.doesNotMatch(literal, /<\/script|<!--|[\n\r\u2028\u2029]/);
        if (charset === "ascii") assert.doesNotMatch(literal, /[^\x00-\x7f]/);
      }
    }
  });
});
