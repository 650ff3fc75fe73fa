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
import { readScalars, writeCells } from "./cells.js";
import { runningEnv } from "./exec-env.js";
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
  const { type, index } = want;
  const signature = found.signature ? parseSignature(found.signature) : plainSignature(type);
  const mismatch = signatureMismatch(signature, type);
  if (mismatch !== undefined) return mismatch;
  if (found.raw) {
    if ([...type.params, ...type.results].some((t) => isRef(t) || t === V128) || type.results.length > 1)
      return "raw native functions take numbers only and have one result at most";
    return asImport(want, rawCode(instance, index, type, signature, found.symbol as RawNativeSymbol));
  }
  return asImport(want, nativeCode(instance, index, type, signature, found.symbol as NativeSymbol));
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
  index: number,
  type: FuncType,
  { params }: Signature,
  { func, attachment }: NativeSymbol,
): RawCode {
  const letters = type.params.map(typeLetter);
  const results = type.results.map(typeLetter);
  const checked = params.some((letter) => letter === "*" || letter === "$");
  return (...scalars: Scalar[]) =>
    runningEnv(instance).runNative(instance, index, attachment, letters.length, (env, at) => {
      writeCells(env.stack, at, type.params, scalars);
      const scope = { open: true };
      const args = checked
        ? checkedArguments(instance.space, scope, params, letters, scalars)
        : plainArguments(letters, scalars);
      try {
        const result = resultsToWasm(results, func(env, ...args));
        instance.afterNative();
        return result;
      } catch (error) {
        // By this the wrapper of the outer call knows to let it pass untouched.
        S.hostError = error;
        throw error;
      } finally {
        scope.open = false;
      }
    });
}

function plainArguments(letters: readonly string[], scalars: readonly Scalar[]): unknown[] {
  const args: unknown[] = [];
  for (let i = 0, k = 0; i < letters.length; i++, k++) {
    if (letters[i] === "l") args.push(toBigInt(scalars[k] as number, scalars[++k] as number));
    else args.push(toJs(letters[i]!, scalars[k], 0));
  }
  return args;
}

function checkedArguments(
  space: AddressSpace,
  scope: PointerScope,
  params: readonly SignatureLetter[],
  letters: readonly string[],
  scalars: readonly Scalar[],
): unknown[] {
  const args = plainArguments(letters, scalars);
  for (let i = 0; i < params.length; i++) {
    const letter = params[i]!;
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
  return args;
}

function rawCode(
  instance: ModuleInstance,
  index: number,
  type: FuncType,
  { params }: Signature,
  { func, attachment }: RawNativeSymbol,
): RawCode {
  const letters = type.params.map(typeLetter);
  // The result takes the first cell, also where there are no parameters.
  const cells = Math.max(letters.length, type.results.length);
  return (...scalars: Scalar[]) =>
    runningEnv(instance).runNative(instance, index, attachment, cells, (env, at) => {
      writeCells(env.stack, at, type.params, scalars);
      checkedArguments(instance.space, { open: true }, params, letters, scalars);
      try {
        func(env, new DataView(env.stack.buffer, env.stack.byteOffset + at, cells * 8));
        instance.afterNative();
      } catch (error) {
        S.hostError = error;
        throw error;
      }
      if (type.results.length === 0) return undefined;
      const result = readScalars(env.stack, at, type.results[0]!);
      if (result.length > 1) S.h = result[1] as number;
      return result[0];
    });
}
