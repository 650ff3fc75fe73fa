// `npm run bench:engines`: our code for each target on the engines that the target is for. Without a JIT it is held against
// wasm2js -O3's output on the same engine; with one, the ratio to the engine's own WebAssembly is held against V8's.
// Every answer is checked, variants run interleaved (driver.ts). This is the instrument behind compiler/targets.ts.
import { writeFileSync } from "node:fs";
import { parseArgs } from "node:util";
import type { Target } from "../../compiler/options.js";
import { findShell, SHELLS, type Shell } from "../support/shells.js";
import { SUBJECTS } from "./programs/index.js";
import type { Effort } from "./shell.js";
import { benchSpeed } from "./speed.js";
import { geomean, textTable, type Row } from "./table.js";

/** The order of the table; what each is, test/support/shells.ts says. */
const NAMES = ["hermes", "qjs-ng", "qjs", "node24-jitless", "jsc-nojit", "node24", "jsc", "sm140"];
const ENGINES = NAMES.map((name) => SHELLS.find((shell) => shell.name === name)!);

const USAGE = `usage: npm run bench:engines -- [options] [kernel or kind …]
  --engines NAMES    ${NAMES.join(",")} (default: all that are installed)
  --bin DIR          where the engines are (default: PATH)
  --target NAME      compile for this target instead of the engine's own; several, separated by commas: a column each
  --opt LEVEL        our -O level (default 3)
  --rounds N         measured rounds (default 5)
  --count            count instructions by valgrind instead of measuring time: slow, but the same on a busy machine; without a JIT only
  --json FILE        write everything that was measured`;

// Interpreters are slow and steady: a tenth of a second is enough for a run, and nothing has to get warm.
const INTERPRETED: Omit<Effort, "rounds"> = { warmups: 1, leastTime: 0, runLimit: 500, budget: 3000, timeout: 300_000 };
const COMPILED: Omit<Effort, "rounds"> = { warmups: 5, leastTime: 60, runLimit: 1000, budget: 3000, timeout: 300_000 };

const { values, positionals } = parseArgs({
  allowPositionals: true,
  options: {
    engines: { type: "string" },
    bin: { type: "string" },
    target: { type: "string" },
    opt: { type: "string", default: "3" },
    rounds: { type: "string", default: "5" },
    count: { type: "boolean", default: false },
    json: { type: "string" },
    help: { type: "boolean", short: "h", default: false },
  },
});

interface Result {
  readonly engine: Shell;
  readonly rows: readonly Row[];
  readonly measured: object;
}

async function measure(engine: Shell, path: string): Promise<Result> {
  const targets = (values.target ?? engine.target).split(",") as Target[];
  const [result] = await benchSpeed({
    subjects: SUBJECTS.filter(({ name, kind }) =>
      positionals.length > 0
        ? positionals.includes(name) || positionals.includes(kind)
        : kind !== "program" && kind !== "hash-wasm",
    ),
    packages: undefined,
    engines: [path],
    levels: [values.opt],
    extra: {},
    targets,
    without: new Set(engine.jit ? ["polywasm", "wasm2js"] : ["polywasm", "native"]),
    added: [],
    dump: undefined,
    count: values.count,
    effort: { ...(engine.jit ? COMPILED : INTERPRETED), rounds: Number(values.rounds) },
  });
  const { rows, measured } = result as { rows: readonly Row[]; measured: object };
  return { engine, rows, measured };
}

/** Ratios of our first column by kernel. */
function ratios(rows: readonly Row[]): Map<string, number> {
  return new Map(
    rows.flatMap((row) => {
      const ratio = row.cells.find(({ variant }) => variant.startsWith("ours"))?.ratio;
      return ratio === undefined ? [] : [[row.name, ratio] as const];
    }),
  );
}

// One line for each engine, with what is asked of it.
function summary(results: readonly Result[]): string {
  const v8 = results.find(({ engine }) => engine.name === "node24");
  const v8Mean = v8 && geomean([...ratios(v8.rows).values()]);
  const lines = [["engine", "target", "geomean", "of", "missing its aim"]];
  for (const { engine, rows } of results) {
    const all = ratios(rows);
    const mean = geomean([...all.values()]);
    const slow = engine.jit
      ? v8Mean !== undefined && mean > 1.5 * v8Mean
        ? [`more than 1.5 × V8's ${v8Mean.toFixed(2)}`]
        : []
      : [...all].filter(([, ratio]) => ratio > 1).map(([name, ratio]) => `${name} ${ratio.toFixed(2)}`);
    if (!engine.jit && mean > 0.5) slow.unshift("geomean above 0.50;");
    lines.push([
      engine.name,
      values.target ?? engine.target,
      mean.toFixed(2),
      engine.jit ? "native" : "wasm2js",
      slow.join(" "),
    ]);
  }
  return textTable(lines, 2);
}

async function main(): Promise<void> {
  const wanted = values.engines?.split(",");
  const unknown = wanted?.find((name) => !ENGINES.some((engine) => engine.name === name));
  if (unknown !== undefined) throw new Error(`no engine ${unknown}\n${USAGE}`);
  const jit = ENGINES.find(({ name, jit }) => values.count && jit && wanted?.includes(name) === true);
  if (jit !== undefined)
    throw new Error(`${jit.name} has a JIT, whose own work would be counted: --count is for engines without\n${USAGE}`);
  const results: Result[] = [];
  for (const engine of ENGINES.filter(({ name, jit }) => wanted?.includes(name) ?? !(values.count && jit))) {
    const path = findShell(engine, values.bin);
    if (path === undefined) console.log(`${engine.name}: not installed (${engine.source})`);
    else results.push(await measure(engine, path));
  }
  console.log("\n" + summary(results));
  if (values.json !== undefined) writeFileSync(values.json, JSON.stringify(results, null, 1) + "\n");
}

if (values.help) console.log(USAGE);
else await main();
