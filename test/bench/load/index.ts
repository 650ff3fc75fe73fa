// Start-up: from the start of a Node process to the first result, for a precompiled module against native WebAssembly and
// against wasm2js's output. Every child does the same work: load, instantiate, answer once with the least amount of work.
import { spawn } from "node:child_process";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { pathToFileURL } from "node:url";
import { SUBJECTS } from "../programs/index.js";
import type { Subject } from "../programs/subject.js";
import { median, textTable } from "../table.js";
import { artifactBytes, ROOT, wasm2jsText } from "../variants.js";

export interface LoadBenchOptions {
  readonly packages: string | undefined;
  readonly level: string;
  readonly rounds: number;
  readonly only: readonly string[];
}

export interface LoadResult {
  readonly name: string;
  readonly variant: string;
  readonly problem?: string;
  /** Milliseconds since the start of the process, as the process itself sees it. */
  readonly times: readonly number[];
  /** Milliseconds of processor time, all threads. */
  readonly cpu: readonly number[];
  /** … and of the main thread alone, which is what an idle machine takes; from Node 24 on. */
  readonly main: readonly number[];
}

const DEFAULT = ["sqljs", "fib"];

export async function benchLoad(options: LoadBenchOptions): Promise<LoadResult[]> {
  const results: LoadResult[] = [];
  for (const name of options.only.length ? options.only : DEFAULT) {
    const subject = SUBJECTS.find((entry) => entry.name === name)?.load(options.packages);
    if (subject === undefined) throw new Error(`${name}: no such program here (--list names them)`);
    results.push(...(await benchOne(subject, options)));
  }
  console.log("\nload: milliseconds from process start to the first result, median (minimum), and over native's");
  const rows = results.map(({ name, variant, problem, times, cpu, main }) => {
    if (problem !== undefined) return [name, variant, problem];
    const native = results.find((one) => one.name === name && one.variant === "native");
    const over = (mine: readonly number[], base: readonly number[] | undefined): string =>
      base?.length ? (median(mine) / median(base)).toFixed(2) : "";
    return [
      ...[name, variant, over(times, native?.times), over(cpu, native?.cpu), over(main, native?.main)],
      ...[times, cpu, main].map((all) => `${median(all).toFixed(0)} (${Math.min(...all).toFixed(0)})`),
    ];
  });
  console.log(textTable([["program", "variant", "time ×", "cpu ×", "main ×", "ms", "cpu ms", "main ms"], ...rows], 2));
  return results;
}

async function benchOne(subject: Subject, options: LoadBenchOptions): Promise<LoadResult[]> {
  const folder = mkdtempSync(join(tmpdir(), "wamrc-ts-bench-"));
  try {
    const wasm = join(folder, "m.wasm");
    const aot = join(folder, "m.aot");
    const cjs = join(folder, "m.cjs");
    writeFileSync(wasm, subject.bytes);
    writeFileSync(aot, await artifactBytes(subject.bytes, { optLevel: options.level, extra: { format: "aot" } }));
    writeFileSync(cjs, await artifactBytes(subject.bytes, { optLevel: options.level, extra: { format: "cjs" } }));
    const loader = pathToFileURL(join(ROOT, "dist/bundle/loader.js")).href;
    const fromAot = (cache: boolean): string =>
      `const {loadFile}=await import(${JSON.stringify(loader)});` +
      `const open=(imports)=>loadFile(${JSON.stringify(aot)},{codeCache:${cache}}).instantiate(imports).exports;`;
    const other = subject.wasm2js?.code ?? (await wasm2jsText(subject.bytes));
    const variants: [string, string, string?][] = [
      [
        "native",
        `const open=(imports)=>new WebAssembly.Instance(new WebAssembly.Module(require("fs").readFileSync(${JSON.stringify(wasm)})),imports).exports;`,
      ],
      [".aot, code cache", fromAot(true)],
      [".aot, no cache", fromAot(false)],
      [".cjs", `const open=(imports)=>require(${JSON.stringify(cjs)}).instantiateSync(imports).exports;`],
      ...("text" in other
        ? ([["wasm2js", `const open=${other.text};`, subject.wasm2js?.workload()]] as [string, string, string?][])
        : []),
    ];
    const jobs = variants.map(([variant, open, workload], k) => {
      const file = join(folder, `child${k}.cjs`);
      const size = JSON.stringify(subject.sizes[subject.sizes.length - 1]);
      writeFileSync(
        file,
        `(async()=>{${open}\nconst run=await (${workload ?? subject.workload})(open);const answer=run(${size});` +
          `console.log("BENCH "+JSON.stringify({ms:performance.now(),cpu:process.cpuUsage(),main:(process.threadCpuUsage??process.cpuUsage).call(process),answer}))})()`,
      );
      return {
        variant,
        file,
        times: [] as number[],
        cpu: [] as number[],
        main: [] as number[],
        problem: "",
        answer: undefined as unknown,
      };
    });
    for (let round = -2; round < options.rounds; round++) {
      for (const job of jobs) {
        if (job.problem) continue;
        const output = await outputOf(job.file);
        const line = output.split("\n").find((text) => text.startsWith("BENCH "));
        if (line === undefined) {
          job.problem = output.trim().slice(-200);
          continue;
        }
        const { ms, cpu, main, answer } = JSON.parse(line.slice(6)) as Record<"cpu" | "main", NodeJS.CpuUsage> & {
          ms: number;
          answer: unknown;
        };
        job.answer = answer;
        if (answer !== jobs[0]!.answer) job.problem = `wrong: ${String(answer)} instead of ${String(jobs[0]!.answer)}`;
        if (round < 0) continue;
        job.times.push(ms);
        job.cpu.push((cpu.user + cpu.system) / 1000);
        job.main.push((main.user + main.system) / 1000);
      }
    }
    return jobs.map(({ variant, times, cpu, main, problem }) => ({
      name: subject.name,
      variant,
      times,
      cpu,
      main,
      ...(problem && { problem }),
    }));
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}

function outputOf(file: string): Promise<string> {
  return new Promise((resolve) => {
    const child = spawn(process.execPath, [file], { stdio: ["ignore", "pipe", "pipe"] });
    let output = "";
    child.stdout.on("data", (data: Buffer) => (output += data.toString()));
    child.stderr.on("data", (data: Buffer) => (output += data.toString()));
    child.on("close", () => resolve(output));
  });
}
