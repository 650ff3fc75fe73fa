// Is the module structure of an artifact one that instantiation and generated code may rely on? There is no validator in a
// program that only loads, and digests prove only that nobody changed the file by accident, so every index, type and
// constant expression is checked here once, and whatever this runtime has not (other memories than 32-bit ones, other
// tables than of funcref and externref) is refused. What it does not check is code: pages are code, and code is trusted or not.
import { cellGlobals } from "../runtime/abi.js";
import { Op } from "../runtime/wasm/opcodes.js";
import type { ConstExpr, ExternKind, Module } from "../runtime/wasm/module.js";
import {
  ABSTRACT,
  EXTERNREF,
  F32,
  F64,
  FUNCREF,
  HEAP,
  I16,
  I32,
  I64,
  I8,
  V128,
  heapTypeOf,
  isRef,
} from "../runtime/wasm/types.js";
import type { Limits, ValType } from "../runtime/wasm/types.js";
import { inconsistent, unknownSymbol } from "./errors.js";
import type { Relocation } from "./image.js";
import { ABI_VERSION, isHelper } from "./layout.js";
import type { DataHeaders, SectionName } from "./layout.js";

const ABSTRACT_HEAP_TYPES: readonly number[] = Object.values(HEAP);

/** Throws ArtifactError unless the columns describe segments of the module. @internal */
export function checkDataHeaders(module: Module, { memories, lengths, starts, computed }: DataHeaders): void {
  const count = lengths.length;
  need(
    memories.length === count && starts.length === count,
    "structure",
    "data segments with columns of unequal length",
  );
  for (const memory of memories) needIndex(memory, module.memories.length + 1, "structure", "memory");
  for (const { segment, offset } of computed) {
    needIndex(segment, count, "structure", "data segment");
    checkConstExpr(module, offset, I32, module.globals.length);
  }
}

/** Throws ArtifactError unless all parts of `module` fit together. @internal */
export function checkModule(module: Module): void {
  checkTypes(module);
  for (const { desc } of module.imports) if (desc.kind === "func") needFuncType(module, desc.typeIndex, "structure");
  for (const index of module.funcTypes) needFuncType(module, index, "functions");
  for (const tag of module.tags) needFuncType(module, tag.typeIndex, "structure");
  for (const { limits, shared, address64, pageSizeLog2 } of module.memories) {
    checkLimits(limits);
    const supported = !shared && !address64 && pageSizeLog2 === 16;
    need(supported, "structure", "memory that is shared, 64-bit, or of another page size");
  }
  module.tables.forEach(({ type, init }) => {
    checkLimits(type.limits);
    const supported = !type.address64 && (type.element === FUNCREF || type.element === EXTERNREF);
    need(supported, "structure", "table that is 64-bit or of other than funcref and externref");
    if (init !== undefined) checkConstExpr(module, init, type.element, module.globals.length);
  });
  module.globals.forEach(({ type, init }, i) => {
    checkValType(module, type.type);
    if (i >= module.imported.global) checkConstExpr(module, init, type.type, i);
  });
  checkExports(module);
  if (module.start !== undefined) {
    needIndex(module.start, module.funcTypes.length, "structure", "function");
    const { params, results } = funcType(module, module.funcTypes[module.start]!)!;
    need(params.length === 0 && results.length === 0, "structure", "start function with parameters or results");
  }
  checkSegments(module);
}

