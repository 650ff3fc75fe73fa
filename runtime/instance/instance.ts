// The instance: everything a running module owns or imported, by index, and the operations that generated code asks of it as
// `I.name(…)` (the list is INSTANCE_METHODS in runtime/abi.ts). How one comes to life is in instantiate.ts.
// https://webassembly.github.io/spec/core/exec/runtime.html#module-instances
import { funcTypeAt, type Module } from "../wasm/module.js";
import { I64 } from "../wasm/types.js";
import type { CodeProvider } from "./code.js";
import { invokeRaw, makeFunc, typeKeyOf, type Func } from "./func.js";
import { wrapGlobal, type Cell, type Global } from "./global.js";
import type { Imported } from "./link.js";
import { copyMemory, fillMemory, growMemory, initMemory, type Memory } from "./memory.js";
import type { InstanceStorage } from "./storage.js";
import { S, type RawCode } from "./store.js";
import { badCall, copyTable, fillTable, getElement, growTable, initTable, setElement, type Table } from "./table.js";
import type { Scalar } from "./value.js";

export type Exports = Readonly<Record<string, unknown>>;

const DROPPED_DATA = /* @__PURE__ */ new Uint8Array(0);
const DROPPED_ELEMENTS: readonly unknown[] = [];

/** A module with state: its exports, and for embedders a way in that converts nothing. */
export class Instance {
  readonly module: Module;
  /** What the module exports, by name: functions, Memory, Table and Global objects; frozen, without a prototype. */
  readonly exports: Exports = Object.create(null);

  /** @internal */
  readonly code: CodeProvider;
  /** Where a runtime keeps this instance's memory. @internal */
  readonly storage: InstanceStorage | undefined;
  // By index, imports first.
  /** @internal */
  readonly funcs: (Func | undefined)[];
  /** @internal */
  readonly tables: Table[];
  /** @internal */
  readonly memories: Memory[];
  /** Cells of the globals that have one, by global index. @internal */
  readonly cells: (Cell | undefined)[] = [];
  /** JavaScript faces of globals, by global index: imported ones, and exported ones once made. @internal */
  readonly globals: (Global | undefined)[];
  /** The globals without a cell: fields g<i>, and h<i> for the high half of an i64. @internal */
  privates: Record<string, Scalar> = {};
  /** Bytes of the segments not yet dropped. @internal */
  readonly data: Uint8Array[] = [];
  /** References of the segments not yet dropped. @internal */
  readonly elements: (readonly unknown[])[] = [];
  private readonly typeKeys: (string | undefined)[] = [];

  /** @internal */
  constructor(module: Module, code: CodeProvider, imported: Imported, storage?: InstanceStorage) {
    this.module = module;
    this.code = code;
    this.storage = storage;
    this.funcs = imported.funcs;
    this.tables = imported.tables;
    this.memories = imported.memories;
    this.globals = imported.globals;
  }

  /** Calls an exported function with scalars of generated code; see {@link invokeRaw}. */
  invokeRaw(name: string, args: readonly Scalar[]): Scalar[] {
    const found = this.module.exports.filter((e) => e.kind === "func" && e.name === name)[0];
    if (found === undefined) throw new TypeError(`unknown export: no function "${name}"`);
    return invokeRaw(this.func(found.index), args);
  }

  /**
   * Ends the instance: it no longer follows the memories that it imports, and what it holds in a runtime is freed. Nothing of
   * it may be used any more. Throws LifetimeError, and changes nothing, where others still need it.
   */
  dispose(): void {
    const { code, storage } = this;
    if (storage) storage.dispose();
    else if (code.unlink) code.unlink();
  }

  /** `dispose`, for an instance in a runtime. */
  declare readonly [Symbol.dispose]: () => void;

  /** The record of a function, made when first asked for. @internal */
  func(index: number): Func {
    let func = this.funcs[index];
    if (func === undefined) {
      const type = funcTypeAt(this.module, this.module.funcTypes[index]!);
      const key = this.typeKey(this.module.funcTypes[index]!);
      func = makeFunc(type, key, this.code.funcCode(index), this, index);
      this.funcs[index] = func;
    }
    return func;
  }

