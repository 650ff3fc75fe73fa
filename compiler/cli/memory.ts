// The runtime that a program runs in when its memory is limited or looked at: made from the options, and asked for a snapshot when
// the program has ended. Only loaded where an option asks for it.
import { basename } from "node:path";
import { embed, type InstanceArgs, type Instantiable } from "../../runtime/environment/embedding.js";
import type { ModuleInstance } from "../../runtime/environment/module-instance.js";
import { Runtime, type GrowthRefused } from "../../runtime/environment/runtime.js";
import type { Instance } from "../../runtime/instance/instance.js";
import type { ImportObject } from "../../runtime/instance/link.js";
import type { EngineEstimate, MemorySnapshot } from "../../runtime/report/snapshot.js";
import { Failure } from "./failure.js";
import { planOutput, type Output } from "./files.js";
import type { MemoryOptions } from "./memory-options.js";

const REFUSALS: Readonly<Record<GrowthRefused["why"], string>> = {
  maximum: "its own maximum is reached",
  limit: "the limit on pages is reached",
  pool: "the pool has no block so large",
  host: "the engine refused",
};

export class ProgramMemory {
  readonly runtime: Runtime;
  /** What else the report is to say. */
  readonly remarks: string[] = [];
  private readonly options: MemoryOptions;
  private readonly refused = new Map<string, number>();
  private page: Output | undefined;
  private estimate: (() => EngineEstimate) | undefined;
  private take: (() => MemorySnapshot) | undefined;
  private snapshot: MemorySnapshot | undefined;

  /** `title`: what the report is of. */
  static async open(options: MemoryOptions, file: string, title: string): Promise<ProgramMemory> {
    const memory = new ProgramMemory(options);
    if (options.report === undefined) return memory;
    if (options.html !== undefined) memory.page = await planOutput(options.html, file);
    const { takeSnapshot } = await import("../../runtime/report/snapshot.js");
    memory.take = () =>
      takeSnapshot(memory.runtime, { title, remarks: memory.allRemarks(), engine: memory.estimate?.() });
    return memory;
  }

  private constructor(options: MemoryOptions) {
    this.options = options;
    this.runtime = initRuntime(options.pool, (growth) => this.noteRefused(growth));
  }

  /** What the engine holds more from now on is counted as the program's. */
  async begin(): Promise<void> {
    if (this.take === undefined) return;
    const { beginEstimate } = await import("./engine-estimate.js");
    this.estimate = beginEstimate(this.runtime.allocator);
  }

  /** Throws what `embed` throws. */
  instantiate(file: string, program: Instantiable, imports: ImportObject, args: InstanceArgs = {}): ModuleInstance {
    const { maxMemoryPages, stackSize, heapSize } = this.options;
    const place = "owner" in program ? {} : { runtime: this.runtime, name: basename(file) };
    try {
      return embed(program, { ...place, imports, maxMemoryPages, stackSize, heapSize, ...args });
    } catch (error) {
      if ((error as { code?: unknown }).code !== "app-heap") throw error;
      throw new Failure("usage", `${file}: --heap-size ${heapSize}: ${(error as Error).message}`);
    }
  }

  /** An instance whose exported functions run in the ExecEnv of this one; a snapshot is taken whenever one ends. */
  watched(instance: ModuleInstance): Instance {
    const exports: Record<string, unknown> = Object.create(null);
    for (const [name, value] of Object.entries(instance.exports)) {
      const call = (...args: unknown[]): unknown => {
        try {
          return instance.execEnv.call(name, args);
        } finally {
          this.look();
        }
      };
      exports[name] = typeof value === "function" ? call : value;
    }
    return Object.create(instance.instance, { exports: { value: exports } }) as Instance;
  }

  look(): void {
    this.snapshot = this.take?.();
  }

  /** Shows the last snapshot, if there is one, as the options say: text and JSON on `stream`. */
  async show(stream: NodeJS.WriteStream): Promise<void> {
    if (this.snapshot === undefined) return;
    const { showSnapshot } = await import("./memory-report.js");
    await showSnapshot(this.snapshot, this.options.report, this.page, stream);
  }

  private allRemarks(): string[] {
    const refused = [...this.refused].map(([what, times]) => `${what} (${times === 1 ? "once" : `${times} times`}).`);
    return [...this.remarks, ...refused];
  }

  private noteRefused({ memory, delta, why }: GrowthRefused): void {
    const what = `memory ${memory} could not grow by ${delta} ${delta === 1 ? "page" : "pages"}: ${REFUSALS[why]}`;
    this.refused.set(what, (this.refused.get(what) ?? 0) + 1);
  }
}

function initRuntime(pool: number | undefined, onMemoryGrowthRefused: (growth: GrowthRefused) => void): Runtime {
  if (pool === undefined) return Runtime.init({ onMemoryGrowthRefused });
  try {
    const region = new ArrayBuffer(pool);
    const allocator = { mode: "Alloc_With_Pool", pool: region, fresh: true } as const;
    return Runtime.init({ allocator, onMemoryGrowthRefused });
  } catch (error) {
    if (!(error instanceof RangeError) && (error as Error).name !== "MemoryError") throw error;
    const why = pool < 65536 ? "too small for a runtime" : "more than the engine gives";
    throw new Failure("usage", `--pool ${pool}: ${why}: ${(error as Error).message}`);
  }
}
