// What only makes JavaScript files smaller: order of functions, functions that are not listed, accesses by short functions.
import assert from "node:assert/strict";
import { describe, it } from "node:test";
import binaryen from "binaryen";
import { compileSync } from "../../../compiler/compile.js";
import { orderBySimilarity } from "../../../compiler/emit/order.js";
import type { CompileOptions } from "../../../compiler/index.js";

const WAT = `(module
  (memory (export "memory") 1)
  (func $load (param i32) (result i32) (i32.load offset=8 (i32.add (local.get 0) (i32.const -4))))
  (func (export "load") (param i32) (result i32) (i32.add (call $load (local.get 0)) (i32.const 1)))
  (func (export "store") (param i32 i32) (i32.store offset=4294967292 (local.get 0) (local.get 1)))
  (func (export "store64") (param i32 i64) (i64.store offset=4 (local.get 0) (local.get 1)))
  (func (export "storeFar") (param i32) (i64.store offset=4294967292 (local.get 0) (i64.const -1)))
  (func (export "same") (result i32) (i32.load offset=2147483648 (i32.const 2147483652))))`;

function textOf(options: CompileOptions): string {
  const module = binaryen.parseText(WAT);
  const bytes = module.emitBinary();
  module.dispose();
  return new TextDecoder().decode(compileSync(bytes, { format: "cjs", ...options }));
}

type Exports = Record<string, (...args: (number | bigint)[]) => number> & { memory: { buffer: ArrayBuffer } };

function run(text: string): Exports {
  const exports = {} as { instantiateSync: (imports: object) => { exports: Exports } };
  new Function("exports", text)(exports);
  return exports.instantiateSync({}).exports;
}

describe("small JavaScript", () => {
  it("accesses memory at exact addresses", () => {
    const text = textOf({ optLevel: "s" });
    assert.match(text, /function L\(p,o\)/, "no accessor");
    const { load, store, store64, storeFar, same, memory } = run(text);
    new DataView(memory.buffer).setInt32(8, 41, true);
    assert.equal(load!(4), 42);
    // 0 - 4 + 8 would be 4, but an address is unsigned: 2^32 - 4 + 8.
    assert.throws(() => load!(0), /out of bounds memory access/);
    assert.equal(load!(65528), 1);
    assert.throws(() => load!(65532), /out of bounds memory access/);
    assert.throws(() => store!(4, 1), /out of bounds memory access/);
    assert.throws(() => same!(), /out of bounds memory access/);
    store64!(12, 0x123456789abcdefn);
    assert.equal(new DataView(memory.buffer).getBigInt64(16, true), 0x123456789abcdefn);
    // The high half's offset has 33 bits; cut to 32 it would be inside, and be written before the low half traps.
    assert.throws(() => storeFar!(0), /out of bounds memory access/);
    assert.equal(new DataView(memory.buffer).getInt32(0, true), 0);
  });

  it("lists only functions that can be asked for, and knows the others in traces", () => {
    const text = textOf({ optLevel: 1 });
    assert.match(text, /return\{f:\[,f1,f2,f3,f4,f5\]/);
    assert.throws(
      () => run(text).load!(-4),
      (error: { frames?: readonly { funcIndex: number }[] }) => {
        assert.deepEqual(
          error.frames?.map(({ funcIndex }) => funcIndex),
          [0, 1],
        );
        return true;
      },
    );
  });

  it("puts functions next to those that they resemble", () => {
    const near = "a=L(b,8);P(c,a,12);if(a)break a;";
    const far = "x=E(y)*2.5+F(z,4);V(y,x*x,16);";
    const texts = [near + "f1(a)", far + "f2(x)", near + "f3(b)", far + "f4(y)"];
    assert.deepEqual(orderBySimilarity(texts), [0, 2, 1, 3]);
    assert.deepEqual(orderBySimilarity([]), []);
  });
});
