// Throughput and fragmentation of ems against a naive first fit and against WAMR's choices, on traces of several shapes.
//   node dist/test/bench/ems/run.js [--rounds N] [trace …]
// Throughput: nanoseconds of processor time an operation in a region of twice what is needed, the least of N interleaved
// rounds; all clear what they hand out, but for the column that says so. Memory: the smallest region in which the trace runs at
// all, over the most bytes that were live: 1.000 would be no headers, no rounding, no fragmentation.
import { parseArgs } from "node:util";
import { Ems } from "../../../runtime/memory/ems.js";
import { FirstFit } from "./first-fit.js";
import type { Subject, Variant } from "./subject.js";
import { Wamr } from "./wamr.js";
import { ALLOCATE, REALLOCATE, TRACES, type Trace } from "./workloads.js";

const EMS: Variant = { name: "ems", make: (length) => new Ems(new ArrayBuffer(length), 0, length) };
const WAMR: Variant = { name: "WAMR's", make: (length) => new Wamr(length, true) };
const FIRST_FIT: Variant = { name: "first fit", make: (length) => new FirstFit(length) };
const LAYOUTS = [EMS, WAMR, FIRST_FIT];
const VARIANTS: readonly Variant[] = [
  ...LAYOUTS,
  { name: "ems, shared", make: (length) => new Ems(new SharedArrayBuffer(length), 0, length) },
  { name: "WAMR's, not clearing", make: (length) => new Wamr(length, false) },
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

/** Nanoseconds an operation, by variant. */
function throughput(trace: Trace, region: number, rounds: number): number[] {
  const least = VARIANTS.map(() => Infinity);
  for (let round = 0; round < rounds; round++) {
    VARIANTS.forEach(({ name, make }, index) => {
      const subject = make(region * 2);
      const before = process.cpuUsage();
      if (!replay(subject, trace)) throw new Error(`${trace.name}: ${name} refused`);
      const { user, system } = process.cpuUsage(before);
      least[index] = Math.min(least[index]!, user + system);
    });
  }
  return least.map((us) => (us * 1000 * 3) / trace.operations.length);
}

const { values, positionals } = parseArgs({ allowPositionals: true, options: { rounds: { type: "string" } } });
const rounds = Number(values.rounds ?? 9);
const wanted = TRACES.map((make) => make()).filter(({ name }) => !positionals.length || positionals.includes(name));
const row = (cells: readonly (string | number)[]): string => {
  const [first, ...rest] = cells.map(String);
  return [first!.padEnd(10), ...rest.map((cell, i) => cell.padStart(HEADINGS[i]!.length))].join("  ");
};
const HEADINGS = [...VARIANTS, ...LAYOUTS].map(({ name }) => name.padStart(7));
console.log(`Node ${process.versions.node}, least of ${rounds} rounds: ns an operation, then region over live bytes`);
console.log(row(["", ...HEADINGS]));
for (const trace of wanted) {
  const regions = LAYOUTS.map((variant) => leastRegion(trace, variant));
  const times = throughput(trace, Math.max(...regions), rounds).map((ns) => ns.toFixed());
  const memory = regions.map((region) => (region / trace.mostLive).toFixed(3));
  console.log(`${row([trace.name, ...times, ...memory])}  ${(trace.mostLive / 1024).toFixed()} KiB: ${trace.what}`);
}
