// An `.aot` in a host that has 256 KiB for it and no more: loader, runtime and pool on other engines than Node.
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { after, describe } from "node:test";
import { fileURLToPath } from "node:url";
import { buildSync } from "esbuild";
import { artifactOf, GUEST } from "../unit/memory/guest.js";
import { runsEverywhere } from "./shells.js";

const directory = mkdtempSync(join(tmpdir(), "wamrc-ts-engines-"));
after(() => rmSync(directory, { recursive: true }));

const library = buildSync({
  stdin: {
    contents: 'export { load } from "./loader/index.js"; export { Runtime } from "./runtime/index.js";',
    resolveDir: fileURLToPath(new URL("../..", import.meta.url)),
  },
  bundle: true,
  write: false,
  format: "iife",
  globalName: "wamrc",
  platform: "browser",
}).outputFiles[0]!.text;

const DRIVER = `
var out = typeof print === "function" ? print : console.log;
var pool = new ArrayBuffer(256 * 1024);
for (var round = 0; round < 20; round++) {
  var runtime = wamrc.Runtime.init({ allocator: { mode: "Alloc_With_Pool", pool: pool } });
  var module = wamrc.load(bytes, { runtime: runtime, releasePages: true });
  var instance = module.instantiate({ env: { callback: function (x) { return x + 1; } } });
  var e = instance.exports;
  var line = [e.add(2, 3), e.countUp(), String(e.wide()), e.double(), e.callOut(1)];
  line.push(e.grow(1), e.grow(1), e.grow(1), e.growTable(5), e.indirect(6, 3, 4));
  try { e.load(1 << 20); } catch (x) { line.push(String(x)); }
  try { module.dispose(); } catch (x) { line.push(x.name); }
  instance.dispose();
  try { e.add(2, 3); } catch (x) { line.push(x.name); }
  module.dispose();
  line.push(runtime.dispose().length, runtime.allocator.statistics().allocated);
  if (round === 19) out(line.join(" "));
}
`;

const EXPECTED = "5 8 -4 3.5 2 1 2 -1 4 7 Trap: out of bounds memory access LifetimeError LifetimeError 0 0\n";

describe("an .aot in a pool of 256 KiB", () => {
  const file = join(directory, "pool.js");
  writeFileSync(file, `${library}\nvar bytes = Uint8Array.of(${artifactOf(GUEST).join()});\n${DRIVER}`);
  runsEverywhere(file, EXPECTED, true);
});
