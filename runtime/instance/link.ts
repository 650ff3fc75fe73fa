// Link checks: finds what a module imports in the import object and matches it against the type that the module asks for.
// Nothing is allocated or changed before all imports have passed.
// https://webassembly.github.io/spec/js-api/#read-the-imports
import { LinkError } from "../errors.js";
import { funcTypeAt, type Import, type ImportDesc, type Module } from "../wasm/module.js";
import { EXTERNREF, FUNCREF, I64, isRef, V128, type GlobalType } from "../wasm/types.js";
import { describeFuncType, describeValType, funcOf, makeFunc, typeKeyOf, typeLetter, type Func } from "./func.js";
import { Global, makeCell, wrapGlobal } from "./global.js";
import { hostCode } from "./host.js";
import { describeLimits, limitsMatch } from "./limits.js";
import { Memory, PAGE } from "./memory.js";
import { S } from "./store.js";
import { Table } from "./table.js";
import { toWasm } from "./value.js";

/** Import modules by name, each an object (or anything with properties) that holds the imports by theirs. */
// eslint-disable-next-line @typescript-eslint/no-explicit-any
export type ImportObject = Record<string, any>;

/** Imports in the order of the index spaces. @internal */
export interface Imported {
  readonly funcs: Func[];
  readonly tables: Table[];
  readonly memories: Memory[];
  readonly globals: Global[];
}

/** @internal */
export function resolveImports(module: Module, imports: ImportObject | undefined): Imported {
  const found: Imported = { funcs: [], tables: [], memories: [], globals: [] };
  for (const wanted of module.imports) {
    const value = lookUp(module, wanted, imports);
    const { desc } = wanted;
    switch (desc.kind) {
      case "func":
        found.funcs.push(importFunc(module, wanted, value, desc.typeIndex, found.funcs.length));
        break;
      case "table":
        if (!tableMatches(desc, value)) throw incompatible(module, wanted, value);
        found.tables.push(value);
        break;
      case "memory":
        if (!memoryMatches(desc, value)) throw incompatible(module, wanted, value);
        found.memories.push(value);
        break;
      case "global":
        found.globals.push(importGlobal(module, wanted, value, desc.global));
        break;
      case "tag":
        throw incompatible(module, wanted, value);
    }
  }
  return found;
}

function lookUp(module: Module, wanted: Import, imports: ImportObject | undefined): unknown {
  const from: unknown = imports === undefined || imports === null ? undefined : imports[wanted.module];
  const value = from === undefined || from === null ? undefined : (from as Record<string, unknown>)[wanted.name];
  // undefined is a value of type externref, but not where nothing has been given.
  if (value === undefined && !(from !== undefined && from !== null && wanted.name in Object(from))) {
    const why = from === undefined || from === null ? `there is no module "${wanted.module}"` : "it is not there";
    throw new LinkError(
      "unknown-import",
      `unknown import: ${place(wanted)}: expected ${expected(module, wanted.desc)}, but ${why}`,
    );
  }
  return value;
}

function importFunc(module: Module, wanted: Import, value: unknown, typeIndex: number, index: number): Func {
  const type = funcTypeAt(module, typeIndex);
  const key = typeKeyOf(type);
  const func = funcOf(value);
  if (func !== undefined) {
    if (func.typeKey !== key) throw incompatible(module, wanted, value);
    return func;
  }
  if (typeof value !== "function") throw incompatible(module, wanted, value);
  return makeFunc(type, key, hostCode(value as (...args: unknown[]) => unknown, type), null, index, wanted.name);
}

function tableMatches(desc: ImportDesc & { kind: "table" }, value: unknown): value is Table {
  const { element, limits } = desc.table;
  return value instanceof Table && value.elementType === element && limitsMatch(value.length, value.maximum, limits);
}

function memoryMatches(desc: ImportDesc & { kind: "memory" }, value: unknown): value is Memory {
  const { limits, shared } = desc.memory;
  return value instanceof Memory && !shared && limitsMatch(value.bytes.length / PAGE, value.maximum, limits);
}

function importGlobal(module: Module, wanted: Import, value: unknown, type: GlobalType): Global {
  if (value instanceof Global) {
    if (value.type.type !== type.type || value.type.mutable !== type.mutable) throw incompatible(module, wanted, value);
    return value;
  }
  // A plain value makes an immutable global.
  if (type.mutable || !plainValueFits(type, value)) throw incompatible(module, wanted, value);
  const cell = makeCell(type.type);
  cell.v = toWasm(typeLetter(type.type), value);
  if (type.type === I64) cell.h = S.h;
  return wrapGlobal(type, cell);
}

function plainValueFits(type: GlobalType, value: unknown): boolean {
  if (type.type === EXTERNREF) return true;
  if (type.type === FUNCREF) return value === null || funcOf(value) !== undefined;
  if (type.type === V128 || isRef(type.type)) return false;
  return typeof value === (type.type === I64 ? "bigint" : "number");
}

// Messages

function incompatible(module: Module, wanted: Import, value: unknown): LinkError {
  return new LinkError(
    "incompatible-import-type",
    `incompatible import type: ${place(wanted)}: expected ${expected(module, wanted.desc)}, got ${actual(value)}`,
  );
}

function place(wanted: Import): string {
  return `"${wanted.module}" "${wanted.name}"`;
}

function expected(module: Module, desc: ImportDesc): string {
  switch (desc.kind) {
    case "func":
      return `function ${describeFuncType(funcTypeAt(module, desc.typeIndex))}`;
    case "table": {
      const { element, limits } = desc.table;
      return `table of ${describeValType(element)}, ${describeLimits(limits.min, limits.max)}`;
    }
    case "memory": {
      const { limits, shared } = desc.memory;
      return `${shared ? "shared " : ""}memory, ${describeLimits(limits.min, limits.max)}`;
    }
    case "global":
      return describeGlobal(desc.global);
    case "tag":
      return "tag";
  }
}

function describeGlobal(type: GlobalType): string {
  return `${type.mutable ? "mutable" : "immutable"} global ${describeValType(type.type)}`;
}

function actual(value: unknown): string {
  if (value instanceof Global) return describeGlobal(value.type);
  if (value instanceof Memory) return `memory, ${describeLimits(value.bytes.length / PAGE, value.maximum)}`;
  if (value instanceof Table) {
    return `table of ${describeValType(value.elementType)}, ${describeLimits(value.length, value.maximum)}`;
  }
  const func = funcOf(value);
  if (func !== undefined) return `function ${describeFuncType(func.type)}`;
  if (typeof value === "function") return "a host function";
  if (value === null || typeof value !== "object") return value === null ? "null" : `${typeof value} ${String(value)}`;
  // A likely mistake: objects of the host's own WebAssembly, or of another artifact's copy of the runtime.
  const { constructor } = value;
  const name = typeof constructor === "function" ? constructor.name : "";
  if (name === "Memory" || name === "Table" || name === "Global") {
    return `a ${name} that was not made by this copy of the runtime`;
  }
  return "an object";
}
