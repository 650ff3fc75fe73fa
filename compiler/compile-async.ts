// `compile`: the same as compile.ts, with the function bodies shared out among threads.
import { availableParallelism } from "node:os";
import { decode, Section } from "../runtime/wasm/decode.js";
import { Reader } from "../runtime/wasm/reader.js";
import { createValidator } from "../runtime/wasm/validate.js";
import { type OnText, newAssembly } from "./assembly.js";
import { decodeOptions, functionOptions } from "./compile.js";
import { FunctionCompiler } from "./function.js";
import type { CompileOptions } from "./options.js";
import { checkProfile } from "./profile.js";
import { TASK_SIZE, Threads } from "./threads.js";
import { concat } from "./write/parts.js";

/** Bytes of code below which starting threads, each of which warms up alone, costs more than it saves. */
const WORTH_THREADS = 1_500_000;
const MOST_THREADS = 8;

/** Compiles a module. Throws DecodeError, ValidationError or CompileError. */
export async function compile(bytes: Uint8Array, options: CompileOptions = {}): Promise<Uint8Array> {
  return concat(await compileParts(bytes, options));
}

/** The artifact in parts that follow each other; an `.aot`'s text goes to `onText`, if given, and stands behind them. */
export async function compileParts(
  bytes: Uint8Array,
  options: CompileOptions,
  onText?: OnText,
): Promise<readonly Uint8Array[]> {
  if (options.profile !== undefined) checkProfile(options.profile, bytes);
  const count = threadsFor(bytes, options);
  const shared = count > 1 ? inSharedMemory(bytes) : bytes;
  // They start, and decode the module for themselves, while it is decoded here.
  const threads = count > 1 ? new Threads(count, shared, options) : undefined;
  try {
    const module = decode(shared, decodeOptions(options));
    const validator = createValidator(module, decodeOptions(options));
    validator.module();
    const assembly = newAssembly(bytes, module, options, onText);
    const total = module.code.length;
    let done = 0;
    let failed: number | undefined;
    if (threads !== undefined) {
      failed = await threads.compile(module, (f) => {
        assembly.add(f);
        options.onProgress?.(++done, total);
      });
    }
    if (threads === undefined || failed !== undefined) {
      const compiler = new FunctionCompiler(module, functionOptions(options));
      for (let i = failed ?? 0; i < total; i++) {
        validator.func(i);
        assembly.add(compiler.compile(i));
        options.onProgress?.(++done, total);
        if (failed !== undefined) throw new Error(`BUG: function ${failed} failed in a thread only`);
      }
    }
    return assembly.finish();
  } finally {
    await threads?.close();
  }
}

/** How many threads compile the functions of a module; 1: none but the caller's. */
export function threadsFor(bytes: Uint8Array, { threads }: CompileOptions): number {
  const size = codeSize(bytes);
  const automatic = size > WORTH_THREADS ? Math.min(availableParallelism(), MOST_THREADS) : 1;
  return size > TASK_SIZE ? Math.min(threads ?? automatic, Math.ceil(size / TASK_SIZE)) : 1;
}

/** Bytes of the code section; 0 where there is none, or where what comes before it is no module. */
function codeSize(bytes: Uint8Array): number {
  const reader = new Reader(bytes, Math.min(8, bytes.length));
  try {
    for (;;) {
      const id = reader.byte();
      const size = reader.size();
      if (id === (Section.code as number)) return size;
      reader.skip(size);
    }
  } catch {
    return 0;
  }
}

function inSharedMemory(bytes: Uint8Array): Uint8Array {
  if (bytes.buffer instanceof SharedArrayBuffer) return bytes;
  const shared = new Uint8Array(new SharedArrayBuffer(bytes.length));
  shared.set(bytes);
  return shared;
}
