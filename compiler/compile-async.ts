// `compile`: the same as compile.ts, with the function bodies shared out among threads.
import { availableParallelism } from "node:os";
import { decode, Section } from "../runtime/wasm/decode.js";
import { Reader } from "../runtime/wasm/reader.js";
import { createValidator } from "../runtime/wasm/validate.js";
import type { DecodedModule } from "../runtime/wasm/module.js";
import { type Assembly, type OnText, newAssembly } from "./assembly.js";
import { type Source, decodeOptions, sourceOf } from "./compile.js";
import type { CompiledFunction, Text } from "./emit/page.js";
import type { CompileOptions } from "./options.js";
import { checkProfile } from "./profile.js";
import { TASK_SIZE, compileOne, rangeCompiler } from "./tasks.js";
import { Threads } from "./threads.js";
import { concat } from "./write/parts.js";

/** Bytes of code below which starting threads, each of which warms up alone, costs more than it saves. */
const WORTH_THREADS = 1_500_000;
const MOST_THREADS = 8;

/** Compiles a module. Throws DecodeError, ValidationError or CompileError. */
export async function compile(bytes: Uint8Array, options: CompileOptions = {}): Promise<Uint8Array> {
  return concat(await compileParts(bytes, options));
}

/** What the compiler's own command asks for beside the options. */
export interface Extras {
  /** Takes the text of an `.aot`, which stands behind all else. */
  readonly onText?: OnText;
  /** The calling thread, which has nothing else to do, is one of the threads. */
  readonly joins?: boolean;
  /** Of what the caller gave, where `bytes` are less. */
  readonly source?: Source;
}

/** The artifact in parts that follow each other. */
export async function compileParts(
  bytes: Uint8Array,
  options: CompileOptions,
  { onText, joins = false, source = sourceOf(bytes) }: Extras = {},
): Promise<readonly Uint8Array[]> {
  if (options.profile !== undefined) checkProfile(options.profile, source);
  const count = threadsFor(bytes, options);
  const shared = count > 1 ? inSharedMemory(bytes) : bytes;
  // They start, and decode the module for themselves, while it is decoded here.
  const threads = count > 1 ? new Threads(joins ? count - 1 : count, shared, options) : undefined;
  try {
    if (threads === undefined) return compileHere(bytes, options, source, onText);
    checked(shared, options);
    const whole = (): DecodedModule => decode(shared, decodeOptions(options));
    const module = decode(shared, { ...decodeOptions(options), codeOnly: true });
    const assembly = newAssembly(source, whole, options, onText);
    const compiler = rangeCompiler(module, options);
    const use = counting(assembly, module, options);
    const failed = await threads.compile(module, use, joins ? compiler : undefined);
    if (failed !== undefined) {
      compileOne(compiler, failed);
      throw new Error(`BUG: function ${failed} failed in a thread only`);
    }
    return assembly.finish();
  } finally {
    await threads?.close();
  }
}

function compileHere(
  bytes: Uint8Array,
  options: CompileOptions,
  source: Source,
  onText?: OnText,
): readonly Uint8Array[] {
  const module = checked(bytes, options);
  const assembly = newAssembly(source, () => module, options, onText);
  const compiler = rangeCompiler(module, options);
  const use = counting(assembly, module, options);
  for (let i = 0; i < module.code.length; i++) use(compileOne(compiler, i));
  return assembly.finish();
}

/** Decodes a module and validates all but its functions. */
function checked(bytes: Uint8Array, options: CompileOptions): DecodedModule {
  const module = decode(bytes, decodeOptions(options));
  createValidator(module, decodeOptions(options)).module();
  return module;
}

/** Hands functions to an assembly, and tells of them. */
function counting(
  assembly: Assembly,
  { code }: DecodedModule,
  { onProgress }: CompileOptions,
): (f: CompiledFunction<Text>) => void {
  let done = 0;
  return (f) => {
    assembly.add(f);
    onProgress?.(++done, code.length);
  };
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
