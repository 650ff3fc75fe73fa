// `compile`: the same as compile.ts, with the function bodies shared out among worker threads. Results are put together
// by function index, so the artifact does not depend on how many threads there were or which was faster.
import { availableParallelism } from "node:os";
import { Worker } from "node:worker_threads";
import { decode } from "../runtime/wasm/decode.js";
import type { DecodedModule } from "../runtime/wasm/module.js";
import { createValidator, validate, type Validator } from "../runtime/wasm/validate.js";
import { decodeOptions, functionOptions, makeImage, writeContainer } from "./compile.js";
import type { CompiledFunction } from "./emit/page.js";
import { FunctionCompiler } from "./function.js";
import { canOptimize, optimizeWasm } from "./optimize.js";
import type { CompileOptions } from "./options.js";
import { checkProfile } from "./profile.js";
import type { WorkerResult, WorkerStart, WorkerTask } from "./worker.js";

/** Bytes of code below which starting threads, each of which warms up alone, costs more than it saves. */
const WORTH_THREADS = 1_500_000;
/** Bytes of code a thread is given at a time: small enough to end together, large enough to be rarely idle. */
const TASK_SIZE = 100_000;
const MOST_THREADS = 8;
/** Deeply nested code recurses deeply; a thread's stack can be chosen, the main one's cannot. */
const STACK_MB = 32;
/** Trees live as long as their function is compiled: room for a few of the largest spares copying them. */
const YOUNG_MB = 64;

/** Compiles a module. Throws DecodeError, ValidationError or CompileError. */
export async function compile(bytes: Uint8Array, options: CompileOptions = {}): Promise<Uint8Array> {
  const level = options.optLevel ?? 1;
  if (options.profile !== undefined) checkProfile(options.profile, bytes, level);
  if (!canOptimize(level)) return translate(bytes, bytes, options);
  // What is refused must be refused in terms of the input.
  const source = decode(bytes, decodeOptions(options));
  validate(source, decodeOptions(options));
  const optimized = await optimizeWasm(source, level);
  if (optimized === undefined) return translate(bytes, bytes, options);
  // Offsets in what binaryen wrote would mean nothing to the owner of the input.
  return translate(bytes, optimized, { lines: false, ...options });
}

/** Compiles `bytes`, which is `source` or what binaryen made of it. */
async function translate(source: Uint8Array, bytes: Uint8Array, options: CompileOptions): Promise<Uint8Array> {
  const module = decode(bytes, decodeOptions(options));
  const validator = createValidator(module, decodeOptions(options));
  validator.module();
  const size = module.code.reduce((sum, body) => sum + body.end - body.at, 0);
  const automatic = size > WORTH_THREADS ? Math.min(availableParallelism(), MOST_THREADS) : 1;
  const threads = options.threads ?? automatic;
  const { onProgress: _, ...cloneable } = options;
  const functions =
    threads > 1 && size > TASK_SIZE
      ? await compileInThreads(bytes, module, validator, cloneable, threads, options.onProgress)
      : compileHere(module, validator, options);
  return writeContainer(makeImage(source, module, functions, options), options);
}

function compileHere(module: DecodedModule, validator: Validator, options: CompileOptions): CompiledFunction[] {
  const compiler = new FunctionCompiler(module, functionOptions(options));
  const total = module.code.length;
  return module.code.map((_, i) => {
    validator.func(i);
    const compiled = compiler.compile(i);
    options.onProgress?.(i + 1, total);
    return compiled;
  });
}

async function compileInThreads(
  bytes: Uint8Array,
  module: DecodedModule,
  validator: Validator,
  options: CompileOptions,
  threads: number,
  onProgress: CompileOptions["onProgress"],
): Promise<CompiledFunction[]> {
  const shared = new SharedArrayBuffer(bytes.length);
  new Uint8Array(shared).set(bytes);
  const start: WorkerStart = { bytes: shared, options };
  const tasks = splitTasks(module);
  const compiled: CompiledFunction[] = [];
  let done = 0;
  let failed = Infinity;
  await Promise.all(
    Array.from({ length: Math.min(threads, tasks.length) }, () => {
      const worker = new Worker(new URL("./worker.js", import.meta.url), {
        workerData: start,
        resourceLimits: { stackSizeMb: STACK_MB, maxYoungGenerationSizeMb: YOUNG_MB },
      });
      return new Promise<void>((resolve, reject) => {
        const next = (): void => {
          const task = tasks.shift();
          // Nothing behind a failure matters, but what lies before it may fail earlier.
          if (task === undefined || task.start > failed) resolve();
          else worker.postMessage(task);
        };
        worker.on("message", (result: WorkerResult) => {
          result.functions.forEach((f, i) => (compiled[result.start + i] = f));
          if (result.failed !== undefined) failed = Math.min(failed, result.failed);
          done += result.functions.length;
          onProgress?.(done, module.code.length);
          next();
        });
        worker.on("error", reject);
        next();
      }).finally(() => worker.terminate());
    }),
  );
  if (failed !== Infinity) {
    validator.func(failed);
    compiled[failed] = new FunctionCompiler(module, functionOptions(options)).compile(failed);
    throw new Error(`BUG: function ${failed} failed in a thread only`);
  }
  return compiled;
}

function splitTasks(module: DecodedModule): WorkerTask[] {
  const tasks: WorkerTask[] = [];
  let start = 0;
  let size = 0;
  module.code.forEach((body, i) => {
    size += body.end - body.at;
    if (size < TASK_SIZE && i + 1 < module.code.length) return;
    tasks.push({ start, end: i + 1 });
    start = i + 1;
    size = 0;
  });
  return tasks;
}
