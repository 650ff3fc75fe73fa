// node examples/embedder/main.mjs: an application with plug-ins, after WAMR's embedding API. Two tenants run the same plug-in, each
// with its own words, all in 256 KiB that the application sets aside at the start.
import { readFileSync } from "node:fs";
import binaryen from "binaryen";
import { compile } from "wamrc-ts/compiler";
import { load } from "wamrc-ts/loader";
import { ContextKey, embed, native, Runtime } from "wamrc-ts/runtime";

const text = readFileSync(new URL("plugin.wat", import.meta.url), "utf8");
const artifact = await compile(binaryen.parseText(text).emitBinary(), { format: "aot" });

const runtime = Runtime.init({ allocator: { mode: "Alloc_With_Pool", pool: new ArrayBuffer(256 * 1024) } });

// What the host keeps for each tenant.
const words = new ContextKey();

// `*~`: memory of the guest and its length, checked before the function runs. `$`: a string. `attachment`: the log of all tenants.
const log = [];
runtime.registerNatives("host", [
  native("judge", "(*~)i", (env, word) => {
    const name = String.fromCharCode(...word.bytes).toLowerCase();
    if (!env.instance.getContext(words).includes(name)) return 0;
    word.bytes.fill(0x2a);
    return 1;
  }),
  native("log", "($)", (env, message) => env.attachment.push(`${env.instance.customData}: ${message}`), log),
]);

const plugin = load(artifact, { runtime, name: "plugin" });
const tenants = ["north", "south"].map((customData) => embed(plugin, { customData, heapSize: 4096 }));
tenants[0].setContext(words, ["rain", "fog"]);
tenants[1].setContext(words, ["sand"]);

for (const tenant of tenants) {
  // A stack for the calls between host and guest, no deeper than they need to nest.
  const env = tenant.createExecEnv({ stackSize: 512, maxCallDepth: 8 });
  const letter = tenant.dupData("Fog, then rain. No sand.");
  const found = env.call("check", [letter]);
  console.log(`${tenant.customData}: ${found} of its words in "${tenant.space.string(letter)}"`);
  tenant.free(letter);
  try {
    env.call("cheat");
  } catch (error) {
    console.log(`${tenant.customData}: ${error.message}`);
  }
  console.log(`${tenant.customData}: ${env.highWater} bytes of stack used`);
  env.dispose();
}
console.log(log.join("\n"));

const { root } = runtime.memoryReport();
const show = ({ category, name, bytes, children }, indent = "") => {
  console.log(`${indent}${category} "${name}": ${bytes} bytes`);
  for (const child of children) show(child, `${indent}  `);
};
show(root);

for (const tenant of tenants) tenant.dispose();
plugin.dispose();
console.log(`leaks: ${runtime.dispose().length}`);
