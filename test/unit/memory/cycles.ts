// Loads, instantiates, calls and disposes of a guest again and again: the allocator must be back where it was after each, and the
// process's memory flat. As a command: node dist/test/unit/memory/cycles.js [--count 10000]
import { setFlagsFromString } from "node:v8";
import { pathToFileURL } from "node:url";
import { runInNewContext } from "node:vm";
import { load } from "../../../loader/index.js";
import { embed } from "../../../runtime/environment/index.js";
import { Runtime } from "../../../runtime/index.js";
import { Wasi } from "../../../runtime/wasi/index.js";
import { evaluateArtifact } from "../../support/js-artifact.js";
import { artifactOf, GUEST, IMPORTS, type Calls } from "./guest.js";

setFlagsFromString("--expose-gc");
const collect = runInNewContext("gc") as () => void;

const artifact = artifactOf(GUEST);
const javaScript = evaluateArtifact(artifactOf(GUEST, { format: "esm", runtime: "external" }));

function call(calls: Calls): void {
  calls.countUp!();
  calls.keep!(0, {});
  calls.growTable!(5);
  if (calls.grow!(1) !== 1 || calls.indirect!(1, 2, 3) !== 5) throw new Error("wrong result");
}

/** One guest of each kind. */
function cycle(runtime: Runtime): void {
  const module = load(artifact, { runtime });
  const instance = module.instantiate(IMPORTS);
  call(instance.exports as Calls);
  const wasi = new Wasi({ runtime, args: ["a"], stdin: "", stdout() {}, stderr() {} });
  const embedded = embed(module, { imports: IMPORTS, stackSize: 1024 });
  embedded.createExecEnv().dispose();
  wasi.close();
  embedded.dispose();
  instance.dispose();
  module.dispose();
  const artifactInstance = javaScript.instantiateSync(IMPORTS, { runtime });
  call(artifactInstance.exports as Calls);
  artifactInstance.dispose();
}

export interface Flatness {
  /** Bytes that the allocator has handed out more than before, at the worst of all cycles. */
  readonly leaked: number;
  /** Bytes of JavaScript's heap and of its buffers that the second half of the cycles has added, per cycle. */
  readonly heapPerCycle: number;
  readonly buffersPerCycle: number;
}

export function runCycles(count: number): Flatness {
  const runtime = Runtime.init({ allocator: { mode: "Alloc_With_Pool", pool: new ArrayBuffer(2 << 20) } });
  const { allocated } = runtime.allocator.statistics();
  let leaked = 0;
  const run = (cycles: number): NodeJS.MemoryUsage => {
    for (let i = 0; i < cycles; i++) {
      cycle(runtime);
      leaked = Math.max(leaked, runtime.allocator.statistics().allocated - allocated);
    }
    for (let i = 0; i < 3; i++) collect();
    return process.memoryUsage();
  };
  const half = Math.ceil(count / 2);
  const before = run(half);
  const after = run(half);
  leaked += runtime.dispose().length + runtime.allocator.statistics().allocated;
  return {
    leaked,
    heapPerCycle: (after.heapUsed - before.heapUsed) / half,
    buffersPerCycle: (after.arrayBuffers - before.arrayBuffers) / half,
  };
}

if (process.argv[1] !== undefined && import.meta.url === pathToFileURL(process.argv[1]).href) {
  const at = process.argv.indexOf("--count");
  const count = at < 0 ? 10_000 : Number(process.argv[at + 1]);
  const started = Date.now();
  const { leaked, heapPerCycle, buffersPerCycle } = runCycles(count);
  console.log(
    `${count} cycles in ${((Date.now() - started) / 1000).toFixed(1)} s: ${leaked} bytes leaked, ` +
      `${heapPerCycle.toFixed(1)} bytes of heap and ${buffersPerCycle.toFixed(1)} of buffers a cycle`,
  );
  process.exitCode = leaked === 0 && heapPerCycle < 100 && buffersPerCycle < 10 ? 0 : 1;
}
