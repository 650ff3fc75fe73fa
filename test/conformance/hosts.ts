// Imported functions: their errors pass through untouched, they may call back, and several instances share what they link.
import assert from "node:assert/strict";
import { Op } from "../../runtime/wasm/opcodes.js";
import { EXTERNREF, F32, F64, FUNCREF, I32, I64 } from "../../runtime/wasm/types.js";
import { ByteWriter } from "../support/module-builder.js";
import type { Bench, Case, Exports } from "./suite.js";

/** Exports "run", which calls the import `m.f` of no parameters and results. */
function calling(bench: Bench, f: () => void): Exports {
  return bench.run(
    (m) => {
      m.importFunc("m", "f", m.type([], []));
      m.export("run", "func", m.func(m.type([], []), [], [Op.call, 0]));
    },
    { m: { f } },
  );
}

export const HOST_CASES: readonly Case[] = [
  {
    name: "what an import throws passes through untouched",
    run: (bench) => {
      const thrown: unknown[] = [
        new Error("host"),
        new RangeError("Maximum call stack size exceeded"),
        new RangeError("Offset is outside the bounds of the DataView"),
        new TypeError("x"),
        "text",
        undefined,
        null,
        5,
      ];
      for (const value of thrown) {
        const { run } = calling(bench, () => {
          throw value;
        });
        let got: unknown = "nothing thrown";
        try {
          run();
        } catch (error) {
          got = error;
        }
        assert.equal(got, value);
      }
    },
  },
  {
    name: "a trap after a host error was caught by the host is still a trap",
    run: (bench) => {
      const inner = calling(bench, () => {
        throw new Error("inner");
      });
      const { run } = bench.run(
        (m) => {
          m.importFunc("m", "f", m.type([], []));
          m.memory({ min: 1 });
          m.export(
            "run",
            "func",
            m.func(
              m.type([], [I32]),
              [],
              new ByteWriter().code(Op.call, 0, Op.i32_const, 1, Op.i32_load, 0).u32(0x7fff_ffff),
            ),
          );
        },
        { m: { f: () => void assert.throws(() => inner["run"](), /inner/) } },
      );
      bench.fails(() => run(), "trap");
    },
  },
  {
    name: "a trap inside a callback passes through the outer function",
    run: (bench) => {
      const { trap } = bench.run((m) => m.export("trap", "func", m.func(m.type([], []), [], [Op.unreachable])));
      const { run } = calling(bench, () => trap());
      bench.fails(() => run(), "trap");
      const { run: direct } = calling(bench, trap);
      bench.fails(() => direct(), "trap");
    },
  },
  {
    name: "imports may call back, and grow the memory meanwhile",
    run: (bench) => {
      let exports: Exports = {};
      exports = bench.run(
        (m) => {
          m.importFunc("m", "f", m.type([I32], [I32]));
          const memory = m.memory({ min: 1, max: 8 });
          m.export("memory", "memory", memory);
          // store(0, n); x = f(n); return load(0) + x
          m.export(
            "run",
            "func",
            m.func(
              m.type([I32], [I32]),
              [],
              [
                Op.i32_const,
                0,
                Op.local_get,
                0,
                Op.i32_store,
                2,
                0,
                Op.local_get,
                0,
                Op.call,
                0,
                Op.i32_const,
                0,
                Op.i32_load,
                2,
                0,
                Op.i32_add,
              ],
            ),
          );
        },
        {
          m: {
            f: (n: number) => {
              if (n === 0) return 100;
              exports["memory"].grow(1);
              const below: number = exports["run"](n - 1);
              new Uint8Array(exports["memory"].buffer)[0] = n;
              return below;
            },
          },
        },
      );
      assert.equal(exports["run"](3), 106);
      assert.equal(exports["memory"].buffer.byteLength, 4 * 65536);
    },
  },
  {
    name: "arguments and results of imports are JavaScript values of the declared types",
    run: (bench) => {
      const seen: unknown[] = [];
      const types = [I32, I64, F32, F64, EXTERNREF, FUNCREF] as const;
      const { run } = bench.run(
        (m) => {
          const f = m.importFunc("m", "f", m.type(types, [I64]));
          const code = new ByteWriter()
            .op(Op.i32_const)
            .s32(-1)
            .op(Op.i64_const)
            .s64(-1n)
            .op(Op.f32_const)
            .fixed32(0x3dcccccd)
            .op(Op.f64_const)
            .fixed64(0x8000_0000_0000_0000n);
          code.code(Op.local_get, 0, Op.ref_func, 1, Op.call, f);
          const run = m.func(m.type([EXTERNREF], [I64]), [], code);
          m.export("run", "func", run);
        },
        { m: { f: (...args: unknown[]) => (seen.push(...args), 2n ** 64n - 7n) } },
      );
      assert.equal(run("ext"), -7n);
      assert.deepEqual(seen, [-1, -1n, Math.fround(0.1), -0, "ext", run]);
    },
  },
  {
    name: "results of imports convert; one that cannot is a TypeError",
    run: (bench) => {
      let result: unknown;
      const importing = (type: number): (() => unknown) =>
        bench.run(
          (m) => {
            m.importFunc("m", "f", m.type([], [type]));
            m.export("run", "func", m.func(m.type([], [type]), [], [Op.call, 0]));
          },
          { m: { f: () => result } },
        )["run"];
      const [i32, i64, f32] = [importing(I32), importing(I64), importing(F32)];
      result = "37";
      assert.deepEqual([i32(), i64(), f32()], [37, 37n, 37]);
      result = 2 ** 40 + 1.5;
      assert.deepEqual([i32(), f32()], [1, Math.fround(2 ** 40 + 1.5)]);
      assert.throws(i64, TypeError);
      result = undefined;
      assert.deepEqual([i32(), f32()], [0, NaN]);
    },
  },
  {
    name: "several results of an import are any iterable of the right length",
    run: (bench) => {
      let result: unknown;
      const { run } = bench.run(
        (m) => {
          const type = m.type([], [I64, I32, F64]);
          m.importFunc("m", "f", type);
          m.export("run", "func", m.func(type, [], [Op.call, 0]));
        },
        { m: { f: () => result } },
      );
      result = [2n ** 40n, -1, 0.5];
      assert.deepEqual(run(), [2n ** 40n, -1, 0.5]);
      result = new Set<unknown>(["5", 2, 1]);
      assert.deepEqual(run(), [5n, 2, 1]);
      for (const wrong of [[1n, 2], [1n, 2, 3, 4], 5, null]) {
        result = wrong;
        assert.throws(run, TypeError);
      }
    },
  },
  {
    name: "a table shared by instances calls functions of both, with i64 results",
    run: (bench) => {
      const table = bench.engine.createTable(4, 4);
      const make = (value: bigint, at: number): Exports =>
        bench.run(
          (m) => {
            m.importTable("m", "t", FUNCREF, { min: 4, max: 4 });
            const type = m.type([I64], [I64]);
            const add = m.func(
              type,
              [],
              new ByteWriter().code(Op.local_get, 0).op(Op.i64_const).s64(value).op(Op.i64_add),
            );
            m.elements([add], { table: 0, offset: at });
            m.export(
              "call",
              "func",
              m.func(m.type([I64, I32], [I64]), [], [Op.local_get, 0, Op.local_get, 1, Op.call_indirect, type, 0]),
            );
          },
          { m: { t: table } },
        );
      const [a, b] = [make(1n << 40n, 0), make(-3n, 1)];
      assert.equal(a["call"](5n, 1), 2n);
      assert.equal(b["call"](5n, 0), 5n + (1n << 40n));
      bench.fails(() => a["call"](5n, 2), "trap");
      bench.fails(() => a["call"](5n, 4), "trap");
    },
  },
  {
    name: "a function exported by one instance is imported by another without a border between",
    run: (bench) => {
      const first = bench.run((m) =>
        m.export("f", "func", m.func(m.type([I64, F32], [F32, I64]), [], [Op.local_get, 1, Op.local_get, 0])),
      );
      const swap = (): Exports =>
        bench.run(
          (m) => {
            m.importFunc("m", "f", m.type([I64, F32], [F32, I64]));
            m.export("again", "func", 0);
            m.export(
              "run",
              "func",
              m.func(m.type([I64, F32], [F32, I64]), [], [Op.local_get, 0, Op.local_get, 1, Op.call, 0]),
            );
          },
          { m: { f: first["f"] } },
        );
      const second = swap();
      assert.equal(second["again"], first["f"]);
      assert.deepEqual(second["run"](2n ** 33n, 0.5), [0.5, 2n ** 33n]);
      const wrongType = (m: Parameters<Parameters<Bench["run"]>[0]>[0]): void =>
        void m.importFunc("m", "f", m.type([I64], [F32, I64]));
      bench.fails(() => bench.run(wrongType, { m: { f: first["f"] } }), "link");
    },
  },
  {
    name: "a memory shared by instances stays shared when either grows it",
    run: (bench) => {
      const owner = bench.run((m) => {
        m.memory({ min: 1, max: 4 });
        m.export("memory", "memory", 0);
        m.export("grow", "func", m.func(m.type([I32], [I32]), [], [Op.local_get, 0, Op.memory_grow, 0]));
        m.export("load", "func", m.func(m.type([I32], [I32]), [], [Op.local_get, 0, Op.i32_load, 2, 0]));
      });
      const user = bench.run(
        (m) => {
          m.importMemory("m", "memory", { min: 1, max: 4 });
          m.export(
            "store",
            "func",
            m.func(m.type([I32, I32], []), [], [Op.local_get, 0, Op.local_get, 1, Op.i32_store, 2, 0]),
          );
          m.export("grow", "func", m.func(m.type([I32], [I32]), [], [Op.local_get, 0, Op.memory_grow, 0]));
        },
        { m: { memory: owner["memory"] } },
      );
      bench.fails(() => user["store"](70000, 1), "trap");
      assert.equal(owner["grow"](1), 1);
      user["store"](70000, 42);
      assert.equal(owner["load"](70000), 42);
      assert.equal(user["grow"](2), 2);
      assert.equal(user["grow"](1), -1);
      user["store"](200000, 43);
      assert.equal(owner["load"](200000), 43);
    },
  },
  {
    name: "growing detaches the old buffer, even by nothing",
    run: (bench) => {
      const { memory, grow } = bench.run((m) => {
        m.memory({ min: 1, max: 3 });
        m.export("memory", "memory", 0);
        m.export("grow", "func", m.func(m.type([I32], [I32]), [], [Op.local_get, 0, Op.memory_grow, 0]));
      });
      const before = memory.buffer;
      assert.equal(memory.buffer, before);
      new Uint8Array(before)[9] = 99;
      assert.equal(grow(1), 1);
      assert.notEqual(memory.buffer, before);
      assert.equal(before.byteLength, 0);
      assert.equal(new Uint8Array(memory.buffer)[9], 99);
      const second = memory.buffer;
      assert.equal(memory.grow(0), 2);
      assert.equal(second.byteLength, 0);
      assert.throws(() => memory.grow(2), RangeError);
      assert.equal(memory.buffer.byteLength, 2 * 65536);
    },
  },
  {
    name: "a start function runs once, after the segments, and its trap ends the instantiation",
    run: (bench) => {
      const seen: number[] = [];
      const build =
        (offset: number) =>
        (m: Parameters<Parameters<Bench["run"]>[0]>[0]): void => {
          m.importFunc("m", "f", m.type([I32], []));
          m.memory({ min: 1 });
          m.data(Uint8Array.of(42), { memory: 0, offset: 7 });
          m.start(
            m.func(
              m.type([], []),
              [],
              new ByteWriter().code(Op.i32_const).s32(offset).code(Op.i32_load8_u, 0, 0, Op.call, 0),
            ),
          );
        };
      const imports = { m: { f: (n: number) => void seen.push(n) } };
      bench.run(build(7), imports);
      assert.deepEqual(seen, [42]);
      bench.fails(() => bench.run(build(-1), imports), "trap");
      assert.deepEqual(seen, [42]);
    },
  },
  {
    name: "imports are read once, in order, before anything is checked",
    run: (bench) => {
      const order: string[] = [];
      const namespace = {
        get a() {
          order.push("a");
          return () => undefined;
        },
        get b() {
          order.push("b");
          return 5;
        },
      };
      const build = (m: Parameters<Parameters<Bench["run"]>[0]>[0]): void => {
        m.importFunc("m", "a", m.type([], []));
        m.importGlobal("m", "b", I32, false);
        m.export("b", "global", 0);
      };
      assert.equal(bench.run(build, { m: namespace })["b"].value, 5);
      assert.deepEqual(order, ["a", "b"]);
    },
  },
  {
    name: "imports of the wrong kind or type are link errors",
    run: (bench) => {
      const memory = bench.engine.createMemory(1, 2);
      const global = bench.engine.createGlobal({ type: "i32", bits: 0 }, true);
      const link = (build: Parameters<Bench["run"]>[0], x: unknown): void =>
        bench.fails(() => bench.run(build, { m: { x } }), "link");
      link((m) => m.importFunc("m", "x", m.type([], [])), memory);
      link((m) => m.importFunc("m", "x", m.type([], [])), undefined);
      link((m) => m.importMemory("m", "x", { min: 2 }), memory);
      link((m) => m.importMemory("m", "x", { min: 1, max: 1 }), memory);
      link((m) => m.importTable("m", "x", FUNCREF, { min: 0 }), memory);
      link((m) => m.importGlobal("m", "x", I32, false), global);
      link((m) => m.importGlobal("m", "x", I64, true), global);
      link((m) => m.importGlobal("m", "x", I64, false), 5);
      link((m) => m.importGlobal("m", "x", I32, false), 5n);
      link((m) => m.importGlobal("m", "x", I32, true), 5);
    },
  },
];
