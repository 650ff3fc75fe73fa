// Running a guest as a program: WAMR's wasm_application_execute_main. The arguments are put into the guest's heap, as C expects them:
// an array of pointers to strings, which ends with a null pointer.
import { WasmError } from "../wasm/error.js";
import { utf8Into, utf8Length } from "../utf8.js";
import { runningEnv, type ExecEnv } from "./exec-env.js";
import type { ModuleInstance } from "./module-instance.js";

/**
 * Calls `_start`, or else `main` (`__main_argc_argv`, as Clang names it) with the arguments, the program's name first, and returns its
 * result; 0 where it has none. What a WASI command is given stands in its Wasi, and its exit is an ExitError. Throws what `call` throws,
 * WasmError where there is no such function, or no heap for the arguments.
 */
export function executeMain(
  instance: ModuleInstance,
  args: readonly string[] = [],
  env: ExecEnv = runningEnv(instance),
): number {
  const start = instance.lookupFunction("_start");
  if (start !== undefined) {
    env.call(start);
    return 0;
  }
  const main = instance.lookupFunction("main") ?? instance.lookupFunction("__main_argc_argv");
  if (main === undefined) throw new WasmError("unknown-export", "unknown export: neither _start nor main");
  const key = main.toString();
  if (!/^\((i32, i32)?\) -> \((i32)?\)$/.test(key))
    throw new WasmError("incompatible-export-type", `main has type ${key}, expected (i32, i32) -> (i32)`);
  if (main.params.length === 0) return Number(env.call(main) ?? 0);
  const argv = placeArguments(instance, args);
  try {
    return Number(env.call(main, [args.length, argv]) ?? 0);
  } finally {
    instance.free(argv);
  }
}

// Pointers and strings in one piece.
function placeArguments(instance: ModuleInstance, args: readonly string[]): number {
  const lengths = args.map((arg) => utf8Length(arg) + 1);
  const pointers = 4 * (args.length + 1);
  const size = lengths.reduce((sum, length) => sum + length, pointers);
  const address = instance.malloc(size);
  if (address === 0) throw new WasmError("app-heap", `no room for ${size} bytes of arguments in the guest's heap`);
  const bytes = instance.space.bytes(address, size).fill(0);
  const view = new DataView(bytes.buffer, bytes.byteOffset, size);
  let at = pointers;
  args.forEach((arg, i) => {
    view.setUint32(4 * i, address + at, true);
    utf8Into(arg, bytes.subarray(at));
    at += lengths[i]!;
  });
  return address;
}
