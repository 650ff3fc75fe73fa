// Runs one program's variants on one engine: builds the script, starts the engine's shell on it, reads the result line.
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { build } from "esbuild";
import { runShell } from "../support/shells.js";
import type { Answer, Measured } from "./driver.js";
import type { Subject } from "./programs/subject.js";
import { nativeText, ROOT, type VariantText } from "./variants.js";

export interface Program extends Omit<Subject, "wasm2js"> {
  readonly variants: readonly { readonly name: string; readonly code: VariantText; readonly workload?: string }[];
}

export interface Effort {
  readonly rounds: number;
  readonly warmups: number;
  readonly leastTime: number;
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

async function scriptOf(
  program: Program,
  expected: readonly Answer[],
  effort: Effort,
  justRuns?: number,
): Promise<string> {
  const variants = program.variants.map(({ name, code, workload }) => {
    const make =
      "problem" in code
        ? `function(){throw new Error(${JSON.stringify(code.problem)})}`
        : `function(){return (${workload ?? program.workload})(${code.text})}`;
    return `{name:${JSON.stringify(name)},make:${make}}`;
  });
  const { rounds, warmups, leastTime, runLimit, budget } = effort;
  const plan = { sizes: program.sizes, expected, rounds, warmups, leastTime, runLimit, budget, justRuns };
  return `${await driverText()}\ndriver.start(Object.assign(${JSON.stringify(plan)},{variants:[${variants.join(",\n")}]}));\n`;
}

// Starts the shell on the script and returns what it printed behind BENCH, or throws with what it said instead.
async function run(engine: readonly string[], name: string, script: string, timeout: number): Promise<unknown> {
  const output = await inFile(name, script, (file) => outputOf([...engine, file], timeout));
  const line = output.split("\n").find((text) => text.startsWith("BENCH "));
  if (line === undefined) throw new Error("the engine failed: " + output.trim().slice(-300));
  return JSON.parse(line.slice(6));
}

async function inFile<T>(name: string, script: string, use: (file: string) => Promise<T>): Promise<T> {
  const folder = mkdtempSync(join(tmpdir(), "wamrc-ts-bench-"));
  try {
    const file = join(folder, name + ".js");
    writeFileSync(file, script);
    return await use(file);
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}

/** What native WebAssembly in this Node answers, by size. */
export async function nativeAnswers(subject: Subject): Promise<Answer[]> {
  const native = nativeText(subject.bytes);
  if ("problem" in native) throw new Error(native.problem);
  const make = `function(){return (${subject.workload})(${native.text})}`;
  const script = `${await driverText()}\ndriver.answers(${make},${JSON.stringify(subject.sizes)});\n`;
  return (await run([process.execPath], subject.name, script, 60_000)) as Answer[];
}

export async function runOn(
  engine: readonly string[],
  program: Program,
  expected: readonly Answer[],
  effort: Effort,
): Promise<Measured[]> {
  try {
    const script = await scriptOf(program, expected, effort);
    return (await run(engine, program.name, script, effort.timeout)) as Measured[];
  } catch (error) {
    const problem = (error as Error).message;
    return program.variants.map(({ name }) => ({ name, problem, setup: 0, level: 0, times: [] }));
  }
}

const COUNTING = [
  "valgrind",
  "--tool=cachegrind",
  "--cache-sim=no",
  "--trace-children=yes",
  "--cachegrind-out-file=/dev/null",
];

/**
 * Millions of instructions that a run with the least work takes, as the time of its level: what two runs take more than one.
 * For engines without a JIT it stands for their time, and comes out the same on a busy machine.
 */
export async function countOn(
  engine: readonly string[],
  program: Program,
  expected: readonly Answer[],
  effort: Effort,
): Promise<Measured[]> {
  const level = program.sizes.length - 1;
  const measured: Measured[] = [];
  for (const variant of program.variants) {
    const alone = { ...program, variants: [variant] };
    const count = (runs: number): Promise<number> => instructions(engine, alone, expected, effort, runs);
    const result: Measured = { name: variant.name, setup: 0, level, times: [] };
    measured.push(result);
    try {
      const [one, two] = await Promise.all([count(1), count(2)]);
      result.times[level] = [(two - one) / 1e6];
    } catch (error) {
      result.problem = (error as Error).message;
    }
  }
  return measured;
}

async function instructions(
  engine: readonly string[],
  program: Program,
  expected: readonly Answer[],
  effort: Effort,
  runs: number,
): Promise<number> {
  const script = await scriptOf(program, expected, effort, runs);
  const output = await inFile(program.name, script, (file) => outputOf([...COUNTING, ...engine, file], effort.timeout));
  const counts = [...output.matchAll(/I +refs: +([\d,]+)/g)];
  if (!output.includes("BENCH") || counts.length === 0)
    throw new Error(/FAILED (.*)/.exec(output)?.[1] ?? "the engine failed: " + output.trim().slice(-300));
  return Number(counts[counts.length - 1]![1]!.replaceAll(",", ""));
}

/** All that the engine prints while it runs the program. */
export async function outputOn(
  engine: readonly string[],
  program: Program,
  expected: readonly Answer[],
  effort: Effort,
): Promise<string> {
  const script = await scriptOf(program, expected, effort);
  return inFile(program.name, script, (file) => outputOf([...engine, file], effort.timeout));
}

async function outputOf(command: readonly string[], timeout: number): Promise<string> {
  const { output, problem = "" } = await runShell(command, timeout);
  return `${output}\n${problem}`;
}
