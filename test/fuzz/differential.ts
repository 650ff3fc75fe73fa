// The differential fuzzer: generated modules run on native WebAssembly and on our compiler at several levels; whatever
// can be seen from outside must be equal. A mismatch is minimized and kept in test/fuzz/cases, where a test runs it again.
//   node dist/test/fuzz/differential.js --seed N --count N [--features tail-call,multi-memory] [--opt 0,1,2]
// Native WebAssembly must have the features: by default those that this Node has are used.
import fs from "node:fs";
import path from "node:path";
import type { OptLevel } from "../../compiler/options.js";
import type { Engine } from "../support/engine.js";
import { messageOf } from "../support/engine.js";
import { createEngine } from "../support/engines.js";
import { NativeEngine } from "../support/native-engine.js";
import { compare } from "./compare.js";
import { execute } from "./execute.js";
import { generateProgram } from "./generate.js";
import { minimize } from "./minimize.js";
import { encodeProgram } from "./program.js";
import { compileSettings, optLevel } from "../support/settings.js";

const USAGE = `usage: differential.js [--seed N] [--count N] [--features LIST] [--opt LIST] [--mode MODE] [--set KEY=VALUE] [--keep-going] [--no-minimize] [--cases DIR]
  --seed        first seed (default: from the clock); module k has seed N+k
  --count       number of modules (default 1000)
  --features    comma-separated: tail-call, multi-memory, or none (default: what native WebAssembly has)
  --opt         optimization levels to compare with native (default 0,1)
  --mode        how our modules are run: aot-file, aot-js (default aot-file); native compares native with itself
  --set         another option for the compiler, such as target=v8 (may be repeated)
  --keep-going  go on after a mismatch
  --no-minimize keep the module as generated
  --cases       folder for kept modules (default test/fuzz/cases)`;

interface Arguments {
  seed: number;
  count: number;
  features: string[];
  opt: OptLevel[];
  mode: string;
  settings: string[];
  keepGoing: boolean;
  minimize: boolean;
  cases: string;
}

function parseArguments(argv: readonly string[], native: NativeEngine): Arguments {
  const args: Arguments = {
    seed: Date.now() % 1_000_000_000,
    count: 1000,
    features: [...native.features],
    opt: [0, 1],
    mode: "aot-file",
    settings: [],
    keepGoing: false,
    minimize: true,
    cases: path.join("test", "fuzz", "cases"),
  };
  for (let i = 0; i < argv.length; i++) {
    const arg = argv[i]!;
    if (arg === "--keep-going") args.keepGoing = true;
    else if (arg === "--no-minimize") args.minimize = false;
    else {
      const value = argv[++i];
      if (value === undefined) throw new Error(USAGE);
      if (arg === "--seed") args.seed = Number(value);
      else if (arg === "--count") args.count = Number(value);
      else if (arg === "--features") args.features = value === "none" ? [] : value.split(",");
      else if (arg === "--opt") args.opt = value.split(",").map(optLevel);
      else if (arg === "--mode") args.mode = value;
      else if (arg === "--set") args.settings.push(value);
      else if (arg === "--cases") args.cases = value;
      else throw new Error(`unknown option ${arg}\n${USAGE}`);
    }
  }
  return args;
}

async function main(argv: readonly string[]): Promise<number> {
  const native = new NativeEngine();
  const args = parseArguments(argv, native);
  const missing = args.features.filter((feature) => !native.features.has(feature));
  if (missing.length > 0)
    throw new Error(
      `native WebAssembly of Node ${process.versions.node} has no ${missing.join(", ")}: use a newer Node, or --features`,
    );
  const engines: Engine[] = [];
  for (const level of args.opt) engines.push(await createEngine(args.mode, level, compileSettings(args.settings)));
  const started = Date.now();
  let mismatches = 0;
  let done = 0;
  for (let k = 0; k < args.count && (mismatches === 0 || args.keepGoing); k++, done++) {
    const seed = (args.seed + k) >>> 0;
    const program = generateProgram(seed, { features: new Set(args.features) });
    const found = compare(native, engines, encodeProgram(program));
    if ((k + 1) % 1000 === 0) process.stderr.write(`${k + 1} modules\n`);
    if (found === undefined) continue;
    mismatches++;
    process.stdout.write(`mismatch: seed ${seed}, ${found.engine}\n${found.difference}\n`);
    const failing = engines.filter(({ name }) => name === found.engine);
    if (args.minimize) minimize(program, (bytes) => compare(native, failing, bytes)?.kind === found.kind);
    const bytes = encodeProgram(program);
    fs.mkdirSync(args.cases, { recursive: true });
    const file = path.join(args.cases, `seed-${seed}.wasm`);
    fs.writeFileSync(file, bytes);
    // The trace that is right, so that the case can be run again where there is no native WebAssembly.
    fs.writeFileSync(file.replace(/wasm$/, "txt"), `${execute(native, bytes).join("\n")}\n`);
    process.stdout.write(`kept as ${file} (${bytes.length} bytes):\n${compare(native, failing, bytes)?.difference}\n`);
  }
  const seconds = (Date.now() - started) / 1000;
  const levels = [...args.opt.map((level) => `-O${level}`), ...args.settings].join(" ");
  process.stdout.write(
    `seeds ${args.seed} to ${args.seed + done - 1}, ${args.mode} ${levels}, features ${args.features.join() || "none"}: ${(done / seconds).toFixed(0)} modules a second\n`,
  );
  process.stdout.write(`${done - mismatches} passed, ${mismatches} failed, 0 skipped\n`);
  return mismatches === 0 ? 0 : 1;
}

main(process.argv.slice(2)).then(
  (code) => (process.exitCode = code),
  (error: unknown) => {
    process.stderr.write(`${messageOf(error)}\n`);
    process.exitCode = 2;
  },
);
