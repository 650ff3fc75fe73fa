// Instantiation, in the specification's order: link checks, allocation, code, globals, tables, elements, data, start. A
// segment that does not fit is a trap, and what earlier segments wrote stays written.
// https://webassembly.github.io/spec/core/exec/modules.html#instantiation
import { cellGlobals } from "../abi.js";
import { WasmError } from "../wasm/error.js";
import type { Module } from "../wasm/module.js";
import { F32, F64, I64, isRef } from "../wasm/types.js";
import type { CodeProvider } from "./code.js";
import { evalConst } from "./const-eval.js";
import { exportFunc, invokeRaw } from "./func.js";
import { makeCell } from "./global.js";
import { Instance } from "./instance.js";
import { resolveImports, type ImportObject } from "./link.js";
import { allocateMemory, MAX_MEMORY_PAGES, placeData } from "./memory.js";
import { allocateTable, fillTable } from "./table.js";
import type { InstanceHome, InstanceStorage } from "./storage.js";
import type { Scalar } from "./value.js";

export interface InstantiateOptions {
  /** Memories of the instance end here, whatever their declared maximum: pages of 64 KiB, at most 32767. */
  readonly maxMemoryPages?: number;
  /** The runtime that the instance's memory comes from and is charged in. Default: none, the engine's own objects do. */
  readonly runtime?: InstanceHome;
}

const LITTLE_ENDIAN = /* @__PURE__ */ new Uint8Array(/* @__PURE__ */ new Uint16Array([1]).buffer)[0] === 1;

/**
 * Makes an instance of a valid module. Throws LinkError before anything has happened, Trap from segments and start; WasmError
 * `byte-order` on a big-endian host, where typed arrays would show the halves of 64 bits, and elements of memories, wrongly.
 */
export function instantiate(
  module: Module,
  code: CodeProvider,
  imports?: ImportObject,
  options: InstantiateOptions = {},
): Instance {
  if (!LITTLE_ENDIAN) {
    throw new WasmError("byte-order", "this host is big-endian, which compiled code does not support");
  }
  const storage = options.runtime && options.runtime.begin(module);
  let started = false;
  try {
    const given = storage ? storage.imports(imports) : imports;
    const instance = build(module, code, given, options, storage);
    started = true;
    if (module.start !== undefined) invokeRaw(instance.func(module.start), []);
    return instance;
  } catch (error) {
    if (storage) storage.abandon(started);
    throw error;
  }
}

function build(
  module: Module,
  code: CodeProvider,
  imports: ImportObject | undefined,
  options: InstantiateOptions,
  storage: InstanceStorage | undefined,
): Instance {
  const instance = new Instance(module, code, resolveImports(module, imports), storage);
  allocate(instance, options.maxMemoryPages ?? MAX_MEMORY_PAGES);
  code.link(instance);
  for (let i = module.imported.global; i < module.globals.length; i++) {
    instance.setGlobal(i, evalConst(instance, module.globals[i]!.init));
  }
  for (let i = module.imported.table; i < module.tables.length; i++) {
    const { init } = module.tables[i]!;
    const table = instance.tables[i]!;
    if (init !== undefined) fillTable(table, 0, evalConst(instance, init), table.length);
  }
  publish(instance);
  if (storage) storage.attach(instance);
  initElements(instance);
  initData(instance);
  return instance;
}

function allocate(instance: Instance, maxMemoryPages: number): void {
  const { module, storage } = instance;
  for (let i = module.imported.table; i < module.tables.length; i++) {
    const { element, limits } = module.tables[i]!.type;
    instance.tables.push(allocateTable(i, element, limits.min, limits.max, null, storage));
  }
  const cells = cellGlobals(module);
  instance.privates = storage ? storage.globals(instance, cells) : plainGlobals(instance, cells);
  // Last, so that there may be room behind them to grow into.
  for (let i = module.imported.memory; i < module.memories.length; i++) {
    const { min, max } = module.memories[i]!.limits;
    instance.memories.push(allocateMemory(i, min, max, maxMemoryPages, storage));
  }
}

function plainGlobals({ module, cells, globals }: Instance, isCell: readonly boolean[]): Record<string, Scalar> {
  const privates: string[] = [];
  module.globals.forEach(({ type: { type } }, i) => {
    if (i < module.imported.global) cells.push(globals[i]!.cell);
    else if (isCell[i]) cells.push(makeCell(type));
    else {
      cells.push(undefined);
      privates.push(`"g${i}":${isRef(type) ? null : type === F32 || type === F64 ? 0.5 : 0}`);
      if (type === I64) privates.push(`"h${i}":0`);
    }
  });
  // FAST: an object that gets its fields one by one is a hash table to V8; parsed from JSON it has a class of its own (up to
  // 128 fields), as a literal would. Reading and writing is 15 to 30 times faster.
  return JSON.parse(`{${privates.join(",")}}`) as Record<string, Scalar>;
}

function publish(instance: Instance): void {
  const exports = instance.exports as Record<string, unknown>;
  for (const { name, kind, index } of instance.module.exports) {
    if (kind === "func") exports[name] = exportFunc(instance.func(index));
    else if (kind === "memory") exports[name] = instance.memories[index];
    else if (kind === "table") exports[name] = instance.tables[index];
    else if (kind === "global") exports[name] = instance.global(index);
  }
  Object.freeze(exports);
}

function initElements(instance: Instance): void {
  const segments = instance.module.elements;
  for (let i = 0; i < segments.length; i++) {
    const { mode, funcs, exprs } = segments[i]!;
    // Nobody can use a declarative segment.
    if (mode === "declarative") instance.elem_drop(i);
    else if (funcs !== undefined) instance.elements[i] = funcs.map((index) => instance.func(index));
    else instance.elements[i] = exprs!.map((expr) => evalConst(instance, expr));
  }
  for (let i = 0; i < segments.length; i++) {
    const { mode, table, offset } = segments[i]!;
    if (mode !== "active") continue;
    instance.table_init(table, i, evalConst(instance, offset) as number, 0, instance.elements[i]!.length);
    instance.elem_drop(i);
  }
}

function initData(instance: Instance): void {
  const { memories, storage } = instance;
  const segments = instance.module.dataSegments;
  for (let i = 0; i < segments.length; i++) {
    const segment = segments[i]!;
    if (segment.mode === "active") instance.data_drop(i);
    else instance.data[i] = storage ? storage.segment(i, segment) : segment.bytes;
  }
  // No code runs between the segments, so nobody can tell that active ones are never there to be dropped.
  for (let i = 0; i < segments.length; i++) {
    const segment = segments[i]!;
    if (segment.mode === "active") {
      placeData(memories[segment.memory]!, segment, evalConst(instance, segment.offset) as number);
    }
  }
}
