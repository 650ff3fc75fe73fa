// The state of validating an instruction sequence, and what one may do with it: locals and whether they are set, the operand
// stack, the control stack, index spaces. Algorithm and names are those of the specification's appendix; the instructions
// themselves are in validate-body.ts.
// https://webassembly.github.io/spec/core/appendix/algorithm.html
import * as errors from "./errors.js";
import { typeName, typeNames } from "./errors.js";
import { featureBits } from "./features.js";
import type { FeatureGate } from "./features.js";
import { MAX_LOCALS } from "./limits.js";
import type { DecodedModule, FuncBody } from "./module.js";
import { Op, opMnemonic } from "./opcodes.js";
import { EMPTY_BLOCK, TypeReader } from "./type-reader.js";
import type { Signature, TypeSpace } from "./type-space.js";
import { ABSTRACT, BOTTOM, BOTTOM_REF, heapTypeOf, I16, I32, I64, I8, isRef, NULLABLE, REF, refType } from "./types.js";
import type { ArrayType, FieldType, HeapType, StructType, ValType } from "./types.js";

/** What bodies refer to, normalized once for a module. */
export interface Context {
  readonly module: DecodedModule;
  readonly types: TypeSpace;
  readonly globalTypes: Int32Array;
  /** Element types of tables and of element segments. */
  readonly tableTypes: Int32Array;
  readonly elementTypes: Int32Array;
  /** Is the function mentioned outside of function bodies, so that ref.func may take it? */
  isDeclared(funcIndex: number): boolean;
}

/** No types. */
export const NONE = new Int32Array(0);
const ONE: readonly Int32Array[] = Array.from({ length: 0x80 }, (_, type) => Int32Array.of(type));

const REFERENCE_TYPES = featureBits("reference-types");
const MULTI_MEMORY = featureBits("multi-memory");

// Locals up to here live in a flat array; those above, which hardly any function has, are found in their run. So a tiny
// body that declares 50,000 locals costs no more than it has bytes.
const FLAT_LOCALS = 1024;

/** The frame of the whole body in `frameOps`, where other frames have their opcode; none of them is this one. */
const BODY = Op.unreachable;

export class ValidationState {
  /** Where instructions are read; its position and end are the body's. */
  protected readonly source: TypeReader;
  protected readonly bytes: Uint8Array;
  protected readonly gate: FeatureGate;
  protected readonly context: Context;
  protected readonly module: DecodedModule;
  protected readonly types: TypeSpace;

  // Offset of the instruction being validated.
  protected opAt = 0;

  protected stack = new Int32Array(1024);
  protected sp = 0;

  // The control stack: parallel arrays below `depth`, the innermost frame's fields in scalars.
  protected depth = 0;
  protected frameOps = new Uint8Array(64);
  protected frameTypes = new Int32Array(64);
  private frameHeights = new Int32Array(64);
  private frameInits = new Int32Array(64);
  private frameDead = new Uint8Array(64);
  /** Operands below this belong to outer frames. */
  protected height = 0;
  /** After an unconditional branch: operands that are not there have any type. */
  protected unreachable = false;

  protected signature: Signature = { params: NONE, results: NONE };
  protected results: Int32Array = NONE;
  protected localCount = 0;
  /** How many locals are in `locals` with an index of one byte. */
  protected flatCount = 0;
  protected readonly locals = new Int32Array(FLAT_LOCALS);
  private runs: FuncBody["localRuns"] = [];
  private runEnds: number[] = [];

  // Locals without default that have been set: those whose mark is the current one, undone at block ends by `inits`.
  private initMarks = NONE;
  private mark = 0;
  private inits: number[] = [];

  /** Globals that a constant expression may read; -1 in function bodies. */
  protected constGlobals = -1;

  // Results of blocks by their one reference type: one array each, so that br_table can tell equal ones by identity.
  private readonly refResults = new Map<ValType, Int32Array>();

  /** Address type of the memory that the instruction at hand names. */
  protected address: ValType = I32;

  constructor(context: Context, gate: FeatureGate) {
    this.source = new TypeReader(context.module.bytes, 0, 0, gate);
    this.bytes = context.module.bytes;
    this.gate = gate;
    this.context = context;
    this.module = context.module;
    this.types = context.types;
  }

