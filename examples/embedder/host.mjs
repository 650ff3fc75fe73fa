// The application: two tenants run the same plug-in, each with its own words, all in 256 KiB that are set aside at the start. Needs the
// loader and the runtime only, and nothing of its host but a way to print.
import { load } from "wamrc-ts/loader";
import { ContextKey, embed, native, Runtime } from "wamrc-ts/runtime";

/** `artifact`: the bytes of the plug-in's `.aot`. */
export function run(artifact, print) {
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
    native("log", "($)", (env, message) => void env.attachment.push(`${env.instance.customData}: ${message}`), log),
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
    print(`${tenant.customData}: ${found} of its words in "${tenant.space.string(letter)}"`);
    tenant.free(letter);
    try {
      env.call("cheat");
    } catch (error) {
      print(`${tenant.customData}: ${error.message}`);
    }
    print(`${tenant.customData}: ${env.highWater} bytes of stack used`);
    env.dispose();
  }
  log.forEach((line) => print(line));

  const { root } = runtime.memoryReport();
  const show = ({ category, name, bytes, children }, indent = "") => {
    print(`${indent}${category} "${name}": ${bytes} bytes`);
    for (const child of children) show(child, `${indent}  `);
  };
  show(root);

  for (const tenant of tenants) tenant.dispose();
  plugin.dispose();
  print(`leaks: ${runtime.dispose().length}`);
}
