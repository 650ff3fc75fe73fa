// node examples/small-host/run.mjs node|qjs|qjs-ng [aot]: a guest in a pool of 256 KiB, on an engine whose own heap is limited to 3 MB
// where the engine can do that. Exits with 69 where the engine is not in PATH.
import { spawnSync } from "node:child_process";
import { existsSync, mkdirSync, readFileSync, writeFileSync } from "node:fs";
import { delimiter, dirname, join } from "node:path";
import { fileURLToPath } from "node:url";
import { build } from "esbuild";
import { compile } from "wamrc-ts/compiler";

const here = dirname(fileURLToPath(import.meta.url));
const built = join(here, "../../.cache/small-host");
const NOT_INSTALLED = 69;

/** How each engine is told to run a module with `std`, and the most memory it may have: qjs counts bytes, qjs-ng kilobytes. */
const ENGINES = {
  node: [process.execPath, ["--import", join(here, "shell.mjs")]],
  qjs: ["qjs", ["--std", "-m", "--memory-limit", "3000000"]],
  "qjs-ng": ["qjs-ng", ["--std", "-m", "--memory-limit", "3000"]],
};

const [engine, container = "javascript"] = process.argv.slice(2);
if (!(engine in ENGINES) || !["javascript", "aot"].includes(container)) {
  console.error(`usage: node run.mjs ${Object.keys(ENGINES).join("|")} [aot]`);
  process.exit(64);
}
const [name, options] = ENGINES[engine];
const command = find(name);
mkdirSync(built, { recursive: true });

const wasm = readFileSync(join(here, "station.wasm"));
const target = engine === "node" ? "generic" : "quickjs";
const aot = join(built, "station.aot");
if (container === "aot") writeFileSync(aot, await compile(wasm, { format: "aot", target }));
else writeFileSync(join(built, "station.mjs"), await compile(wasm, { format: "esm", target, runtime: "external" }));

const app = join(built, `${container}-${engine}.mjs`);
await build({
  entryPoints: [join(here, `${container}.mjs`)],
  outfile: app,
  bundle: true,
  minify: true,
  format: "esm",
  // The artifact shares the one runtime of the bundle, instead of bringing its own.
  alias: { station: join(built, "station.mjs") },
});
const { status, signal, error } = spawnSync(command, [...options, app, aot], {
  stdio: ["ignore", "inherit", "inherit"],
});
if (error) throw error;
if (status !== 0) {
  console.error(`${command} ended with ${signal ?? status}`);
  process.exit(1);
}

function find(name) {
  if (existsSync(name)) return name;
  const found = (process.env.PATH ?? "")
    .split(delimiter)
    .map((folder) => join(folder, name))
    .find((path) => existsSync(path));
  if (found) return found;
  console.error(
    `${name} is not installed; ${name === "qjs" ? "Debian's package quickjs or qjs brings it" : "it comes with quickjs-ng"}`,
  );
  process.exit(NOT_INSTALLED);
}
