// TypeScript declarations of a JavaScript artifact: what a module exports and imports, with JavaScript's types for Wasm's
// (i64 is bigint, several results are a tuple).
import type { ExternKind, Module } from "../../runtime/wasm/module.js";
import { funcTypeAt } from "../../runtime/wasm/module.js";
import { EXTERNREF, F32, F64, FUNCREF, I32, I64 } from "../../runtime/wasm/types.js";
import type { FuncType, ValType } from "../../runtime/wasm/types.js";

export interface DeclarationOptions {
  /** The global variable of a script; absent for modules. */
  readonly globalName?: string;
}

/** The text of the `.d.ts` that belongs to a JavaScript artifact of `module`. */
export function declarations(module: Module, options: DeclarationOptions = {}): string {
  const exported = module.exports
    .filter(({ kind }) => kind !== "tag")
    .map((e) => member(e.name, typeOf(module, e.kind, e.index)));
  const imports = importLines(module);
  const optional = imports.length === 0 ? "?" : "";
  const body = `/** What the module exports. */
export interface Exports {${block(exported)}}

/** What the module imports. */
export interface Imports {${block(imports)}}

export interface Instance {
  readonly exports: Exports;
}

export interface InstantiateOptions {
  /** Memories end here: pages of 64 KiB, at most 32767. */
  readonly maxMemoryPages?: number;
}

export ${keyword(options, "function")}instantiate(imports${optional}: Imports, options?: InstantiateOptions): Promise<Instance>;
export ${keyword(options, "function")}instantiateSync(imports${optional}: Imports, options?: InstantiateOptions): Instance;

/** The module's imports and exports, and the SHA-256 of the \`.wasm\` it was compiled from. */
export ${keyword(options, "const")}module: {
  readonly digest: string;
  readonly imports: readonly { readonly module: string; readonly name: string; readonly kind: string }[];
  readonly exports: readonly { readonly name: string; readonly kind: string }[];
};

export ${keyword(options, "class")}Memory {
  constructor(descriptor: { readonly initial: number; readonly maximum?: number });
  readonly buffer: ArrayBuffer;
  grow(delta: number): number;
}

export ${keyword(options, "class")}Table {
  constructor(
    descriptor: { readonly element: "anyfunc" | "externref"; readonly initial: number; readonly maximum?: number },
    value?: unknown,
  );
  readonly length: number;
  get(index: number): any;
  set(index: number, value?: unknown): void;
  grow(delta: number, value?: unknown): number;
}

export ${keyword(options, "class")}Global<T = any> {
  constructor(
    descriptor: { readonly value: "i32" | "i64" | "f32" | "f64" | "externref" | "anyfunc"; readonly mutable?: boolean },
    value?: T,
  );
  value: T;
  valueOf(): T;
}

/** The program did what the specification answers with a trap. */
export ${keyword(options, "class")}Trap extends Error {
  readonly frames: readonly { readonly funcIndex: number; readonly name?: string; readonly offset?: number }[];
}

/** An import is missing or of another type. */
export ${keyword(options, "class")}LinkError extends Error {}
`;
  if (options.globalName === undefined) return body;
  return `declare namespace ${options.globalName} {\n${body.replace(/^(?=.)/gm, "  ")}}\n`;
}

function keyword({ globalName }: DeclarationOptions, word: string): string {
  return globalName === undefined ? `declare ${word} ` : `${word} `;
}

function block(lines: readonly string[]): string {
  return lines.length === 0 ? "" : `\n${lines.map((line) => `  ${line}\n`).join("")}`;
}

function member(name: string, type: string): string {
  return `readonly ${/^[A-Za-z_$][\w$]*$/.test(name) ? name : JSON.stringify(name)}: ${type};`;
}

function importLines(module: Module): string[] {
  const byModule = new Map<string, Map<string, string>>();
  module.imports.forEach((wanted) => {
    const names = byModule.get(wanted.module) ?? new Map<string, string>();
    byModule.set(wanted.module, names);
    const { desc } = wanted;
    const type =
      desc.kind === "func"
        ? hostFunction(funcTypeAt(module, desc.typeIndex))
        : desc.kind === "global"
          ? globalImport(desc.global)
          : EXTERN_TYPES[desc.kind];
    // One import may be asked for with several types; then it must be all of them.
    const before = names.get(wanted.name);
    names.set(wanted.name, before === undefined || before === type ? type : `(${before}) & (${type})`);
  });
  return [...byModule].map(([name, names]) => {
    const members = [...names].map(([field, type]) => member(field, type)).join(" ");
    return member(name, `{ ${members} }`);
  });
}

const EXTERN_TYPES: Readonly<Record<Exclude<ExternKind, "func" | "global">, string>> = {
  memory: "Memory",
  table: "Table",
  tag: "unknown",
};

function typeOf(module: Module, kind: ExternKind, index: number): string {
  if (kind === "func") return exportedFunction(funcTypeAt(module, module.funcTypes[index]!));
  if (kind === "global") return `Global<${valueType(module.globals[index]!.type.type)}>`;
  return EXTERN_TYPES[kind];
}

function globalImport({ type, mutable }: { readonly type: ValType; readonly mutable: boolean }): string {
  const value = valueType(type);
  return mutable ? `Global<${value}>` : `Global<${value}> | ${value}`;
}

function valueType(type: ValType): string {
  if (type === I32 || type === F32 || type === F64) return "number";
  if (type === I64) return "bigint";
  if (type === FUNCREF) return "((...args: any[]) => any) | null";
  return type === EXTERNREF ? "any" : "unknown";
}

function parameters({ params }: FuncType): string {
  return params.map((type, i) => `p${i}: ${valueType(type)}`).join(", ");
}

function exportedFunction(type: FuncType): string {
  const results = type.results.map(valueType);
  const result = results.length === 0 ? "void" : results.length === 1 ? results[0]! : `[${results.join(", ")}]`;
  return `(${parameters(type)}) => ${result}`;
}

function hostFunction(type: FuncType): string {
  const results = type.results.map(valueType);
  const result =
    results.length === 0
      ? "void"
      : results.length === 1
        ? results[0]!
        : `Iterable<${[...new Set(results)].join(" | ")}>`;
  return `(${parameters(type)}) => ${result}`;
}
