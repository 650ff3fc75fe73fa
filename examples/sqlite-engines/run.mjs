// node examples/sqlite-engines/run.mjs node|hermes|quickjs: one artifact, made once by wamrc-ts, on engines that have no
// WebAssembly. Exits with 69 where the engine is not in PATH.
import { spawnSync } from "node:child_process";
import { existsSync, mkdirSync, readFileSync, writeFileSync } from "node:fs";
import { createRequire } from "node:module";
import { delimiter, dirname, join } from "node:path";
import { fileURLToPath } from "node:url";
import { compile } from "wamrc-ts/compiler";

const here = dirname(fileURLToPath(import.meta.url));
const root = join(here, "../..");
const built = join(root, ".cache/sqlite-engines");
const NOT_INSTALLED = 69;

const ENGINES = {
  node: () => run(process.execPath, ["--require", join(here, "shell.cjs"), app()]),
  hermes() {
    const hermes = find("hermes", "hermes-engine-cli, from npm");
    const hermesc = find("hermesc", "hermes-engine-cli, from npm");
    const bytecode = join(built, "app.hbc");
    run(hermesc, ["-O", "-w", "-emit-binary", "-out", bytecode, app()]);
    run(hermes, ["-b", bytecode]);
  },
  quickjs: () => run(find("qjs", "quickjs or qjs, from Debian"), [app()]),
};

const engine = ENGINES[process.argv[2]];
if (!engine) {
  console.error(`usage: node run.mjs ${Object.keys(ENGINES).join("|")}`);
  process.exit(64);
}
mkdirSync(built, { recursive: true });
const artifact = await compileSqlite();
engine();

/** The artifact, the host and the queries in one file: these engines load no modules from a command line alike. */
function app() {
  const file = join(built, "app.js");
  writeFileSync(
    file,
    [artifact, readFileSync(join(here, "host.es5.js")), readFileSync(join(here, "demo.es5.js"))].join("\n"),
  );
  return file;
}

async function compileSqlite() {
  const wasm = readFileSync(createRequire(import.meta.url).resolve("sql.js/dist/sql-wasm.wasm"));
  return new TextDecoder().decode(await compile(wasm, { format: "script", name: "Sqlite" }));
}

function find(name, broughtBy) {
  const folders = (process.env.PATH ?? "").split(delimiter);
  const found = folders.map((folder) => join(folder, name)).find((path) => existsSync(path));
  if (found) return found;
  console.error(`${name} is not installed; the package ${broughtBy} brings it`);
  process.exit(NOT_INSTALLED);
}

function run(command, args) {
  const { status, signal, error } = spawnSync(command, args, { stdio: ["ignore", "inherit", "inherit"] });
  if (error) throw error;
  if (status !== 0) {
    console.error(`${command} ended with ${signal ?? status}`);
    process.exit(1);
  }
}