/** Throws ArtifactError unless every symbol exists in the module or in the ABI. @internal */
export function checkSymbols(module: Module, symbols: readonly Relocation[]): void {
  const cells = cellGlobals(module);
  for (const { kind, index, index2, name } of symbols) {
    need((name !== undefined) === (kind === "helper"), "relocations", "a name, which helpers have and no others");
    need((index2 !== undefined) === (kind === "sig"), "relocations", "a second index, which sig has and no others");
    switch (kind) {
      case "state":
      case "instance":
      case "globals":
        needIndex(index, 1, "relocations", kind);
        break;
      case "helper":
        needIndex(index, 1, "relocations", kind);
        if (!isHelper(name!)) throw unknownSymbol(name!, ABI_VERSION);
        break;
      case "global":
        needIndex(index, module.globals.length, "relocations", "global");
        need(cells[index]!, "relocations", `global ${index} has no cell`);
        break;
      case "memory":
        needIndex(index, module.memories.length, "relocations", "memory");
        break;
      case "sig":
        needFuncType(module, index2!, "relocations");
        needIndex(index, module.tables.length, "relocations", "table");
        need(
          module.tables[index]!.type.element === FUNCREF,
          "relocations",
          `calls through table ${index} of other references`,
        );
        break;
      case "table":
        needIndex(index, module.tables.length, "relocations", "table");
        break;
      case "func":
        needIndex(index, module.funcTypes.length, "relocations", "function");
        break;
    }
  }
}

function need(condition: boolean, section: SectionName, what: string): void {
  if (!condition) throw inconsistent(section, what);
}

function needIndex(index: number, count: number, section: SectionName, what: string): void {
  if (!(index >= 0 && index < count)) throw inconsistent(section, `${what} index ${index}, expected below ${count}`);
}

function funcType(module: Module, typeIndex: number) {
  const composite = module.types[typeIndex]?.composite;
  return composite?.kind === "func" ? composite : undefined;
}

function needFuncType(module: Module, typeIndex: number, section: SectionName): void {
  if (funcType(module, typeIndex) === undefined)
    throw inconsistent(section, `type ${typeIndex} is not a function type`);
}

function checkLimits({ min, max }: Limits): void {
  if (max !== undefined && max < min) throw inconsistent("structure", `limits ${min} to ${max}`);
}

function checkValType(module: Module, type: ValType, packed = false): void {
  if (type === I32 || type === I64 || type === F32 || type === F64 || type === V128) return;
  if (packed && (type === I8 || type === I16)) return;
  const heap = heapTypeOf(type);
  if (isRef(type) && type < 2 ** 31) {
    if ((heap & ABSTRACT) !== 0 ? ABSTRACT_HEAP_TYPES.includes(heap) : heap < module.types.length) return;
  }
  throw inconsistent("structure", `unknown value type ${type}`);
}

function checkTypes(module: Module): void {
  const count = module.types.length;
  module.types.forEach(({ supertypes, composite, recGroupStart, recGroupSize }, i) => {
    const inGroup = recGroupStart <= i && i < recGroupStart + recGroupSize && recGroupStart + recGroupSize <= count;
    need(inGroup, "structure", `type ${i} outside its recursion group`);
    for (const supertype of supertypes) needIndex(supertype, i, "structure", "supertype");
    if (composite.kind === "func")
      for (const type of [...composite.params, ...composite.results]) checkValType(module, type);
    else {
      const fields = composite.kind === "struct" ? composite.fields : [composite.element];
      for (const field of fields) checkValType(module, field.type, true);
    }
  });
}

function checkExports(module: Module): void {
  const names = new Set<string>();
  const counts: Record<ExternKind, number> = {
    func: module.funcTypes.length,
    table: module.tables.length,
    memory: module.memories.length,
    global: module.globals.length,
    tag: module.tags.length,
  };
  for (const { name, kind, index } of module.exports) {
    need(!names.has(name), "exports", `two exports of one name, ${JSON.stringify(name)}`);
    names.add(name);
    needIndex(index, counts[kind], "exports", kind);
  }
}

