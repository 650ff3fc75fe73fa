// A compiling thread: takes ranges of function indices, validates and compiles them, sends texts back. It decodes the
// module itself, from bytes it shares with the other threads, so that only indices and texts cross.
import { parentPort, workerData } from "node:worker_threads";
import { decode } from "../runtime/wasm/decode.js";
import { createValidator } from "../runtime/wasm/validate.js";
import { decodeOptions, functionOptions } from "./compile.js";
import type { CompiledFunction } from "./emit/page.js";
import { FunctionCompiler } from "./function.js";
import type { CompileOptions } from "./options.js";

/** What a worker is started with. */
export interface WorkerStart {
  readonly bytes: SharedArrayBuffer;
  readonly options: CompileOptions;
}

/** A range of defined functions: [start, end). */
export interface WorkerTask {
  readonly start: number;
  readonly end: number;
}

export interface WorkerResult {
  readonly start: number;
  readonly functions: readonly CompiledFunction[];
  /** Index of the first function that failed; `functions` ends before it. */
  readonly failed?: number;
}

if (parentPort !== null && isStart(workerData)) serve(workerData);

function isStart(data: unknown): data is WorkerStart {
  return typeof data === "object" && data !== null && "bytes" in data && "options" in data;
}

function serve({ bytes, options }: WorkerStart): void {
  const port = parentPort!;
  const module = decode(new Uint8Array(bytes), decodeOptions(options));
  const validator = createValidator(module, decodeOptions(options));
  const compiler = new FunctionCompiler(module, functionOptions(options));
  port.on("message", ({ start, end }: WorkerTask) => {
    const functions: CompiledFunction[] = [];
    let failed: number | undefined;
    for (let i = start; i < end && failed === undefined; i++) {
      try {
        validator.func(i);
        functions.push(compiler.compile(i));
      } catch {
        // The starter compiles it again for the error itself, which would not survive the crossing.
        failed = i;
      }
    }
    const result: WorkerResult = { start, functions, ...(failed === undefined ? {} : { failed }) };
    port.postMessage(result);
  });
}
