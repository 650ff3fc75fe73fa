// Compiling threads: who compiles which functions. Results are handed on in the order of function indices, so what is made of
// them does not depend on how many threads there were or which was faster.
import { Worker } from "node:worker_threads";
import type { DecodedModule } from "../runtime/wasm/module.js";
import type { CompiledFunction } from "./emit/page.js";
import { type PackedFunctions, unpack } from "./emit/packed.js";
import type { CompileOptions } from "./options.js";
import type { WorkerResult, WorkerStart, WorkerTask } from "./worker.js";

/** Bytes of code a thread is given at a time: small enough to end together, large enough to be rarely idle. */
export const TASK_SIZE = 100_000;
/** Deeply nested code recurses deeply; a thread's stack can be chosen, the main one's cannot. */
const STACK_MB = 32;
/** Trees live as long as their function is compiled: room for a few of the largest spares copying them. */
const YOUNG_MB = 24;

export class Threads {
  private readonly workers: readonly Worker[];
  /** Only ever rejects: with what ended a thread. */
  private readonly failure: Promise<never>;

  /** Starts them; `bytes`, which all of them read, are in shared memory. */
  constructor(count: number, bytes: Uint8Array, options: CompileOptions) {
    const { onProgress: _, ...cloneable } = options;
    const workerData: WorkerStart = { bytes, options: cloneable };
    this.workers = Array.from(
      { length: count },
      () =>
        new Worker(new URL("./worker.js", import.meta.url), {
          workerData,
          resourceLimits: { stackSizeMb: STACK_MB, maxYoungGenerationSizeMb: YOUNG_MB },
        }),
    );
    this.failure = new Promise((_, reject) => {
      for (const worker of this.workers) worker.on("error", reject);
    });
    // Whoever does not get as far as `compile` has found something wrong with the module itself.
    this.failure.catch(() => {});
  }

  /** Compiles all functions of a module; gives the index of the first that fails, behind which `use` is not called. */
  async compile(module: DecodedModule, use: (f: CompiledFunction<Uint8Array>) => void): Promise<number | undefined> {
    const tasks = splitTasks(module);
    const arrived = new Map<number, PackedFunctions>();
    let next = 0;
    let failed = Infinity;
    const arrive = ({ task, functions, failure }: WorkerResult): void => {
      if (failure !== undefined) failed = Math.min(failed, failure);
      arrived.set(task.start, functions);
      for (let packed = arrived.get(next); packed !== undefined && next <= failed; packed = arrived.get(next)) {
        arrived.delete(next);
        let count = 0;
        for (const f of unpack(packed)) {
          use(f);
          count++;
        }
        next += count;
      }
    };
    const served = this.workers.map(
      (worker) =>
        new Promise<void>((resolve, reject) => {
          const give = (): void => {
            const task = tasks.shift();
            // Nothing behind a failure matters, but what lies before it may fail earlier.
            if (task === undefined || task.start > failed) resolve();
            else worker.postMessage(task);
          };
          worker.on("message", (result: WorkerResult) => {
            try {
              arrive(result);
              give();
            } catch (error) {
              reject(error as Error);
            }
          });
          give();
        }),
    );
    await Promise.race([Promise.all(served), this.failure]);
    return failed === Infinity ? undefined : failed;
  }

  async close(): Promise<void> {
    await Promise.all(this.workers.map((worker) => worker.terminate()));
  }
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
