// Modules made to blow up a decoder or validator: each is built at two sizes, and the larger must not take much more time
// than in proportion. Small sizes first, so that the engine has optimized the code before the clock starts.
import assert from "node:assert/strict";
import { describe, it } from "node:test";
import { Op } from "../../../runtime/wasm/opcodes.js";
import { ByteWriter } from "../../support/module-builder.js";
import { errorOf } from "./bytes.js";

type Section = readonly [id: number, contents: ByteWriter];

function build(...sections: readonly Section[]): Uint8Array {
  const out = new ByteWriter().bytes([0, 0x61, 0x73, 0x6d, 1, 0, 0, 0]);
  for (const [id, contents] of sections) out.byte(id).u32(contents.length).bytes(contents.toBytes());
  return out.toBytes();
}

const bytes = (...values: readonly number[]): ByteWriter => new ByteWriter().bytes(values);

/** A module of one function of type [] -> [] with the given body after its locals. */
function oneBody(body: ByteWriter, types: ByteWriter = bytes(1, 0x60, 0, 0)): Uint8Array {
  return build([1, types], [3, bytes(1, 0)], [10, new ByteWriter().u32(1).u32(body.length).bytes(body.toBytes())]);
}

function repeat(n: number, write: (out: ByteWriter, i: number) => void, out = new ByteWriter()): ByteWriter {
  for (let i = 0; i < n; i++) write(out, i);
  return out;
}

/** Largest number of labels whose body fits the limit of 7,654,321 bytes. */
const SHAPES: Readonly<Record<string, { readonly size: number; readonly build: (n: number) => Uint8Array }>> = {
  functions: {
    size: 600_000,
    build: (n) =>
      build(
        [1, bytes(1, 0x60, 0, 0)],
        [3, repeat(n, (out) => out.byte(0), new ByteWriter().u32(n))],
        [10, repeat(n, (out) => out.bytes([2, 0, 0x0b]), new ByteWriter().u32(n))],
      ),
  },
  "functions with 50,000 locals each": {
    size: 100_000,
    build: (n) =>
      build(
        [1, bytes(1, 0x60, 0, 0)],
        [3, repeat(n, (out) => out.byte(0), new ByteWriter().u32(n))],
        [10, repeat(n, (out) => out.bytes([6, 1, 0xd0, 0x86, 0x03, 0x7f, 0x0b]), new ByteWriter().u32(n))],
      ),
  },
  "data segments": {
    size: 100_000,
    build: (n) =>
      build([5, bytes(1, 0, 1)], [11, repeat(n, (out) => out.bytes([0, 0x41, 0, 0x0b, 0]), new ByteWriter().u32(n))]),
  },
  "element expressions": {
    size: 1_000_000,
    build: (n) => build([9, repeat(n, (out) => out.bytes([0xd0, 0x70, 0x0b]), bytes(1, 5, 0x70).u32(n))]),
  },
  exports: {
    size: 500_000,
    build: (n) =>
      build(
        [5, bytes(1, 0, 1)],
        [7, repeat(n, (out, i) => out.name(i.toString(36)).bytes([2, 0]), new ByteWriter().u32(n))],
      ),
  },
  "nested blocks": {
    size: 2_000_000,
    build: (n) =>
      oneBody(
        repeat(
          n,
          (out) => out.byte(0x0b),
          repeat(n, (out) => out.bytes([0x02, 0x40]), bytes(0)),
        ).byte(0x0b),
      ),
  },
  "one br_table with many labels": {
    size: 7_000_000,
    build: (n) => oneBody(repeat(n, (out) => out.byte(0), bytes(0, 0x41, 0, 0x0e).u32(n)).bytes([0, 0x0b])),
  },
  "br_table to many labels with 1,000 results": {
    // Block types of 1,000 results each, all equal: a table over n nested blocks must not compare n × 1,000 types.
    size: 300_000,
    build: (n) => {
      const types = bytes(2, 0x60, 0, 0, 0x60, 0).u32(1000).bytes(Array<number>(1000).fill(0x7f));
      const body = repeat(n, (out) => out.bytes([0x02, 1]), bytes(0));
      body.bytes([0x00, 0x0e]).u32(n - 1);
      repeat(n, (out, i) => out.u32(i), body);
      return oneBody(repeat(n, (out) => out.bytes([0x0b, 0x00]), body).byte(0x0b), types);
    },
  },
  "locals without default, set in nested blocks": {
    size: 20_000,
    build: (n) => {
      const body = bytes(1).u32(n).bytes([0x64, 0x6e]);
      repeat(n, (out, i) => out.bytes([0x02, 0x40, 0x41, 0, 0xfb, 0x1c, 0x21]).u32(i), body);
      return oneBody(repeat(n, (out) => out.byte(0x0b), body).byte(0x0b));
    },
  },
  "equal types": {
    size: 500_000,
    build: (n) => build([1, repeat(n, (out) => out.bytes([0x60, 1, 0x7f, 0]), new ByteWriter().u32(n))]),
  },
  "types that each refer to the one before": {
    size: 300_000,
    build: (n) =>
      build([
        1,
        repeat(
          n - 1,
          (out, i) => out.bytes([0x60, 1, 0x63]).s32(i).byte(0),
          new ByteWriter().u32(n).bytes([0x60, 0, 0]),
        ),
      ]),
  },
  "one recursion group": {
    size: 500_000,
    build: (n) =>
      build([
        1,
        repeat(
          n,
          (out, i) =>
            out
              .bytes([0x5f, 1, 0x63])
              .s32((i + 1) % n)
              .byte(0),
          bytes(1, 0x4e).u32(n),
        ),
      ]),
  },
  "subtypes of one type compared at calls": {
    size: 100_000,
    build: (n) => {
      // 60 subtypes in a chain, and casts from bottom to top all through the body.
      const types = bytes(62, 0x50, 0, 0x5f, 0);
      repeat(60, (out, i) => out.bytes([0x50, 1, i, 0x5f, 0]), types).bytes([0x60, 0, 0]);
      const body = repeat(n, (out) => out.bytes([0x20, 0, 0x21, 1]), bytes(2, 1, 0x63, 60, 1, 0x63, 0)).byte(0x0b);
      return build([1, types], [3, bytes(1, 61)], [10, new ByteWriter().u32(1).u32(body.length).bytes(body.toBytes())]);
    },
  },
  "operands left on the stack": {
    size: 3_000_000,
    build: (n) => oneBody(repeat(n, (out) => out.bytes([0x41, 0]), bytes(0)).bytes([0x00, 0x0b])),
  },
};

