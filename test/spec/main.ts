// The specification suite's command line: npm run spec -- [option …] [group or file…]; the options are told by its usage.
// Ends with the line "N passed, N failed, N skipped"; exit status 1 when anything failed, 2 when it could not start.
import type { OptLevel } from "../../compiler/options.js";
import fs from "node:fs";
import path from "node:path";
import { createEngine, ENGINE_MODES } from "../support/engines.js";
import { ownEngine } from "../support/js-engine.js";
import { compileSettings, optLevel } from "../support/settings.js";
import { findShell, SHELLS } from "../support/shells.js";
import { expectationsFor } from "./expectations.js";
import type { Outcome } from "./outcome.js";
import { runScript } from "./run-script.js";
import { ShellRunner } from "./shell-script.js";
import { readScript, selectFiles, SuiteError, type Script } from "./suite.js";
import { Count, Tally } from "./tally.js";
import { validateScript } from "./validate-script.js";

const MODES = [...ENGINE_MODES, "validate"];

const USAGE = `usage: npm run spec -- [--mode ${MODES.join("|")}] [--pool SIZE] [--engine NAME,… [--bin DIR]]
                         [--suite DIR] [--opt 0|1|2|3|s|z] [--set KEY=VALUE] [-v] [group or file…]
  --mode   how modules are compiled and run in this Node (default aot-file)
  --engine modules become JavaScript for that engine's target, and its shell runs them:
           ${SHELLS.map(({ name }) => name).join(" ")}
  --bin    where the engine's shell is (default: PATH)
  --pool   modules and instances live in a pool of so many bytes (64M: MiB), a new runtime for each script; after each,
           everything is disposed of, and what stays behind is a failure
  --suite  the suite as JSON scripts (default ../shared/spec)
  --opt    optimization level given to the compiler (default 1)
  --set    another option for the compiler, such as target=v8 (may be repeated)
  -v       list every skip, and the time of every file
  group    core, bulk-memory, … ; file: core/i32 or i32 (default: everything)`;

interface Arguments {
  mode: string;
  suite: string;
  opt: OptLevel;
  pool: number | undefined;
  engines: readonly string[];
  bin: string | undefined;
  settings: string[];
  verbose: boolean;
  selectors: string[];
}

function parseArguments(argv: readonly string[]): Arguments {
  const args: Arguments = {
    mode: "aot-file",
    suite: path.join("..", "shared", "spec"),
    opt: 1,
    pool: undefined,
    engines: [],
    bin: undefined,
    settings: [],
    verbose: false,
    selectors: [],
  };
  for (let i = 0; i < argv.length; i++) {
    const arg = argv[i]!;
    const value = (): string => {
      const next = argv[++i];
      if (next === undefined) throw new SuiteError(`missing value after ${arg}\n${USAGE}`);
      return next;
    };
    if (arg === "--mode") args.mode = value();
    else if (arg === "--suite") args.suite = value();
    else if (arg === "--opt") args.opt = optLevel(value());
    else if (arg === "--pool") args.pool = sizeOf(value());
    else if (arg === "--engine") args.engines = value().split(",");
    else if (arg === "--bin") args.bin = value();
    else if (arg === "--set") args.settings.push(value());
    else if (arg === "-v") args.verbose = true;
    else if (arg.startsWith("-")) throw new SuiteError(`unknown option ${arg}\n${USAGE}`);
    else args.selectors.push(arg);
  }
  if (args.engines.length > 0 && args.pool !== undefined) throw new SuiteError("--pool does not go with --engine");
  if (!MODES.includes(args.mode)) throw new SuiteError(`unknown mode "${args.mode}": expected ${MODES.join(", ")}`);
  return args;
}

function sizeOf(text: string): number {
  const match = /^(\d+)([KMG]?)$/i.exec(text);
  if (match === null) throw new SuiteError(`--pool: expected a size such as 64M, got ${text}\n${USAGE}`);
  return Number(match[1]) * 1024 ** " KMG".indexOf(match[2]!.toUpperCase() || " ");
}

/** A way to run scripts. */
interface Runner {
  /** Undefined: this process. */
  readonly name?: string;
  readonly expected: (file: string) => Map<number, string>;
  run(script: Script): Outcome[] | Promise<Outcome[]>;
}

async function ownRunner(args: Arguments): Promise<Runner> {
  // What is listed is about values in generated code, which the other modes do not run.
  const expected = (file: string): Map<number, string> =>
    args.mode.startsWith("aot") ? expectationsFor(file, ownEngine()) : new Map();
  if (args.mode === "validate") return { expected, run: validateScript };
  const engine = await createEngine(args.mode, args.opt, compileSettings(args.settings), args.pool);
  return { expected, run: (script) => runScript(engine, script) };
}

function shellRunner(name: string, args: Arguments): Runner {
  const shell = SHELLS.find((candidate) => candidate.name === name);
  if (shell === undefined) {
    throw new SuiteError(`no engine "${name}": expected one of ${SHELLS.map((known) => known.name).join(", ")}`);
  }
  const path = findShell(shell, args.bin);
  if (path === undefined) {
    const where = args.bin ?? "PATH";
    throw new SuiteError(
      `engine ${name} is not in ${where}: install it (${shell.source}) or name its folder with --bin`,
    );
  }
  const options = { target: shell.target, ...compileSettings(args.settings) };
  const runner = new ShellRunner(path, args.opt, options);
  return { name, expected: (file) => expectationsFor(file, shell.engine), run: (script) => runner.run(script) };
}

async function main(argv: readonly string[]): Promise<number> {
  const args = parseArguments(argv);
  const files = selectFiles(args.suite, args.selectors);
  const runners =
    args.engines.length === 0 ? [await ownRunner(args)] : args.engines.map((name) => shellRunner(name, args));
  const print = (line: string): void => void fs.writeSync(1, `${line}\n`);
  const total = new Count();
  for (const { name, expected, run } of runners) {
    const began = Date.now();
    const tally = new Tally(expected, args.verbose, print);
    for (const file of files) {
      const started = Date.now();
      const script = readScript(args.suite, file);
      tally.add(file, await run(script), Date.now() - started);
    }
    for (const line of tally.reasons()) print(line);
    if (name !== undefined) print(`${name}: ${tally.count.line} (${Math.round((Date.now() - began) / 1000)} s)`);
    total.add(tally.count);
  }
  print(total.line);
  return total.failed === 0 ? 0 : 1;
}

main(process.argv.slice(2)).then(
  (code) => (process.exitCode = code),
  (error: unknown) => {
    process.stderr.write(error instanceof SuiteError ? `spec: ${error.message}\n` : `${(error as Error).stack}\n`);
    process.exitCode = 2;
  },
);
