// Instantiation: order, segments, exports, calls across the border, link errors.
import assert from "node:assert/strict";
import { describe, it } from "node:test";
import { LinkError, Trap } from "../../../runtime/errors.js";
import { Global } from "../../../runtime/instance/global.js";
import { instantiate } from "../../../runtime/instance/instantiate.js";
import { Memory } from "../../../runtime/instance/memory.js";
import { S, type RawCode } from "../../../runtime/instance/store.js";
import { Table } from "../../../runtime/instance/table.js";
import { Op } from "../../../runtime/wasm/opcodes.js";
import { FUNCREF, HEAP, I32, I64 } from "../../../runtime/wasm/types.js";
import { code, makeModule, memoryType, NO_CODE, tableType } from "./hand-made.js";

type Callable = (...args: unknown[]) => unknown;

describe("exports", () => {
  const module = makeModule({
    types: ["ii:i", "l:l", "id:", "f:f", ":ild", "e:e", "n:n"],
    funcs: [0, 1, 2, 3, 4, 5, 6],
    memories: [memoryType(1)],
    tables: [{ type: tableType(FUNCREF, 2) }],
    globals: [
      { type: { type: I32, mutable: true }, init: [Op.i32_const, 42] },
      { type: { type: I64, mutable: false }, init: [Op.i64_const, -1, 0] },
    ],
    exports: {
      add: ["func", 0],
      neg: ["func", 1],
      nothing: ["func", 2],
      half: ["func", 3],
      many: ["func", 4],
      same: ["func", 5],
      sameFunc: ["func", 6],
      memory: ["memory", 0],
      table: ["table", 0],
      g: ["global", 0],
      wide: ["global", 1],
    },
  });
  const instance = instantiate(
    module,
    code(() => ({
      0: (a: number, b: number) => (a + b) | 0,
      1: (low: number, high: number) => {
        S.h = (~high + (low === 0 ? 1 : 0)) | 0;
        return -low | 0;
      },
      2: () => undefined,
      3: (x: number) => Math.fround(x / 2),
      4: () => {
        S.h = 5;
        S["r2"] = -1;
        S["d3"] = 1.5;
        return 7;
      },
      5: (x: unknown) => x,
      6: (x: unknown) => x,
    })),
  );
  const exports = instance.exports as Record<string, Callable>;

  it("are frozen, without a prototype, in order", () => {
    assert.equal(Object.getPrototypeOf(exports), null);
    assert.ok(Object.isFrozen(exports));
    assert.deepEqual(
      Object.keys(exports),
      module.exports.map((e) => e.name),
    );
  });

  it("convert arguments and results", () => {
    assert.equal(exports["add"]!(2147483647, "1"), -2147483648);
    assert.equal(exports["add"]!(1.9), 1);
    assert.equal(exports["neg"]!(5n), -5n);
    assert.equal(exports["neg"]!(-(2n ** 63n)), -(2n ** 63n));
    assert.equal(exports["neg"]!(2n ** 64n + 4294967296n), -4294967296n);
    assert.equal(exports["nothing"]!(1, 2), undefined);
    assert.equal(exports["half"]!(0.1), Math.fround(0.05));
    assert.deepEqual(exports["many"]!(), [7, -4294967291n, 1.5]);
    const object = {};
    assert.equal(exports["same"]!(object), object);
    assert.equal(exports["same"]!(), undefined);
    assert.equal(exports["sameFunc"]!(null), null);
    assert.equal(exports["sameFunc"]!(exports["add"]), exports["add"]);
  });

  it("refuse what has no conversion", () => {
    assert.throws(() => exports["add"]!(1n, 1n), TypeError);
    assert.throws(() => exports["neg"]!(1), TypeError);
    assert.throws(() => exports["sameFunc"]!(() => 1), TypeError);
    assert.throws(() => exports["sameFunc"]!(undefined), TypeError);
  });

  it("have the index as name and the parameters as length", () => {
    assert.deepEqual([exports["neg"]!.name, exports["neg"]!.length], ["1", 1]);
    assert.deepEqual([exports["add"]!.name, exports["add"]!.length], ["0", 2]);
  });

  it("hold memories, tables and globals", () => {
    assert.ok(instance.exports["memory"] instanceof Memory);
    assert.ok(instance.exports["table"] instanceof Table);
    const g = instance.exports["g"] as Global;
    assert.equal(g.value, 42);
    g.value = -1;
    assert.equal(instance.cells[0]!.v, -1);
    assert.equal(`${(instance.exports["wide"] as Global).valueOf()}`, "4294967295");
    assert.throws(() => ((instance.exports["wide"] as Global).value = 1n), TypeError);
  });

  it("can be called with scalars", () => {
    assert.deepEqual(instance.invokeRaw("neg", [5, 0]), [-5, -1]);
    assert.deepEqual(instance.invokeRaw("many", []), [7, 5, -1, 1.5]);
    assert.deepEqual(instance.invokeRaw("nothing", [1, 2]), []);
    assert.throws(() => instance.invokeRaw("memory", []), /unknown export/);
  });
});