const SMALLER = 8;

function milliseconds(module: Uint8Array): number {
  const before = process.cpuUsage();
  const error = errorOf(module);
  const { user, system } = process.cpuUsage(before);
  assert.equal(error?.message, undefined);
  return (user + system) / 1000;
}

describe("hostile sizes", () => {
  for (const [name, shape] of Object.entries(SHAPES)) {
    it(`${shape.size.toLocaleString("en")} ${name}`, () => {
      const small = shape.build(Math.floor(shape.size / SMALLER));
      milliseconds(small);
      const base = milliseconds(small);
      const large = milliseconds(shape.build(shape.size));
      // In proportion, with room for a collector that has more to do and a noisy machine; quadratic would be 64 times.
      assert.ok(large < Math.max(base, 20) * SMALLER * 3, `${large} ms, ${base} ms for one ${SMALLER}th`);
    });
  }

  it("refuses counts that the file cannot hold without allocating for them", () => {
    for (const id of [1, 2, 3, 4, 5, 6, 7, 9, 11, 13]) {
      assert.equal(
        errorOf(build([id, bytes(0xff, 0xff, 0xff, 0xff, 0x0f)]))?.code,
        "length-out-of-bounds",
        `section ${id}`,
      );
    }
  });

  it("does not recurse with the module", () => {
    // Nested as deep as the size allows: an overflow of the JavaScript stack would not be a WasmError.
    const depth = 3_800_000;
    const body = repeat(depth, (out) => out.bytes([0x02, 0x40]), bytes(0));
    assert.equal(errorOf(oneBody(body))?.code, "unexpected-end");
    assert.equal(errorOf(oneBody(repeat(1000, (out) => out.op(Op.end), body)))?.code, "unexpected-end");
  });
});
