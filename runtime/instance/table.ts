// Tables: references by index, which a storage keeps, and beside them, for each function type that generated code calls through the table, an array
// of the raw callables of that type with nothing elsewhere. A `call_indirect` is then one array read: null elements, elements
// of another type and indices out of bounds all read as undefined. Whoever changes an element keeps the arrays in step.
// https://webassembly.github.io/spec/js-api/#tables
import { bug, Trap } from "../errors.js";
import { TrapCode } from "../trap-code.js";
import { EXTERNREF, FUNCREF, type ValType } from "../wasm/types.js";
import { typeLetter, type Func } from "./func.js";
import { valTypeOf } from "./global.js";
import type { Instance } from "./instance.js";
import { limitsOf, toIndex, type LimitsDescriptor } from "./limits.js";
import type { InstanceStorage } from "./storage.js";
import type { RawCode } from "./store.js";
import { toJs, toWasm } from "./value.js";

/** The largest table, the limit that engines agreed on for the JS API. */
export const MAX_TABLE_SIZE = 10_000_000;

export interface TableDescriptor extends LimitsDescriptor {
  readonly element: "anyfunc" | "funcref" | "externref";
}

/** Where the references of a table are: Func records or null; any value where the element type is externref. @internal */
export interface TableStorage {
  readonly length: number;
  get(index: number): unknown;
  /** Sets an element that exists. Nothing has changed where this throws, as it does where a runtime has no memory left. */
  set(index: number, ref: unknown): void;
  /** Appends elements, each `ref`, until there are `length`. false: refused, nothing has changed. */
  grow(length: number, ref: unknown): boolean;
}

/** References as the engine's own array. */
class ArrayStorage implements TableStorage {
  length = 0;
  private readonly refs: unknown[] = [];

  get(index: number): unknown {
    return this.refs[index];
  }

  set(index: number, ref: unknown): void {
    this.refs[index] = ref;
  }

  grow(length: number, ref: unknown): boolean {
    while (this.length < length) this.refs[this.length++] = ref;
    return true;
  }
}

/** A table of references, shaped like `WebAssembly.Table`. */
export class Table {
  /** @internal */
  readonly elementType: ValType;
  /** The declared maximum, if there is one. @internal */
  readonly maximum: number | undefined;
  /** @internal */
  readonly elements: TableStorage;
  // The raw callables by type key.
  private readonly codes: Record<string, (RawCode | undefined)[]> = Object.create(null);

  constructor(descriptor: TableDescriptor, value?: unknown, storage: TableStorage = new ArrayStorage()) {
    this.elements = storage;
    this.elementType = valTypeOf(descriptor?.element, "Table");
    if (this.elementType !== FUNCREF && this.elementType !== EXTERNREF) {
      throw new TypeError(`Table: expected "anyfunc" or "externref" as element, got "${descriptor.element}"`);
    }
    const { initial, maximum } = limitsOf(descriptor, "Table", 4294967295);
    if (initial > MAX_TABLE_SIZE) throw new RangeError(`Table: initial size must be at most ${MAX_TABLE_SIZE}`);
    this.maximum = maximum;
    growTable(this, initial, this.fromJs(value, arguments.length === 2));
  }

  get length(): number {
    return this.elements.length;
  }

  get(index: number): unknown {
    return toJs(typeLetter(this.elementType), this.elements.get(this.check(index)), 0);
  }

  set(index: number, value?: unknown): void {
    index = this.check(index);
    this.put(index, this.fromJs(value, arguments.length > 1));
  }

  /** Grows by `delta` elements, each `value`, and returns the former length. */
  grow(delta: number, value?: unknown): number {
    const init = this.fromJs(value, arguments.length > 1);
    const before = growTable(this, toIndex(delta, "Table.grow"), init);
    if (before < 0) throw new RangeError(`Table.grow: cannot grow from ${this.length} elements by ${delta}`);
    return before;
  }

  /** Sets an element that exists. @internal */
  put(index: number, ref: unknown): void {
    const before = this.elements.get(index) as Func | null;
    this.elements.set(index, ref);
    // From here on nothing is called: a stack exhausted halfway must not leave element and callables at odds.
    if (this.elementType !== EXTERNREF) {
      const after = ref as Func | null;
      const from = before === null ? undefined : this.codes[before.typeKey];
      const to = after === null ? undefined : this.codes[after.typeKey];
      if (from !== undefined) from[index] = undefined;
      if (to !== undefined) to[index] = after!.code;
    }
  }

  /** Appends elements until there are `length`; as `put`, all or nothing. false: refused. @internal */
  extend(length: number, ref: unknown): boolean {
    if (!this.elements.grow(length, ref)) return false;
    const func = this.elementType === EXTERNREF ? null : (ref as Func | null);
    for (const key in this.codes) {
      const codes = this.codes[key]!;
      const code = func !== null && func.typeKey === key ? func.code : undefined;
      while (codes.length < length) codes[codes.length] = code;
    }
    return true;
  }