describe("imports", () => {
  const types = ["il:l", "i:i", ":", "ii:id", "e:n"];

  it("adapt host functions", () => {
    const seen: unknown[] = [];
    const module = makeModule({
      types,
      imports: [
        ["env", "wide", { kind: "func", typeIndex: 0 }],
        ["env", "two", { kind: "func", typeIndex: 3 }],
        ["env", "ref", { kind: "func", typeIndex: 4 }],
      ],
      exports: { wide: ["func", 0], two: ["func", 1], ref: ["func", 2] },
    });
    const instance = instantiate(module, NO_CODE, {
      env: {
        wide: (...args: unknown[]) => (seen.push(args), 2n ** 63n),
        two: (a: number, b: number) => new Set([a + 0.5, b + 0.5]),
        ref: () => "not a function",
      },
    });
    assert.deepEqual(instance.invokeRaw("wide", [-1, 1, 2]), [0, -2147483648]);
    assert.deepEqual(seen, [[-1, 8589934593n]]);
    assert.deepEqual(instance.invokeRaw("two", [1, 2]), [1, 2.5]);
    assert.throws(() => (instance.exports["ref"] as Callable)({}), TypeError);
  });

  it("call functions of other instances directly", () => {
    const raw: RawCode = (a: number) => a + 1;
    const first = instantiate(
      makeModule({ types, funcs: [1], exports: { inc: ["func", 0] } }),
      code(() => ({ 0: raw })),
    );
    const module = makeModule({
      types,
      imports: [["a", "inc", { kind: "func", typeIndex: 1 }]],
      exports: { inc: ["func", 0] },
    });
    const second = instantiate(module, NO_CODE, { a: first.exports });
    assert.equal(second.func(0).code, raw);
    assert.equal(second.exports["inc"], first.exports["inc"]);
  });

  it("share globals, memories and tables", () => {
    const memory = new Memory({ initial: 1, maximum: 2 });
    const table = new Table({ element: "anyfunc", initial: 1 });
    const global = new Global({ value: "i64", mutable: true }, 7n);
    const module = makeModule({
      imports: [
        ["env", "memory", { kind: "memory", memory: memoryType(1, 2) }],
        ["env", "table", { kind: "table", table: tableType(FUNCREF, 1) }],
        ["env", "global", { kind: "global", global: { type: I64, mutable: true } }],
        ["env", "plain", { kind: "global", global: { type: I32, mutable: false } }],
      ],
      exports: { memory: ["memory", 0], table: ["table", 0], global: ["global", 0], plain: ["global", 1] },
    });
    const { exports } = instantiate(module, NO_CODE, { env: { memory, table, global, plain: 5.7 } });
    assert.deepEqual([exports["memory"], exports["table"], exports["global"]], [memory, table, global]);
    assert.equal((exports["plain"] as Global).value, 5);
  });

  const errors: [string, Parameters<typeof makeModule>[0], unknown, string][] = [
    [
      "missing module",
      { types, imports: [["env", "f", { kind: "func", typeIndex: 1 }]] },
      undefined,
      'unknown import: "env" "f": expected function (i32) -> (i32), but there is no module "env"',
    ],
    [
      "missing field",
      { types, imports: [["env", "f", { kind: "func", typeIndex: 0 }]] },
      { env: {} },
      'unknown import: "env" "f": expected function (i32, i64) -> (i64), but it is not there',
    ],
    [
      "number for a function",
      { types, imports: [["env", "f", { kind: "func", typeIndex: 2 }]] },
      { env: { f: 1 } },
      'incompatible import type: "env" "f": expected function () -> (), got number 1',
    ],
    [
      "memory too small",
      { imports: [["env", "m", { kind: "memory", memory: memoryType(2, 3) }]] },
      { env: { m: new Memory({ initial: 1, maximum: 3 }) } },
      'incompatible import type: "env" "m": expected memory, min 2, max 3, got memory, min 1, max 3',
    ],
    [
      "memory without maximum",
      { imports: [["env", "m", { kind: "memory", memory: memoryType(1, 3) }]] },
      { env: { m: new Memory({ initial: 1 }) } },
      'incompatible import type: "env" "m": expected memory, min 1, max 3, got memory, min 1',
    ],
    [
      "table of another type",
      { imports: [["env", "t", { kind: "table", table: tableType(FUNCREF, 1) }]] },
      { env: { t: new Table({ element: "externref", initial: 1 }) } },
      'incompatible import type: "env" "t": expected table of funcref, min 1, got table of externref, min 1',
    ],
    [
      "immutable global for a mutable one",
      { imports: [["env", "g", { kind: "global", global: { type: I32, mutable: true } }]] },
      { env: { g: new Global({ value: "i32" }) } },
      'incompatible import type: "env" "g": expected mutable global i32, got immutable global i32',
    ],
    [
      "number for an i64",
      { imports: [["env", "g", { kind: "global", global: { type: I64, mutable: false } }]] },
      { env: { g: 1 } },
      'incompatible import type: "env" "g": expected immutable global i64, got number 1',
    ],
  ];
  for (const [name, parts, imports, message] of errors) {
    it(`say what is wrong: ${name}`, () => {
      assert.throws(
        () => instantiate(makeModule(parts), NO_CODE, imports as Record<string, unknown>),
        (error) => error instanceof LinkError && error.message === message,
      );
    });
  }

  it("say which type a Wasm function has", () => {
    const { exports } = instantiate(
      makeModule({ types, funcs: [1], exports: { f: ["func", 0] } }),
      code(() => ({ 0: () => 0 })),
    );
    const module = makeModule({ types, imports: [["a", "f", { kind: "func", typeIndex: 2 }]] });
    assert.throws(() => instantiate(module, NO_CODE, { a: exports }), {
      name: "LinkError",
      code: "incompatible-import-type",
      message: 'incompatible import type: "a" "f": expected function () -> (), got function (i32) -> (i32)',
    });
  });
});

