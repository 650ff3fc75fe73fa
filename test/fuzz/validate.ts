// The fuzzer of decoding and validation: mutants of the specification suite's modules must be accepted or rejected as native
// WebAssembly does it, and must never crash or hang us. Native has to have all of Wasm 3.0: use the newest Node.
//   node dist/test/fuzz/validate.js --suite DIR [--seed N] [--count N] [--keep-going]
import fs from "node:fs";
import path from "node:path";
import { DEFAULT_FEATURES } from "../../runtime/wasm/features.js";
import { WasmError } from "../../runtime/wasm/errors.js";
import { W } from "../support/webassembly.js";
import { readScript, selectFiles } from "../spec/suite.js";
import { rejection } from "../spec/validate-mode.js";
import { mutate, Specimen } from "./mutate.js";
import { Rng } from "./rng.js";

const USAGE = `usage: validate.js --suite DIR [--seed N] [--count N] [--keep-going] [--cases DIR]
  --suite       the specification suite as JSON scripts: the modules to mutate
  --seed        first seed (default: from the clock); mutant k has seed N+k
  --count       number of mutants (default 100000)
  --keep-going  go on after an unexplained disagreement
  --cases       folder for modules of unexplained disagreements (default test/fuzz/cases-validate)`;

// Groups whose features native WebAssembly lacks, or has only behind a flag.
const NOT_NATIVE = ["custom-descriptors", "custom-page-sizes", "wide-arithmetic"];
const LARGEST = 4096;
/** More than this for one mutant of a few kilobytes is a hang. */
const SLOW_MS = 2000;

interface Disagreement {
  readonly why: string;
  /** The message of native WebAssembly, which rejects; absent where it accepts. */
  readonly native?: RegExp;
  /** Our message; absent where we accept. */
  readonly ours?: RegExp;
}

// Known disagreements, and who is right.
const EXPLAINED: readonly Disagreement[] = [
  { native: /implementation limit/, why: "V8 has a limit that the specification has not (both may)" },
  {
    native: /length overflow while decoding (initial|maximum) size/,
    why: "V8 reads 32-bit limits as u32; since 3.0 the format says u64 for all limits (we are right)",
  },
  {
    native: /mix of legacy and new exception handling/,
    why: "V8 refuses legacy and standard exceptions in one module; no specification does (both may)",
  },
  {
    ours: /^type mismatch: ref\.eq expected eqref/,
    why: "V8 does not check the operands of ref.eq in unreachable code; the specification does (we are right)",
  },
  {
    ours: /^type mismatch: br_on_non_null expected a label that takes a reference/,
    why: "V8 does not look at the label of br_on_non_null where the operand is unreachable; the specification does (we are right)",
  },
  {
    ours: /^type mismatch: .*, got any non-null reference \(/,
    why: "V8 forgets that br_on_null and ref.as_non_null give references where their operand is unreachable (we are right)",
  },
];

function explain(native: string | undefined, ours: string | undefined): string | undefined {
  const matches = (pattern: RegExp | undefined, text: string | undefined): boolean =>
    pattern === undefined ? text === undefined : text !== undefined && pattern.test(text);
  return EXPLAINED.find((known) => matches(known.native, native) && matches(known.ours, ours))?.why;
}

function loadCorpus(suite: string): Specimen[] {
  const seen = new Set<string>();
  const corpus: Specimen[] = [];
  for (const file of selectFiles(suite, [])) {
    if (NOT_NATIVE.includes(file.split("/")[0]!)) continue;
    for (const { binary } of readScript(suite, file).commands) {
      if (binary === undefined || seen.has(binary) || binary.length > (LARGEST * 4) / 3) continue;
      seen.add(binary);
      const bytes = new Uint8Array(Buffer.from(binary, "base64"));
      // Valid modules are nearer to other valid modules; of the rest a few will do.
      if (rejection(bytes, DEFAULT_FEATURES) === undefined || seen.size % 6 === 0) corpus.push(new Specimen(bytes));
    }
  }
  return corpus;
}

/** Why native WebAssembly rejects a module; undefined if it accepts it. */
function nativeRejection(bytes: Uint8Array): string | undefined {
  if (W.validate(bytes)) return undefined;
  try {
    new W.Module(bytes);
    return "validate() is false, but it compiles";
  } catch (error) {
    return (error as Error).message;
  }
}

interface Arguments {
  suite: string;
  seed: number;
  count: number;
  keepGoing: boolean;
  cases: string;
}

function parseArguments(argv: readonly string[]): Arguments {
  const args: Arguments = {
    suite: "",
    seed: Date.now() % 1_000_000_000,
    count: 100_000,
    keepGoing: false,
    cases: path.join("test", "fuzz", "cases-validate"),
  };
  for (let i = 0; i < argv.length; i++) {
    const arg = argv[i]!;
    if (arg === "--keep-going") {
      args.keepGoing = true;
      continue;
    }
    const value = argv[++i];
    if (value === undefined) throw new Error(USAGE);
    if (arg === "--suite") args.suite = value;
    else if (arg === "--seed") args.seed = Number(value);
    else if (arg === "--count") args.count = Number(value);
    else if (arg === "--cases") args.cases = value;
    else throw new Error(`unknown option ${arg}\n${USAGE}`);
  }
  if (args.suite === "") throw new Error(USAGE);
  return args;
}

function main(argv: readonly string[]): number {
  const args = parseArguments(argv);
  const corpus = loadCorpus(args.suite);
  console.log(
    `${corpus.length} modules to mutate, seed ${args.seed}, Node ${process.versions.node} (V8 ${process.versions.v8})`,
  );
  const started = Date.now();
  const explained = new Map<string, number>();
  let accepted = 0;
  let unexplained = 0;
  let slowest = 0;
  let done = 0;
  for (let k = 0; k < args.count && (unexplained === 0 || args.keepGoing); k++, done++) {
    const seed = (args.seed + k) >>> 0;
    const bytes = mutate(new Rng(seed), corpus);
    const before = performance.now();
    const error = rejection(bytes, DEFAULT_FEATURES);
    const ms = performance.now() - before;
    slowest = Math.max(slowest, ms);
    const crashed = error !== undefined && !(error instanceof WasmError);
    const native = crashed ? undefined : W.validate(bytes);
    if (error === undefined) accepted++;
    if (!crashed && ms < SLOW_MS && native === (error === undefined)) continue;
    const reason = nativeRejection(bytes);
    const ours = error === undefined ? undefined : (error as Error).message;
    const why = crashed || ms >= SLOW_MS ? undefined : explain(reason, ours);
    if (why !== undefined) explained.set(why, (explained.get(why) ?? 0) + 1);
    else {
      unexplained++;
      fs.mkdirSync(args.cases, { recursive: true });
      fs.writeFileSync(path.join(args.cases, `${seed}.wasm`), bytes);
      console.log(
        `seed ${seed}: native ${reason ?? "accepts"}; ours ${crashed ? (error as Error).stack : (ours ?? "accepts")} (${ms.toFixed(0)} ms)`,
      );
    }
  }
  const seconds = (Date.now() - started) / 1000;
  console.log(
    `${done} mutants in ${seconds.toFixed(0)} s, ${accepted} accepted by us, slowest ${slowest.toFixed(0)} ms`,
  );
  for (const [why, count] of explained) console.log(`${count} disagreements: ${why}`);
  console.log(`${unexplained} unexplained disagreements`);
  return unexplained === 0 ? 0 : 1;
}

process.exitCode = main(process.argv.slice(2));
