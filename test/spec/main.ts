// The specification suite's command line: npm run spec -- [option …] [group or file…]; the options are told by its usage.
// Ends with the line "N passed, N failed, N skipped"; exit status 1 when anything failed, 2 when it could not start.
import type { OptLevel } from "../../compiler/options.js";
import fs from "node:fs";
import path from "node:path";
import { createEngine, ENGINE_MODES } from "../support/engines.js";
import { compileSettings, optLevel } from "../support/settings.js";
import { expectationsFor, jsEngine } from "./expectations.js";
import { runScript, validateScript } from "./script.js";
import { readScript, selectFiles, SuiteError } from "./suite.js";
import { Tally } from "./tally.js";

const MODES = [...ENGINE_MODES, "validate"];

const USAGE = `usage: npm run spec -- [--mode ${MODES.join("|")}] [--pool SIZE] [--suite DIR] [--opt 0|1|2|3|s|z]
                         [--set KEY=VALUE] [-v] [group or file…]
  --mode   how modules are compiled and run (default aot-file)
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
    else if (arg === "--set") args.settings.push(value());
    else if (arg === "-v") args.verbose = true;
    else if (arg.startsWith("-")) throw new SuiteError(`unknown option ${arg}\n${USAGE}`);
    else args.selectors.push(arg);
  }
  if (!MODES.includes(args.mode)) throw new SuiteError(`unknown mode "${args.mode}": expected ${MODES.join(", ")}`);
  return args;
}

function sizeOf(text: string): number {
  const match = /^(\d+)([KMG]?)$/i.exec(text);
  if (match === null) throw new SuiteError(`--pool: expected a size such as 64M, got ${text}\n${USAGE}`);
  return Number(match[1]) * 1024 ** " KMG".indexOf(match[2]!.toUpperCase() || " ");
}

async function main(argv: readonly string[]): Promise<number> {
  const args = parseArguments(argv);
  const files = selectFiles(args.suite, args.selectors);
  const engine =
    args.mode === "validate"
      ? undefined
      : await createEngine(args.mode, args.opt, compileSettings(args.settings), args.pool);
  const print = (line: string): void => void fs.writeSync(1, `${line}\n`);
  // What is listed is about values in generated code, which the other modes do not run.
  const expected = (file: string): Map<number, string> =>
    args.mode.startsWith("aot") ? expectationsFor(file, jsEngine()) : new Map();
  const tally = new Tally(expected, args.verbose, print);
  for (const file of files) {
    const started = Date.now();
    const script = readScript(args.suite, file);
    const outcomes = await (engine === undefined ? validateScript(script) : runScript(engine, script));
    tally.add(file, outcomes, Date.now() - started);
  }
  for (const line of tally.summary()) print(line);
  return tally.failed === 0 ? 0 : 1;
}

main(process.argv.slice(2)).then(
  (code) => (process.exitCode = code),
  (error: unknown) => {
    process.stderr.write(error instanceof SuiteError ? `spec: ${error.message}\n` : `${(error as Error).stack}\n`);
    process.exitCode = 2;
  },
);