  protected begin(pos: number, end: number, results: Int32Array): void {
    this.source.pos = pos;
    this.source.end = end;
    this.results = results;
    this.sp = 0;
    this.height = 0;
    this.unreachable = false;
    this.inits.length = 0;
    this.depth = 1;
    this.frameOps[0] = BODY;
    this.frameInits[0] = 0;
    this.frameHeights[0] = 0;
  }

  // ---- locals

  protected declareLocals(body: FuncBody): void {
    const { params } = this.signature;
    const { locals } = this;
    let count = params.length;
    locals.set(count <= FLAT_LOCALS ? params : params.subarray(0, FLAT_LOCALS));
    this.runs = body.localRuns;
    this.runEnds.length = 0;
    for (const run of body.localRuns) {
      const type = this.checkType(run.type, body.at);
      if (count < FLAT_LOCALS) locals.fill(type, count, Math.min(count + run.count, FLAT_LOCALS));
      count += run.count;
      this.runEnds.push(count);
    }
    if (count > MAX_LOCALS) throw errors.tooManyLocals(count, MAX_LOCALS, body.at);
    this.localCount = count;
    this.flatCount = Math.min(count, 0x80);
    this.mark++;
  }

  protected localType(index: number): ValType {
    if (index >= this.localCount) throw errors.unknownIndex("local", index, this.localCount, this.opAt);
    if (index < FLAT_LOCALS) return this.locals[index]!;
    let low = 0;
    let high = this.runEnds.length - 1;
    while (low < high) {
      const middle = (low + high) >> 1;
      if (this.runEnds[middle]! > index) high = middle;
      else low = middle + 1;
    }
    return this.types.normalize(this.runs[low]!.type);
  }

  protected checkLocalSet(index: number, type: ValType): void {
    if (isDefaultable(type) || index < this.signature.params.length) return;
    if (this.initMarks[index] !== this.mark) throw errors.uninitializedLocal(index, type, this.opAt);
  }

  protected setLocal(index: number, type: ValType): void {
    if (isDefaultable(type) || index < this.signature.params.length) return;
    if (this.initMarks.length === 0) this.initMarks = new Int32Array(MAX_LOCALS);
    if (this.initMarks[index] === this.mark) return;
    this.initMarks[index] = this.mark;
    this.inits.push(index);
  }

  private resetLocals(height: number): void {
    while (this.inits.length > height) this.initMarks[this.inits.pop()!] = 0;
  }

  // ---- operand stack

  protected push(type: ValType): void {
    if (this.sp === this.stack.length) this.stack = grow(this.stack);
    this.stack[this.sp++] = type;
  }

  protected pop(): ValType {
    if (this.sp > this.height) return this.stack[--this.sp]!;
    if (this.unreachable) return BOTTOM;
    throw this.mismatch("a value", undefined);
  }

  protected popExpect(expected: ValType): void {
    if (this.sp > this.height && this.stack[this.sp - 1] === expected) this.sp--;
    else this.popOther(expected);
  }

  protected popOther(expected: ValType): void {
    if (this.sp > this.height) {
      const got = this.stack[--this.sp]!;
      if (!this.types.matches(got, expected)) throw this.mismatch(typeName(expected), got);
    } else if (!this.unreachable) throw this.mismatch(typeName(expected), undefined);
  }

  protected popRef(): ValType {
    const got = this.pop();
    if (got === BOTTOM) return BOTTOM_REF;
    if (!isRef(got)) throw this.mismatch("a reference", got);
    return got;
  }

  protected pushTypes(types: Int32Array): void {
    for (let i = 0; i < types.length; i++) this.push(types[i]!);
  }

  protected popTypes(types: Int32Array): void {
    for (let i = types.length - 1; i >= 0; i--) {
      // In unreachable code the rest of a long list costs nothing.
      if (this.sp === this.height && this.unreachable) return;
      this.popExpect(types[i]!);
    }
  }

  protected mismatch(expected: string, got: ValType | undefined): Error {
    return errors.typeMismatch(
      this.opName(),
      expected,
      got === undefined ? "an empty stack" : typeName(got),
      this.opAt,
    );
  }

  protected opName(): string {
    const { pos, end } = this.source;
    if (this.opAt >= this.bytes.length) return "the end";
    this.source.pos = this.opAt;
    this.source.end = this.bytes.length;
    const name = opMnemonic(this.source.opcode());
    this.source.pos = pos;
    this.source.end = end;
    return name === "end" && this.depth === 1 ? "the end of the body" : name;
  }

