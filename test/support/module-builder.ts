// Builds Wasm binaries for tests: a byte writer with the format's number encodings, and a module builder that
// collects section entries and writes the sections in order. It checks nothing, so that tests can build invalid modules.
import { EXTERNREF, F32, F64, FUNCREF, I32, I64, V128 } from "../../runtime/wasm/types.js";
import type { ValType } from "../../runtime/wasm/types.js";
import { isPrefix, Op } from "../../runtime/wasm/opcodes.js";

export class ByteWriter {
  private buffer = new Uint8Array(256);
  length = 0;

  toBytes(): Uint8Array {
    return this.buffer.slice(0, this.length);
  }

  byte(value: number): this {
    if (this.length === this.buffer.length) this.reserve(1);
    this.buffer[this.length++] = value;
    return this;
  }

  bytes(values: Uint8Array | readonly number[]): this {
    this.reserve(values.length);
    this.buffer.set(values, this.length);
    this.length += values.length;
    return this;
  }

  u32(value: number): this {
    let rest = value >>> 0;
    while (rest >= 0x80) {
      this.byte((rest & 0x7f) | 0x80);
      rest >>>= 7;
    }
    return this.byte(rest);
  }

  s32(value: number): this {
    let rest = value | 0;
    while (rest < -64 || rest > 63) {
      this.byte((rest & 0x7f) | 0x80);
      rest >>= 7;
    }
    return this.byte(rest & 0x7f);
  }

  s64(value: bigint): this {
    let rest = BigInt.asIntN(64, value);
    while (rest < -64n || rest > 63n) {
      this.byte(Number(rest & 0x7fn) | 0x80);
      rest >>= 7n;
    }
    return this.byte(Number(rest & 0x7fn));
  }

  fixed32(bits: number): this {
    return this.byte(bits & 255)
      .byte((bits >>> 8) & 255)
      .byte((bits >>> 16) & 255)
      .byte((bits >>> 24) & 255);
  }

  fixed64(bits: bigint): this {
    return this.fixed32(Number(BigInt.asUintN(32, bits))).fixed32(Number(BigInt.asUintN(32, bits >> 32n)));
  }

  name(text: string): this {
    const utf8 = new TextEncoder().encode(text);
    return this.u32(utf8.length).bytes(utf8);
  }

  op(op: Op): this {
    if (op < 0x100) return this.byte(op);
    return op < 0x1_0000 ? this.byte(op >>> 8).u32(op & 0xff) : this.byte(op >>> 16).u32(op & 0xffff);
  }

  /** A sequence of opcodes and of immediates below 0x80; larger immediates have to be written by their own method. */
  code(...values: readonly number[]): this {
    for (const value of values) {
      if (value > 0xff && !isPrefix(value >= 0x1_0000 ? value >>> 16 : value >>> 8))
        throw new Error(`BUG: ${value} is no opcode`);
      this.op(value);
    }
    return this;
  }

  private reserve(count: number): void {
    if (this.length + count <= this.buffer.length) return;
    const grown = new Uint8Array(Math.max(this.buffer.length * 2, this.length + count));
    grown.set(this.buffer.subarray(0, this.length));
    this.buffer = grown;
  }
}

export function valTypeByte(type: ValType): number {
  if (type === FUNCREF) return 0x70;
  if (type === EXTERNREF) return 0x6f;
  if (type === I32 || type === I64 || type === F32 || type === F64 || type === V128) return type;
  throw new Error(`BUG: the module builder cannot encode value type ${type}`);
}

export type Kind = "func" | "table" | "memory" | "global";
const KIND_BYTE: Readonly<Record<Kind, number>> = { func: 0, table: 1, memory: 2, global: 3 };

export interface BuiltLimits {
  readonly min: number;
  readonly max?: number;
}

/** A module under construction. Imports of a kind must be added before definitions of that kind. */
export class ModuleBuilder {
  private readonly types: string[] = [];
  private readonly typeBytes: Uint8Array[] = [];
  private readonly sections = new Map<number, { count: number; writer: ByteWriter }>();
  private readonly counts: Record<Kind, number> = { func: 0, table: 0, memory: 0, global: 0 };
  private startFunc: number | undefined;
  private dataCount: number | undefined;
  private readonly customs: { name: string; bytes: Uint8Array }[] = [];

  type(params: readonly ValType[], results: readonly ValType[]): number {
    const writer = new ByteWriter().byte(0x60).u32(params.length);
    for (const type of params) writer.byte(valTypeByte(type));
    writer.u32(results.length);
    for (const type of results) writer.byte(valTypeByte(type));
    const bytes = writer.toBytes();
    const key = bytes.join();
    const known = this.types.indexOf(key);
    if (known >= 0) return known;
    this.typeBytes.push(bytes);
    return this.types.push(key) - 1;
  }

  importFunc(module: string, name: string, typeIndex: number): number {
    this.importEntry(module, name, "func").u32(typeIndex);
    return this.counts.func++;
  }

