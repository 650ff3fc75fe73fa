// `npm run bench`: ratios of our code, wasm2js -O3 and polywasm against native WebAssembly, in one interleaved run with
// every answer checked. Other questions: --only compile | size | load. See usage below.
import { execFileSync } from "node:child_process";
import { mkdirSync, readFileSync, writeFileSync } from "node:fs";
import { cpus } from "node:os";
import { basename, join } from "node:path";
import { parseArgs } from "node:util";
import type { Measured } from "./driver.js";
import { KERNELS } from "./kernels.js";
import { KERNEL_WORKLOAD, kernelBytes, nativeAnswers } from "./programs/kernel.js";
import { runOn, type Effort, type Program } from "./shell.js";
import { printTable, rowOf, type Row } from "./table.js";
import {
  artifactText,
  nativeText,
  ourText,
  polywasmText,
  ROOT,
  wasm2jsText,
  type OurOptions,
  type VariantText,
} from "./variants.js";

const USAGE = `usage: npm run bench -- [options] [kernel or kind …]
  --opt LEVELS       our -O levels, one column each (default 3; e.g. --opt 1,3)
  --set KEY=VALUE    another option for our compiler, such as target=hermes (may be repeated)
  --engine PATH      run on this shell instead of this Node (may be repeated: one table each)
  --without NAMES    leave variants out: native, wasm2js, polywasm, ours
  --add NAME=DIR     also run the hand-edited artifacts DIR/<kernel>.cjs (may be repeated)
  --dump DIR         write our artifacts there, for reading and editing
  --rounds N         measured rounds (default 9)
  --json FILE        write everything that was measured
  --list             name the kernels`;

const { values, positionals } = parseArgs({
  allowPositionals: true,
  options: {
    opt: { type: "string", default: "3" },
    set: { type: "string", multiple: true, default: [] },
    engine: { type: "string", multiple: true, default: [] },
    without: { type: "string", default: "" },
    add: { type: "string", multiple: true, default: [] },
    dump: { type: "string" },
    rounds: { type: "string", default: "9" },
    json: { type: "string" },
    list: { type: "boolean", default: false },
    help: { type: "boolean", short: "h", default: false },
  },
});

function git(...args: string[]): string {
  try {
    return execFileSync("git", ["-C", ROOT, ...args], { encoding: "utf8", stdio: ["ignore", "pipe", "ignore"] }).trim();
  } catch {
    return "unknown";
  }
}

const without = new Set(values.without.split(","));
const effort: Effort = { rounds: Number(values.rounds), warmups: 2, runLimit: 1500, budget: 6000, timeout: 300_000 };

function setting(text: string): [string, string | number | boolean] {
  const [key = "", value = "true"] = text.split("=");
  return [key, value === "true" ? true : value === "false" ? false : /^\d+$/.test(value) ? Number(value) : value];
}

async function variantsOf(name: string, bytes: Uint8Array): Promise<Program["variants"]> {
  const variants: { name: string; code: VariantText }[] = [];
  if (!without.has("native")) variants.push({ name: "native", code: nativeText(bytes) });
  if (!without.has("ours")) {
    const levels = values.opt.split(",");
    const extra = Object.fromEntries(values.set.map(setting));
    for (const level of levels) {
      const options: OurOptions = { optLevel: level, extra };
      const code = await ourText(bytes, options);
      variants.push({ name: levels.length > 1 ? "ours-O" + level : "ours", code });
      if (values.dump !== undefined && "text" in code) {
        mkdirSync(values.dump, { recursive: true });
        writeFileSync(join(values.dump, `${name}${levels.length > 1 ? "-O" + level : ""}.cjs`), code.source ?? "");
      }
    }
  }
  for (const text of values.add) {
    const [label = "", folder = ""] = text.split("=");
    let code: VariantText;
    try {
      code = artifactText(readFileSync(join(folder, name + ".cjs"), "utf8"));
    } catch (error) {
      code = { problem: (error as Error).message };
    }
    variants.push({ name: label, code });
  }
  if (!without.has("wasm2js")) variants.push({ name: "wasm2js", code: await wasm2jsText(bytes) });
  if (!without.has("polywasm")) variants.push({ name: "polywasm", code: await polywasmText(bytes) });
  return variants;
}

async function main(): Promise<void> {
  const wanted = (name: string, kind: string): boolean =>
    !positionals.length || positionals.includes(name) || positionals.includes(kind);
  const unknown = positionals.find((text) => !KERNELS.some((kernel) => kernel.name === text || kernel.kind === text));
  if (unknown !== undefined) throw new Error(`no kernel or kind ${unknown} (--list names them)`);
  const engines = values.engine.length ? values.engine : [process.execPath];
  const programs: Program[] = [];
  for (const kernel of KERNELS) {
    if (!wanted(kernel.name, kernel.kind)) continue;
    const variants = await variantsOf(kernel.name, kernelBytes(kernel));
    programs.push({ ...kernel, expected: nativeAnswers(kernel), workload: KERNEL_WORKLOAD, variants });
  }
  const header = {
    node: process.version,
    v8: process.versions.v8,
    commit: git("rev-parse", "--short", "HEAD"),
    changed: git("status", "--porcelain") !== "",
    cpu: cpus()[0]?.model,
    opt: values.opt,
    set: values.set,
    rounds: effort.rounds,
  };
  console.log(
    `node ${header.node} (V8 ${header.v8}), commit ${header.commit}${header.changed ? " with changes" : ""}, -O${values.opt}, ${header.cpu}`,
  );
  const results: object[] = [];
  for (const engine of engines) {
    const rows: Row[] = [];
    const measured: Record<string, Measured[]> = {};
    for (const program of programs) {
      process.stderr.write(`${basename(engine)} ${program.name}…\r`);
      measured[program.name] = await runOn([engine], program, effort);
      rows.push(rowOf(program.name, program.kind, measured[program.name]!, ["native", "wasm2js"]));
    }
    const base = rows.some((row) => row.base === "native") ? "native" : "wasm2js";
    const names =
      programs[0]?.variants.map((variant) => variant.name).filter((name) => base === "native" || name !== "native") ??
      [];
    console.log(
      `\n${basename(engine)}: times over ${base}'s, medians of ${effort.rounds} interleaved rounds (ratio of minimums)\n${printTable(rows, names, base)}`,
    );
    results.push({ engine, base, rows, measured });
  }
  if (values.json !== undefined) writeFileSync(values.json, JSON.stringify({ ...header, results }, null, 1) + "\n");
}

if (values.help) console.log(USAGE);
else if (values.list) for (const kernel of KERNELS) console.log(kernel.name.padEnd(12) + kernel.kind);
else await main();
