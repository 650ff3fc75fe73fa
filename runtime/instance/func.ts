// Functions: the record that stands for a function wherever Wasm holds a reference to one, its signature as a string, and its
// two faces: raw callable inside (scalars of generated code), exported function outside (JavaScript values).
// https://webassembly.github.io/spec/js-api/#exported-function-exotic-objects
import {
  EXTERNREF,
  F32,
  F64,
  FUNCREF,
  heapTypeOf,
  I32,
  I64,
  isNullable,
  isRef,
  V128,
  type FuncType,
  type ValType,
} from "../wasm/types.js";
import type { Instance } from "./instance.js";
import { S, type RawCode } from "./store.js";
import { toWasmError } from "./trace.js";
import { readResults, resultsToJs, toWasm, type Scalar } from "./value.js";

/** A function instance. `code` may be replaced (a page that is faulted in), everything else stays. @internal */
export interface Func {
  readonly type: FuncType;
  /** Letters of the parameters, ":", letters of the results; equal for equal types only. */
  readonly typeKey: string;
  code: RawCode;
  /** null: a host function */
  readonly instance: Instance | null;
  readonly index: number;
  /** What a host function was imported as; of others the module knows the name. */
  readonly name: string | undefined;
  /** The JavaScript face, made when first asked for. */
  exported: ExportedFunction | undefined;
}

export type ExportedFunction = (...args: unknown[]) => unknown;

const funcs = new WeakMap<object, Func>();

/** The function behind an exported function of this copy of the runtime. @internal */
export function funcOf(value: unknown): Func | undefined {
  return typeof value === "function" ? funcs.get(value) : undefined;
}

/** @internal */
export function makeFunc(
  type: FuncType,
  typeKey: string,
  code: RawCode,
  instance: Instance | null,
  index: number,
  name?: string,
): Func {
  return { type, typeKey, code, instance, index, name, exported: undefined };
}

/** The letter of a value type in a type key; types that are not among the letters are spelled out in braces. @internal */
export function typeLetter(type: ValType): string {
  switch (type) {
    case I32:
      return "i";
    case I64:
      return "l";
    case F32:
      return "f";
    case F64:
      return "d";
    case V128:
      return "v";
    case FUNCREF:
      return "n";
    case EXTERNREF:
      return "e";
    default:
      return `{${isNullable(type) ? "?" : ""}${heapTypeOf(type)}}`;
  }
}

/** `if:l` for (i32, f32) -> i64. @internal */
export function typeKeyOf(type: FuncType): string {
  return `${type.params.map(typeLetter).join("")}:${type.results.map(typeLetter).join("")}`;
}

/** `(i32, f32) -> (i64)`, for messages. @internal */
export function describeFuncType(type: FuncType): string {
  return `(${type.params.map(describeValType).join(", ")}) -> (${type.results.map(describeValType).join(", ")})`;
}

/** @internal */
export function describeValType(type: ValType): string {
  const at = [I32, I64, F32, F64, V128, FUNCREF, EXTERNREF].indexOf(type);
  if (at >= 0) return ["i32", "i64", "f32", "f64", "v128", "funcref", "externref"][at]!;
  return isRef(type) ? `(ref ${isNullable(type) ? "null " : ""}${heapTypeOf(type)})` : `type 0x${type.toString(16)}`;
}

/** A function as far as its name goes. @internal */
export type Named = Pick<Func, "index" | "name"> & { readonly instance?: Instance | null };

/** The name of a function: that of the name section, which is read for it, else its index. @internal */
export function funcName({ name, instance, index }: Named): string {
  return name ?? instance?.module.funcNames.get(index) ?? String(index);
}

/** The function as JavaScript sees it; the same object each time. @internal */
export function exportFunc(func: Func): ExportedFunction {
  if (func.exported === undefined) {
    const wrapper = wrap(func);
    Object.defineProperty(wrapper, "name", { value: String(func.index), configurable: true });
    Object.defineProperty(wrapper, "length", { value: func.type.params.length, configurable: true });
    func.exported = wrapper;
    funcs.set(wrapper, func);
  }
  return func.exported;
}

