// The fuzzer of decoding and validation: mutants of the specification suite's modules must be accepted or rejected as native
// WebAssembly does it, and must never crash or hang us. Features that native lacks are switched off: use the newest Node.
// Run so far: seeds 1 to 1,000,000 and 2,000,001 to 3,000,000 on Node 26.10, 1 to 100,000 on Node 20.20, without a
// disagreement that is not explained in disagreements.ts.
//   node dist/test/fuzz/validate.js --suite DIR [--seed N] [--count N] [--keep-going]
import fs from "node:fs";
import path from "node:path";
import { DEFAULT_FEATURES, featuresOf } from "../../runtime/wasm/features.js";
import { WasmError } from "../../runtime/wasm/errors.js";
import { W } from "../support/webassembly.js";
import { readScript, selectFiles } from "../spec/suite.js";
import { rejection } from "../spec/validate-mode.js";
import { explain, nativeFeatures, nativeRejection } from "./disagreements.js";
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

function loadCorpus(suite: string, features: number): Specimen[] {
  const seen = new Set<string>();
  const corpus: Specimen[] = [];
  for (const file of selectFiles(suite, [])) {
    if (NOT_NATIVE.includes(file.split("/")[0]!)) continue;
    for (const { binary } of readScript(suite, file).commands) {
      if (binary === undefined || seen.has(binary) || binary.length > (LARGEST * 4) / 3) continue;
      seen.add(binary);
      const bytes = new Uint8Array(Buffer.from(binary, "base64"));
      // Valid modules are nearer to other valid modules; of the rest a few will do.
      if (rejection(bytes, features) === undefined || seen.size % 6 === 0) corpus.push(new Specimen(bytes));
    }
  }
  return corpus;
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
  const features = nativeFeatures();
  const missing = featuresOf(DEFAULT_FEATURES & ~features);
  if (missing.length > 0) console.log(`native WebAssembly lacks ${missing.join(", ")}: switched off for us too`);
  const corpus = loadCorpus(args.suite, features);
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
    const error = rejection(bytes, features);
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
