// How long the compiler takes and how much memory, as a user runs it: the command line, in its own process.
import { spawn } from "node:child_process";
import { mkdtempSync, readFileSync, rmSync, statSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { modulesIn, sectionSize } from "../programs/modules.js";
import { median, textTable } from "../table.js";
import { ROOT } from "../variants.js";

export interface CompileBenchOptions {
  readonly packages: string | undefined;
  readonly levels: readonly string[];
  readonly threads: number;
  readonly rounds: number;
  /** Names of modules, or all. */
  readonly only: readonly string[];
}

interface Usage {
  readonly seconds: number;
  readonly maxRSS: number;
  readonly cpu: number;
}

export interface CompileResult {
  readonly name: string;
  readonly level: string;
  readonly problem?: string;
  readonly usages: readonly Usage[];
  readonly wasmBytes: number;
  readonly codeBytes: number;
  readonly outputBytes: number;
}

/** Prints seconds and peak memory for each module and level. */
export async function benchCompile(options: CompileBenchOptions): Promise<CompileResult[]> {
  const folder = mkdtempSync(join(tmpdir(), "wamrc-ts-bench-"));
  const jobs = modulesIn(options.packages)
    .filter(({ name }) => !options.only.length || options.only.includes(name))
    .flatMap((module) => options.levels.map((level) => ({ ...module, level, usages: [] as Usage[], problem: "" })));
  try {
    for (let round = 0; round < options.rounds; round++) {
      for (const job of jobs) {
        if (job.problem) continue;
        const args = ["compile", job.file, "-o", outputOf(folder, job), "-O" + job.level, "--quiet"];
        try {
          job.usages.push(await compilerUsage([...args, "--threads", String(options.threads)]));
        } catch (error) {
          job.problem = (error as Error).message;
        }
      }
    }
    const results = jobs.map((job): CompileResult => {
      const bytes = readFileSync(job.file);
      const outputBytes = job.problem ? 0 : statSync(outputOf(folder, job)).size;
      const { name, level, usages } = job;
      const sizes = { wasmBytes: bytes.length, codeBytes: sectionSize(bytes, 10), outputBytes };
      return { name, level, usages, ...sizes, ...(job.problem && { problem: job.problem }) };
    });
    console.log(`\ncompile to .aot, ${options.threads} threads, best of ${options.rounds} (median)\n${print(results)}`);
    for (const level of options.levels) console.log(`-O${level}: ${growth(results.filter((r) => r.level === level))}`);
    return results;
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}

const outputOf = (folder: string, job: { name: string; level: string }): string =>
  join(folder, `${job.name}-${job.level}.aot`);

function compilerUsage(args: readonly string[]): Promise<Usage> {
  const hook = join(ROOT, "dist/test/bench/compile/usage.js");
  return new Promise((resolve, reject) => {
    const child = spawn(process.execPath, ["--import", hook, join(ROOT, "dist/compiler/cli.js"), ...args], {
      stdio: ["ignore", "ignore", "pipe", "pipe"],
    });
    let said = "";
    let usage = "";
    child.stderr!.on("data", (data: Buffer) => (said += data.toString()));
    child.stdio[3]!.on("data", (data: Buffer) => (usage += data.toString()));
    child.on("close", (code) => {
      if (code === 0 && usage) resolve(JSON.parse(usage) as Usage);
      else reject(new Error(said.trim().split("\n").slice(-2).join(" ") || `exit status ${code}`));
    });
  });
}

/** Bytes. */
function peakOf(usages: readonly Usage[]): number {
  return Math.max(...usages.map((usage) => usage.maxRSS)) * 1024;
}

/** The straight line nearest to the peaks: what every compilation takes, Node's own memory included, and what code adds to it. */
function growth(results: readonly CompileResult[]): string {
  const points = results.filter(({ problem }) => problem === undefined);
  if (points.length < 3) return "too few modules to tell fixed memory from what grows with the code";
  const mean = (of: (r: CompileResult) => number): number => points.reduce((sum, r) => sum + of(r), 0) / points.length;
  const [code, peak] = [mean((r) => r.codeBytes), mean((r) => peakOf(r.usages))];
  const slope = mean((r) => (r.codeBytes - code) * (peakOf(r.usages) - peak)) / mean((r) => (r.codeBytes - code) ** 2);
  return `peak memory is about ${((peak - slope * code) / 1e6).toFixed(0)} MB and ${slope.toFixed(0)} times the code`;
}

function print(results: readonly CompileResult[]): string {
  const header = [
    "module",
    "level",
    "MB code/s",
    "seconds",
    "(median)",
    "peak MB",
    "× code",
    "cpu s",
    "wasm",
    "output",
  ];
  const rows = results.map(({ name, level, problem, usages, codeBytes, wasmBytes, outputBytes }) => {
    if (problem !== undefined) return [name, "-O" + level, problem];
    const seconds = Math.min(...usages.map((usage) => usage.seconds));
    const peak = peakOf(usages);
    return [
      name,
      "-O" + level,
      (codeBytes / 1e6 / seconds).toFixed(2),
      seconds.toFixed(2),
      `(${median(usages.map((usage) => usage.seconds)).toFixed(2)})`,
      (peak / 1e6).toFixed(0),
      (peak / codeBytes).toFixed(0),
      Math.min(...usages.map((usage) => usage.cpu)).toFixed(2),
      (wasmBytes / 1e3).toFixed(0) + " kB",
      (outputBytes / 1e3).toFixed(0) + " kB",
    ];
  });
  return textTable([header, ...rows], 2);
}
