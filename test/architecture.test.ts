// The laws of who may import whom, checked on the import lines of the sources. ARCHITECTURE.md says what they are for.
import assert from "node:assert/strict";
import { readdirSync, readFileSync } from "node:fs";
import { dirname, join, posix } from "node:path";
import { test } from "node:test";
import { fileURLToPath } from "node:url";

const root = join(dirname(fileURLToPath(import.meta.url)), "../..");

interface Import {
  readonly from: string;
  /** A path from the root without ending (`runtime/trap`), or a package's name. */
  readonly to: string;
  /** Written `import("…")`: loaded when needed, not when the file is. */
  readonly lazy: boolean;
}

const IMPORT = /^(?:import|export)\b[^"';]*?\bfrom\s*"([^"]+)"|^import\s*"([^"]+)"|\bimport\("([^"]+)"\)/gm;

function importsOf(from: string, source: string): Import[] {
  // A call in prose is no import.
  const code = source.replace(/^\s*(?:\/\/|\*|\/\*).*$/gm, "");
  return [...code.matchAll(IMPORT)].map(([, fromName, bareName, lazyName]) => {
    const name = (fromName ?? bareName ?? lazyName)!;
    const to = name.startsWith(".") ? posix.join(posix.dirname(from), name).replace(/\.js$/, "") : name;
    return { from, to, lazy: lazyName !== undefined };
  });
}

const files = ["compiler", "loader", "runtime"].flatMap((top) =>
  readdirSync(join(root, top), { recursive: true, encoding: "utf8" })
    .filter((name) => name.endsWith(".ts"))
    .map((name) => posix.join(top, name.replaceAll("\\", "/"))),
);
/** What the sources mention, types included. */
const mentioned = files.flatMap((file) => importsOf(file, readFileSync(join(root, file), "utf8")));
/** What running code loads: the compiled files no longer import types and constants. */
const loaded = files.flatMap((file) =>
  importsOf(file, readFileSync(join(root, "dist", file.replace(/\.ts$/, ".js")), "utf8")),
);

function under(...folders: readonly string[]): (path: string) => boolean {
  return (path) => folders.some((folder) => path === folder || path.startsWith(`${folder}/`));
}

/** Fails with the offending lines; also fails where the law speaks of nothing, or it could never fail at all. */
function law(
  name: string,
  lines: readonly Import[],
  subject: (from: string) => boolean,
  allowed: (line: Import) => boolean,
): void {
  test(name, () => {
    assert.ok(files.some(subject), "no file is subject to this law");
    const offences = lines.filter((line) => subject(line.from) && !allowed(line));
    assert.deepEqual(
      offences.map(({ from, to }) => `${from} imports ${to}`),
      [],
    );
  });
}

const inCli = under("compiler/cli", "compiler/cli.ts");
const inCompilerProper = (from: string): boolean => under("compiler")(from) && !inCli(from);
const isNode = (to: string): boolean => to.startsWith("node:");

law("runtime/wasm imports nothing outside itself", mentioned, under("runtime/wasm"), ({ to }) =>
  under("runtime/wasm")(to),
);
law("runtime/semantics imports the opcodes' names at most", mentioned, under("runtime/semantics"), ({ to }) =>
  under("runtime/semantics", "runtime/wasm")(to),
);
law(
  "runtime imports neither compiler nor loader nor packages",
  mentioned,
  under("runtime"),
  ({ to }) => under("runtime")(to) || isNode(to),
);
law(
  "runtime/memory imports nothing but the base class of errors and how buffers are resized",
  mentioned,
  under("runtime/memory"),
  ({ to }) => under("runtime/memory", "runtime/wasm/error", "runtime/buffer")(to),
);
law(
  "an instance knows nothing of the memory model, which self-contained artifacts would have to carry",
  mentioned,
  under("runtime/instance"),
  ({ to }) => !under("runtime/memory", "runtime/environment")(to),
);
law(
  "nothing carries the faces of the memory report but who wants to show them",
  loaded,
  (from) => !under("runtime/report", "compiler/cli")(from),
  ({ to }) => !under("runtime/report")(to),
);
law(
  "what runs everywhere does not load Node's modules",
  loaded,
  under(
    "runtime/wasm",
    "runtime/semantics",
    "runtime/helpers",
    "runtime/instance",
    "runtime/memory",
    "runtime/report",
    "loader",
  ),
  ({ to }) => !isNode(to),
);
law(
  "loader imports runtime and nothing else",
  mentioned,
  under("loader"),
  ({ to }) => under("loader", "runtime")(to) || isNode(to),
);
law(
  "loader loads neither decoder, validator nor opcodes",
  loaded,
  under("loader"),
  ({ to }) => !under("runtime/wasm/decode", "runtime/wasm/validate", "runtime/wasm/opcodes")(to),
);
law(
  "the compiler proper takes from the loader only the artifact's layout",
  loaded,
  inCompilerProper,
  ({ to }) =>
    !under("loader")(to) ||
    under(
      "loader/image",
      "loader/layout",
      "loader/codec",
      "loader/literal",
      "loader/structure",
      "loader/unsqueeze",
    )(to),
);
law(
  "the compiler proper does not know the command line",
  mentioned,
  inCompilerProper,
  ({ to }) => !under("compiler/cli")(to),
);
const PACKAGES: Readonly<Record<string, (line: Import) => boolean>> = {
  binaryen: ({ from, lazy }) => from === "compiler/cli/wat.ts" && lazy,
  "fs-extra": ({ from, lazy }) => under("compiler/cli")(from) && lazy,
  yargs: ({ from, lazy }) => under("compiler/cli")(from) && lazy,
  esbuild: ({ from }) => under("compiler/write")(from),
  typescript: ({ from }) => from === "compiler/write/down-level.ts", // runs when the project is built, not later
};
law(
  "packages serve the compiler only, slow ones are loaded when needed",
  loaded,
  () => true,
  (line) => isNode(line.to) || under("compiler", "loader", "runtime")(line.to) || PACKAGES[line.to]?.(line) === true,
);

test("running an artifact loads neither decoder, validator nor compiler", () => {
  const entries = [
    "compiler/cli.ts",
    "compiler/cli/parse.ts",
    "compiler/cli/run.ts",
    "loader/index.ts",
    "loader/load.ts",
  ];
  for (const entry of entries) assert.ok(files.includes(entry), `${entry} is gone`);
  const reached = new Set<string>(entries);
  for (const file of reached) {
    for (const { from, to, lazy } of loaded) {
      if (from === file && !lazy && files.includes(`${to}.ts`)) reached.add(`${to}.ts`);
    }
  }
  const forbidden = [...reached].filter(
    (file) =>
      inCompilerProper(file) ||
      ["decode", "validate", "opcodes", "reader"].some((name) => file === `runtime/wasm/${name}.ts`),
  );
  assert.deepEqual(forbidden, []);
});

test("the reader of import lines reads every form", () => {
  const source = [
    'import { a } from "./a.js";',
    'import type { B } from "../b.js";',
    "import {",
    "  c,",
    '} from "./c.js";',
    'export { d } from "node:d";',
    'import "./e.js";',
    'const f = await import("f");',
    '// import("./comment.js")',
  ].join("\n");
  assert.deepEqual(
    importsOf("x/y.ts", source).map(({ to, lazy }) => `${to}${lazy ? " lazy" : ""}`),
    ["x/a", "b", "x/c", "node:d", "x/e", "f lazy"],
  );
});