describe("segments and start", () => {
  const bytes = (...values: number[]): Uint8Array => new Uint8Array(values);
  const active = (at: number, data: Uint8Array) =>
    ({ mode: "active", memory: 0, offset: [Op.i32_const, at], bytes: data }) as const;

  it("run in order: elements, data, start", () => {
    const log: unknown[] = [];
    const module = makeModule({
      types: [":", ":i"],
      funcs: [0, 1],
      tables: [{ type: tableType(FUNCREF, 2) }],
      memories: [memoryType(1)],
      elements: [{ mode: "active", table: 0, offset: [Op.i32_const, 1], type: FUNCREF, funcs: [1] }],
      dataSegments: [active(8, bytes(1, 2, 3))],
      start: 0,
    });
    instantiate(
      module,
      code((instance) => ({
        0: () => log.push(instance.tables[0]!.length, instance.sig(0, 1)[1]!(), instance.memories[0]!.bytes[10]),
        1: () => 99,
      })),
    );
    assert.deepEqual(log, [2, 99, 3]);
  });

  it("keep what was written before a segment did not fit", () => {
    const memory = new Memory({ initial: 1 });
    const module = makeModule({
      imports: [["env", "m", { kind: "memory", memory: memoryType(1) }]],
      dataSegments: [active(0, bytes(7)), active(65535, bytes(8, 9)), active(1, bytes(10))],
    });
    assert.throws(() => instantiate(module, NO_CODE, { env: { m: memory } }), {
      name: "Trap",
      message: "out of bounds memory access",
    });
    assert.deepEqual([...memory.bytes.subarray(0, 2), memory.bytes[65535]], [7, 0, 0]);
  });

  it("trap on an element segment that does not fit", () => {
    const module = makeModule({
      types: [":"],
      funcs: [0],
      tables: [{ type: tableType(FUNCREF, 1) }],
      elements: [
        { mode: "active", table: 0, offset: [Op.i32_const, 1], type: FUNCREF, exprs: [[Op.ref_null, HEAP.func]] },
      ],
    });
    assert.throws(
      () =>
        instantiate(
          module,
          code(() => ({ 0: () => 0 })),
        ),
      /^Trap: out of bounds table access$/m,
    );
  });

  it("evaluate constant expressions", () => {
    const module = makeModule({
      imports: [["env", "g", { kind: "global", global: { type: I64, mutable: false } }]],
      globals: [
        {
          type: { type: I64, mutable: false },
          init: [Op.global_get, 0, Op.i64_const, 3, 0, Op.i64_mul, Op.i64_const, 1, 0, Op.i64_sub],
        },
        { type: { type: I32, mutable: false }, init: [Op.i32_const, 6, Op.i32_const, 8, Op.i32_sub] },
        { type: { type: I64, mutable: false }, init: [Op.global_get, 1, Op.i64_const, 2, 0, Op.i64_add] },
      ],
      exports: { a: ["global", 1], b: ["global", 2], c: ["global", 3] },
    });
    const { exports } = instantiate(module, NO_CODE, { env: { g: 4294967296n } });
    assert.deepEqual(
      ["a", "b", "c"].map((name) => (exports[name] as Global).value),
      [12884901887n, -2, 12884901889n],
    );
  });

  it("refuse memories beyond the host's limit", () => {
    const module = makeModule({ memories: [memoryType(3)] });
    assert.throws(
      () => instantiate(module, NO_CODE, {}, { maxMemoryPages: 2 }),
      (error) =>
        error instanceof Trap && error.message === "out of memory: memory 0 needs 3 pages (0.1875 MiB), the limit is 2",
    );
  });
});