  /** @internal */
  typeKey(typeIndex: number): string {
    return (this.typeKeys[typeIndex] ??= typeKeyOf(funcTypeAt(this.module, typeIndex)));
  }

  /** What `t<table>_<typeIndex>` stands for. @internal */
  sig(table: number, typeIndex: number): (RawCode | undefined)[] {
    return this.tables[table]!.codesOf(this.typeKey(typeIndex));
  }

  /**
   * Puts other code in the place of functions, in their records and wherever this instance's tables hold them: when a page
   * that was represented by stubs has been faulted in. Other instances' tables keep the stubs, which must go on working.
   * @internal
   */
  replaceCode(functions: ArrayLike<number>, codes: ArrayLike<RawCode>): void {
    let changed = false;
    for (let k = 0; k < functions.length; k++) {
      const func = this.funcs[functions[k]!];
      if (func === undefined || func.code === codes[k]) continue;
      func.code = codes[k]!;
      changed = true;
    }
    if (changed) for (let k = 0; k < this.tables.length; k++) this.tables[k]!.refresh(this);
  }

  /** The value of a global; an i64's high half is left in `S.h`. @internal */
  getGlobal(index: number): Scalar {
    const cell = this.cells[index];
    if (cell !== undefined) {
      S.h = cell.h;
      return cell.v;
    }
    if (this.module.globals[index]!.type.type === I64) S.h = this.privates["h" + index] as number;
    return this.privates["g" + index];
  }

  /** Sets a global; an i64's high half is taken from `S.h`. @internal */
  setGlobal(index: number, value: Scalar): void {
    const cell = this.cells[index];
    const wide = this.module.globals[index]!.type.type === I64;
    if (cell !== undefined) {
      cell.v = value;
      if (wide) cell.h = S.h;
    } else {
      this.privates["g" + index] = value;
      if (wide) this.privates["h" + index] = S.h;
    }
  }

  /** The JavaScript face of a global; the same object each time. @internal */
  global(index: number): Global {
    return (this.globals[index] ??= wrapGlobal(this.module.globals[index]!.type, this.cellOf(index)));
  }

  // An immutable global may live in the globals object; its value never changes, so a copy will do as its cell.
  private cellOf(index: number): Cell {
    return this.cells[index] ?? { v: this.getGlobal(index), h: S.h };
  }

  // For generated code. Integers are int32 that stand for unsigned numbers.

  memory_grow(memory: number, delta: number): number {
    return growMemory(this.memories[memory]!, delta >>> 0);
  }

  memory_init(memory: number, segment: number, to: number, from: number, count: number): void {
    initMemory(this.memories[memory]!, this.data[segment]!, to, from, count);
  }

  memory_copy(target: number, source: number, to: number, from: number, count: number): void {
    copyMemory(this.memories[target]!, this.memories[source]!, to, from, count);
  }

  memory_fill(memory: number, to: number, value: number, count: number): void {
    fillMemory(this.memories[memory]!, to, value, count);
  }

  data_drop(segment: number): void {
    this.data[segment] = DROPPED_DATA;
  }

  table_init(table: number, segment: number, to: number, from: number, count: number): void {
    initTable(this.tables[table]!, this.elements[segment]!, to, from, count);
  }

  elem_drop(segment: number): void {
    this.elements[segment] = DROPPED_ELEMENTS;
  }

  table_copy(target: number, source: number, to: number, from: number, count: number): void {
    copyTable(this.tables[target]!, this.tables[source]!, to, from, count);
  }

  table_fill(table: number, to: number, ref: unknown, count: number): void {
    fillTable(this.tables[table]!, to, ref, count);
  }

  table_grow(table: number, ref: unknown, delta: number): number {
    return growTable(this.tables[table]!, delta >>> 0, ref);
  }

  table_size(table: number): number {
    return this.tables[table]!.length;
  }

  table_get(table: number, index: number): unknown {
    return getElement(this.tables[table]!, index);
  }

  table_set(table: number, index: number, ref: unknown): void {
    setElement(this.tables[table]!, index, ref);
  }

  ref_func(index: number): Func {
    return this.func(index);
  }

  /** What stands in for the callable that a `call_indirect` did not find: traps when called, after the arguments. */
  bad_call(table: number, index: number, _typeIndex: number): RawCode {
    return badCall(this.tables[table]!, index);
  }
}
