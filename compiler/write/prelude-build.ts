// Part of the package's build: down-levels the files that self-contained JavaScript artifacts bundle to ES5 (as ES modules
// still), from dist/ into dist/prelude/. It runs after tsc, whose output it takes.
import { mkdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { dirname, join, relative, resolve } from "node:path";
import { fileURLToPath } from "node:url";
import { PACKAGE } from "../package.js";
import { downLevel, importsOf, LANGUAGE_HELPERS } from "./down-level.js";

const DIST = fileURLToPath(new URL("dist/", PACKAGE));
const OUT = join(DIST, "prelude");
const ROOTS = ["loader/js-entry.js", "runtime/helpers/index.js"];

const files = importClosure(ROOTS.map((root) => join(DIST, root)));
rmSync(OUT, { recursive: true, force: true });
for (const file of files) {
  const target = join(OUT, relative(DIST, file));
  mkdirSync(dirname(target), { recursive: true });
  writeFileSync(target, downLevel(readFileSync(file, "utf8"), file));
}
writeFileSync(join(OUT, "language.js"), LANGUAGE_HELPERS);
writeFileSync(join(OUT, "package.json"), '{ "type": "module", "sideEffects": false }\n');

function importClosure(roots: readonly string[]): readonly string[] {
  const found: string[] = [];
  const visit = (file: string): void => {
    if (found.includes(file)) return;
    found.push(file);
    for (const name of importsOf(readFileSync(file, "utf8"))) {
      if (!name.startsWith(".")) throw new Error(`${file}: a JavaScript artifact cannot import ${name}`);
      visit(resolve(dirname(file), name));
    }
  };
  roots.forEach(visit);
  return found;
}
