// `npm run bench`: ratios of our code, wasm2js -O3 and polywasm against native WebAssembly, in one interleaved run with
// every answer checked; or, with --compile, --size, --load, the other questions. See the usage below.
import { execFileSync } from "node:child_process";
import { writeFileSync } from "node:fs";
import { cpus } from "node:os";
import { basename } from "node:path";
import { parseArgs } from "node:util";
import { benchCompile } from "./compile/index.js";
import { benchLoad } from "./load/index.js";
import { SUBJECTS } from "./programs/index.js";
import { benchSize } from "./size/index.js";
import { compareWith } from "./against.js";
import { htmlPage } from "./html.js";
import { benchSpeed, type SpeedResult, usualEffort } from "./speed.js";
import { ROOT } from "./variants.js";
import { compileSettings } from "../support/settings.js";

const USAGE = `usage: npm run bench -- [options] [kernel or kind …]
  --opt LEVELS       our -O levels, one column each (default 3; e.g. --opt 1,3)
  --set KEY=VALUE    another option for our compiler, such as target=hermes (may be repeated); on Node 24
                     and later target=v8 is set already
  --engine PATH      run on this shell instead of this Node (may be repeated: one table each)
  --without NAMES    leave variants out: native, wasm2js, polywasm, ours
  --add NAME=DIR     also run the hand-edited artifacts DIR/<kernel>.cjs (may be repeated)
  --dump DIR         write our artifacts there, for reading and editing
  --pool MIB         also run our code in a runtime whose memory is a pool of so many MiB (kernels only)
  --packages DIR     where the npm packages of real programs are (default node_modules)
  --rounds N         measured rounds (default 9)
  --json FILE        write everything that was measured
  --html FILE        write a page: plots, our JavaScript, its bytecode sizes and how far V8 optimized it
  --against FILE     compare our ratios with those of an earlier --json; exit status 1 if they got worse
  --list             name the kernels and programs
other questions, about the modules sqljs, quickjs, gofmt, resvg, python (all that are installed, or those named):
  --compile          seconds and peak memory of the compiler, at --opt (default 1) with --threads (default 2)
  --size             gzipped JavaScript over gzipped .wasm, at --opt (default 1,s)
  --load             from process start to the first result, against native WebAssembly and wasm2js`;

const { values, positionals } = parseArgs({
  allowPositionals: true,
  options: {
    opt: { type: "string" },
    set: { type: "string", multiple: true, default: [] },
    engine: { type: "string", multiple: true, default: [] },
    without: { type: "string", default: "" },
    add: { type: "string", multiple: true, default: [] },
    dump: { type: "string" },
    pool: { type: "string" },
    packages: { type: "string" },
    rounds: { type: "string" },
    json: { type: "string" },
    html: { type: "string" },
    against: { type: "string" },
    compile: { type: "boolean", default: false },
    size: { type: "boolean", default: false },
    load: { type: "boolean", default: false },
    threads: { type: "string", default: "2" },
    list: { type: "boolean", default: false },
    help: { type: "boolean", short: "h", default: false },
  },
});

function git(...args: string[]): string {
  try {
    return execFileSync("git", ["-C", ROOT, ...args], { encoding: "utf8", stdio: ["ignore", "pipe", "ignore"] }).trim();
  } catch {
    return "unknown";
  }
}

const levels = (standard: string): string[] => (values.opt ?? standard).split(",");
const rounds = (standard: number): number => Number(values.rounds ?? standard);
// On a Node whose V8 runs BigInt arithmetic in registers, code is made for V8.
const target = values.engine.length === 0 && parseInt(process.versions.v8) >= 13 ? ["target=v8"] : [];
const extra = compileSettings([...target, ...values.set]);
const { packages } = values;

function speed(): Promise<SpeedResult[]> {
  const unknown = positionals.find((text) => !SUBJECTS.some(({ name, kind }) => name === text || kind === text));
  if (unknown !== undefined) throw new Error(`no kernel, program or kind ${unknown} (--list names them)`);
  return benchSpeed({
    subjects: SUBJECTS.filter(
      ({ name, kind }) => !positionals.length || positionals.includes(name) || positionals.includes(kind),
    ),
    packages,
    engines: values.engine.length ? values.engine : [process.execPath],
    levels: levels("3"),
    extra,
    without: new Set(values.without.split(",")),
    added: values.add.map((text) => text.split("=") as [string, string]),
    dump: values.dump,
    pool: values.pool === undefined ? undefined : Number(values.pool) * 2 ** 20,
    facts: values.html !== undefined,
    effort: usualEffort(rounds(9)),
  });
}

async function main(): Promise<void> {
  const commit = git("rev-parse", "--short", "HEAD") + (git("status", "--porcelain") === "" ? "" : " with changes");
  const header = { node: process.version, v8: process.versions.v8, commit, cpu: cpus()[0]?.model };
  console.log(`node ${header.node} (V8 ${header.v8}), commit ${commit}, ${header.cpu}`);
  const results: Record<string, unknown> = { ...header };
  const other = values.compile || values.size || values.load;
  if (!other) {
    const measured = await speed();
    results["speed"] = measured.map(({ engine, base, rows, measured }) => ({ engine, base, rows, measured }));
    if (values.html !== undefined) {
      const heading = [
        `commit ${commit}, ${header.cpu}`,
        `options: ${JSON.stringify(extra)}, -O${levels("3").join(", -O")}`,
      ];
      const pages = measured.map((one) => ({ ...one, engine: `${basename(one.engine)} ${header.node}`, heading }));
      writeFileSync(values.html, htmlPage(pages));
    }
    if (values.against !== undefined && !compareWith(values.against, measured)) process.exitCode = 1;
  }
  if (values.compile) {
    const threads = Number(values.threads);
    const options = { packages, levels: levels("1"), threads, rounds: rounds(3), only: positionals };
    results["compile"] = await benchCompile(options);
  }
  if (values.size) results["size"] = await benchSize({ packages, levels: levels("1,s"), extra, only: positionals });
  if (values.load) {
    results["load"] = await benchLoad({ packages, level: levels("2")[0]!, rounds: rounds(7), only: positionals });
  }
  if (values.json !== undefined) writeFileSync(values.json, JSON.stringify(results, null, 1) + "\n");
}

if (values.help) console.log(USAGE);
else if (values.list) for (const { name, kind } of SUBJECTS) console.log(name.padEnd(12) + kind);
else await main();
