// Values on the border: JavaScript values <-> the scalars of generated code, by the letters of a type key (func.ts):
// i i32 · l i64 (two scalars, low and high; a BigInt outside) · f f32 · d f64 · n funcref (a Func or null; an exported function
// outside) · e externref (any value). Others, v128 first, have no JavaScript form: a TypeError, as the JS API says.
// https://webassembly.github.io/spec/js-api/#tojsvalue
import { exportFunc, funcOf, type Func } from "./func.js";
import { resultSlot, S } from "./store.js";

/** A scalar of generated code: a number, a Func record, or a host's value. @internal */
export type Scalar = unknown;

// One 64-bit cell, seen as halves and as a BigInt: several times faster than arithmetic on BigInts. Absent where there are none.
const HALVES = /* @__PURE__ */ new Int32Array(2);
const WIDE = typeof BigInt64Array === "function" ? /* @__PURE__ */ new BigInt64Array(HALVES.buffer) : undefined;

/** @internal */
export function toBigInt(low: number, high: number): bigint {
  HALVES[0] = low;
  HALVES[1] = high;
  return wide()[0]!;
}

/** Low half as result, high half in `S.h`, as helpers do. Takes what JavaScript's ToBigInt64 takes. @internal */
export function fromBigInt(value: unknown): number {
  wide()[0] = value as bigint;
  S.h = HALVES[1]!;
  return HALVES[0]!;
}

function wide(): BigInt64Array {
  if (WIDE === undefined)
    throw new TypeError("type mismatch: this host has no BigInt, so an i64 cannot cross its border");
  return WIDE;
}

/** One value as JavaScript sees it; `high` is used by i64 alone. @internal */
export function toJs(letter: string, scalar: Scalar, high: number): unknown {
  switch (letter) {
    case "l":
      return toBigInt(scalar as number, high);
    case "n":
      return scalar === null ? null : exportFunc(scalar as Func);
    case "i":
    case "f":
    case "d":
    case "e":
      return scalar;
    default:
      throw noJsForm();
  }
}

/** The first scalar of a JavaScript value; an i64's high half is left in `S.h`. @internal */
export function toWasm(letter: string, value: unknown): Scalar {
  switch (letter) {
    case "i":
      return (value as number) | 0;
    case "f":
      return Math.fround(value as number);
    case "d":
      return +(value as number);
    case "l":
      return fromBigInt(value);
    case "n":
      return toFuncref(value);
    case "e":
      return value;
    default:
      throw noJsForm();
  }
}

function toFuncref(value: unknown): Func | null {
  if (value === null) return null;
  const func = funcOf(value);
  if (func === undefined) throw new TypeError("type mismatch: expected null or an exported Wasm function as funcref");
  return func;
}

function noJsForm(): TypeError {
  return new TypeError("type mismatch: a value of this type cannot cross between Wasm and JavaScript");
}

/** The result of a raw callable, first scalar given, the others in `S`, as JavaScript sees it. @internal */
export function resultsToJs(letters: readonly string[], first: Scalar): unknown {
  if (letters.length === 0) return undefined;
  if (letters.length === 1) return toJs(letters[0]!, first, S.h);
  const scalars = readResults(letters, first);
  const values: unknown[] = [];
  for (let i = 0, k = 0; i < letters.length; i++, k++) {
    const letter = letters[i]!;
    values.push(letter === "l" ? toBigInt(scalars[k++] as number, scalars[k] as number) : toJs(letter, scalars[k], 0));
  }
  return values;
}

/** All scalars of a raw callable's result, in order. @internal */
export function readResults(letters: readonly string[], first: Scalar): Scalar[] {
  // V8 quiets signalling NaNs in arrays of doubles: an array that has held something else does not become one.
  const scalars: Scalar[] = [null];
  scalars.length = 0;
  for (let i = 0; i < letters.length; i++) {
    const letter = letters[i]!;
    for (let n = scalarsOf(letter); n > 0; n--) {
      const k = scalars.length;
      scalars.push(k === 0 ? first : S[resultSlot(k, letter)]);
    }
  }
  return scalars;
}

/** Leaves a host function's JavaScript result where generated code looks for it; the first scalar is returned. @internal */
export function resultsToWasm(letters: readonly string[], result: unknown): Scalar {
  if (letters.length === 0) return undefined;
  if (letters.length === 1) return toWasm(letters[0]!, result);
  const values = listOf(result);
  if (values.length !== letters.length) {
    throw new TypeError(`type mismatch: expected ${letters.length} results of a host function, got ${values.length}`);
  }
  // Convert everything first: converting may run host code, and an i64 goes through S.h.
  const scalars: Scalar[] = [];
  const slots: string[] = [];
  for (let i = 0; i < letters.length; i++) {
    const letter = letters[i]!;
    slots.push(resultSlot(scalars.length, letter));
    scalars.push(toWasm(letter, values[i]));
    if (letter === "l") {
      slots.push(resultSlot(scalars.length, letter));
      scalars.push(S.h);
    }
  }
  for (let k = 1; k < scalars.length; k++) S[slots[k]!] = scalars[k];
  return scalars[0];
}

function scalarsOf(letter: string): number {
  return letter === "l" ? 2 : letter === "v" ? 4 : 1;
}

// The values of an iterable. Array.from would do, but for engines whose down-levelled `for of` knows arrays only.
function listOf(iterable: unknown): unknown[] {
  if (Array.isArray(iterable)) return iterable;
  if (typeof Object(iterable)[Symbol.iterator] !== "function") {
    throw new TypeError("type mismatch: expected an iterable of several results from a host function");
  }
  return Array.from(iterable as Iterable<unknown>);
}
