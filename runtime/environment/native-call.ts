// Native functions as imports: from the scalars of generated code to what a signature promises, and back. Every pointer is checked
// before the function runs; a check that fails is the guest's trap, an error that the function throws is the host's own.
import { Trap } from "../errors.js";
import { exportFunc, makeFunc, typeKeyOf, typeLetter, type ExportedFunction } from "../instance/func.js";
import { S, type RawCode } from "../instance/store.js";
import { resultsToWasm, toBigInt, toJs, type Scalar } from "../instance/value.js";
import { TrapCode } from "../trap-code.js";
import type { Import } from "../wasm/module.js";
import { isRef, V128, type FuncType } from "../wasm/types.js";
import type { AddressSpace } from "./address-space.js";
import { readValue, writeCells } from "./cells.js";
import { runningEnv, whoIsRunning, type ExecEnv } from "./exec-env.js";
import type { ModuleInstance } from "./module-instance.js";
import type { FoundNative, NativeSymbol, RawNativeSymbol } from "./natives.js";
import { Pointer, type PointerScope } from "./pointer.js";
import {
  parseSignature,
  plainSignature,
  signatureMismatch,
  type Signature,
  type SignatureLetter,
} from "./signature.js";

/** An import of an instance: its place and its type. @internal */
export interface WantedFunction {
  readonly wanted: Import;
  readonly type: FuncType;
  /** In the function index space. */
  readonly index: number;
}

/** The import that a native function makes, or why it makes none. @internal */
export function nativeImport(
  instance: ModuleInstance,
  want: WantedFunction,
  found: FoundNative,
): ExportedFunction | string {
  const { type } = want;
  const signature = found.signature ? parseSignature(found.signature) : plainSignature(type);
  const mismatch = signatureMismatch(signature, type);
  if (mismatch !== undefined) return mismatch;
  if (found.raw) {
    if ([...type.params, ...type.results].some((t) => isRef(t) || t === V128) || type.results.length > 1)
      return "raw native functions take numbers only and have one result at most";
    return asImport(want, rawCode(instance, want, signature, found.symbol as RawNativeSymbol));
  }
  return asImport(want, nativeCode(instance, want, signature, found.symbol as NativeSymbol));
}

/** The import that traps when it is called. @internal */
export function unlinkedImport(want: WantedFunction): ExportedFunction {
  const { module, name } = want.wanted;
  return asImport(want, () => {
    throw new Trap(TrapCode.unlinkedImportCalled, `"${module}" "${name}"`);
  });
}

// The linker takes exported functions as they are, raw callable and all.
function asImport({ wanted, type, index }: WantedFunction, code: RawCode): ExportedFunction {
  return exportFunc(makeFunc(type, typeKeyOf(type), code, null, index, wanted.name));
}

function nativeCode(
  instance: ModuleInstance,
  want: WantedFunction,
  { params }: Signature,
  { func, attachment }: NativeSymbol,
): RawCode {
  const { type } = want;
  const callee = { index: want.index, name: want.wanted.name, type, attachment };
  const letters = type.params.map(typeLetter);
  const results = type.results.map(typeLetter);
  const checked = params.some((letter) => letter === "*" || letter === "$");
  // FAST: scalars of these types are JavaScript values already (test/bench/questions/native-calls.js).
  const plain = !checked && /^[ifde]*$/.test(letters.join(""));
  return (...scalars: Scalar[]) => {
    const outer = whoIsRunning();
    const env = runningEnv(instance);
    const depth = env.callDepth;
    let scope: PointerScope | undefined;
    try {
      writeCells(env.stack, env.enterNative(instance, callee, letters.length), type.params, scalars);
      const args = plain ? scalars : toArguments(letters, scalars);
      if (checked) convertPointers(instance.space, (scope = { open: true }), params, args);
      return finish(instance, results, callNative(func, env, args));
    } finally {
      if (scope !== undefined) scope.open = false;
      env.leave(depth, outer);
    }
  };
}

function callNative(func: NativeSymbol["func"], env: ExecEnv, args: readonly unknown[]): unknown {
  try {
    return func(env, ...args);
  } catch (error) {
    throw hostThrew(error);
  }
}

function finish(instance: ModuleInstance, results: readonly string[], result: unknown): Scalar {
  try {
    const scalar = resultsToWasm(results, result);
    instance.failure.afterNative();
    return scalar;
  } catch (error) {
    throw hostThrew(error);
  }
}

// By this the wrapper of the outer call knows to let the error pass untouched. A trap, of a Pointer's for example, is the guest's.
function hostThrew(error: unknown): unknown {
  if (!(error instanceof Trap)) S.hostError = error;
  return error;
}

function toArguments(letters: readonly string[], scalars: readonly Scalar[]): unknown[] {
  const args: unknown[] = [];
  for (let i = 0, k = 0; i < letters.length; i++, k++) {
    if (letters[i] === "l") args.push(toBigInt(scalars[k] as number, scalars[++k] as number));
    else args.push(toJs(letters[i]!, scalars[k], 0));
  }
  return args;
}

// Checks what the guest says are pointers, all before the function runs, and puts what they point to in their place.
function convertPointers(
  space: AddressSpace,
  scope: PointerScope,
  params: readonly SignatureLetter[],
  args: unknown[],
): void {
  for (let i = 0; i < params.length; i++) {
    const letter = params[i];
    if (letter !== "*" && letter !== "~" && letter !== "$") continue;
    const address = (args[i] as number) >>> 0;
    if (letter === "~") args[i] = address;
    else if (letter === "$") args[i] = space.string(address);
    else {
      const length = params[i + 1] === "~" ? (args[i + 1] as number) >>> 0 : space.reach(address);
      space.bytes(address, length);
      args[i] = new Pointer(space, scope, address, length);
    }
  }
}

function rawCode(
  instance: ModuleInstance,
  want: WantedFunction,
  { params }: Signature,
  { func, attachment }: RawNativeSymbol,
): RawCode {
  const { type } = want;
  const callee = { index: want.index, name: want.wanted.name, type, attachment };
  const letters = type.params.map(typeLetter);
  const cells = Math.max(letters.length, type.results.length);
  const scope = { open: false };
  return (...scalars: Scalar[]) => {
    const outer = whoIsRunning();
    const env = runningEnv(instance);
    const depth = env.callDepth;
    try {
      const at = env.enterNative(instance, callee, cells);
      writeCells(env.stack, at, type.params, scalars);
      convertPointers(instance.space, scope, params, toArguments(letters, scalars));
      callNative(func, env, [new DataView(env.stack.buffer, env.stack.byteOffset + at, cells * 8)]);
      finish(instance, [], undefined);
      return type.results.length === 0 ? undefined : readValue(env.stack, at, type.results[0]!);
    } finally {
      env.leave(depth, outer);
    }
  };
}