function checkSegments(module: Module): void {
  const globals = module.globals.length;
  for (const { mode, table, offset, type, funcs, exprs } of module.elements) {
    need(isRef(type), "structure", "element segment of numbers");
    checkValType(module, type);
    need(
      (funcs === undefined) !== (exprs === undefined),
      "structure",
      "element segment with both or neither kind of elements",
    );
    if (funcs !== undefined) {
      need(family(module, type) === "func", "structure", "function indices in a segment of other references");
      for (const index of funcs) needIndex(index, module.funcTypes.length, "structure", "function");
    }
    for (const expr of exprs ?? []) checkConstExpr(module, expr, type, globals);
    if (mode === "active") {
      needIndex(table, module.tables.length, "structure", "table");
      const { element, address64 } = module.tables[table]!.type;
      need(
        family(module, element) === family(module, type),
        "structure",
        "element segment of another type than its table",
      );
      checkConstExpr(module, offset, address64 ? I64 : I32, globals);
    }
  }
}

// References are told apart as far as instantiation relies on it: a function, an external value, anything else.
function family(module: Module, type: ValType): string {
  const heap = heapTypeOf(type);
  if (heap === HEAP.func || heap === HEAP.nofunc || funcType(module, heap) !== undefined) return "func";
  return heap === HEAP.extern || heap === HEAP.noextern ? "extern" : "other";
}

// Runs the expression on types. `globals` is how many of the global index space it may read.
function checkConstExpr(module: Module, expr: ConstExpr, expected: ValType, globals: number): void {
  const stack: (ValType | string)[] = [];
  const typeOf = (type: ValType): ValType | string => (isRef(type) ? family(module, type) : type);
  let pc = 0;
  const immediate = (count: number, what: string): number => {
    const value = expr[pc++];
    if (value === undefined || value < 0 || value >= count)
      throw inconsistent("structure", `${what} in a constant expression`);
    return value;
  };
  const constant = (words: number, type: ValType): void => {
    pc += words;
    stack.push(type);
  };
  const binary = (type: ValType): void => {
    const fits = stack.pop() === type && stack.pop() === type;
    need(fits, "structure", "operands of a constant expression");
    stack.push(type);
  };
  while (pc < expr.length) {
    const op = expr[pc++]!;
    switch (op) {
      case Op.i32_const:
        constant(1, I32);
        break;
      case Op.i64_const:
        constant(2, I64);
        break;
      case Op.f32_const:
        constant(1, F32);
        break;
      case Op.f64_const:
        constant(2, F64);
        break;
      case Op.global_get:
        stack.push(typeOf(module.globals[immediate(globals, "global")]!.type.type));
        break;
      case Op.ref_null:
        stack.push(family(module, immediate(2 ** 30, "heap type")));
        break;
      case Op.ref_func:
        immediate(module.funcTypes.length, "function");
        stack.push("func");
        break;
      case Op.i32_add:
      case Op.i32_sub:
      case Op.i32_mul:
        binary(I32);
        break;
      case Op.i64_add:
      case Op.i64_sub:
      case Op.i64_mul:
        binary(I64);
        break;
      default:
        throw inconsistent("structure", `instruction 0x${op.toString(16)} in a constant expression`);
    }
  }
  const fits = pc === expr.length && stack.length === 1 && stack[0] === typeOf(expected);
  need(fits, "structure", "constant expression of another type");
}

/** Throws ArtifactError unless every defined function is on exactly one page. @internal */
export function checkPages(module: Module, pages: readonly { readonly functions: readonly number[] }[]): void {
  const total = module.funcTypes.length;
  const seen: boolean[] = [];
  let count = module.imported.func;
  for (const { functions } of pages) {
    for (const index of functions) {
      const fits = index >= module.imported.func && index < total && seen[index] === undefined;
      if (!fits) throw inconsistent("pages", `function ${index} on a page`);
      seen[index] = true;
      count++;
    }
  }
  need(count === total, "pages", `${total - count} functions on no page`);
}

/** Throws ArtifactError unless the names are those of functions of the module. @internal */
export function checkNames(functionCount: number, functions: readonly number[], names: readonly string[]): void {
  need(functions.length === names.length, "names", `${names.length} names for ${functions.length} functions`);
  for (const index of functions) needIndex(index, functionCount, "names", "function");
}
