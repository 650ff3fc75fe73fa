// Part of the package's build: down-levels the files that self-contained JavaScript artifacts bundle to ES5 (as ES modules
// still), from dist/ into dist/prelude/. It runs after tsc because the input must be tsc's output, where const enums are
// numbers already. TypeScript does it because esbuild does not go below ES2015, and some engines have no classes.
import { mkdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { dirname, join, relative, resolve } from "node:path";
import { fileURLToPath } from "node:url";
import ts from "typescript";

const DIST = resolve(dirname(fileURLToPath(import.meta.url)), "../..");
const OUT = join(DIST, "prelude");
const ROOTS = ["loader/js-entry.js", "runtime/helpers/index.js"];

// What down-levelled code calls, as far as ours needs it: TypeScript's own are longer and come once a file.
const LANGUAGE_HELPERS = `
export function __extends(derived, base) {
  Object.setPrototypeOf(derived, base);
  function Prototype() { this.constructor = derived; }
  Prototype.prototype = base.prototype;
  derived.prototype = new Prototype();
}
export function __assign(target) {
  for (var i = 1; i < arguments.length; i++) for (var key in arguments[i]) target[key] = arguments[i][key];
  return target;
}
export function __spreadArray(to, from) {
  return to.concat(Array.prototype.slice.call(from));
}
`;

const files = importClosure(ROOTS.map((root) => join(DIST, root)));
rmSync(OUT, { recursive: true, force: true });
for (const file of files) {
  const target = join(OUT, relative(DIST, file));
  mkdirSync(dirname(target), { recursive: true });
  writeFileSync(target, downLevel(withoutEnums(readFileSync(file, "utf8")), file));
}
writeFileSync(join(OUT, "language.js"), LANGUAGE_HELPERS.trimStart());
writeFileSync(join(OUT, "package.json"), '{ "type": "module", "sideEffects": false }\n');

function importClosure(roots: readonly string[]): readonly string[] {
  const found: string[] = [];
  const visit = (file: string): void => {
    if (found.includes(file)) return;
    found.push(file);
    for (const { fileName } of ts.preProcessFile(readFileSync(file, "utf8")).importedFiles) {
      if (!fileName.startsWith(".")) throw new Error(`${file}: a JavaScript artifact cannot import ${fileName}`);
      visit(resolve(dirname(file), fileName));
    }
  };
  roots.forEach(visit);
  return found;
}

// tsc has put numbers in the place of const enums and keeps the enums only for people; bundlers cannot tell.
function withoutEnums(source: string): string {
  return source.replace(/^export var (\w+);\n\(function \(\1\) \{[^}]*\}\)\(\1 \|\| \(\1 = \{\}\)\);\n/gm, "");
}

function downLevel(source: string, file: string): string {
  const { outputText, diagnostics } = ts.transpileModule(source, {
    fileName: file,
    reportDiagnostics: true,
    compilerOptions: {
      target: ts.ScriptTarget.ES5,
      module: ts.ModuleKind.ESNext,
      allowJs: true,
      // LANGUAGE_HELPERS stand in.
      noEmitHelpers: true,
    },
  });
  const message = diagnostics?.[0]?.messageText;
  if (message !== undefined) throw new Error(`${file}: ${ts.flattenDiagnosticMessageText(message, "\n")}`);
  // TypeScript marks the function that makes a class with a comment that esbuild does not know.
  return outputText.replace(/\/\*\* @class \*\//g, "/* @__PURE__ */");
}
