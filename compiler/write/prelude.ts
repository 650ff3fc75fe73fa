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

/** What an artifact needs of the prelude. */
export interface PreludeParts {
  /** Helpers, by name. */
  readonly helpers: readonly string[];
  /** Its data are squeezed. */
  readonly unsqueeze: boolean;
}

/**
 * The prelude as a statement that assigns to the variable `name`: an object with what js-entry.ts exports (`unsqueeze`, only
 * where needed) and, as `h`, the helpers by name.
 */
export function preludeText(name: string, parts: PreludeParts, minify = true): string {
  const key = JSON.stringify([name, minify, parts.unsqueeze, ...parts.helpers]);
  let text = cache.get(key);
  if (text === undefined) cache.set(key, (text = bundle(name, parts, minify)));
  return text;
}

function bundle(name: string, { helpers, unsqueeze }: PreludeParts, minify: boolean): string {
  if (!existsSync(DIRECTORY)) throw new Error(`BUG: ${DIRECTORY} is missing: npm run build makes it`);
  const table = helpers.map((helper) => `${helper}: ${helper}`).join(", ");
  const contents = `
    import { define, Memory, Table, Global, Trap, LinkError${unsqueeze ? ", unsqueeze" : ""} } from "./loader/js-entry.js";
    ${helpers.length === 0 ? "" : `import { ${helpers.join(", ")} } from "./runtime/helpers/index.js";`}
    ${name} = { d: define, m: Memory, t: Table, g: Global, x: Trap, l: LinkError, ${unsqueeze ? "u: unsqueeze, " : ""}h: { ${table} } };`;
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
