// The prelude of a self-contained JavaScript artifact: loader/js-entry.ts, the runtime below it and the helpers that the
// pages use, as one ES5 text. prelude-build.ts has down-levelled the files when the package was built; here esbuild drops
// what is unused and shortens the rest. ES5, because Hermes 0.12 has no classes and takes `let` for `var`.
import { existsSync } from "node:fs";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { buildSync } from "esbuild";
import { PACKAGE } from "../package.js";

const DIRECTORY = fileURLToPath(new URL("dist/prelude/", PACKAGE));

const cache = new Map<string, string>();

/**
 * The prelude as a statement that assigns to the variable `name`: an object with what js-entry.ts exports and, as `h`, the
 * helpers by name.
 */
export function preludeText(name: string, helpers: readonly string[], minify = true): string {
  const key = JSON.stringify([name, minify, ...helpers]);
  let text = cache.get(key);
  if (text === undefined) cache.set(key, (text = bundle(name, helpers, minify)));
  return text;
}

function bundle(name: string, helpers: readonly string[], minify: boolean): string {
  if (!existsSync(DIRECTORY)) throw new Error(`BUG: ${DIRECTORY} is missing: npm run build makes it`);
  const table = helpers.map((helper) => `${helper}: ${helper}`).join(", ");
  const contents = `
    import { define, Memory, Table, Global, Trap, LinkError } from "./loader/js-entry.js";
    ${helpers.length === 0 ? "" : `import { ${helpers.join(", ")} } from "./runtime/helpers/index.js";`}
    ${name} = { d: define, m: Memory, t: Table, g: Global, x: Trap, l: LinkError, h: { ${table} } };`;
  const { outputFiles } = buildSync({
    stdin: { contents, resolveDir: DIRECTORY, sourcefile: "artifact.js" },
    bundle: true,
    write: false,
    format: "iife",
    target: "es5",
    minify,
    legalComments: "none",
    charset: "ascii",
    logLevel: "silent",
    // Replaces free names like __extends by imports of this file.
    inject: [join(DIRECTORY, "language.js")],
  });
  return outputFiles[0]!.text.trim();
}
