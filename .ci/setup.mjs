// What a fresh clone needs before anything can run: the packages of the lock file, and the compiled sources in dist/.
// `npm start` and `npm test` call it first, so that each works as the very first command. Does nothing when nothing is
// stale; says one line for each thing it does. Plain JavaScript without dependencies, because there are none yet.
import { spawnSync } from "node:child_process";
import { existsSync, readFileSync, readdirSync, rmSync, statSync, writeFileSync } from "node:fs";
import { dirname, join } from "node:path";
import { fileURLToPath } from "node:url";

const root = dirname(dirname(fileURLToPath(import.meta.url)));
const sources = ["compiler", "loader", "runtime", "test"];
const stamp = join(root, "dist/.built");

const [major] = process.versions.node.split(".").map(Number);
if (major < 20) fail(`wamrc-ts needs Node 20 or newer, this is ${process.version}`);

if (packagesAreStale()) {
  console.error("installing packages (npm ci) …");
  npm(["ci", "--include=dev", "--no-audit", "--no-fund", "--loglevel=error"], "npm ci failed", "ignore");
}
if (buildIsStale()) {
  console.error("building (tsc) …");
  rmSync(stamp, { force: true });
  npm(["run", "--silent", "build"], "the build failed", 2);
  removeOrphans(join(root, "dist"), root);
  writeFileSync(stamp, "");
}

/** True where the lock file names a package that is not installed in that version; optional ones may be absent. */
function packagesAreStale() {
  const installed = join(root, "node_modules/.package-lock.json");
  if (!existsSync(installed)) return true;
  const have = JSON.parse(readFileSync(installed, "utf8")).packages;
  const want = JSON.parse(readFileSync(join(root, "package-lock.json"), "utf8")).packages;
  return Object.entries(want).some(
    ([path, { version, optional }]) => path !== "" && !(optional && !have[path]) && have[path]?.version !== version,
  );
}

/** True where a source is newer than the last build that succeeded, or was deleted since. */
function buildIsStale() {
  if (!existsSync(stamp)) return true;
  const built = statSync(stamp).mtimeMs;
  const inputs = [
    "tsconfig.json",
    "package.json",
    "package-lock.json",
    ...sources.flatMap((dir) => [dir, ...listTree(dir)]),
  ];
  return inputs.some((path) => statSync(join(root, path)).mtimeMs > built);
}

/** Folders and files below `dir`; a folder's own time changes when an entry comes or goes. */
function listTree(dir) {
  return readdirSync(join(root, dir), { recursive: true }).map((name) => join(dir, name));
}

/** Deletes outputs whose source is gone: a deleted test must not run from dist. */
function removeOrphans(dist, src) {
  for (const dir of sources) {
    if (!existsSync(join(dist, dir))) continue;
    for (const name of readdirSync(join(dist, dir), { recursive: true })) {
      const source = join(src, dir, name).replace(/(\.d\.ts|\.js)$/, ".ts");
      if (source.endsWith(".ts") && !existsSync(source)) rmSync(join(dist, dir, name), { force: true });
    }
  }
}

function npm(args, problem, stdout) {
  // npm tells its scripts where it is itself; started any other way, look in PATH.
  const self = process.env.npm_execpath;
  const [command, ...first] = self ? [process.execPath, self] : [process.platform === "win32" ? "npm.cmd" : "npm"];
  const { status, error } = spawnSync(command, [...first, ...args], {
    cwd: root,
    stdio: ["ignore", stdout, "inherit"],
    shell: !self && process.platform === "win32",
  });
  if (status !== 0) fail(`${problem}${error ? `: ${error.message}` : ""}`);
}

function fail(message) {
  console.error(`setup: ${message}`);
  process.exit(1);
}
