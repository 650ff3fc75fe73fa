// Damaged artifacts: whatever happens to the bytes of an `.aot` file, loading and running it either works as if nothing had
// happened or raises ArtifactError; no other exception, no hang, and never is a text evaluated that its page's digest does
// not vouch for. Three attacks:
//   every byte of header and tables changed, one at a time · the file cut at every border of a section
//   random mutations, half of them resealed: the digests made right again, as somebody with intent could, so that the readers
//   behind them get their share (then results may differ, but errors must still be ours)
//   node dist/test/fuzz/artifact.js --seed N --count N
import { createHash } from "node:crypto";
import { fileURLToPath } from "node:url";
import { parseArgs } from "node:util";
import type vm from "node:vm";
import { container, writeAot } from "../../compiler/write/aot.js";
import { ArtifactError, load } from "../../loader/index.js";
import { HEADER_SIZE, SECTION_ENTRY_SIZE } from "../../loader/layout.js";
import type { SectionName } from "../../loader/layout.js";
import { WasmError } from "../../runtime/index.js";
import { fullImage, smallestImage } from "../unit/loader/images.js";
import { Rng } from "./rng.js";

export interface FuzzReport {
  readonly cases: number;
  /** How often an artifact was refused, by code, and how often it worked. */
  readonly outcomes: Readonly<Record<string, number>>;
  readonly failures: readonly string[];
}

type Functions = Record<string, (...args: unknown[]) => unknown>;

/** One artifact with what running it must give. */
class Subject {
  readonly bytes: Uint8Array;
  readonly texts: ReadonlySet<string>;
  readonly sections: readonly { readonly name: string; readonly offset: number; readonly length: number }[];
  readonly expected: string;
  private readonly calls: (exports: Functions) => unknown[];

  constructor(bytes: Uint8Array, calls: (exports: Functions) => unknown[]) {
    const { region } = load(bytes);
    this.bytes = bytes;
    this.calls = calls;
    this.sections = region.sections;
    this.texts = new Set(Array.from({ length: region.pageCount }, (_, page) => region.pageText(page)));
    this.expected = this.run(bytes);
  }

  run(bytes: Uint8Array): string {
    const module = load(bytes);
    const { exports } = module.instantiate({ env: { log() {} } }, { maxMemoryPages: 100 });
    return JSON.stringify(this.calls(exports as Functions), (_, value: unknown) =>
      typeof value === "bigint" ? `${value}n` : value,
    );
  }
}

function subjects(): Subject[] {
  const full = (e: Functions): unknown[] => [
    e.add!(1, 2),
    e.twice!(9, 4),
    e.mul!(-5n, 7n),
    e.peek!(16, 1),
    e.apply!(1, 4),
    e.count!(50, 3),
    e.size!(),
  ];
  return [new Subject(writeAot(fullImage()), full), new Subject(writeAot(smallestImage()), (e) => [e.answer!()])];
}

// What V8 is given to evaluate while `run` runs.
function watchEvaluation<T>(run: () => T): { result: T; sources: string[] } {
  const host = process.getBuiltinModule("node:vm") as { Script: typeof vm.Script };
  const { Script } = host;
  const sources: string[] = [];
  host.Script = class extends Script {
    constructor(source: string, options?: vm.ScriptOptions) {
      sources.push(source);
      super(source, options);
    }
  };
  try {
    return { result: run(), sources };
  } finally {
    host.Script = Script;
  }
}

class Fuzzer {
  cases = 0;
  readonly outcomes: Record<string, number> = {};
  readonly failures: string[] = [];

  /** `resealed`: results may differ and Wasm's own errors may occur, because the change is part of a valid artifact. */
  check(subject: Subject, what: string, bytes: Uint8Array, resealed: boolean): void {
    this.cases++;
    const started = performance.now();
    const { result, sources } = watchEvaluation(() => outcomeOf(subject, bytes, resealed));
    const ms = performance.now() - started;
    this.outcomes[result.kind] = (this.outcomes[result.kind] ?? 0) + 1;
    if (result.problem !== undefined) this.failures.push(`${what}: ${result.problem}`);
    if (ms > 2000) this.failures.push(`${what}: took ${ms.toFixed()} ms`);
    for (const source of sources) {
      if (!subject.texts.has(source.slice(1, -2))) this.failures.push(`${what}: evaluated ${source.slice(0, 80)}`);
    }
  }
}

function outcomeOf(subject: Subject, bytes: Uint8Array, resealed: boolean): { kind: string; problem?: string } {
  try {
    const got = subject.run(bytes);
    if (got !== subject.expected && !resealed)
      return { kind: "wrong", problem: `results ${got}, expected ${subject.expected}` };
    return { kind: got === subject.expected ? "works" : "works otherwise" };
  } catch (error) {
    if (error instanceof ArtifactError) return { kind: error.code };
    if (resealed && error instanceof WasmError) return { kind: error.name };
    if (resealed && error instanceof Error && !isOfLoader(error)) return { kind: "called wrongly" };
    return { kind: "foreign", problem: error instanceof Error ? String(error.stack) : `threw ${String(error)}` };
  }
}

