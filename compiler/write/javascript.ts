// Image to JavaScript: the container that needs no eval. Pages stand in it as source, tables as nested array literals
// (loader/literal.ts), data segments as strings; loader/js-entry.ts runs them. Statements of the artifact itself are ES5
// (but for `export`), so that any engine or bundler takes it. The same image and options give the same text anywhere.
import { pack, packData, tables as tablesSchema } from "../../loader/literal.js";
import type { DataLiteral, Literal, Tables } from "../../loader/literal.js";
import type { Image } from "../../loader/image.js";
import { ELEMENT_TARGETS } from "../../loader/layout.js";
import { toFunctions, toNames, toStructure } from "../../loader/structure.js";
import { mergeDataSegments } from "./merge-data.js";
import { concat, sizeOf } from "./parts.js";
import { reachableFunctions } from "../reachable.js";
import { preludeText } from "./prelude.js";
import { isWorthSqueezing, squeeze } from "./squeeze.js";

export type JavaScriptFormat = "esm" | "cjs" | "script";

export interface JavaScriptOptions {
  /** Default: "esm". */
  readonly format?: JavaScriptFormat;
  /** Format "script": the global variable that holds the artifact. Default: "wasmModule". */
  readonly name?: string;
  /** "external" imports wamrc-ts instead of bundling what is needed of it; format "esm" only. Default: "bundled". */
  readonly runtime?: "bundled" | "external";
  /** Keep line tables, so that traps name the byte offset in the `.wasm`. Default: false, they cost about a tenth. */
  readonly lines?: boolean;
  /** Keep function names, so that traps name functions. Default: true. */
  readonly names?: boolean;
  /** Write data by their probabilities, where they are not too many: shorter, but they have to be unpacked. Default: false. */
  readonly squeeze?: boolean;
  /** "ascii" spells characters from 0x80 on as escapes, for files that may be served as anything. Default: "utf8". */
  readonly charset?: "utf8" | "ascii";
}

/** Module specifiers that an artifact with an external runtime imports. */
export const EXTERNAL_ARTIFACT = "wamrc-ts/runtime/artifact";
export const EXTERNAL_HELPERS = "wamrc-ts/runtime/helpers";

/** Zeros between two data segments up to which they are merged: a run of them is a number, a segment several. */
const GAP = 1024;

/** Names under which every artifact offers its face; see `Artifact` in loader/js-entry.ts. */
const CLASSES = { Memory: "m", Table: "t", Global: "g", Trap: "x", LinkError: "l" } as const;

/** Writes an image as the text of a JavaScript file. */
export function writeJavaScript(image: Image, options: JavaScriptOptions = {}): string {
  const { format = "esm", name = "wasmModule", runtime = "bundled" } = options;
  if (runtime === "external" && format !== "esm") {
    throw new TypeError(`an external runtime is imported, which format "${format}" cannot do: use format "esm"`);
  }
  if (format === "script" && !isIdentifier(name)) throw new TypeError(`"${name}" is not a name for a global variable`);
  const module = mergeDataSegments(image.module, GAP);
  const dataLength = sizeOf(module.dataSegments.map(({ bytes }) => bytes));
  const unsqueeze = options.squeeze === true && isWorthSqueezing(dataLength);
  const helpers = helpersOf(image);
  const head = banner(image);
  const body = definition({ ...image, module }, options, unsqueeze);
  if (format === "esm") {
    const classes = Object.entries(CLASSES);
    if (runtime === "external") {
      const imported = helpers.length === 0 ? "" : `import{${helpers.join(",")}}from${quote(EXTERNAL_HELPERS)};\n`;
      return (
        `${head}import{define${unsqueeze ? ",unsqueeze" : ""}}from${quote(EXTERNAL_ARTIFACT)};\n${imported}` +
        `var $w={d:define,${unsqueeze ? "u:unsqueeze," : ""}h:{${helpers.map((helper) => `${helper}:${helper}`).join(",")}}};\n${body}` +
        "export var module=$a.module,instantiate=$a.instantiate,instantiateSync=$a.instantiateSync;\n" +
        `export{${Object.keys(CLASSES).join(",")}}from${quote(EXTERNAL_ARTIFACT)};\n`
      );
    }
    return (
      `${head}var $w;${preludeText("$w", { helpers, unsqueeze })}\n${body}` +
      "export var module=$a.module,instantiate=$a.instantiate,instantiateSync=$a.instantiateSync," +
      `${classes.map(([exported, short]) => `${exported}=$w.${short}`).join(",")};\n`
    );
  }
  const code = `"use strict";var $w;${preludeText("$w", { helpers, unsqueeze })}\n${body}`;
  const members: readonly (readonly [string, string])[] = [
    ...["module", "instantiate", "instantiateSync"].map((member) => [member, `$a.${member}`] as const),
    ...Object.entries(CLASSES).map(([exported, short]) => [exported, `$w.${short}`] as const),
  ];
  if (format === "cjs") return `${head}${code}${members.map(([m, value]) => `exports.${m}=${value};\n`).join("")}`;
  return `${head}var ${name}=(function(){${code}return{${members.map(([m, value]) => `${m}:${value}`).join(",")}};})();\n`;
}

/** Whether a string can stand as a variable's name. */
export function isIdentifier(name: string): boolean {
  return /^[A-Za-z_$][\w$]*$/.test(name) && !RESERVED.has(name);
}