/**
 * Calls a function with scalars of generated code (an i64 is two int32, low first) and returns the scalars of its results.
 * Nothing is converted, so NaNs keep the bits that the engine keeps. (V8 quiets signalling ones in arrays of nothing but
 * doubles: `args` should be an array that has held something else.)
 */
export function invokeRaw(func: Func, args: readonly Scalar[]): Scalar[] {
  let first;
  try {
    first = func.code.apply(null, args as Scalar[]);
  } catch (error) {
    throw toWasmError(error, func.instance);
  }
  return readResults(func.type.results.map(typeLetter), first);
}

// Wrappers. Arguments are converted before the `try`: what their `valueOf` throws is the caller's own. One closure for each
// number of parameters spares the arguments array, and with it most of the cost of a call from JavaScript.

function wrap(func: Func): ExportedFunction {
  const params = func.type.params.map(typeLetter);
  const results = func.type.results.map(typeLetter);
  const { instance } = func;
  if (params.length <= 8 && results.length <= 1 && /^[ifde]?$/.test(results.join(""))) {
    // FAST: scalars are the JavaScript values, or one operation away from them.
    if (/^i*$/.test(params.join(""))) return wrapInts(func, instance, params.length);
    if (/^[ifde]*$/.test(params.join(""))) return wrapNumbers(func, instance, params);
  }
  return function (...args) {
    const scalars: Scalar[] = [];
    for (let i = 0; i < params.length; i++) {
      scalars.push(toWasm(params[i]!, args[i]));
      if (params[i] === "l") scalars.push(S.h);
    }
    let first;
    try {
      first = func.code.apply(null, scalars);
    } catch (error) {
      throw toWasmError(error, instance);
    }
    return resultsToJs(results, first);
  };
}

// An argument of a caller without types; `|` and `+` do the conversion that the JS API asks for.
// eslint-disable-next-line @typescript-eslint/no-explicit-any
type Arg = any;

function wrapInts(func: Func, instance: Instance | null, arity: number): ExportedFunction {
  const wrappers: ExportedFunction[] = [
    function () {
      try {
        return func.code();
      } catch (error) {
        throw toWasmError(error, instance);
      }
    },
    function (a: Arg) {
      a |= 0;
      try {
        return func.code(a);
      } catch (error) {
        throw toWasmError(error, instance);
      }
    },
    function (a: Arg, b: Arg) {
      a |= 0;
      b |= 0;
      try {
        return func.code(a, b);
      } catch (error) {
        throw toWasmError(error, instance);
      }
    },
    function (a: Arg, b: Arg, c: Arg) {
      a |= 0;
      b |= 0;
      c |= 0;
      try {
        return func.code(a, b, c);
      } catch (error) {
        throw toWasmError(error, instance);
      }
    },
    function (a: Arg, b: Arg, c: Arg, d: Arg) {
      a |= 0;
      b |= 0;
      c |= 0;
      d |= 0;
      try {
        return func.code(a, b, c, d);
      } catch (error) {
        throw toWasmError(error, instance);
      }
    },
    function (a: Arg, b: Arg, c: Arg, d: Arg, e: Arg) {
      a |= 0;
      b |= 0;
      c |= 0;
      d |= 0;
      e |= 0;
      try {
        return func.code(a, b, c, d, e);
      } catch (error) {
        throw toWasmError(error, instance);
      }
    },
    function (a: Arg, b: Arg, c: Arg, d: Arg, e: Arg, f: Arg) {
      a |= 0;
      b |= 0;
      c |= 0;
      d |= 0;
      e |= 0;
      f |= 0;
      try {
        return func.code(a, b, c, d, e, f);
      } catch (error) {
        throw toWasmError(error, instance);
      }
    },
    function (a: Arg, b: Arg, c: Arg, d: Arg, e: Arg, f: Arg, g: Arg) {
      a |= 0;
      b |= 0;
      c |= 0;
      d |= 0;
      e |= 0;
      f |= 0;
      g |= 0;
      try {
        return func.code(a, b, c, d, e, f, g);
      } catch (error) {
        throw toWasmError(error, instance);
      }
    },
    function (a: Arg, b: Arg, c: Arg, d: Arg, e: Arg, f: Arg, g: Arg, h: Arg) {
      a |= 0;
      b |= 0;
      c |= 0;
      d |= 0;
      e |= 0;
      f |= 0;
      g |= 0;
      h |= 0;
      try {
        return func.code(a, b, c, d, e, f, g, h);
      } catch (error) {
        throw toWasmError(error, instance);
      }
    },
  ];
  return wrappers[arity]!;
}