  importMemory(module: string, name: string, limits: BuiltLimits): number {
    writeLimits(this.importEntry(module, name, "memory"), limits);
    return this.counts.memory++;
  }

  importTable(module: string, name: string, element: ValType, limits: BuiltLimits): number {
    writeLimits(this.importEntry(module, name, "table").byte(valTypeByte(element)), limits);
    return this.counts.table++;
  }

  importGlobal(module: string, name: string, type: ValType, mutable: boolean): number {
    this.importEntry(module, name, "global")
      .byte(valTypeByte(type))
      .byte(mutable ? 1 : 0);
    return this.counts.global++;
  }

  /** Adds a function; `body` is its instructions without the final `end`. */
  func(typeIndex: number, locals: readonly ValType[], body: ByteWriter | readonly number[]): number {
    this.entry(3).u32(typeIndex);
    const code = new ByteWriter();
    const runs: { type: ValType; count: number }[] = [];
    for (const type of locals) {
      const last = runs[runs.length - 1];
      if (last?.type === type) last.count++;
      else runs.push({ type, count: 1 });
    }
    code.u32(runs.length);
    for (const run of runs) code.u32(run.count).byte(valTypeByte(run.type));
    if (body instanceof ByteWriter) code.bytes(body.toBytes());
    else code.code(...body);
    code.op(Op.end);
    this.entry(10).u32(code.length).bytes(code.toBytes());
    return this.counts.func++;
  }

  memory(limits: BuiltLimits): number {
    writeLimits(this.entry(5), limits);
    return this.counts.memory++;
  }

  table(element: ValType, limits: BuiltLimits): number {
    writeLimits(this.entry(4).byte(valTypeByte(element)), limits);
    return this.counts.table++;
  }

  /** `init` is a constant expression without its `end`. */
  global(type: ValType, mutable: boolean, init: ByteWriter): number {
    this.entry(6)
      .byte(valTypeByte(type))
      .byte(mutable ? 1 : 0)
      .bytes(init.toBytes())
      .op(Op.end);
    return this.counts.global++;
  }

  export(name: string, kind: Kind, index: number): void {
    this.entry(7).name(name).byte(KIND_BYTE[kind]).u32(index);
  }

  start(funcIndex: number): void {
    this.startFunc = funcIndex;
  }

  /** An active element segment of function indices when `offset` is given, else passive (or declarative). */
  elements(funcs: readonly number[], at?: { table: number; offset: number } | "declarative"): void {
    const writer = this.entry(9);
    if (at === "declarative") writer.byte(3).byte(0);
    else if (at === undefined) writer.byte(1).byte(0);
    else writer.byte(2).u32(at.table).op(Op.i32_const).s32(at.offset).op(Op.end).byte(0);
    writer.u32(funcs.length);
    for (const index of funcs) writer.u32(index);
  }

  data(bytes: Uint8Array, at?: { memory: number; offset: number }): void {
    const writer = this.entry(11);
    if (at === undefined) writer.byte(1);
    else writer.byte(2).u32(at.memory).op(Op.i32_const).s32(at.offset).op(Op.end);
    writer.u32(bytes.length).bytes(bytes);
    this.dataCount = (this.dataCount ?? 0) + 1;
  }

  custom(name: string, bytes: Uint8Array): void {
    this.customs.push({ name, bytes });
  }

  toBytes(): Uint8Array {
    const out = new ByteWriter().bytes([0, 0x61, 0x73, 0x6d, 1, 0, 0, 0]);
    const put = (id: number, contents: ByteWriter): void =>
      void out.byte(id).u32(contents.length).bytes(contents.toBytes());
    if (this.typeBytes.length > 0) {
      const types = new ByteWriter().u32(this.typeBytes.length);
      for (const bytes of this.typeBytes) types.bytes(bytes);
      put(1, types);
    }
    for (const id of [2, 3, 4, 5, 6, 7, 8, 9, 12, 10, 11]) {
      if (id === 8 && this.startFunc !== undefined) put(8, new ByteWriter().u32(this.startFunc));
      if (id === 12 && this.dataCount !== undefined) put(12, new ByteWriter().u32(this.dataCount));
      const section = this.sections.get(id);
      if (section !== undefined) put(id, new ByteWriter().u32(section.count).bytes(section.writer.toBytes()));
    }
    for (const custom of this.customs) put(0, new ByteWriter().name(custom.name).bytes(custom.bytes));
    return out.toBytes();
  }

  private importEntry(module: string, name: string, kind: Kind): ByteWriter {
    return this.entry(2).name(module).name(name).byte(KIND_BYTE[kind]);
  }

  private entry(id: number): ByteWriter {
    let section = this.sections.get(id);
    if (section === undefined) this.sections.set(id, (section = { count: 0, writer: new ByteWriter() }));
    section.count++;
    return section.writer;
  }
}

function writeLimits(writer: ByteWriter, limits: BuiltLimits): void {
  writer.byte(limits.max === undefined ? 0 : 1).u32(limits.min);
  if (limits.max !== undefined) writer.u32(limits.max);
}
