// Tables: the JavaScript face, and the arrays of raw callables that must follow every change of an element.
import assert from "node:assert/strict";
import { describe, it } from "node:test";
import { exportFunc, makeFunc, type Func } from "../../../runtime/instance/func.js";
import { instantiate } from "../../../runtime/instance/instantiate.js";
import type { RawCode } from "../../../runtime/instance/store.js";
import {
  badCall,
  copyTable,
  fillTable,
  getElement,
  growTable,
  initTable,
  MAX_TABLE_SIZE,
  setElement,
  Table,
} from "../../../runtime/instance/table.js";
import { FUNCREF } from "../../../runtime/wasm/types.js";
import { code, makeModule, tableType, type } from "./hand-made.js";

const func = (key: string, raw: RawCode = () => key): Func => makeFunc(type(key), key, raw, null, 0, "");
const A = func("i:i");
const B = func(":");
const C = func("i:i");

/** All elements. */
function refs(table: Table): unknown[] {
  return Array.from({ length: table.length }, (_, i) => table.elements.get(i));
}

/** What the arrays must hold, told from the elements alone. */
function consistent(table: Table): void {
  for (const key of ["i:i", ":", "l:l"]) {
    const wanted = refs(table).map((f) => (f !== null && (f as Func).typeKey === key ? (f as Func).code : undefined));
    assert.deepEqual([...table.codesOf(key)], wanted, `raw callables of type ${key}`);
  }
}

describe("Table", () => {
  it("is made from a descriptor", () => {
    assert.equal(new Table({ element: "anyfunc", initial: 3 }).get(2), null);
    assert.equal(new Table({ element: "externref", initial: 1 }).get(0), undefined);
    assert.equal(new Table({ element: "externref", initial: 1 }, "x").get(0), "x");
    assert.throws(() => new Table({ element: "i32" as "anyfunc", initial: 1 }), TypeError);
    assert.throws(() => new Table({ element: "anyfunc" } as { element: "anyfunc"; initial: number }), TypeError);
    assert.throws(() => new Table({ element: "anyfunc", initial: 2, maximum: 1 }), RangeError);
    assert.throws(() => new Table({ element: "anyfunc", initial: MAX_TABLE_SIZE + 1 }), RangeError);
    assert.throws(() => new Table({ element: "anyfunc", initial: 1 }, () => 1), TypeError);
  });

  it("gets, sets and grows in JavaScript's terms", () => {
    const table = new Table({ element: "anyfunc", initial: 1, maximum: 3 });
    const exported = exportFunc(A);
    table.set(0, exported);
    assert.equal(table.get(0), exported);
    assert.equal(table.elements.get(0), A);
    table.set(0);
    assert.equal(table.get(0), null);
    assert.equal(table.grow(2, exported), 1);
    assert.equal(table.length, 3);
    assert.equal(table.get(2), exported);
    assert.throws(() => table.grow(1), RangeError);
    assert.throws(() => table.get(3), RangeError);
    assert.throws(() => table.set(3, null), RangeError);
    assert.throws(() => table.set(0, () => 1), TypeError);
    assert.throws(() => table.get(-1), TypeError);
    consistent(table);
  });

  it("keeps any value in an externref table", () => {
    const table = new Table({ element: "externref", initial: 1 }, A);
    table.set(0);
    assert.equal(table.get(0), undefined);
    table.grow(1, null);
    assert.equal(table.get(1), null);
  });
});

describe("raw callables of a table", () => {
  it("follow every operation, in arrays that never change", () => {
    const table = new Table({ element: "anyfunc", initial: 4 });
    const codes = table.codesOf("i:i");
    const steps: [string, () => unknown][] = [
      ["set", () => setElement(table, 1, A)],
      ["set another type", () => setElement(table, 1, B)],
      ["set null", () => setElement(table, 1, null)],
      ["fill", () => fillTable(table, 0, C, 3)],
      ["init", () => initTable(table, [null, A, B], 1, 1, 2)],
      ["copy up", () => copyTable(table, table, 1, 0, 3)],
      ["copy down", () => copyTable(table, table, 0, 1, 3)],
      ["grow", () => growTable(table, 2, A)],
    ];
    for (const [name, step] of steps) {
      step();
      consistent(table);
      assert.equal(table.codesOf("i:i"), codes, name);
    }
    assert.deepEqual(refs(table), [C, A, B, B, A, A]);
  });

  it("copy between tables", () => {
    const source = new Table({ element: "anyfunc", initial: 2 });
    const target = new Table({ element: "anyfunc", initial: 2 });
    source.codesOf(":");
    target.codesOf(":");
    fillTable(source, 0, B, 2);
    copyTable(target, source, 1, 0, 1);
    assert.deepEqual(refs(target), [null, B]);
    consistent(target);
  });

  it("take code that replaces other code", () => {
    const module = makeModule({
      types: ["i:i"],
      funcs: [0, 0],
      tables: [{ type: tableType(FUNCREF, 3) }],
      elements: [{ mode: "active", table: 0, offset: [0x41, 0], type: FUNCREF, funcs: [0, 1] }],
      exports: { f: ["func", 0] },
    });
    const instance = instantiate(
      module,
      code(() => ({ 0: () => 1, 1: () => 2 })),
    );
    const codes = instance.sig(0, 0);
    assert.equal(codes[0]!(0), 1);
    instance.replaceCode([0], [() => 10]);
    assert.deepEqual([codes[0]!(0), codes[1]!(0), codes[2]], [10, 2, undefined]);
    assert.equal((instance.exports["f"] as () => number)(), 10);
  });
});

describe("bounds and traps of tables", () => {
  const table = new Table({ element: "anyfunc", initial: 3 });
  setElement(table, 0, A);
  const outOfBounds = { name: "Trap", message: "out of bounds table access" };

  it("trap before they change anything", () => {
    const calls = [
      () => getElement(table, 3),
      () => getElement(table, -1),
      () => setElement(table, 3, null),
      () => fillTable(table, 2, B, 2),
      () => fillTable(table, 4, B, 0),
      () => copyTable(table, table, 2, 0, 2),
      () => copyTable(table, table, 0, 2, 2),
      () => copyTable(table, table, -1, 0, 0),
      () => initTable(table, [A], 0, 0, 2),
      () => initTable(table, [A], 3, 0, 1),
      () => initTable(table, [A], 0, 2, 0),
    ];
    for (const call of calls) assert.throws(call, outOfBounds);
    assert.deepEqual(refs(table), [A, null, null]);
  });

  it("allow a count of 0 at the end", () => {
    fillTable(table, 3, B, 0);
    copyTable(table, table, 3, 3, 0);
    initTable(table, [A], 3, 1, 0);
  });

  it("say why an indirect call fails, when it is made", () => {
    const reasons: [number, string][] = [
      [0, "indirect call type mismatch"],
      [1, "uninitialized element"],
      [3, "undefined element"],
      [-1, "undefined element"],
    ];
    for (const [index, message] of reasons) {
      const call = badCall(table, index);
      assert.throws(() => call(1, 2), { name: "Trap", message });
    }
  });

  it("grow to the limit and no further", () => {
    const small = new Table({ element: "anyfunc", initial: 1, maximum: 2 });
    assert.equal(growTable(small, 2, null), -1);
    assert.equal(growTable(small, 0xffffffff, null), -1);
    assert.equal(growTable(small, 1, null), 1);
    assert.equal(growTable(small, 0, null), 2);
    assert.equal(growTable(new Table({ element: "anyfunc", initial: 0 }), MAX_TABLE_SIZE + 1, null), -1);
  });
});