  /** The raw callables of one type, at their indices: always the same array. @internal */
  codesOf(typeKey: string): (RawCode | undefined)[] {
    let codes = this.codes[typeKey];
    if (codes === undefined) {
      codes = [];
      for (let i = 0; i < this.length; i++) {
        const func = this.elements.get(i) as Func | null;
        codes.push(func !== null && func.typeKey === typeKey ? func.code : undefined);
      }
      this.codes[typeKey] = codes;
    }
    return codes;
  }

  /** Takes over the code of an instance's functions that was replaced. @internal */
  refresh(owner: Instance): void {
    if (this.elementType === EXTERNREF) return;
    for (let i = 0; i < this.length; i++) {
      const func = this.elements.get(i) as Func | null;
      if (func === null || func.instance !== owner) continue;
      const codes = this.codes[func.typeKey];
      if (codes !== undefined) codes[i] = func.code;
    }
  }

  private check(value: unknown): number {
    const index = toIndex(value, "Table");
    if (index >= this.length) throw new RangeError(`Table: index ${index} is out of bounds`);
    return index;
  }

  // A missing value is the element type's default: null for functions, undefined for host values.
  private fromJs(value: unknown, given: boolean): unknown {
    if (!given || (value === undefined && this.elementType === FUNCREF)) {
      return this.elementType === FUNCREF ? null : undefined;
    }
    return toWasm(typeLetter(this.elementType), value);
  }
}

/** `table.grow`: the former size, or -1. @internal */
export function growTable(table: Table, delta: number, ref: unknown): number {
  const before = table.length;
  const after = before + delta;
  if (after > MAX_TABLE_SIZE || after > (table.maximum ?? after)) return -1;
  return table.extend(after, ref) ? before : -1;
}

/** A table of a module that is being instantiated. @internal */
export function allocateTable(
  index: number,
  type: ValType,
  initial: number,
  maximum: number | undefined,
  ref: unknown,
  storage?: InstanceStorage,
): Table {
  if (initial > MAX_TABLE_SIZE) {
    throw new Trap(TrapCode.outOfMemory, `table ${index} needs ${initial} elements, the limit is ${MAX_TABLE_SIZE}`);
  }
  const element =
    type === FUNCREF ? "anyfunc" : type === EXTERNREF ? "externref" : bug("table of another reference type");
  const table = new Table({ element, initial: 0, maximum }, undefined, storage && storage.table(index, initial));
  growTable(table, initial, ref);
  return table;
}

/** The element at an int32 that stands for an unsigned index. @internal */
export function getElement(table: Table, index: number): unknown {
  index >>>= 0;
  if (index >= table.length) throw outOfBounds();
  return table.elements.get(index);
}

/** @internal */
export function setElement(table: Table, index: number, ref: unknown): void {
  index >>>= 0;
  if (index >= table.length) throw outOfBounds();
  table.put(index, ref);
}

/** `table.fill`. Indices and counts are int32 that stand for unsigned numbers, here and below. @internal */
export function fillTable(table: Table, to: number, ref: unknown, count: number): void {
  to >>>= 0;
  count >>>= 0;
  if (to + count > table.length) throw outOfBounds();
  for (let i = 0; i < count; i++) table.put(to + i, ref);
}

/** `table.copy`. @internal */
export function copyTable(target: Table, source: Table, to: number, from: number, count: number): void {
  to >>>= 0;
  from >>>= 0;
  count >>>= 0;
  if (to + count > target.length || from + count > source.length) throw outOfBounds();
  if (to <= from) for (let i = 0; i < count; i++) target.put(to + i, source.elements.get(from + i));
  else for (let i = count - 1; i >= 0; i--) target.put(to + i, source.elements.get(from + i));
}

/** `table.init`. @internal */
export function initTable(table: Table, segment: readonly unknown[], to: number, from: number, count: number): void {
  to >>>= 0;
  from >>>= 0;
  count >>>= 0;
  if (from + count > segment.length || to + count > table.length) throw outOfBounds();
  for (let i = 0; i < count; i++) table.put(to + i, segment[from + i]);
}

/** What a `call_indirect` that found no callable does once its arguments are there. @internal */
export function badCall(table: Table, index: number): RawCode {
  return function () {
    if (index >>> 0 >= table.length) throw new Trap(TrapCode.undefinedElement);
    const ref = table.elements.get(index >>> 0);
    throw new Trap(ref === null ? TrapCode.uninitializedElement : TrapCode.indirectCallTypeMismatch);
  };
}

function outOfBounds(): Trap {
  return new Trap(TrapCode.outOfBoundsTableAccess);
}
