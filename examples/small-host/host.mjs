// The host: runs stations in one pool of 256 KiB, on an engine that has nothing but the language and `print`.
import { embed, native, Runtime } from "wamrc-ts/runtime";
import { reportText, takeSnapshot } from "wamrc-ts/runtime/report";

const POOL = 256 * 1024;

/** `open` makes the module, in the runtime if it is loaded: a JavaScript artifact, or an `.aot`. */
export function main(open) {
  print(`WebAssembly here: ${typeof WebAssembly}`);
  const runtime = Runtime.init({
    allocator: { mode: "Alloc_With_Pool", pool: new ArrayBuffer(POOL), fresh: true },
    nativeStackSize: 512,
    onMemoryGrowthRefused: ({ why }) => print(`its memory cannot grow: ${why}`),
  });

  // A random walk, the same everywhere.
  let seed = 1;
  let value = 2000;
  runtime.registerNatives("env", [
    native("reading", "()i", () => {
      seed = (Math.imul(seed, 1103515245) + 12345) & 0x7fffffff;
      return (value += ((seed >> 16) % 201) - 100);
    }),
    native("print", "(*~)", (env, text) => print(`  ${String.fromCharCode(...text.bytes)}`)),
  ]);

  const module = open(runtime);
  // The stack comes before the memory: behind it, it would be in the way of its growth.
  const stack = runtime.malloc(256, "stack");
  const start = () => {
    const station = embed(module.artifact, {
      ...("instantiateSync" in module.artifact && { runtime }),
      name: "station",
    });
    const env = station.createExecEnv({ stack: stack.bytes() });
    return { station, env };
  };

  print("a station records until the pool is full");
  let { station, env } = start();
  print(`  ${env.call("record", [1000000])} readings`);
  env.call("summary");

  print("there is no room for a second one");
  try {
    start();
  } catch (error) {
    print(`  ${error.name}: ${error.message}`);
  }

  print("the first has taken no harm");
  env.call("summary");
  print(reportText(takeSnapshot(runtime, { title: "The pool with one station" }), { width: 60 }));

  print("when it is gone, there is room for another");
  env.dispose();
  station.dispose();
  ({ station, env } = start());
  print(`  ${env.call("record", [1000])} readings`);
  env.call("summary");

  env.dispose();
  station.dispose();
  stack.free();
  module.close();
  const leaks = runtime.dispose();
  print(`left behind: ${leaks.length} blocks, ${runtime.allocator.statistics().allocated} bytes`);
}
