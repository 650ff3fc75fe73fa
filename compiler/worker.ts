// A compiling thread: takes ranges of function indices, validates and compiles them, sends texts back. It decodes the
// module itself, from bytes it shares with the other threads, so that only indices and texts cross.
import { parentPort, workerData } from "node:worker_threads";
import { decode } from "../runtime/wasm/decode.js";
import { createValidator } from "../runtime/wasm/validate.js";
import { decodeOptions, functionOptions } from "./compile.js";
import type { CompiledFunction } from "./emit/page.js";
import { type PackedFunctions, pack, transferables } from "./emit/packed.js";
import { FunctionCompiler } from "./function.js";
import type { CompileOptions } from "./options.js";

/** What a worker is started with. */
export interface WorkerStart {
  /** In shared memory. */
  readonly bytes: Uint8Array;
  readonly options: CompileOptions;
}

/** A range of defined functions: [start, end). */
export interface WorkerTask {
  readonly start: number;
  readonly end: number;
}

export interface WorkerResult {
  readonly task: WorkerTask;
  readonly functions: PackedFunctions;
  /** Index of the first function that failed; `functions` end before it. */
  readonly failure?: number;
}

if (parentPort !== null && isStart(workerData)) serve(workerData);

function isStart(data: unknown): data is WorkerStart {
  return typeof data === "object" && data !== null && "bytes" in data && "options" in data;
}

function serve({ bytes, options }: WorkerStart): void {
  const port = parentPort!;
  const module = decode(bytes, { ...decodeOptions(options), codeOnly: true });
  const validator = createValidator(module, decodeOptions(options));
  const compiler = new FunctionCompiler(module, functionOptions(options));
  port.on("message", (task: WorkerTask) => {
    const functions: CompiledFunction[] = [];
    let failure: number | undefined;
    for (let i = task.start; i < task.end && failure === undefined; i++) {
      try {
        validator.func(i);
        functions.push(compiler.compile(i));
      } catch {
        // The starter compiles it again for the error itself, which would not survive the crossing.
        failure = i;
      }
    }
    const packed = pack(functions);
    const result: WorkerResult = { task, functions: packed, ...(failure === undefined ? {} : { failure }) };
    port.postMessage(result, transferables(packed));
  });
}