function wrapNumbers(func: Func, instance: Instance | null, params: readonly string[]): ExportedFunction {
  const [toA, toB, toC, toD, toE, toF, toG, toH] = params.map((letter) => CONVERSIONS[letter]!) as [
    Conversion,
    Conversion,
    Conversion,
    Conversion,
    Conversion,
    Conversion,
    Conversion,
    Conversion,
  ];
  const wrappers: ExportedFunction[] = [
    function (a: Arg) {
      a = toA(a);
      try {
        return func.code(a);
      } catch (error) {
        throw toWasmError(error, instance);
      }
    },
    function (a: Arg, b: Arg) {
      a = toA(a);
      b = toB(b);
      try {
        return func.code(a, b);
      } catch (error) {
        throw toWasmError(error, instance);
      }
    },
    function (a: Arg, b: Arg, c: Arg) {
      a = toA(a);
      b = toB(b);
      c = toC(c);
      try {
        return func.code(a, b, c);
      } catch (error) {
        throw toWasmError(error, instance);
      }
    },
    function (a: Arg, b: Arg, c: Arg, d: Arg) {
      a = toA(a);
      b = toB(b);
      c = toC(c);
      d = toD(d);
      try {
        return func.code(a, b, c, d);
      } catch (error) {
        throw toWasmError(error, instance);
      }
    },
    function (a: Arg, b: Arg, c: Arg, d: Arg, e: Arg) {
      a = toA(a);
      b = toB(b);
      c = toC(c);
      d = toD(d);
      e = toE(e);
      try {
        return func.code(a, b, c, d, e);
      } catch (error) {
        throw toWasmError(error, instance);
      }
    },
    function (a: Arg, b: Arg, c: Arg, d: Arg, e: Arg, f: Arg) {
      a = toA(a);
      b = toB(b);
      c = toC(c);
      d = toD(d);
      e = toE(e);
      f = toF(f);
      try {
        return func.code(a, b, c, d, e, f);
      } catch (error) {
        throw toWasmError(error, instance);
      }
    },
    function (a: Arg, b: Arg, c: Arg, d: Arg, e: Arg, f: Arg, g: Arg) {
      a = toA(a);
      b = toB(b);
      c = toC(c);
      d = toD(d);
      e = toE(e);
      f = toF(f);
      g = toG(g);
      try {
        return func.code(a, b, c, d, e, f, g);
      } catch (error) {
        throw toWasmError(error, instance);
      }
    },
    function (a: Arg, b: Arg, c: Arg, d: Arg, e: Arg, f: Arg, g: Arg, h: Arg) {
      a = toA(a);
      b = toB(b);
      c = toC(c);
      d = toD(d);
      e = toE(e);
      f = toF(f);
      g = toG(g);
      h = toH(h);
      try {
        return func.code(a, b, c, d, e, f, g, h);
      } catch (error) {
        throw toWasmError(error, instance);
      }
    },
  ];
  return wrappers[params.length - 1]!;
}

type Conversion = (value: Arg) => Arg;

const CONVERSIONS: Record<string, Conversion> = {
  i: (value) => value | 0,
  f: Math.fround,
  d: (value) => +value,
  e: (value) => value,
};
