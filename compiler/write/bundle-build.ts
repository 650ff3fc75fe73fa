// Part of the package's build: what programs import, and the command, as few files in dist/bundle/, because Node takes half a
// millisecond to find and link each, and a start of the loader alone takes forty. The entry points share their modules, so
// that every class exists once, whichever of them it came from. Runs after tsc, whose output it takes.
import { readdirSync, readFileSync, rmSync } from "node:fs";
import { join, resolve } from "node:path";
import { fileURLToPath } from "node:url";
import { build, type Plugin } from "esbuild";
import { PACKAGE } from "../package.js";

const DIST = fileURLToPath(new URL("dist/", PACKAGE));
const OUT = join(DIST, "bundle");

/** Files of dist/bundle/, which package.json names, by the modules that they stand for. */
const ENTRIES: Readonly<Record<string, string>> = {
  loader: "loader/index.js",
  artifact: "loader/js-entry.js",
  helpers: "runtime/helpers/index.js",
  runtime: "runtime/index.js",
  report: "runtime/report/index.js",
  wasi: "runtime/wasi/index.js",
  "wasi-browser": "runtime/wasi/browser.js",
  compiler: "compiler/index.js",
  worker: "compiler/worker.js",
  cli: "compiler/cli.js",
};

/** What most starts need anyway. */
const BASE = ["loader", "helpers"];

// esbuild makes a file of the modules that the same entry points reach, which are dozens of files where there are ten entry
// points and as many dynamic imports. What all of them reach is one: so all of them import what a loader needs.
function sharing(base: readonly string[], roots: ReadonlySet<string>): Plugin {
  return {
    name: "sharing",
    setup({ onLoad }) {
      onLoad({ filter: /\.js$/ }, ({ path }) => {
        if (!roots.has(path)) return undefined;
        const imports = base.map((file) => `\nimport ${JSON.stringify(file)};`);
        return { contents: readFileSync(path, "utf8") + imports.join("") };
      });
    },
  };
}

// Where a module of Node's is imported, Node reads all its properties, and the getters among them bring further modules: with
// node:fs streams and promises, 12 ms of processor time that nobody here needs. What `require` gives is read when used.
const requireNode: Plugin = {
  name: "require-node",
  setup({ onResolve, onLoad }) {
    onResolve({ filter: /^(node:|require$)/ }, ({ path }) =>
      path === "node:module" ? undefined : { path, namespace: "require" },
    );
    onLoad({ filter: /^require$/, namespace: "require" }, () => ({
      contents: 'import { createRequire } from "node:module"; export const get = createRequire(import.meta.url);',
    }));
    onLoad({ filter: /^node:/, namespace: "require" }, ({ path }) => ({
      contents: `module.exports = require("require").get(${JSON.stringify(path)});`,
    }));
  },
};

/** Files that are imported when they are needed. */
function dynamicImports(): string[] {
  const files = readdirSync(DIST, { recursive: true, encoding: "utf8" })
    .filter((file) => /^(compiler|loader|runtime)[\\/].*\.js$/.test(file))
    .map((file) => join(DIST, file));
  return files.flatMap((file) =>
    [...readFileSync(file, "utf8").matchAll(/\bimport\("(\.[^"]+)"\)/g)].map(([, to]) => resolve(file, "..", to!)),
  );
}

const paths = Object.fromEntries(Object.entries(ENTRIES).map(([name, file]) => [name, join(DIST, file)]));
const base = BASE.map((name) => paths[name]!);
rmSync(OUT, { recursive: true, force: true });
await build({
  entryPoints: paths,
  outdir: OUT,
  bundle: true,
  splitting: true,
  format: "esm",
  target: "es2022",
  platform: "node",
  packages: "external",
  minifyWhitespace: true,
  minifySyntax: true,
  plugins: [requireNode, sharing(base, new Set([...Object.values(paths), ...dynamicImports()]))],
});
