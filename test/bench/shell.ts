// Runs one program's variants on one engine: builds the script, starts the engine's shell on it, reads the result line.
import { spawn } from "node:child_process";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { build } from "esbuild";
import type { Answer, Measured } from "./driver.js";
import { ROOT, type VariantText } from "./variants.js";

export interface Program {
  readonly name: string;
  readonly kind: string;
  readonly sizes: readonly number[];
  /** What each size answers on native WebAssembly; also the reference on engines without it. */
  readonly expected: readonly Answer[];
  /** Source of `function (instantiate) → run | promise of run`, where `instantiate(imports)` returns exports. */
  readonly workload: string;
  readonly variants: readonly { readonly name: string; readonly code: VariantText; readonly workload?: string }[];
}

export interface Effort {
  readonly rounds: number;
  readonly warmups: number;
  readonly runLimit: number;
  readonly budget: number;
  readonly timeout: number;
}

let driver: Promise<string> | undefined;
const driverText = (): Promise<string> =>
  (driver ??= build({
    entryPoints: [join(ROOT, "dist/test/bench/driver.js")],
    bundle: true,
    format: "iife",
    globalName: "driver",
    target: "es2020",
    write: false,
  }).then((out) => out.outputFiles[0]!.text));

export async function scriptOf(program: Program, effort: Effort): Promise<string> {
  const variants = program.variants.map(({ name, code, workload }) => {
    const make =
      "problem" in code
        ? `function(){throw new Error(${JSON.stringify(code.problem)})}`
        : `function(){return (${workload ?? program.workload})(${code.text})}`;
    return `{name:${JSON.stringify(name)},make:${make}}`;
  });
  const { rounds, warmups, runLimit, budget } = effort;
  const plan = { sizes: program.sizes, expected: program.expected, rounds, warmups, runLimit, budget };
  return `${await driverText()}\ndriver.start(Object.assign(${JSON.stringify(plan)},{variants:[${variants.join(",\n")}]}));\n`;
}

export async function runOn(engine: readonly string[], program: Program, effort: Effort): Promise<Measured[]> {
  const folder = mkdtempSync(join(tmpdir(), "wamrc-ts-bench-"));
  try {
    const file = join(folder, program.name + ".js");
    writeFileSync(file, await scriptOf(program, effort));
    const output = await outputOf([...engine, file], effort.timeout);
    const line = output.split("\n").find((text) => text.startsWith("BENCH "));
    const problem = line === undefined ? "the engine failed: " + output.trim().slice(-300) : "";
    return line === undefined
      ? program.variants.map(({ name }) => ({ name, problem, setup: 0, level: 0, times: [] }))
      : (JSON.parse(line.slice(6)) as Measured[]);
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}

function outputOf([command, ...args]: readonly string[], timeout: number): Promise<string> {
  return new Promise((resolve) => {
    const child = spawn(command!, args, { stdio: ["ignore", "pipe", "pipe"] });
    let output = "";
    const timer = setTimeout(() => {
      output += "\ntimed out";
      child.kill("SIGKILL");
    }, timeout);
    child.stdout.on("data", (data: Buffer) => (output += data.toString()));
    child.stderr.on("data", (data: Buffer) => (output += data.toString()));
    child.on("error", (error) => (output += error.message));
    child.on("close", () => {
      clearTimeout(timer);
      resolve(output);
    });
  });
}
