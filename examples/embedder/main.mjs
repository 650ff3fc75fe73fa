// node examples/embedder/main.mjs [node|quickjs]: an application with plug-ins, after WAMR's embedding API, in a pool of 256 KiB. The
// plug-in is compiled here; what runs it can be a JavaScript engine with little memory. Exits with 69 where QuickJS is not in PATH.
import { spawnSync } from "node:child_process";
import { mkdirSync, readFileSync } from "node:fs";
import { dirname, join } from "node:path";
import { fileURLToPath } from "node:url";
import binaryen from "binaryen";
import { buildSync } from "esbuild";
import { compile } from "wamrc-ts/compiler";
import { run } from "./host.mjs";

const here = dirname(fileURLToPath(import.meta.url));
const NOT_INSTALLED = 69;
const MEMORY_LIMIT = 4 * 1024 * 1024;

const text = readFileSync(join(here, "plugin.wat"), "utf8");
const artifact = await compile(binaryen.parseText(text).emitBinary(), { format: "aot" });

if (process.argv[2] === "quickjs") process.exitCode = runInQuickJs();
else run(artifact, console.log);

/** One file of loader, runtime, application and plug-in, in an engine that may have 4 MiB for all of it. */
function runInQuickJs() {
  const folder = join(here, "../../.cache/embedder");
  mkdirSync(folder, { recursive: true });
  const outfile = join(folder, "app.mjs");
  const contents = `import { run } from "./host.mjs"; run(new Uint8Array([${artifact.join()}]), print);`;
  buildSync({ stdin: { contents, resolveDir: here }, bundle: true, format: "esm", outfile, logLevel: "error" });
  const { status, error } = spawnSync("qjs", ["--memory-limit", String(MEMORY_LIMIT), "-m", outfile], {
    stdio: ["ignore", "inherit", "inherit"],
  });
  if (error?.code === "ENOENT") {
    console.error("qjs is not installed; the package quickjs or qjs, from Debian, brings it");
    return NOT_INSTALLED;
  }
  return status ?? 1;
}
