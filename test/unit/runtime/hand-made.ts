// Modules and code made by hand for the tests of the runtime: a module structure from few words, and a provider of raw
// callables that are plain JavaScript functions.
import type { CodeProvider } from "../../../runtime/instance/code.js";
import type { Instance } from "../../../runtime/instance/instance.js";
import type { RawCode } from "../../../runtime/instance/store.js";
import type { Export, ExternKind, Import, Module } from "../../../runtime/wasm/module.js";
import {
  EXTERNREF,
  F32,
  F64,
  FUNCREF,
  I32,
  I64,
  V128,
  type FuncType,
  type ValType,
} from "../../../runtime/wasm/types.js";

const TYPES: Record<string, ValType> = { i: I32, l: I64, f: F32, d: F64, v: V128, n: FUNCREF, e: EXTERNREF };

/** The function type of a type key. */
export function type(key: string): FuncType {
  const [params, results] = key.split(":").map((letters) => [...letters].map((letter) => TYPES[letter]!));
  return { kind: "func", params: params!, results: results! };
}

export function valType(letter: string): ValType {
  return TYPES[letter]!;
}

/** What a module may be made of; everything has a default. Imports of each kind come first in its index space. */
export interface Parts extends Partial<Omit<Module, "types" | "imports" | "exports" | "imported" | "funcTypes">> {
  /** Type keys. */
  types?: string[];
  /** `["env", "f", "func", 0]`, or with a descriptor. */
  imports?: readonly (readonly [string, string, Import["desc"]])[];
  /** Type indices of the defined functions. */
  funcs?: number[];
  /** `{ name: ["func", 0] }` */
  exports?: Record<string, readonly [ExternKind, number]>;
}

export function makeModule(parts: Parts): Module {
  const imports = (parts.imports ?? []).map(([module, name, desc]) => ({ module, name, desc }));
  const descs = imports.map((i) => i.desc);
  const count = (kind: ExternKind): number => descs.filter((d) => d.kind === kind).length;
  const exports: Export[] = Object.entries(parts.exports ?? {}).map(([name, [kind, index]]) => ({ name, kind, index }));
  return {
    types: (parts.types ?? []).map((key, i) => ({
      final: true,
      supertypes: [],
      composite: type(key),
      recGroupStart: i,
      recGroupSize: 1,
    })),
    imports,
    funcTypes: [...descs.flatMap((d) => (d.kind === "func" ? [d.typeIndex] : [])), ...(parts.funcs ?? [])],
    tables: [...descs.flatMap((d) => (d.kind === "table" ? [{ type: d.table }] : [])), ...(parts.tables ?? [])],
    memories: [...descs.flatMap((d) => (d.kind === "memory" ? [d.memory] : [])), ...(parts.memories ?? [])],
    globals: [
      ...descs.flatMap((d) => (d.kind === "global" ? [{ type: d.global, init: [] }] : [])),
      ...(parts.globals ?? []),
    ],
    tags: [],
    exports,
    elements: parts.elements ?? [],
    dataSegments: parts.dataSegments ?? [],
    customs: [],
    imported: {
      func: count("func"),
      table: count("table"),
      memory: count("memory"),
      global: count("global"),
      tag: 0,
    },
    funcNames: parts.funcNames ?? new Map(),
    ...(parts.start === undefined ? {} : { start: parts.start }),
  };
}

/** A provider of hand-written code: `make` gets the instance and returns raw callables by function index. */
export function code(make: (instance: Instance) => Record<number, RawCode>): CodeProvider {
  let made: Record<number, RawCode>;
  return {
    link(instance) {
      made = make(instance);
    },
    funcCode: (index) => made[index]!,
  };
}

export const NO_CODE = code(() => ({}));

export const memoryType = (min: number, max?: number): Module["memories"][0] => ({
  limits: max === undefined ? { min } : { min, max },
  shared: false,
  address64: false,
  pageSizeLog2: 16,
});

export const tableType = (element: ValType, min: number, max?: number): Module["tables"][0]["type"] => ({
  element,
  limits: max === undefined ? { min } : { min, max },
  address64: false,
});