const RESERVED = new Set(
  (
    "arguments await break case catch class const continue debugger default delete do else enum eval export extends false " +
    "finally for function if implements import in instanceof interface let new null package private protected public " +
    "return static super switch this throw true try typeof var void while with yield"
  ).split(" "),
);

function banner({ target }: Image): string {
  const made = `wamrc-ts ${target.compilerVersion}, target ${target.target}, -O${target.optLevel.replace(/^-?O?/, "")}`;
  return `// Compiled from WebAssembly (SHA-256 ${target.sourceDigest}) by ${oneLine(made)}. Do not edit.\n`;
}

function oneLine(text: string): string {
  return text.replace(/[^\x20-\x7e]/g, "?");
}

function helpersOf(image: Image): string[] {
  const names = new Set<string>();
  for (const { relocations } of image.pages)
    for (const { kind, name } of relocations) if (kind === "helper") names.add(name!);
  return [...names].sort();
}

// The call of `define` with all that makes this artifact. Line numbers of pages count from the line of `stack`. A page is in
// parentheses because V8 takes such a function for one that is called at once, and does not read it twice.
function definition(image: Image, options: JavaScriptOptions, squeezed: boolean): string {
  const { target, pages, module } = image;
  const { lines: withLines = false, names: withNames = true, charset = "utf8" } = options;
  const named = withNames && (module.funcNames.size > 0 || module.moduleName !== undefined);
  const tables: Tables = {
    structure: toStructure(module),
    functionTypes: neededTypes(image),
    exports: module.exports,
    pages: pages.map(({ functions, relocations, lines }) => ({
      functions,
      relocations,
      ...(withLines && lines !== undefined && { lines }),
    })),
    ...(named && { names: toNames(module) }),
  };
  const literals = (pack(tablesSchema, tables) as readonly Literal[]).map((part) => printLiteral(part, charset));
  const data = module.dataSegments.map(({ bytes }) => bytes);
  const printed = squeezed
    ? `data:${quote(squeeze(concat(data)))},\nunsqueeze:$w.u`
    : `data:[${data.map((bytes) => printLiteral(packData(bytes) as DataLiteral, charset)).join(",\n")}]`;
  const before = `tables:[${literals.join(",\n")}],\n${printed},\npages:[\n`;
  const probe = /[^\x00-\x7f]/.test(before) ? "\u00ff" : "";
  const starts: number[] = [];
  let line = countLines(before) + 1;
  for (const { text } of pages) {
    starts.push(line);
    line += countLines(text) + 1;
  }
  const elements = ELEMENT_TARGETS.includes(target.target) ? "elements:1," : "";
  return (
    `var $a=$w.d({abi:${target.abiVersion},digest:${quote(target.sourceDigest)},helpers:$w.h,probe:${quote(probe)},${elements}` +
    `lines:[${starts.join()}],stack:function f0(){return new Error().stack}(),\n` +
    `${before}${pages.map(({ text }) => `(${text})`).join(",\n")}\n]});\n`
  );
}

/** The types of functions; 0, which gzip has at once, for those that nobody asks for. Pages ask for functions of others. */
function neededTypes({ module, pages, funcOffsets }: Image): readonly number[] {
  const { types } = toFunctions(module, funcOffsets);
  if (pages.length > 1) return types;
  const reachable = reachableFunctions(module);
  return types.map((type, i) => (reachable.has(module.imported.func + i) ? type : 0));
}

function countLines(text: string): number {
  let count = 0;
  for (let at = text.indexOf("\n"); at >= 0; at = text.indexOf("\n", at + 1)) count++;
  return count;
}

function printLiteral(literal: Literal | DataLiteral, charset: "utf8" | "ascii"): string {
  if (typeof literal === "number") return String(literal);
  if (typeof literal === "string") return quote(literal, charset);
  return `[${literal.map((item) => printLiteral(item, charset)).join()}]`;
}

const ESCAPES: Readonly<Record<string, string>> = { "\n": "\\n", "\r": "\\r", "\\": "\\\\" };

/**
 * A string literal, with as few escapes as the language and HTML (where scripts may be inlined) allow, because much of an
 * artifact can be data. @internal
 */
export function quote(text: string, charset: "utf8" | "ascii" = "utf8"): string {
  const mark = (text.match(/"/g)?.length ?? 0) > (text.match(/'/g)?.length ?? 0) ? "'" : '"';
  const plain = text
    .replace(/[\n\r\\"']/g, (c) => ESCAPES[c] ?? (c === mark ? `\\${c}` : c))
    .replace(/\0(?![0-9])/g, "\\0")
    .replace(/\0/g, "\\x00")
    .replace(/<(?=\/script|!--)/gi, "\\x3c")
    .replace(/[\u2028\u2029\ud800-\udfff\ufeff]/g, unicodeEscape);
  const spelled = charset === "utf8" ? plain : plain.replace(/[^\0-\x7f]/g, unicodeEscape);
  return `${mark}${spelled}${mark}`;
}

function unicodeEscape(character: string): string {
  const hex = character.charCodeAt(0).toString(16);
  return hex.length <= 2 ? `\\x${hex.padStart(2, "0")}` : `\\u${hex.padStart(4, "0")}`;
}
