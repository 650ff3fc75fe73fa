// The speed table: every subject, every variant, on every engine asked for.
import type { CompileOptions, Target } from "../../compiler/index.js";
import { mkdirSync, readFileSync, writeFileSync } from "node:fs";
import { basename, join } from "node:path";
import type { Measured } from "./driver.js";
import type { SubjectEntry } from "./programs/index.js";
import type { Subject } from "./programs/subject.js";
import { countOn, nativeAnswers, runOn, type Effort, type Program } from "./shell.js";
import { printTable, rowOf, type Row } from "./table.js";
import { factsOf, type FunctionFacts } from "./v8-facts.js";
import {
  artifactText,
  nativeText,
  ourText,
  polywasmText,
  pooledText,
  wasm2jsText,
  type VariantText,
} from "./variants.js";

export interface SpeedOptions {
  readonly subjects: readonly SubjectEntry[];
  readonly packages: string | undefined;
  readonly engines: readonly string[];
  readonly levels: readonly string[];
  readonly extra: CompileOptions;
  /** A column each; default: whatever `extra` says. */
  readonly targets?: readonly Target[];
  readonly without: ReadonlySet<string>;
  readonly added: readonly (readonly [name: string, folder: string])[];
  readonly dump: string | undefined;
  readonly effort: Effort;
  /** Count instructions instead of taking times. */
  readonly count?: boolean;
  /** Each of our columns once more, with everything in a pool of so many bytes. */
  readonly pool?: number | undefined;
  /** Also find out what V8 makes of our code. */
  readonly facts?: boolean;
}

/** What was measured on one engine. */
export interface SpeedResult {
  readonly engine: string;
  readonly base: string;
  readonly rows: readonly Row[];
  readonly measured: Readonly<Record<string, readonly Measured[]>>;
  /** Our JavaScript by kernel, and what V8 makes of it; not for the JSON. */
  readonly sources: ReadonlyMap<string, string>;
  readonly facts: ReadonlyMap<string, readonly FunctionFacts[]>;
}

/** How much is done where code is optimized while it runs. */
export function usualEffort(rounds: number): Effort {
  return { rounds, warmups: 5, leastTime: 60, runLimit: 2000, budget: 6000, timeout: 300_000 };
}

async function variantsOf(subject: Subject, options: SpeedOptions): Promise<Program["variants"]> {
  const { name, bytes } = subject;
  const { without, levels, dump } = options;
  const variants: { name: string; code: VariantText; workload?: string }[] = [];
  if (!without.has("native")) variants.push({ name: "native", code: nativeText(bytes) });
  const targets = options.targets ?? [undefined];
  for (const optLevel of without.has("ours") ? [] : levels) {
    for (const target of targets) {
      const extra = target === undefined ? options.extra : { ...options.extra, target };
      const code = await ourText(bytes, { optLevel, extra });
      const suffix = (targets.length > 1 ? "-" + target : "") + (levels.length > 1 ? "-O" + optLevel : "");
      variants.push({ name: "ours" + suffix, code });
      if (options.pool !== undefined && "text" in code)
        variants.push({ name: "pool" + suffix, code: await pooledText(code.source!, options.pool) });
      if (dump !== undefined && "text" in code) {
        mkdirSync(dump, { recursive: true });
        writeFileSync(join(dump, name + suffix + ".cjs"), code.source ?? "");
      }
    }
  }
  for (const [label, folder] of options.added)
    variants.push({ name: label, code: editedText(join(folder, name + ".cjs")) });
  if (!without.has("wasm2js")) {
    if (subject.wasm2js)
      variants.push({ name: "wasm2js", code: subject.wasm2js.code, workload: subject.wasm2js.workload() });
    else variants.push({ name: "wasm2js", code: await wasm2jsText(bytes) });
  }
  if (!without.has("polywasm")) variants.push({ name: "polywasm", code: await polywasmText(bytes) });
  return variants;
}

function editedText(file: string): VariantText {
  try {
    return artifactText(readFileSync(file, "utf8"));
  } catch (error) {
    return { problem: (error as Error).message };
  }
}

function progress(text: string): void {
  if (process.stderr.isTTY) process.stderr.write("\x1b[2K\r" + text + "\r");
}

/** Prints one table for each engine and returns all that was measured. */
export async function benchSpeed(options: SpeedOptions): Promise<SpeedResult[]> {
  const { effort } = options;
  const programs: { program: Program; expected: Awaited<ReturnType<typeof nativeAnswers>> }[] = [];
  const notes: string[] = [];
  for (const entry of options.subjects) {
    const subject = entry.load(options.packages);
    if (subject === undefined) {
      notes.push(`${entry.name}: left out, its npm package is not installed (see --packages)`);
      continue;
    }
    progress(`preparing ${entry.name}…`);
    if (subject.wasm2js && !options.without.has("wasm2js")) notes.push(subject.wasm2js.note);
    programs.push({
      program: { ...subject, variants: await variantsOf(subject, options) },
      expected: await nativeAnswers(subject),
    });
  }
  const results: SpeedResult[] = [];
  const sources = new Map<string, string>();
  const facts = new Map<string, readonly FunctionFacts[]>();
  for (const { program, expected } of programs) {
    const ours = program.variants.find(({ name }) => name.startsWith("ours"))?.code;
    if (ours !== undefined && "source" in ours && ours.source !== undefined) sources.set(program.name, ours.source);
    if (!options.facts) continue;
    progress(`tracing ${program.name}…`);
    facts.set(program.name, await factsOf(program, expected, effort));
  }
  for (const engine of options.engines) {
    const rows: Row[] = [];
    const measured: Record<string, Measured[]> = {};
    for (const { program, expected } of programs) {
      progress(`${basename(engine)}: ${program.name}…`);
      const got = await (options.count
        ? countOn([engine], program, expected, effort)
        : runOn([engine], program, expected, effort));
      measured[program.name] = got;
      rows.push(rowOf(program.name, program.kind, got, ["native", "wasm2js"]));
    }
    progress("");
    const base = rows.some((row) => row.base === "native") ? "native" : "wasm2js";
    const names = (programs[0]?.program.variants ?? [])
      .map((variant) => variant.name)
      .filter((name) => base === "native" || name !== "native");
    const what = options.count
      ? `instructions over ${base}'s`
      : `time over ${base}'s: median of ${effort.rounds} interleaved rounds (and of the minimums)`;
    console.log(`\n${basename(engine)}: ${what}`);
    console.log([printTable(rows, names, base, options.count ? "M" : "ms"), ...notes].join("\n"));
    results.push({ engine, base, rows, measured, sources, facts });
  }
  return results;
}
