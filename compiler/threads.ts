// Compiling threads: who compiles which functions. Results are handed on in the order of function indices, so what is made of
// them does not depend on how many threads there were or which was faster.
import { setImmediate } from "node:timers/promises";
import { Worker } from "node:worker_threads";
import type { DecodedModule } from "../runtime/wasm/module.js";
import type { CompiledFunction, Text } from "./emit/page.js";
import { unpack } from "./emit/packed.js";
import type { CompileOptions } from "./options.js";
import { type FunctionRange, type RangeCompiler, Tasks, compileRange } from "./tasks.js";
import type { WorkerResult, WorkerStart } from "./worker.js";

/** Deeply nested code recurses deeply; a thread's stack can be chosen, the main one's cannot. */
const STACK_MB = 32;
/** Trees live as long as their function is compiled: room for a few of the largest spares copying them. */
const YOUNG_MB = 24;

export class Threads {
  private readonly workers: readonly Worker[];
  private readonly tasks = new Tasks();
  /** Only ever rejects: with what ended a thread. */
  private readonly failure: Promise<never>;

  /** Starts them; `bytes`, which all of them read, are in shared memory. */
  constructor(count: number, bytes: Uint8Array, options: CompileOptions) {
    const { onProgress: _, ...cloneable } = options;
    const workerData: WorkerStart = { bytes, options: cloneable, state: this.tasks.state };
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

  /**
   * Compiles all functions of a module; gives the index of the first that fails, behind which `use` is not called. With
   * `own` the calling thread compiles as well.
   */
  async compile(
    module: DecodedModule,
    use: (f: CompiledFunction<Text>) => void,
    own?: RangeCompiler,
  ): Promise<number | undefined> {
    const total = module.code.length;
    const arrived = new Map<number, readonly [number, Iterable<CompiledFunction<Text>>]>();
    let next = 0;
    const { tasks } = this;
    let finish!: () => void;
    let fail!: (error: unknown) => void;
    const finished = new Promise<void>((resolve, reject) => {
      finish = resolve;
      fail = reject;
    });
    // It may be over before anybody waits for it.
    finished.catch(() => {});
    const arrive = (start: number, end: number, functions: Iterable<CompiledFunction<Text>>): void => {
      arrived.set(start, [end, functions]);
      for (let ready = arrived.get(next); ready !== undefined; ready = arrived.get(next)) {
        arrived.delete(next);
        for (const f of ready[1]) use(f);
        next = ready[0];
      }
      if (next === total || next === tasks.failed) finish();
    };
    for (const worker of this.workers) {
      worker.on("message", ({ range, functions }: WorkerResult) => {
        try {
          arrive(range.start, range.end, unpack(functions));
        } catch (error) {
          tasks.fail(0);
          fail(error);
        }
      });
    }
    if (total === 0) return undefined;
    if (own !== undefined) await this.join(module, own, arrive);
    await Promise.race([finished, this.failure]);
    return tasks.failed < total ? tasks.failed : undefined;
  }

  private async join(
    module: DecodedModule,
    own: RangeCompiler,
    arrive: (start: number, end: number, functions: readonly CompiledFunction[]) => void,
  ): Promise<void> {
    for (const range of this.tasks.take(module)) {
      const { functions, end } = compileRange(own, range);
      arrive(range.start, end, functions);
      // The others' stacks are larger.
      if (end < range.end) this.workers[0]!.postMessage({ start: end, end: range.end } satisfies FunctionRange);
      await setImmediate();
    }
  }

  async close(): Promise<void> {
    await Promise.all(this.workers.map((worker) => worker.terminate()));
  }
}
