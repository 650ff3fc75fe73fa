// What happens to values where JavaScript and Wasm meet: conversions of arguments and results, the shape of exports.
// https://webassembly.github.io/spec/js-api/#tojsvalue
import assert from "node:assert/strict";
import { Op } from "../../runtime/wasm/opcodes.js";
import { EXTERNREF, F32, F64, FUNCREF, I32, I64 } from "../../runtime/wasm/types.js";
import type { ValType } from "../../runtime/wasm/types.js";
import { ByteWriter } from "../support/module-builder.js";
import type { ModuleBuilder } from "../support/module-builder.js";
import type { Bench, Case, Exports } from "./suite.js";

/** Exports "id": a function that returns its arguments. */
function identity(m: ModuleBuilder, ...types: ValType[]): void {
  const code = new ByteWriter();
  types.forEach((_, i) => code.op(Op.local_get).u32(i));
  m.export("id", "func", m.func(m.type(types, types), [], code));
}

function converts(type: ValType, pairs: readonly (readonly [given: unknown, got: unknown])[]): (bench: Bench) => void {
  return (bench) => {
    const { id } = bench.run((m) => identity(m, type));
    for (const [given, got] of pairs)
      assert.ok(Object.is(id(given), got), `${String(given)} became ${String(id(given))}, expected ${String(got)}`);
  };
}

const valueOfSeven = { valueOf: () => 7 };