  // ---- control stack

  private pushCtrl(op: number, blockType: number): void {
    const d = this.depth++;
    if (d === this.frameOps.length) this.growFrames();
    this.frameHeights[d - 1] = this.height;
    this.frameDead[d - 1] = this.unreachable ? 1 : 0;
    this.frameOps[d] = op;
    this.frameTypes[d] = blockType;
    this.frameInits[d] = this.inits.length;
    this.height = this.sp;
    this.unreachable = false;
    if (blockType < EMPTY_BLOCK) this.pushTypes(this.blockParams(blockType));
  }

  /** Checks that the innermost block leaves its results and nothing else, and removes its frame; results stay popped. */
  protected popCtrl(): void {
    const d = this.depth - 1;
    this.endOfBlock(this.frameResults(d));
    this.depth = d;
    if (d > 0) {
      this.height = this.frameHeights[d - 1]!;
      this.unreachable = this.frameDead[d - 1] !== 0;
    }
  }

  /** The checks where an arm of a block ends: its operands are the results. */
  protected endOfBlock(results: Int32Array): void {
    this.popTypes(results);
    if (this.sp !== this.height) {
      throw errors.stackRest(
        this.opName(),
        typeNames(results),
        `${this.sp - this.height} more: ${typeNames(this.stack.subarray(this.height, this.sp))}`,
        this.opAt,
      );
    }
    const inits = this.frameInits[this.depth - 1]!;
    if (this.inits.length > inits) this.resetLocals(inits);
  }

  protected setUnreachable(): void {
    this.sp = this.height;
    this.unreachable = true;
  }

  private growFrames(): void {
    this.frameOps = grow(this.frameOps);
    this.frameTypes = grow(this.frameTypes);
    this.frameHeights = grow(this.frameHeights);
    this.frameInits = grow(this.frameInits);
    this.frameDead = grow(this.frameDead);
  }

  protected blockParams(blockType: number): Int32Array {
    return blockType < EMPTY_BLOCK ? this.types.signature(-2 - blockType)!.params : NONE;
  }

  protected blockResults(blockType: number): Int32Array {
    if (blockType === EMPTY_BLOCK) return NONE;
    if (blockType < EMPTY_BLOCK) return this.types.signature(-2 - blockType)!.results;
    return blockType < 0x80 ? ONE[blockType]! : this.oneRef(blockType);
  }

  private oneRef(type: ValType): Int32Array {
    let types = this.refResults.get(type);
    if (types === undefined) this.refResults.set(type, (types = Int32Array.of(type)));
    return types;
  }

  protected frameResults(frame: number): Int32Array {
    return frame === 0 ? this.results : this.blockResults(this.frameTypes[frame]!);
  }

  /** The types that a branch to a label carries. */
  protected labelTypes(label: number): Int32Array {
    const frame = this.depth - 1 - label;
    if (frame < 0) throw errors.unknownIndex("label", label, this.depth, this.opAt);
    return this.frameOps[frame] === Op.loop ? this.blockParams(this.frameTypes[frame]!) : this.frameResults(frame);
  }

  protected readBlockType(): number {
    const blockType = this.source.blockType();
    if (blockType < EMPTY_BLOCK) this.funcType(-2 - blockType);
    else if (blockType >= REF) return this.checkType(blockType, this.opAt);
    return blockType;
  }

  /** Opens a block: its parameters become operands of the new frame. */
  protected openBlock(op: number, blockType: number): void {
    if (blockType < EMPTY_BLOCK) this.popTypes(this.blockParams(blockType));
    this.pushCtrl(op, blockType);
  }

  // ---- indices and types

  /** Normalizes a type that the bytes name, after checking that it exists. */
  protected checkType(type: ValType, at: number): ValType {
    if (type < REF || (type & ABSTRACT) !== 0) return type;
    if (heapTypeOf(type) >= this.module.types.length)
      throw errors.unknownIndex("type", heapTypeOf(type), this.module.types.length, at);
    return this.types.normalize(type);
  }

  protected readHeapType(): HeapType {
    return heapTypeOf(this.checkType(REF | this.source.heapType(), this.opAt));
  }

