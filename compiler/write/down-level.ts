// Files of dist/ to ES5, as ES modules still, for engines that have no classes (Hermes 0.12, which also takes `let` for `var`).
// The input must be tsc's output, where const enums are numbers already. TypeScript does it because esbuild does not go
// below ES2015. Runs when the project is built or tested, never later.
import ts from "typescript";

/** A module with what down-levelled code calls, as far as ours needs it: TypeScript's own are longer and come once a file. */
export const LANGUAGE_HELPERS = `
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
`.trimStart();

/** Specifiers of what a file imports. */
export function importsOf(source: string): readonly string[] {
  return ts.preProcessFile(source).importedFiles.map(({ fileName }) => fileName);
}

/** One file of dist/ as ES5, with free names for what LANGUAGE_HELPERS exports. Throws where it cannot be written so. */
export function downLevel(source: string, file: string): string {
  const { outputText, diagnostics } = ts.transpileModule(withoutEnums(source), {
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

// tsc has put numbers in the place of const enums and keeps the enums only for people; bundlers cannot tell.
function withoutEnums(source: string): string {
  return source.replace(/^export var (\w+);\n\(function \(\1\) \{[^}]*\}\)\(\1 \|\| \(\1 = \{\}\)\);\n/gm, "");
}
