// A compiling thread: takes ranges of function indices, validates and compiles them, sends texts back. It decodes the
// module itself, from bytes it shares with the other threads, so that only indices and texts cross.
import { parentPort, workerData } from "node:worker_threads";
import { decode } from "../runtime/wasm/decode.js";
import { decodeOptions } from "./compile.js";
import { type PackedFunctions, pack, transferables } from "./emit/packed.js";
import type { CompileOptions } from "./options.js";
import { type FunctionRange, Tasks, compileRange, rangeCompiler } from "./tasks.js";

/** What a worker is started with. */
export interface WorkerStart {
  /** In shared memory, as is `state`. */
  readonly bytes: Uint8Array;
  readonly options: CompileOptions;
  /** Of the tasks. */
  readonly state: Int32Array;
}

export interface WorkerResult {
  /** Up to the first function that failed. */
  readonly range: FunctionRange;
  readonly functions: PackedFunctions;
}

if (parentPort !== null && isStart(workerData)) serve(workerData);

function isStart(data: unknown): data is WorkerStart {
  return typeof data === "object" && data !== null && "bytes" in data && "options" in data;
}

function serve({ bytes, options, state }: WorkerStart): void {
  const port = parentPort!;
  const module = decode(bytes, { ...decodeOptions(options), codeOnly: true });
  const own = rangeCompiler(module, options);
  const tasks = new Tasks(state);
  const compile = (range: FunctionRange): void => {
    const { functions, end } = compileRange(own, range);
    // The starter compiles what failed again for the error itself, which would not survive the crossing.
    if (end < range.end) tasks.fail(end);
    const packed = pack(functions);
    const result: WorkerResult = { range: { start: range.start, end }, functions: packed };
    port.postMessage(result, transferables(packed));
  };
  for (const range of tasks.take(module)) compile(range);
  // What the starter could not compile itself.
  port.on("message", compile);
}