export const BOUNDARY_CASES: readonly Case[] = [
  {
    name: "i32 arguments wrap as ToInt32 does",
    run: converts(I32, [
      [2 ** 31, -(2 ** 31)],
      [2 ** 32 + 5, 5],
      [-1.9, -1],
      [NaN, 0],
      [Infinity, 0],
      ["0x10", 16],
      [true, 1],
      [undefined, 0],
      [null, 0],
      [valueOfSeven, 7],
      [-0, 0],
    ]),
  },
  {
    name: "i64 arguments wrap as ToBigInt64 does",
    run: converts(I64, [
      [2n ** 63n, -(2n ** 63n)],
      [2n ** 64n + 5n, 5n],
      [-1n, -1n],
      [0xffff_ffffn, 0xffff_ffffn],
      [-(2n ** 31n), -(2n ** 31n)],
      ["12", 12n],
      [true, 1n],
      [2n ** 200n - 1n, -1n],
    ]),
  },
  {
    name: "f32 arguments are rounded",
    run: converts(F32, [
      [0.1, Math.fround(0.1)],
      [1e40, Infinity],
      [-0, -0],
      [undefined, NaN],
      ["2.5", 2.5],
      [16777217, 16777216],
      [1e-50, 0],
    ]),
  },
  {
    name: "f64 arguments are numbers",
    run: converts(F64, [
      [0.1, 0.1],
      [-0, -0],
      [undefined, NaN],
      ["2.5", 2.5],
      [5e-324, 5e-324],
      [null, 0],
      [valueOfSeven, 7],
    ]),
  },
  {
    name: "externref passes any value untouched",
    run: (bench) => {
      const { id } = bench.run((m) => identity(m, EXTERNREF));
      const object = {};
      for (const value of [object, null, undefined, 0, -0, NaN, "text", 5n, Symbol.iterator, id])
        assert.ok(Object.is(id(value), value));
    },
  },
  {
    name: "undefined is no null reference, null is",
    run: (bench) => {
      const { isNull } = bench.run((m) =>
        m.export("isNull", "func", m.func(m.type([EXTERNREF], [I32]), [], [Op.local_get, 0, Op.ref_is_null])),
      );
      assert.deepEqual([isNull(null), isNull(undefined), isNull(0)], [1, 0, 0]);
    },
  },
  {
    name: "funcref takes exported functions and null only",
    run: (bench) => {
      const { id } = bench.run((m) => identity(m, FUNCREF));
      assert.equal(id(id), id);
      assert.equal(id(null), null);
      for (const wrong of [() => 0, {}, 0, undefined]) assert.throws(() => id(wrong), TypeError);
    },
  },
  {
    name: "arguments that cannot convert are a TypeError, before anything runs",
    run: (bench) => {
      const calls: unknown[] = [];
      const { run } = bench.run(
        (m) => {
          const host = m.importFunc("m", "f", m.type([], []));
          m.export("run", "func", m.func(m.type([I64, I32], []), [], [Op.call, host]));
        },
        { m: { f: () => calls.push(1) } },
      );
      assert.throws(() => run(1, 2), TypeError);
      assert.throws(() => run(1n, Symbol.iterator), TypeError);
      assert.throws(() => run(1n, 2n), TypeError);
      assert.throws(() => run("no number", 2), SyntaxError);
      assert.deepEqual(calls, []);
      run(1n);
      assert.equal(calls.length, 1);
    },
  },
  {
    name: "several results are an array, none is undefined",
    run: (bench) => {
      const { id, none } = bench.run((m) => {
        identity(m, I64, F32, I32, F64, EXTERNREF, I64, I32);
        m.export("none", "func", m.func(m.type([], []), [], []));
      });
      const got = id(-2n, 0.5, -3, 0.25, "x", 2n ** 40n, 9);
      assert.ok(Array.isArray(got));
      assert.deepEqual(got, [-2n, 0.5, -3, 0.25, "x", 2n ** 40n, 9]);
      assert.equal(none(), undefined);
    },
  },
  {
    name: "exports are a frozen object without prototype, in the module's order",
    run: (bench) => {
      const exports = bench.run((m) => {
        const f = m.func(m.type([I32, I32], []), [], []);
        m.memory({ min: 1 });
        m.table(FUNCREF, { min: 1 });
        m.global(I32, true, new ByteWriter().code(Op.i32_const, 5));
        m.export("z", "func", f);
        m.export("a", "memory", 0);
        m.export("constructor", "table", 0);
        m.export("", "global", 0);
        m.export("again", "func", f);
      });
      assert.equal(Object.getPrototypeOf(exports), null);
      assert.ok(Object.isFrozen(exports));
      assert.deepEqual(Object.keys(exports), ["z", "a", "constructor", "", "again"]);
      assert.equal(exports["z"], exports["again"]);
      assert.equal(exports["z"].name, "0");
      assert.equal(exports["z"].length, 2);
      assert.equal(exports[""].value, 5);
    },
  },
  {
    name: "names that mean something to JavaScript are ordinary export names",
    run: (bench) => {
      const names = ["__proto__", "toString", "valueOf", "then", "a\nb", "\u{1F600}", "0", "'\"`${}\\", "\u2028"];
      const exports = bench.run((m) =>
        names.forEach((name, i) => m.export(name, "func", m.func(m.type([], [I32]), [], [Op.i32_const, i]))),
      );
      assert.deepEqual(
        names.map((name) => exports[name]()),
        names.map((_, i) => i),
      );
      assert.equal(Object.keys(exports).length, names.length);
    },
  },
  {
    name: "an exported function is the same object wherever it appears",
    run: (bench) => {
      const exports = bench.run((m) => {
        const f = m.func(m.type([], [FUNCREF]), [], [Op.ref_func, 0]);
        m.table(FUNCREF, { min: 2 });
        m.elements([f], { table: 0, offset: 1 });
        m.export("f", "func", f);
        m.export("t", "table", 0);
      });
      assert.equal(exports["f"](), exports["f"]);
      assert.equal(exports["t"].get(1), exports["f"]);
      assert.equal(exports["t"].get(0), null);
    },
  },
  {
    name: "exported mutable globals are live on both sides",
    run: (bench) => {
      const { g, read, write } = globals(bench);
      assert.equal(g.value, -5n);
      g.value = 2n ** 63n + 1n;
      assert.equal(read(), -(2n ** 63n) + 1n);
      write(0x1_2345_6789_abcdn);
      assert.equal(g.value, 0x1_2345_6789_abcdn);
      assert.throws(() => (g.value = 1), TypeError);
    },
  },
  {
    name: "an immutable global cannot be set",
    run: (bench) => {
      const { g } = bench.run((m) =>
        m.export(
          "g",
          "global",
          m.global(F64, false, new ByteWriter().op(Op.f64_const).fixed64(0x3ff8_0000_0000_0000n)),
        ),
      );
      assert.equal(g.value, 1.5);
      assert.throws(() => (g.value = 2), TypeError);
    },
  },
];

function globals(bench: Bench): Exports {
  return bench.run((m) => {
    const g = m.global(I64, true, new ByteWriter().op(Op.i64_const).s64(-5n));
    m.export("g", "global", g);
    m.export("read", "func", m.func(m.type([], [I64]), [], [Op.global_get, g]));
    m.export("write", "func", m.func(m.type([I64], []), [], [Op.local_get, 0, Op.global_set, g]));
  });
}