  protected funcType(index: number): Signature {
    return this.types.signature(index) ?? this.notOfKind(index, "function");
  }

  protected structType(index: number): StructType {
    const type = this.module.types[index]?.composite;
    return type?.kind === "struct" ? type : this.notOfKind(index, "structure");
  }

  protected arrayType(index: number): ArrayType {
    const type = this.module.types[index]?.composite;
    return type?.kind === "array" ? type : this.notOfKind(index, "array");
  }

  private notOfKind(index: number, wanted: string): never {
    const type = this.module.types[index]?.composite;
    if (type === undefined) throw errors.unknownIndex("type", index, this.module.types.length, this.opAt);
    throw errors.wrongKindOfType(index, `a ${wanted} type`, `a ${type.kind} type`, this.opAt);
  }

  protected arrayElement(index: number, mustBeMutable: boolean): FieldType {
    const { element } = this.arrayType(index);
    if (mustBeMutable && !element.mutable) throw errors.immutable("array", index, this.opAt);
    return element;
  }

  protected unpacked(field: FieldType): ValType {
    return field.type === I8 || field.type === I16 ? I32 : this.types.normalize(field.type);
  }

  /** `(ref null? index)`, normalized. */
  protected refTo(index: number, nullable: boolean): ValType {
    return refType(this.types.canon[index]!, nullable);
  }

  protected calleeType(index: number): Signature {
    const { funcTypes } = this.module;
    if (index >= funcTypes.length) throw errors.unknownIndex("function", index, funcTypes.length, this.opAt);
    return this.types.signature(funcTypes[index]!)!;
  }

  protected tagParams(index: number): Int32Array {
    const { tags } = this.module;
    if (index >= tags.length) throw errors.unknownIndex("tag", index, tags.length, this.opAt);
    return this.types.signature(tags[index]!.typeIndex)!.params;
  }

  protected readTable(): number {
    const index = this.source.u32();
    if (index !== 0) this.gate.need(REFERENCE_TYPES, "a table index", this.opAt);
    if (index >= this.module.tables.length)
      throw errors.unknownIndex("table", index, this.module.tables.length, this.opAt);
    return index;
  }

  protected tableAddress(table: number): ValType {
    return this.module.tables[table]!.type.address64 ? I64 : I32;
  }

  protected elementType(index: number): ValType {
    if (index >= this.module.elements.length)
      throw errors.unknownIndex("elem segment", index, this.module.elements.length, this.opAt);
    return this.context.elementTypes[index]!;
  }

  protected checkData(index: number): void {
    const count = this.module.dataCount;
    if (count === undefined) throw errors.dataCountRequired(this.opName(), this.opAt);
    if (index >= count) throw errors.unknownIndex("data segment", index, count, this.opAt);
  }

  protected setMemory(index: number): void {
    const { memories } = this.module;
    if (index !== 0) this.gate.need(MULTI_MEMORY, "a memory index", this.opAt);
    if (index >= memories.length) throw errors.unknownIndex("memory", index, memories.length, this.opAt);
    this.address = memories[index]!.address64 ? I64 : I32;
  }

  protected memarg(natural: number, atomic: boolean): void {
    const at = this.source.pos;
    const flags = this.source.u32();
    if (flags >= 0x80) throw errors.malformedMemarg(flags, at);
    this.setMemory((flags & 0x40) === 0 ? 0 : this.source.u32());
    const align = flags & 0x3f;
    const low = this.source.u64();
    if (align > natural) throw errors.alignmentTooLarge(this.opName(), align, 2 ** natural, at);
    if (atomic && align !== natural) throw errors.atomicAlignment(this.opName(), align, 2 ** natural, at);
    if (this.source.high !== 0 && this.address === I32)
      throw errors.offsetOutOfRange((this.source.high >>> 0) * 2 ** 32 + (low >>> 0), at);
  }

  protected lane(lanes: number): void {
    const lane = this.source.byte();
    if (lane >= lanes) throw errors.invalidLane(this.opName(), lane, lanes, this.opAt);
  }
}

export function isDefaultable(type: ValType): boolean {
  return type < REF || (type & NULLABLE) !== 0;
}

function grow<T extends Int32Array | Uint8Array>(array: T): T {
  const larger = new (array.constructor as new (length: number) => T)(array.length * 2);
  larger.set(array as never);
  return larger;
}
