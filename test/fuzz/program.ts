// A generated module as a tree, and its encoding. Operands are children of the instruction that takes them, so that the
// minimizer can cut branches off and what is left still makes sense more often than not.
import { Op } from "../../runtime/wasm/opcodes.js";
import { EXTERNREF, F32, F64, FUNCREF, I32, I64 } from "../../runtime/wasm/types.js";
import type { ValType } from "../../runtime/wasm/types.js";
import type { BuiltLimits } from "../support/module-builder.js";
import { ByteWriter, ModuleBuilder, valTypeByte } from "../support/module-builder.js";

/** Types by letter: i l f d = i32 i64 f32 f64, n = funcref, e = externref. */
export type Letter = "i" | "l" | "f" | "d" | "n" | "e";

export const VALTYPE: Readonly<Record<Letter, ValType>> = { i: I32, l: I64, f: F32, d: F64, n: FUNCREF, e: EXTERNREF };

/** What a branch can go to; the encoder knows how deep it is. */
export interface Label {
  /** Types a branch to it carries. */
  readonly types: readonly Letter[];
  readonly isLoop: boolean;
}

/** Instructions of the tree that are none of the binary format; all negative. */
export const enum Pseudo {
  /** Stands for the parameters of the enclosing block, which are on the stack already. Encodes to nothing. */
  take = -1,
  /** Sets locals `imms` (-1: drops) from all results of its operands, the last result first. */
  spread = -2,
  /** Takes one unit of fuel, or ends in `unreachable` where there is none. */
  fuel = -3,
  /** Adds its operand, whatever its type, to the checksum: what is computed here can be seen from outside. */
  mix = -4,
}

export interface Node {
  op: number;
  imms: readonly number[];
  /** Operands; together they leave on the stack what the instruction takes. */
  args: Node[];
  results: readonly Letter[];
  /** Constants: i32 and f32 bits as number, i64 and f64 bits as bigint. */
  value?: number | bigint;
  /** Blocks: their label, parameter types (results are above) and body; `if` has both bodies. */
  label?: Label;
  params?: readonly Letter[];
  body?: Node[];
  otherwise?: Node[];
  /** Indirect calls: the type called. */
  calls?: Signature;
  /** Branch targets, the default last; undefined is the function itself. */
  targets?: readonly Label[];
  /** Result may be a NaN whose bits the specification leaves open. */
  wild?: boolean;
}

export interface Signature {
  readonly params: readonly Letter[];
  readonly results: readonly Letter[];
}

export interface Func extends Signature {
  /** Types of the locals after the parameters. */
  readonly locals: Letter[];
  body: Node[];
  readonly label: Label;
  exported: boolean;
}

export interface GlobalDef {
  readonly type: Letter;
  readonly mutable: boolean;
  readonly imported: boolean;
  readonly exported: boolean;
  readonly init: Node;
}

export interface MemoryDef extends BuiltLimits {
  readonly imported: boolean;
}

export interface TableDef extends BuiltLimits {
  readonly element: "n" | "e";
  readonly imported: boolean;
}

export interface DataDef {
  bytes: Uint8Array;
  readonly at?: { readonly memory: number; readonly offset: number };
}

export interface ElementsDef {
  readonly funcs: readonly number[];
  readonly at?: { readonly table: number; readonly offset: number };
}

export interface Program {
  readonly seed: number;
  readonly hosts: readonly Signature[];
  readonly funcs: Func[];
  readonly globals: GlobalDef[];
  readonly memories: MemoryDef[];
  readonly tables: TableDef[];
  readonly data: DataDef[];
  readonly elements: ElementsDef[];
  /** The global that holds the fuel. */
  readonly fuelGlobal: number;
  /** The i64 global that holds the checksum. */
  readonly mixGlobal: number;
  start?: number;
}

/** Fuel an exported function starts with. */
export const FUEL = 600;

export function signatureText({ params, results }: Signature): string {
  return `${params.join("")}:${results.join("")}`;
}

/**
 * The module's bytes. Export and import names tell their types ("f3:il:l"), so that a kept module can be run without
 * anything beside it. Floats cross the border as the integers that hold their bits.
 */