// A resealed change may give an export another signature or name, so that the calls above are wrong, or a page other
// relocations than it was made for. JavaScript says so in its own words where a value is converted, where the test calls, or in
// the page; that is code at work. Anything else that is thrown by loader or runtime is theirs.
function isOfLoader(error: Error): boolean {
  const innermost = /^\s+at .*$/m.exec(error.stack ?? "")?.[0] ?? "";
  return !/wamrc-ts:|\/instance\/(value|func)\.js|\/fuzz\/artifact\.js/.test(innermost);
}

/** Mutates anything, anywhere. */
function mutateRaw(bytes: Uint8Array, rng: Rng): Uint8Array {
  let result = bytes.slice();
  for (let edits = rng.between(1, 4); edits > 0; edits--) {
    // Text and padding make up most of a file; aim at the rest as often.
    const at = rng.chance(50) ? rng.below(Math.min(result.length, 1200)) : rng.below(result.length);
    const length = Math.min(rng.between(1, 64), result.length - at);
    switch (rng.below(6)) {
      case 0:
        result[at]! ^= 1 << rng.below(8);
        break;
      case 1:
        result[at] = rng.pick([0, 1, 0x7f, 0x80, 0xff]);
        break;
      case 2:
        result.copyWithin(at, rng.below(result.length), rng.below(result.length));
        break;
      case 3:
        result.fill(rng.below(256), at, at + length);
        break;
      case 4:
        result = Uint8Array.of(...result.subarray(0, at), ...result.subarray(at + length));
        break;
      default:
        result = Uint8Array.of(...result.subarray(0, at), ...result.subarray(0, length), ...result.subarray(at));
    }
    if (result.length === 0) break;
  }
  return result;
}

/** Mutates the contents of tables, or the section table, and makes the digests right again. */
function mutateResealed(subject: Subject, rng: Rng): Uint8Array {
  const { bytes, sections } = subject;
  if (rng.chance(15)) {
    const result = bytes.slice();
    const end = HEADER_SIZE + sections.length * SECTION_ENTRY_SIZE;
    const entry = HEADER_SIZE + rng.below(sections.length) * SECTION_ENTRY_SIZE;
    result[entry + rng.below(16)] = rng.pick([0, 1, 2, 15, 16, 0x7f, 0x80, 0xff]);
    result.set(createHash("sha256").update(result.subarray(0, end)).digest(), end);
    return result;
  }
  const tables = sections.filter(({ name, length }) => name !== "text" && length > 0);
  const chosen = rng.pick(tables).name;
  return container(
    sections.map(({ name, offset, length }) => {
      const contents = bytes.slice(offset, offset + length);
      if (name === chosen && rng.chance(30)) return [name as SectionName, mutateRaw(contents, rng)];
      // A single byte changes one field and leaves the rest readable.
      if (name === chosen) contents[rng.below(length)] = rng.chance(50) ? rng.below(16) : rng.below(256);
      return [name as SectionName, contents];
    }),
  );
}

/** Runs all three attacks; the same seed and count run the same cases. */
export function fuzzArtifacts(seed: number, count: number, progress: (done: number) => void = () => {}): FuzzReport {
  const fuzzer = new Fuzzer();
  const all = subjects();
  for (const subject of all) {
    const { bytes, sections } = subject;
    const tables = sections.filter(({ name }) => name !== "text").map(({ offset, length }) => offset + length);
    for (let at = 0; at < Math.max(...tables); at++) {
      for (const flip of [1 << (at % 8), 0xff]) {
        const changed = bytes.slice();
        changed[at]! ^= flip;
        fuzzer.check(subject, `byte ${at} ^ ${flip}`, changed, false);
      }
    }
    const borders = [
      0,
      8,
      12,
      16,
      20,
      HEADER_SIZE,
      ...sections.flatMap(({ offset, length }) => [offset, offset + length]),
    ];
    for (const border of borders) {
      for (const cut of [border - 1, border, border + 1]) {
        if (cut >= 0 && cut < bytes.length) fuzzer.check(subject, `cut at ${cut}`, bytes.slice(0, cut), false);
      }
    }
  }
  for (let k = 0; k < count; k++) {
    const rng = new Rng(seed + k);
    const subject = rng.pick(all);
    const resealed = rng.chance(50);
    const bytes = resealed ? mutateResealed(subject, rng) : mutateRaw(subject.bytes, rng);
    fuzzer.check(subject, `seed ${seed + k}`, bytes, resealed);
    if ((k + 1) % 1000 === 0) progress(k + 1);
  }
  return fuzzer;
}

if (process.argv[1] === fileURLToPath(import.meta.url)) {
  const { values } = parseArgs({ options: { seed: { type: "string" }, count: { type: "string" } } });
  const seed = Number(values.seed ?? Date.now() % 1_000_000_000);
  const count = Number(values.count ?? 10_000);
  if (!Number.isInteger(seed) || !Number.isInteger(count))
    throw new TypeError("usage: artifact.js [--seed N] [--count N]");
  console.log(`seed ${seed}, ${count} random mutations`);
  const { cases, outcomes, failures } = fuzzArtifacts(seed, count, (done) => console.log(`${done} …`));
  for (const failure of failures.slice(0, 20)) console.log(failure);
  console.log(JSON.stringify(outcomes));
  console.log(`${cases - failures.length} passed, ${failures.length} failed, 0 skipped`);
  process.exitCode = failures.length > 0 ? 1 : 0;
}
