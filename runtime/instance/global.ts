// Globals. A global that others can see or change lives in a cell shared by everybody who imports it (`c3.v` in generated
// code); the rest live as fields of one object per instance (`G.g3`). runtime/abi.ts says which live where.
// https://webassembly.github.io/spec/js-api/#globals
import { isRef, EXTERNREF, F32, F64, FUNCREF, I32, I64, type GlobalType, type ValType } from "../wasm/types.js";
import { typeLetter } from "./func.js";
import { S } from "./store.js";
import { toJs, toWasm } from "./value.js";

/** `v` holds the value, or the low half of an i64; `h` the high half. @internal */
export interface Cell {
  v: unknown;
  h: number;
}

// FAST: one constructor for each kind of field, so that an engine which specializes fields by what they have held does not
// box the integers because some other global holds a float.
function IntCell(this: Cell): void {
  this.v = 0;
  this.h = 0;
}
function FloatCell(this: Cell): void {
  this.v = 0.5;
  this.h = 0;
}
function RefCell(this: Cell): void {
  this.v = null;
  this.h = 0;
}

/** @internal */
export function makeCell(type: ValType): Cell {
  const Kind = isRef(type) ? RefCell : type === F32 || type === F64 ? FloatCell : IntCell;
  return new (Kind as unknown as new () => Cell)();
}

export interface GlobalDescriptor {
  readonly value: "i32" | "i64" | "f32" | "f64" | "externref" | "anyfunc" | "funcref";
  readonly mutable?: boolean;
}

/** A global variable, shaped like `WebAssembly.Global`. */
export class Global {
  /** @internal */
  readonly type: GlobalType;
  /** @internal */
  readonly cell: Cell;

  constructor(descriptor: GlobalDescriptor, value?: unknown) {
    const type = valTypeOf(descriptor?.value, "Global");
    this.type = { type, mutable: Boolean(descriptor.mutable) };
    this.cell = makeCell(type);
    if (value === undefined && type === FUNCREF) value = null;
    if (value === undefined && !isRef(type)) value = type === I64 ? BigInt(0) : 0;
    store(this, value);
  }

  get value(): unknown {
    return toJs(typeLetter(this.type.type), this.cell.v, this.cell.h);
  }

  set value(value: unknown) {
    if (!this.type.mutable) throw new TypeError("Global: cannot set the value of an immutable global");
    store(this, value);
  }

  valueOf(): unknown {
    return this.value;
  }
}

function store(global: Global, value: unknown): void {
  global.cell.v = toWasm(typeLetter(global.type.type), value);
  if (global.type.type === I64) global.cell.h = S.h;
}

/** The JavaScript face of a global that exists already. @internal */
export function wrapGlobal(type: GlobalType, cell: Cell): Global {
  const global = Object.create(Global.prototype) as { type: GlobalType; cell: Cell };
  global.type = type;
  global.cell = cell;
  return global as Global;
}

/** The value type that a JavaScript descriptor names. @internal */
export function valTypeOf(name: unknown, what: string): ValType {
  switch (name) {
    case "i32":
      return I32;
    case "i64":
      return I64;
    case "f32":
      return F32;
    case "f64":
      return F64;
    case "externref":
      return EXTERNREF;
    case "anyfunc":
    case "funcref":
      return FUNCREF;
    default:
      throw new TypeError(`${what}: expected a value type such as "i32" or "anyfunc", got ${String(name)}`);
  }
}