export function encodeProgram(program: Program): Uint8Array {
  const m = new ModuleBuilder();
  const typeOf = ({ params, results }: Signature): number =>
    m.type(
      params.map((p) => VALTYPE[p]),
      results.map((r) => VALTYPE[r]),
    );
  program.hosts.forEach((host, i) => m.importFunc("h", `${i}:${signatureText(host)}`, typeOf(host)));
  program.memories.forEach((memory, i) => {
    if (memory.imported) m.importMemory("m", `${i}:${memory.min}:${memory.max ?? ""}`, memory);
  });
  program.tables.forEach((table, i) => {
    if (table.imported) m.importTable("t", `${i}:${table.min}:${table.max ?? ""}`, VALTYPE[table.element], table);
  });
  program.globals.forEach((global, i) => {
    if (global.imported)
      m.importGlobal("g", `${i}:${global.type}:${global.mutable ? 1 : 0}`, VALTYPE[global.type], global.mutable);
  });
  for (const memory of program.memories) if (!memory.imported) m.memory(memory);
  for (const table of program.tables) if (!table.imported) m.table(VALTYPE[table.element], table);
  for (const global of program.globals) {
    if (global.imported) continue;
    const init = new ByteWriter();
    new Encoder(init, typeOf, program).node(global.init);
    m.global(VALTYPE[global.type], global.mutable, init);
  }
  for (const func of program.funcs) {
    const code = new ByteWriter();
    const encoder = new Encoder(code, typeOf, program);
    encoder.labels.push(func.label);
    encoder.sequence(func.body);
    m.func(
      typeOf(func),
      func.locals.map((type) => VALTYPE[type]),
      code,
    );
  }
  exportAll(m, program, typeOf);
  if (program.start !== undefined) m.start(program.start);
  for (const { funcs, at } of program.elements) m.elements(funcs, at);
  m.elements(
    Array.from({ length: program.hosts.length + program.funcs.length }, (_, i) => i),
    "declarative",
  );
  for (const { bytes, at } of program.data) m.data(bytes, at);
  return m.toBytes();
}

function exportAll(m: ModuleBuilder, program: Program, typeOf: (signature: Signature) => number): void {
  const reset = new ByteWriter().op(Op.i32_const).s32(FUEL).op(Op.global_set).u32(program.fuelGlobal);
  m.export("reset", "func", m.func(m.type([], []), [], reset));
  program.funcs.forEach((func, i) => {
    if (!func.exported) return;
    const index = program.hosts.length + i;
    const outside: Signature = { params: func.params.map(asInteger), results: func.results.map(asInteger) };
    const name = `f${i}:${signatureText(outside)}`;
    if (![...func.params, ...func.results].some(isFloat)) return m.export(name, "func", index);
    m.export(
      name,
      "func",
      m.func(
        typeOf(outside),
        outside.results.map((type) => VALTYPE[type]),
        carrier(func, index),
      ),
    );
  });
  program.globals.forEach((global, i) => {
    if (global.type === "n" || global.type === "e") return;
    if (!isFloat(global.type) && global.exported) return m.export(`g${i}:${global.type}`, "global", i);
    const code = new ByteWriter().op(Op.global_get).u32(i);
    if (isFloat(global.type)) code.op(TO_INTEGER[global.type]!);
    m.export(
      `r${i}::${asInteger(global.type)}`,
      "func",
      m.func(m.type([], [VALTYPE[asInteger(global.type)]]), [], code),
    );
  });
  program.memories.forEach((_, i) => m.export(`m${i}`, "memory", i));
  program.tables.forEach((_, i) => m.export(`t${i}`, "table", i));
}

const TO_INTEGER: Readonly<Partial<Record<Letter, Op>>> = { f: Op.i32_reinterpret_f32, d: Op.i64_reinterpret_f64 };
const TO_FLOAT: Readonly<Partial<Record<Letter, Op>>> = { f: Op.f32_reinterpret_i32, d: Op.f64_reinterpret_i64 };

export function isFloat(type: Letter): boolean {
  return type === "f" || type === "d";
}

function asInteger(type: Letter): Letter {
  return type === "f" ? "i" : type === "d" ? "l" : type;
}

