// The signature strings of native functions, `(i*~$)i`: what a native function takes and returns, one letter for each parameter
// and result of the import. The letters are WAMR's, so that a registration table can be taken over as it is:
//   i I f F  i32 i64 f32 f64: number, bigint, number, number
//   r        a reference: the host's value, or an exported function
//   *        i32: address of memory that the function may use, given to it as a Pointer; where a `~` follows, its length
//   ~        i32: length in bytes of the memory behind the `*` before it
//   $        i32: address of a string that ends with a NUL byte, given to it as a string
// https://github.com/bytecodealliance/wasm-micro-runtime/blob/main/doc/export_native_api.md
import { describeFuncType, describeValType } from "../instance/func.js";
import { F32, F64, I32, I64, isRef, type FuncType, type ValType } from "../wasm/types.js";
import { WasmError } from "../wasm/error.js";
import type { ExecEnv } from "./exec-env.js";
import type { Pointer } from "./pointer.js";

/** One letter of a signature. */
export type SignatureLetter = "i" | "I" | "f" | "F" | "r" | "*" | "~" | "$";

/** A signature taken apart. */
export interface Signature {
  readonly text: string;
  readonly params: readonly SignatureLetter[];
  /** Of `i I f F r` only. WAMR knows one result at most; several are given back as an array. */
  readonly results: readonly SignatureLetter[];
}

// What the letters stand for in the types of TypeScript, so that the parameters of a native function need no types of their own.

type Param<Letter> = Letter extends "i" | "f" | "F" | "~"
  ? number
  : Letter extends "I"
    ? bigint
    : Letter extends "*"
      ? Pointer
      : Letter extends "$"
        ? string
        : unknown;

type Params<Letters extends string> = Letters extends `${infer Letter}${infer More}`
  ? [Param<Letter>, ...Params<More>]
  : [];

type Result<Letters extends string> = Letters extends ""
  ? void
  : Letters extends "i" | "I" | "f" | "F" | "r"
    ? Param<Letters>
    : Params<Letters>;

/** The JavaScript function that a signature describes; it gets the ExecEnv of the call first. */
export type NativeFunction<Text extends string = string> = string extends Text
  ? // eslint-disable-next-line @typescript-eslint/no-explicit-any
    (env: ExecEnv, ...args: any[]) => unknown
  : Text extends `(${infer P})${infer R}`
    ? (env: ExecEnv, ...args: Params<P>) => Result<R>
    : never;

/** A function of the guest with a signature of `i I f F r`, as the host calls it. */
export type TypedFunction<Text extends string> = Text extends `(${infer P})${infer R}`
  ? (...args: Params<P>) => Result<R>
  : never;

/** Takes a signature apart. Throws WasmError `native-signature`, which says where it goes wrong. */
export function parseSignature(text: string): Signature {
  const close = text.indexOf(")");
  if (text[0] !== "(" || close < 0) throw malformed(text, "expected letters in parentheses");
  const params = [...text.slice(1, close)];
  const results = [...text.slice(close + 1)];
  params.forEach((letter, i) => {
    if (!"iIfFr*~$".includes(letter)) throw malformed(text, `parameter ${i} is "${letter}"`);
    if (letter === "~" && params[i - 1] !== "*") throw malformed(text, `parameter ${i} is "~", but no "*" precedes it`);
  });
  results.forEach((letter, i) => {
    if (!"iIfFr".includes(letter)) throw malformed(text, `result ${i} is "${letter}"`);
  });
  return { text, params: params as SignatureLetter[], results: results as SignatureLetter[] };
}

function malformed(text: string, why: string): WasmError {
  const legend = "i i32, I i64, f f32, F f64, r reference, * address, ~ its length, $ string";
  return new WasmError("native-signature", `malformed native signature: "${text}": ${why}; letters are ${legend}`);
}

/** Why a signature does not fit the type of an import, or undefined where it does. */
export function signatureMismatch(signature: Signature, type: FuncType): string | undefined {
  const why =
    mismatch("parameter", signature.params, type.params) ?? mismatch("result", signature.results, type.results);
  return why === undefined
    ? undefined
    : `native signature "${signature.text}" does not fit ${describeFuncType(type)}: ${why}`;
}

function mismatch(what: string, letters: readonly SignatureLetter[], types: readonly ValType[]): string | undefined {
  if (letters.length !== types.length) return `${letters.length} ${what}s, expected ${types.length}`;
  const i = letters.findIndex((letter, k) => !stands(letter, types[k]!));
  return i < 0 ? undefined : `${what} ${i} is "${letters[i]}", expected ${describeValType(types[i]!)}`;
}

function stands(letter: SignatureLetter, type: ValType): boolean {
  switch (letter) {
    case "i":
    case "*":
    case "~":
    case "$":
      return type === I32;
    case "I":
      return type === I64;
    case "f":
      return type === F32;
    case "F":
      return type === F64;
    case "r":
      return isRef(type);
  }
}

/** The signature of a native function that was registered without one: values as they are. */
export function plainSignature(type: FuncType): Signature {
  const letterOf = (type: ValType): SignatureLetter =>
    type === I64 ? "I" : type === F32 ? "f" : type === F64 ? "F" : isRef(type) ? "r" : "i";
  return { text: "", params: type.params.map(letterOf), results: type.results.map(letterOf) };
}
