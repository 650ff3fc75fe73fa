// Throughput and fragmentation of ems against a naive first fit and against WAMR's choices, on traces of several shapes.
//   node dist/test/bench/ems/run.js [--rounds N] [trace …]
// Throughput: nanoseconds an operation in a region of twice what is needed, the fastest of N interleaved rounds; all clear
// what they hand out, but for the column that says so. Memory: the smallest region in which the trace can be run at all, over
// the most bytes that were live: 1.00 would be no headers, no rounding, no fragmentation.
import { parseArgs } from "node:util";
import { Ems } from "../../../runtime/memory/ems.js";
import { FirstFit } from "./first-fit.js";
import type { Subject, Variant } from "./subject.js";
import { Wamr } from "./wamr.js";
import { ALLOCATE, REALLOCATE, TRACES, type Trace } from "./workloads.js";

const VARIANTS: readonly Variant[] = [
  { name: "ems", make: (length) => new Ems(new ArrayBuffer(length), 0, length) },
  { name: "WAMR's", make: (length) => new Wamr(length, true) },
  { name: "WAMR's, not clearing", make: (length) => new Wamr(length, false) },
  { name: "first fit", make: (length) => new FirstFit(length) },
];

/** Runs a trace; false: there was no room for an operation. */
function replay(subject: Subject, { operations, names }: Trace): boolean {
  const offsets = new Float64Array(names);
  for (let i = 0; i < operations.length; i += 3) {
    const name = operations[i + 1]!;
    const length = operations[i + 2]!;
    if (operations[i] === ALLOCATE) {
      if ((offsets[name] = subject.allocate(length)) === 0) return false;
    } else if (operations[i] === REALLOCATE) {
      if ((offsets[name] = subject.reallocate(offsets[name]!, length)) === 0) return false;
    } else subject.free(offsets[name]!);
  }
  return true;
}

/** The smallest region, to half a percent, that is large enough. */
function leastRegion(trace: Trace, { make }: Variant): number {
  let low = trace.mostLive;
  let high = trace.mostLive * 4 + 4096;
  if (!replay(make(high), trace)) throw new Error(`${trace.name}: not in four times what is live`);
  while (high - low > trace.mostLive / 200) {
    const middle = (low + high) >>> 1;
    if (replay(make(middle), trace)) high = middle;
    else low = middle;
  }
  return high;
}

function fastest(trace: Trace, variants: readonly Variant[], regions: readonly number[], rounds: number): number[] {
  const best = variants.map(() => Infinity);
  for (let round = 0; round < rounds; round++) {
    variants.forEach(({ make }, index) => {
      const subject = make(regions[index]! * 2);
      const started = performance.now();
      if (!replay(subject, trace)) throw new Error(`${trace.name}: ${variants[index]!.name} refused`);
      best[index] = Math.min(best[index]!, performance.now() - started);
    });
  }
  return best.map((ms) => (ms * 1e6 * 3) / trace.operations.length);
}

const { values, positionals } = parseArgs({ allowPositionals: true, options: { rounds: { type: "string" } } });
const rounds = Number(values.rounds ?? 5);
const traces = TRACES.map((make) => make()).filter(
  ({ name }) => positionals.length === 0 || positionals.includes(name),
);
console.log(`Node ${process.versions.node}, fastest of ${rounds} rounds`);
const names = VARIANTS.map(({ name }) => name);
const cell = (text: string | number, width: number): string => String(text).padStart(width);
const widths = names.map((name) => Math.max(name.length, 8));
const heading = names.map((name, i) => cell(name, widths[i]!)).join("  ");
console.log(`${"".padEnd(10)}  ns an operation${" ".repeat(heading.length - 13)}region over live bytes`);
console.log(`${"".padEnd(10)}  ${heading}  ${heading}  live KiB`);
for (const trace of traces) {
  const regions = VARIANTS.map((variant) => leastRegion(trace, variant));
  const times = fastest(trace, VARIANTS, regions, rounds).map((ns, i) => cell(ns.toFixed(), widths[i]!));
  const memory = regions.map((region, i) => cell((region / trace.mostLive).toFixed(3), widths[i]!));
  console.log(
    `${trace.name.padEnd(10)}  ${times.join("  ")}  ${memory.join("  ")}  ${cell((trace.mostLive / 1024).toFixed(), 8)}  ${trace.what}`,
  );
}
