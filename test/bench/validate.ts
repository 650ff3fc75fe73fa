// How fast modules are decoded and validated, against native `WebAssembly.validate`: megabytes of code section a second,
// in the first run of a process (where V8 still interprets us) and once optimized. Rounds are processes of their own.
//   node dist/test/bench/validate.js [--packages DIR] [--rounds N] [module…]     (default module: python)
import { execFileSync } from "node:child_process";
import { readFileSync } from "node:fs";
import { fileURLToPath } from "node:url";
import { parseArgs } from "node:util";
import { decode } from "../../runtime/wasm/decode.js";
import { validate } from "../../runtime/wasm/validate.js";
import { W } from "../support/webassembly.js";
import { modulesIn, sectionSize } from "./programs/modules.js";
import { textTable } from "./table.js";

const REPEATS = 12;

/** Milliseconds: wall-clock, and processor time of all threads (on a busy machine the better measure). */
interface Sample {
  readonly wall: number;
  readonly cpu: number;
}

interface Round {
  readonly decode: Sample;
  readonly first: Sample;
  readonly best: Sample;
  readonly native: Sample;
}

function time(work: () => void): Sample {
  const cpu = process.cpuUsage();
  const start = performance.now();
  work();
  const wall = performance.now() - start;
  const { user, system } = process.cpuUsage(cpu);
  return { wall, cpu: (user + system) / 1000 };
}

const best = (samples: readonly Sample[]): Sample => ({
  wall: Math.min(...samples.map((s) => s.wall)),
  cpu: Math.min(...samples.map((s) => s.cpu)),
});

/** One process: the first decoding and validation, then further ones in turn with native. */
function measure(file: string): Round {
  const bytes = new Uint8Array(readFileSync(file));
  let module = decode(Uint8Array.of(0, 0x61, 0x73, 0x6d, 1, 0, 0, 0));
  const decoding = time(() => (module = decode(bytes)));
  const first = time(() => validate(module));
  const ours: Sample[] = [];
  const native: Sample[] = [];
  for (let i = 0; i < REPEATS; i++) {
    let verdict = false;
    native.push(time(() => (verdict = W.validate(bytes))));
    if (!verdict) throw new Error(`native WebAssembly rejects ${file}`);
    ours.push(time(() => validate(module)));
  }
  return { decode: decoding, first, best: best(ours), native: best(native) };
}

function main(): void {
  const { values, positionals } = parseArgs({
    allowPositionals: true,
    options: {
      packages: { type: "string" },
      rounds: { type: "string", default: "5" },
      child: { type: "string" },
    },
  });
  if (values.child !== undefined) {
    process.stdout.write(JSON.stringify(measure(values.child)));
    return;
  }
  const wanted = positionals.length > 0 ? positionals : ["python"];
  const modules = modulesIn(values.packages).filter(({ name }) => wanted.includes(name) || wanted.includes("all"));
  if (modules.length === 0)
    throw new Error(
      `no module ${wanted.join()}; there are ${modulesIn(values.packages)
        .map((m) => m.name)
        .join()}`,
    );
  const rows = modules.map(({ name, file }) => {
    const rounds: Round[] = [];
    for (let i = 0; i < Number(values.rounds); i++) {
      const output = execFileSync(process.execPath, [fileURLToPath(import.meta.url), "--child", file], {
        encoding: "utf8",
      });
      rounds.push(JSON.parse(output) as Round);
    }
    const size = sectionSize(new Uint8Array(readFileSync(file)), 10);
    const sample = (of: (round: Round) => Sample): Sample => best(rounds.map(of));
    const native = sample((r) => r.native);
    const cells = ({ wall, cpu }: Sample): string[] => [
      (size / wall / 1000).toFixed(0),
      (size / cpu / 1000).toFixed(0),
      `${(cpu / native.cpu).toFixed(1)} ×`,
    ];
    return [
      name,
      (size / 1e6).toFixed(2),
      ...cells(sample((r) => r.first)),
      ...cells(sample((r) => r.best)),
      ...cells(native).slice(0, 2),
      sample((r) => r.decode).wall.toFixed(0),
    ];
  });
  console.log(
    `node ${process.version}: MB of code section a second by the clock, by processor time, processor time over native's`,
  );
  console.log(
    textTable(
      [
        ["module", "code MB", "first run", "cpu", "ratio", "best run", "cpu", "ratio", "native", "cpu", "decode ms"],
        ...rows,
      ],
      1,
    ),
  );
}

main();