function carrier(func: Func, index: number): ByteWriter {
  const code = new ByteWriter();
  func.params.forEach((type, i) => {
    code.op(Op.local_get).u32(i);
    if (isFloat(type)) code.op(TO_FLOAT[type]!);
  });
  code.op(Op.call).u32(index);
  const first = func.params.length;
  for (let i = func.results.length - 1; i >= 0; i--) {
    if (isFloat(func.results[i]!)) code.op(TO_INTEGER[func.results[i]!]!);
    code.op(Op.local_set).u32(first + i);
  }
  for (let i = 0; i < func.results.length; i++) code.op(Op.local_get).u32(first + i);
  return code;
}

class Encoder {
  readonly labels: (Label | undefined)[] = [];

  private readonly out: ByteWriter;
  private readonly typeOf: (signature: Signature) => number;
  private readonly program: Program;

  constructor(out: ByteWriter, typeOf: (signature: Signature) => number, program: Program) {
    this.out = out;
    this.typeOf = typeOf;
    this.program = program;
  }

  sequence(nodes: readonly Node[]): void {
    for (const node of nodes) this.node(node);
  }

  node(node: Node): void {
    const { out } = this;
    const { fuelGlobal } = this.program;
    for (const arg of node.args) this.node(arg);
    switch (node.op) {
      case Pseudo.take:
        return;
      case Pseudo.spread:
        for (let i = node.imms.length - 1; i >= 0; i--) {
          if (node.imms[i]! < 0) out.op(Op.drop);
          else out.op(Op.local_set).u32(node.imms[i]!);
        }
        return;
      case Pseudo.mix:
        return this.mix(node.args[0]!.results[0]!);
      case Pseudo.fuel:
        out.op(Op.global_get).u32(fuelGlobal).op(Op.i32_eqz).op(Op.if).byte(0x40).op(Op.unreachable).op(Op.end);
        out.op(Op.global_get).u32(fuelGlobal).op(Op.i32_const).s32(1).op(Op.i32_sub).op(Op.global_set).u32(fuelGlobal);
        return;
      case Op.block:
      case Op.loop:
      case Op.if:
        return this.block(node);
      case Op.br:
      case Op.br_if:
        out.op(node.op).u32(this.depth(node.targets![0]!));
        return;
      case Op.br_table:
        out.op(node.op).u32(node.targets!.length - 1);
        for (const target of node.targets!) out.u32(this.depth(target));
        return;
      case Op.call_indirect:
      case Op.return_call_indirect:
        out.op(node.op).u32(this.typeOf(node.calls!)).u32(node.imms[0]!);
        return;
      case Op.i32_const:
        out.op(node.op).s32(node.value as number);
        return;
      case Op.i64_const:
        out.op(node.op).s64(node.value as bigint);
        return;
      case Op.f32_const:
        out.op(node.op).fixed32(node.value as number);
        return;
      case Op.f64_const:
        out.op(node.op).fixed64(node.value as bigint);
        return;
      case Op.select_t:
        out.op(node.op).u32(1).byte(valTypeByte(VALTYPE[node.results[0]!]));
        return;
      default:
        out.op(node.op);
        for (const imm of node.imms) out.u32(imm);
    }
  }

  private mix(type: Letter): void {
    const { out } = this;
    const { mixGlobal } = this.program;
    if (type === "n" || type === "e") out.op(Op.ref_is_null);
    if (isFloat(type)) out.op(TO_INTEGER[type]!);
    if (asInteger(type) !== "l") out.op(Op.i64_extend_i32_s);
    out.op(Op.global_get).u32(mixGlobal).op(Op.i64_const).s64(7n).op(Op.i64_rotl).op(Op.i64_add);
    out.op(Op.global_set).u32(mixGlobal);
  }

  private block(node: Node): void {
    const { out } = this;
    const params = node.params ?? [];
    out.op(node.op);
    if (params.length === 0 && node.results.length === 0) out.byte(0x40);
    else if (params.length === 0 && node.results.length === 1) out.byte(valTypeByte(VALTYPE[node.results[0]!]));
    else out.s32(this.typeOf({ params, results: node.results }));
    this.labels.push(node.label);
    this.sequence(node.body!);
    if (node.otherwise !== undefined) {
      out.op(Op.else);
      this.sequence(node.otherwise);
    }
    this.labels.pop();
    out.op(Op.end);
  }

  private depth(target: Label): number {
    const at = this.labels.lastIndexOf(target);
    // A minimizer's candidate may have lost the block: the depth is out of range then, and the module does not validate.
    return at < 0 ? 0xffff : this.labels.length - 1 - at;
  }
}
