// Validates instruction sequences: function bodies and constant expressions, in one pass over the bytes, building
// nothing. Instructions with a signature are validated from their rows of the opcode table; those whose types depend on
// context ("poly" rows) each have a case here, which makes the file long.
// https://webassembly.github.io/spec/core/valid/instructions.html
import * as errors from "./errors.js";
import { typeName, typeNames } from "./errors.js";
import { featureBits } from "./features.js";
import type { FeatureGate } from "./features.js";
import { MAX_ARRAY_NEW_FIXED } from "./limits.js";
import type { FuncBody } from "./module.js";
import { Op, opMnemonic } from "./opcodes.js";
import {
  ADDRESS,
  FROM,
  IMMS,
  Kind,
  kindsFor,
  NATURAL,
  NEEDS,
  OPERANDS,
  prefixedSlot,
  RESULTS,
  ROW,
  TO,
} from "./op-tables.js";
import type { Signature } from "./type-space.js";
import {
  BOTTOM,
  FUNCREF,
  HEAP,
  heapTypeOf,
  I16,
  I32,
  I64,
  I8,
  isNullable,
  isRef,
  NULLABLE,
  REF,
  refType,
} from "./types.js";
import type { FieldType, HeapType, ValType } from "./types.js";
import { isDefaultable, NONE, ValidationState } from "./validate-state.js";
import type { Context } from "./validate-state.js";

const EQREF = refType(HEAP.eq, true);
const ARRAYREF = refType(HEAP.array, true);
const I31REF = refType(HEAP.i31, true);
const EXNREF = refType(HEAP.exn, true);

const FUNCTION_REFERENCES = featureBits("function-references");

export class BodyValidator extends ValidationState {
  // What to do with each instruction, given the features admitted so far.
  private kinds: Uint8Array;
  private kindsBits: number;
  /** Is there a memory 0, with 32-bit addresses? */
  private readonly plainMemory: boolean;
  // Signatures already compared by the br_table at hand.
  private readonly seen = new Set<Int32Array>();

  constructor(context: Context, gate: FeatureGate) {
    super(context, gate);
    this.kindsBits = gate.bits;
    this.kinds = kindsFor(gate.bits);
    this.plainMemory = this.module.memories.length > 0 && !this.module.memories[0]!.address64;
  }

  /** Validates a function body. */
  func(body: FuncBody, typeIndex: number): void {
    this.opAt = body.at;
    this.signature = this.types.signature(typeIndex)!;
    this.constGlobals = -1;
    this.declareLocals(body);
    this.begin(body.start, body.end, this.signature.results);
    this.instructions();
    if (this.source.pos !== body.end)
      throw errors.sectionSizeMismatch(body.end - body.at, this.source.pos - body.at, this.source.pos);
  }

  /** Validates the constant expression at an offset, which may read the first `globals` globals. */
  constExpr(at: number, globals: number, type: ValType): void {
    this.opAt = at;
    this.constGlobals = globals;
    this.localCount = 0;
    this.flatCount = 0;
    this.begin(at, this.bytes.length, Int32Array.of(type));
    this.instructions();
  }

  /** Validates up to the `end` that closes the outermost frame. */
  private instructions(): void {
    // FAST: the common forms of the common instructions are done here on local variables, which is what makes the first
    // run of a process bearable, before the engine has optimized anything (test/bench/validate.ts). Everything else, and
    // every error, is left to `instruction`. Bytes past the end of the body may be looked at, but cannot be accepted:
    // what ends a body must end exactly there.
    const { bytes, source, locals, flatCount, plainMemory } = this;
    const { end } = source;
    if (this.gate.bits !== this.kindsBits) this.refreshKinds();
    let { kinds, stack, sp, height } = this;
    let { pos } = source;
    for (;;) {
      if (pos >= end) throw errors.missingEnd(pos);
      const byte = bytes[pos]!;
      switch (kinds[byte] as Kind) {
        case Kind.unary:
          if (sp > height && stack[sp - 1] === FROM[byte]) {
            stack[sp - 1] = TO[byte]!;
            pos++;
            continue;
          }
          break;
        case Kind.binary:
          if (sp - 2 >= height && stack[sp - 1] === FROM[byte] && stack[sp - 2] === FROM[byte]) {
            sp--;
            stack[sp - 1] = TO[byte]!;
            pos++;
            continue;
          }
          break;
        case Kind.local: {
          const index = bytes[pos + 1]!;
          if (index >= flatCount) break;
          const type = locals[index]!;
          if (type >= REF) break;
          if (byte === Op.local_get) {
            if (sp === stack.length) break;
            stack[sp++] = type;
          } else {
            if (sp <= height || stack[sp - 1] !== type) break;
            if (byte === Op.local_set) sp--;
          }
          pos += 2;
          continue;
        }
        case Kind.load:
          if (
            plainMemory &&
            sp > height &&
            stack[sp - 1] === I32 &&
            bytes[pos + 1]! <= NATURAL[byte]! &&
            bytes[pos + 2]! < 0x80
          ) {
            stack[sp - 1] = TO[byte]!;
            pos += 3;
            continue;
          }
          break;
        case Kind.store:
          if (
            plainMemory &&
            sp - 2 >= height &&
            stack[sp - 1] === TO[byte] &&
            stack[sp - 2] === I32 &&
            bytes[pos + 1]! <= NATURAL[byte]! &&
            bytes[pos + 2]! < 0x80
          ) {
            sp -= 2;
            pos += 3;
            continue;
          }
          break;
        case Kind.constant:
          if (bytes[pos + 1]! < 0x80 && sp < stack.length) {
            stack[sp++] = TO[byte]!;
            pos += 2;
            continue;
          }
          break;
        default:
      }
      this.opAt = pos;
      this.sp = sp;
      source.pos = pos + 1;
      this.instruction(byte);
      if (this.depth === 0) return;
      pos = source.pos;
      ({ kinds, stack, sp, height } = this);
    }
  }

  /** Validates the instruction that begins with a byte, in all its forms; the byte itself has been read. */
  private instruction(byte: number): void {
    const slot = byte >= 0xfb && byte <= 0xfe ? prefixedSlot(byte, this.source.u32()) : byte;
    switch (this.kinds[slot] as Kind) {
      case Kind.illegal: {
        const at = this.opAt;
        this.source.pos = at + 1;
        throw errors.illegalOpcode(byte, slot === byte ? undefined : this.source.u32(), at);
      }
      case Kind.gated:
        this.gate.need(NEEDS[slot]!, ROW[slot]!.name, this.opAt);
        this.refreshKinds();
        this.source.pos = this.opAt;
        break;
      case Kind.local:
      case Kind.poly:
        if (slot < 0x100) this.oneByte(slot);
        else this.prefixed(slot);
        break;
      default:
        this.immediates(slot);
        this.bySignature(slot);
    }
  }

  /** Ends the innermost block and gives its results. */
  private endBlock(): Int32Array {
    const d = this.depth - 1;
    const results = this.frameResults(d);
    if (this.frameOps[d] === Op.if) this.checkMissingElse(this.frameTypes[d]!, results);
    this.popCtrl();
    return results;
  }

  private refreshKinds(): void {
    this.kindsBits = this.gate.bits;
    this.kinds = kindsFor(-1);
    for (let slot = 0; slot < this.kinds.length; slot++) {
      if (NEEDS[slot] !== 0 && !this.gate.admits(NEEDS[slot]!)) this.kinds[slot] = Kind.gated;
    }
  }

  private bySignature(slot: number): void {
    const operands = OPERANDS[slot]!;
    for (let i = operands.length - 1; i >= 0; i--) {
      const type = operands[i]!;
      this.popExpect(type === ADDRESS ? this.address : type);
    }
    const results = RESULTS[slot]!;
    for (let i = 0; i < results.length; i++) {
      const type = results[i]!;
      this.push(type === ADDRESS ? this.address : type);
    }
  }

  /** Reads and checks the immediates of an instruction with a signature. */
  private immediates(slot: number): void {
    switch (IMMS[slot]!) {
      case "none":
        break;
      case "memarg":
        this.memarg(NATURAL[slot]!, ROW[slot]!.atomic);
        break;
      case "i32":
        this.source.s32();
        break;
      case "i64":
        this.source.s64();
        break;
      case "f32":
        this.source.skip(4);
        break;
      case "f64":
        this.source.skip(8);
        break;
      case "v128":
        this.source.skip(16);
        break;
      case "memarg lane":
        this.memarg(NATURAL[slot]!, false);
        this.lane(ROW[slot]!.lanes);
        break;
      case "lane":
        this.lane(ROW[slot]!.lanes);
        break;
      case "shuffle":
        for (let i = 0; i < 16; i++) this.lane(32);
        break;
      case "memory":
        this.setMemory(this.source.u32());
        break;
      case "data":
        this.checkData(this.source.u32());
        break;
      case "data memory": {
        const data = this.source.u32();
        this.setMemory(this.source.u32());
        this.checkData(data);
        break;
      }
      case "elem":
        this.elementType(this.source.u32());
        break;
      case "zero": {
        const zero = this.source.byte();
        if (zero !== 0) throw errors.zeroByteExpected(zero, this.source.pos - 1);
        break;
      }
      default:
        throw new Error(`BUG: no rule for the immediates ${IMMS[slot]!}`);
    }
  }

  private oneByte(op: Op): void {
    switch (op) {
      // ---- parametric and variable instructions
      case Op.local_get: {
        const index = this.source.u32();
        const type = this.localType(index);
        if (type >= REF) this.checkLocalSet(index, type);
        this.push(type);
        break;
      }
      case Op.local_set: {
        const index = this.source.u32();
        const type = this.localType(index);
        this.popExpect(type);
        if (type >= REF) this.setLocal(index, type);
        break;
      }
      case Op.local_tee: {
        const index = this.source.u32();
        const type = this.localType(index);
        this.popExpect(type);
        if (type >= REF) this.setLocal(index, type);
        this.push(type);
        break;
      }
      case Op.global_get:
        this.globalGet(this.source.u32());
        break;
      case Op.global_set: {
        const index = this.source.u32();
        const global = this.module.globals[index];
        if (global === undefined) throw errors.unknownIndex("global", index, this.module.globals.length, this.opAt);
        if (!global.type.mutable) throw errors.immutable("global", index, this.opAt);
        this.popExpect(this.context.globalTypes[index]!);
        break;
      }
      case Op.drop:
        this.pop();
        break;
      case Op.select: {
        this.popExpect(I32);
        const second = this.pop();
        const first = this.pop();
        if (isRef(first) || isRef(second))
          throw this.mismatch("operands of a numeric or vector type", isRef(first) ? first : second);
        if (first !== second && first !== BOTTOM && second !== BOTTOM) throw this.mismatch(typeName(first), second);
        this.push(first === BOTTOM ? second : first);
        break;
      }
      case Op.select_t: {
        const count = this.source.count();
        if (count !== 1) throw errors.resultArity(count, this.opAt);
        const type = this.checkType(this.source.valType(), this.opAt);
        this.popExpect(I32);
        this.popExpect(type);
        this.popExpect(type);
        this.push(type);
        break;
      }

      // ---- control instructions
      case Op.unreachable:
        this.setUnreachable();
        break;
      case Op.block:
      case Op.loop:
        this.openBlock(op, this.readBlockType());
        break;
      case Op.if: {
        const blockType = this.readBlockType();
        this.popExpect(I32);
        this.openBlock(op, blockType);
        break;
      }
      case Op.else: {
        const d = this.depth - 1;
        if (this.frameOps[d] !== Op.if) throw errors.endExpected(this.opAt);
        this.nextArm(Op.else);
        this.pushTypes(this.blockParams(this.frameTypes[d]!));
        break;
      }
      case Op.end: {
        const results = this.endBlock();
        if (this.depth > 0) this.pushTypes(results);
        break;
      }
      case Op.br:
        this.popTypes(this.labelTypes(this.source.u32()));
        this.setUnreachable();
        break;
      case Op.br_if: {
        const label = this.source.u32();
        this.popExpect(I32);
        const types = this.labelTypes(label);
        this.popTypes(types);
        this.pushTypes(types);
        break;
      }
      case Op.br_table:
        this.brTable();
        break;
      case Op.return:
        this.popTypes(this.results);
        this.setUnreachable();
        break;
      case Op.call: {
        const { params, results } = this.calleeType(this.source.u32());
        this.popTypes(params);
        this.pushTypes(results);
        break;
      }
      case Op.call_indirect: {
        const { params, results } = this.indirectCallee();
        this.popTypes(params);
        this.pushTypes(results);
        break;
      }
      case Op.call_ref: {
        const { params, results } = this.refCallee();
        this.popTypes(params);
        this.pushTypes(results);
        break;
      }
      case Op.return_call:
        this.tailCall(this.calleeType(this.source.u32()));
        break;
      case Op.return_call_indirect:
        this.tailCall(this.indirectCallee());
        break;
      case Op.return_call_ref:
        this.tailCall(this.refCallee());
        break;

      // ---- exceptions
      case Op.throw:
        this.popTypes(this.tagParams(this.source.u32()));
        this.setUnreachable();
        break;
      case Op.throw_ref:
        this.popExpect(EXNREF);
        this.setUnreachable();
        break;
      case Op.try_table: {
        const blockType = this.readBlockType();
        for (let count = this.source.count(); count > 0; count--) this.catchClause();
        this.openBlock(op, blockType);
        break;
      }
      case Op.try:
        this.openBlock(op, this.readBlockType());
        break;
      case Op.catch:
        this.legacyCatch(op, this.tagParams(this.source.u32()));
        break;
      case Op.catch_all:
        this.legacyCatch(op, NONE);
        break;
      case Op.delegate: {
        const label = this.source.u32();
        const d = this.depth - 1;
        if (this.frameOps[d] !== Op.try)
          throw errors.misplaced("delegate", "at the end of a try without catch", this.opAt);
        const results = this.frameResults(d);
        this.popCtrl();
        this.labelTypes(label);
        this.pushTypes(results);
        break;
      }
      case Op.rethrow: {
        const label = this.source.u32();
        this.labelTypes(label);
        const target = this.frameOps[this.depth - 1 - label];
        if (target !== Op.catch && target !== Op.catch_all) throw errors.rethrowOutsideCatch(label, this.opAt);
        this.setUnreachable();
        break;
      }

      // ---- references
      case Op.ref_null:
        this.push(REF | NULLABLE | this.readHeapType());
        break;
      case Op.ref_is_null:
        this.popRef();
        this.push(I32);
        break;
      case Op.ref_func: {
        const index = this.source.u32();
        this.calleeType(index);
        if (this.constGlobals < 0 && !this.context.isDeclared(index)) throw errors.undeclaredFunction(index, this.opAt);
        this.push(this.refTo(this.module.funcTypes[index]!, false));
        break;
      }
      case Op.ref_eq:
        this.popExpect(EQREF);
        this.popExpect(EQREF);
        this.push(I32);
        break;
      case Op.ref_as_non_null:
        this.push(this.popRef() & ~NULLABLE);
        break;
      case Op.br_on_null: {
        const types = this.labelTypes(this.source.u32());
        const type = this.popRef();
        this.popTypes(types);
        this.pushTypes(types);
        this.push(type & ~NULLABLE);
        break;
      }
      case Op.br_on_non_null: {
        const types = this.labelTypes(this.source.u32());
        const last = types.length === 0 ? BOTTOM : types[types.length - 1]!;
        if (!isRef(last))
          throw errors.typeMismatch("br_on_non_null", "a label that takes a reference", typeNames(types), this.opAt);
        const rest = types.subarray(0, -1);
        this.popExpect(last | NULLABLE);
        this.popTypes(rest);
        this.pushTypes(rest);
        break;
      }

      // ---- tables
      case Op.table_get: {
        const table = this.readTable();
        this.popExpect(this.tableAddress(table));
        this.push(this.context.tableTypes[table]!);
        break;
      }
      case Op.table_set: {
        const table = this.readTable();
        this.popExpect(this.context.tableTypes[table]!);
        this.popExpect(this.tableAddress(table));
        break;
      }
      default:
        throw new Error(`BUG: no rule for ${opMnemonic(op)}`);
    }
  }

  private globalGet(index: number): void {
    const { globals } = this.module;
    const visible = this.constGlobals < 0 ? globals.length : this.constGlobals;
    if (index >= visible) throw errors.unknownIndex("global", index, visible, this.opAt);
    if (this.constGlobals >= 0 && globals[index]!.type.mutable)
      throw errors.constantRequired("global.get of a mutable global", this.opAt);
    this.push(this.context.globalTypes[index]!);
  }

  private brTable(): void {
    this.popExpect(I32);
    const count = this.source.count();
    let first: Int32Array | undefined;
    this.seen.clear();
    for (let i = 0; i <= count; i++) {
      const types = this.labelTypes(this.source.u32());
      if (first === undefined) first = types;
      else if (types === first) continue;
      else if (types.length !== first.length) {
        throw errors.typeMismatch(
          "br_table",
          `labels with ${first.length} operands`,
          `label ${i} with ${types.length}`,
          this.opAt,
        );
      } else if (this.seen.has(types)) continue;
      else this.seen.add(types);
      this.checkOperands(types);
    }
    this.setUnreachable();
  }

  /** Do the topmost operands match, without popping them? */
  private checkOperands(types: Int32Array): void {
    let sp = this.sp;
    for (let i = types.length - 1; i >= 0; i--) {
      if (sp > this.height) {
        const got = this.stack[--sp]!;
        if (got !== types[i] && !this.types.matches(got, types[i]!)) throw this.mismatch(typeName(types[i]!), got);
      } else if (this.unreachable) return;
      else throw this.mismatch(typeName(types[i]!), undefined);
    }
  }

  private indirectCallee(): Signature {
    const typeIndex = this.source.u32();
    const table = this.readTable();
    const signature = this.funcType(typeIndex);
    const element = this.context.tableTypes[table]!;
    if (!this.types.matches(element, FUNCREF)) throw this.mismatch("a table of functions", element);
    this.popExpect(this.tableAddress(table));
    return signature;
  }

  private refCallee(): Signature {
    // The row of return_call_ref says tail-call; it takes this as well.
    this.gate.need(FUNCTION_REFERENCES, "a call through a reference", this.opAt);
    const typeIndex = this.source.u32();
    const signature = this.funcType(typeIndex);
    this.popExpect(this.refTo(typeIndex, true));
    return signature;
  }

  private tailCall({ params, results }: Signature): void {
    const expected = this.results;
    let ok = results.length === expected.length;
    for (let i = 0; ok && i < results.length; i++) ok = this.types.matches(results[i]!, expected[i]!);
    if (!ok)
      throw errors.typeMismatch(
        this.opName(),
        `a callee with results ${typeNames(expected)}`,
        typeNames(results),
        this.opAt,
      );
    this.popTypes(params);
    this.setUnreachable();
  }

  /** An `if` without `else` has an empty one: its parameters must serve as results. */
  private checkMissingElse(blockType: number, results: Int32Array): void {
    const params = this.blockParams(blockType);
    let ok = params.length === results.length;
    for (let i = 0; ok && i < params.length; i++) ok = this.types.matches(params[i]!, results[i]!);
    if (!ok)
      throw errors.typeMismatch(
        "if without else",
        `results ${typeNames(params)} like its parameters`,
        typeNames(results),
        this.opAt,
      );
  }

  /** Ends the arm of a block and begins the next; its operands are for the caller to push. */
  private nextArm(op: number): void {
    const d = this.depth - 1;
    this.endOfBlock(this.frameResults(d));
    this.frameOps[d] = op;
    this.unreachable = false;
  }

  private legacyCatch(op: number, params: Int32Array): void {
    const d = this.depth - 1;
    const frame = this.frameOps[d];
    if (frame !== Op.try && frame !== Op.catch)
      throw errors.misplaced(opMnemonic(op), "in a try before catch_all", this.opAt);
    this.nextArm(op);
    this.pushTypes(params);
  }

  private catchClause(): void {
    const at = this.source.pos;
    const kind = this.source.byte();
    if (kind > 3) throw errors.malformedKind("catch clause", kind, at);
    const params = kind < 2 ? this.tagParams(this.source.u32()) : NONE;
    const withRef = (kind & 1) !== 0;
    const types = this.labelTypes(this.source.u32());
    const count = params.length + (withRef ? 1 : 0);
    let ok = types.length === count && (!withRef || this.types.matches(EXNREF & ~NULLABLE, types[count - 1]!));
    for (let i = 0; ok && i < params.length; i++) ok = this.types.matches(params[i]!, types[i]!);
    if (!ok)
      throw errors.typeMismatch(
        "catch clause",
        `a label that takes ${typeNames([...params, ...(withRef ? [EXNREF & ~NULLABLE] : [])])}`,
        typeNames(types),
        at,
      );
  }

  private prefixed(slot: number): void {
    const op = prefixedOp(slot);
    switch (op) {
      // ---- bulk memory and tables
      case Op.memory_copy: {
        this.setMemory(this.source.u32());
        const to = this.address;
        this.setMemory(this.source.u32());
        const from = this.address;
        this.popExpect(to === I64 ? from : to);
        this.popExpect(from);
        this.popExpect(to);
        break;
      }
      case Op.table_copy: {
        const to = this.readTable();
        const from = this.readTable();
        this.checkElements(this.context.tableTypes[from]!, this.context.tableTypes[to]!);
        const toAddress = this.tableAddress(to);
        const fromAddress = this.tableAddress(from);
        this.popExpect(toAddress === I64 ? fromAddress : toAddress);
        this.popExpect(fromAddress);
        this.popExpect(toAddress);
        break;
      }
      case Op.table_init: {
        const elem = this.source.u32();
        const table = this.readTable();
        this.checkElements(this.elementType(elem), this.context.tableTypes[table]!);
        this.popExpect(I32);
        this.popExpect(I32);
        this.popExpect(this.tableAddress(table));
        break;
      }
      case Op.table_grow: {
        const table = this.readTable();
        this.popExpect(this.tableAddress(table));
        this.popExpect(this.context.tableTypes[table]!);
        this.push(this.tableAddress(table));
        break;
      }
      case Op.table_size:
        this.push(this.tableAddress(this.readTable()));
        break;
      case Op.table_fill: {
        const table = this.readTable();
        this.popExpect(this.tableAddress(table));
        this.popExpect(this.context.tableTypes[table]!);
        this.popExpect(this.tableAddress(table));
        break;
      }

      // ---- structures
      case Op.struct_new: {
        const index = this.source.u32();
        const { fields } = this.structType(index);
        for (let i = fields.length - 1; i >= 0; i--) {
          if (this.sp === this.height && this.unreachable) break;
          this.popExpect(this.unpacked(fields[i]!));
        }
        this.push(this.refTo(index, false));
        break;
      }
      case Op.struct_new_default: {
        const index = this.source.u32();
        for (const field of this.structType(index).fields) {
          if (!isDefaultable(field.type)) throw errors.notDefaultable("field", field.type, this.opAt);
        }
        this.push(this.refTo(index, false));
        break;
      }
      case Op.struct_get:
      case Op.struct_get_s:
      case Op.struct_get_u: {
        const index = this.source.u32();
        const field = this.readField(index);
        this.checkPacked("field", field, op !== Op.struct_get);
        this.popExpect(this.refTo(index, true));
        this.push(this.unpacked(field));
        break;
      }
      case Op.struct_set: {
        const index = this.source.u32();
        const field = this.readField(index);
        if (!field.mutable) throw errors.immutable("field", index, this.opAt);
        this.popExpect(this.unpacked(field));
        this.popExpect(this.refTo(index, true));
        break;
      }

      // ---- arrays
      case Op.array_new: {
        const index = this.source.u32();
        const type = this.unpacked(this.arrayElement(index, false));
        this.popExpect(I32);
        this.popExpect(type);
        this.push(this.refTo(index, false));
        break;
      }
      case Op.array_new_default: {
        const index = this.source.u32();
        const { type } = this.arrayElement(index, false);
        if (!isDefaultable(type)) throw errors.notDefaultable("array", type, this.opAt);
        this.popExpect(I32);
        this.push(this.refTo(index, false));
        break;
      }
      case Op.array_new_fixed: {
        const index = this.source.u32();
        const type = this.unpacked(this.arrayElement(index, false));
        const count = this.source.u32();
        if (count > MAX_ARRAY_NEW_FIXED)
          throw errors.overLimit("elements of array.new_fixed", count, MAX_ARRAY_NEW_FIXED, this.opAt);
        for (let i = 0; i < count && !(this.sp === this.height && this.unreachable); i++) this.popExpect(type);
        this.push(this.refTo(index, false));
        break;
      }
      case Op.array_new_data: {
        const index = this.source.u32();
        this.checkNumeric(this.arrayElement(index, false));
        this.checkData(this.source.u32());
        this.popExpect(I32);
        this.popExpect(I32);
        this.push(this.refTo(index, false));
        break;
      }
      case Op.array_new_elem: {
        const index = this.source.u32();
        this.checkElements(
          this.elementsInto(this.arrayElement(index, false)),
          this.unpacked(this.arrayElement(index, false)),
        );
        this.popExpect(I32);
        this.popExpect(I32);
        this.push(this.refTo(index, false));
        break;
      }
      case Op.array_get:
      case Op.array_get_s:
      case Op.array_get_u: {
        const index = this.source.u32();
        const element = this.arrayElement(index, false);
        this.checkPacked("array", element, op !== Op.array_get);
        this.popExpect(I32);
        this.popExpect(this.refTo(index, true));
        this.push(this.unpacked(element));
        break;
      }
      case Op.array_set: {
        const index = this.source.u32();
        const element = this.arrayElement(index, true);
        this.popExpect(this.unpacked(element));
        this.popExpect(I32);
        this.popExpect(this.refTo(index, true));
        break;
      }
      case Op.array_len:
        this.popExpect(ARRAYREF);
        this.push(I32);
        break;
      case Op.array_fill: {
        const index = this.source.u32();
        const element = this.arrayElement(index, true);
        this.popExpect(I32);
        this.popExpect(this.unpacked(element));
        this.popExpect(I32);
        this.popExpect(this.refTo(index, true));
        break;
      }
      case Op.array_copy: {
        const toIndex = this.source.u32();
        const fromIndex = this.source.u32();
        const to = this.arrayElement(toIndex, true);
        const from = this.arrayElement(fromIndex, false);
        if (!this.types.matches(this.types.normalize(from.type), this.types.normalize(to.type))) {
          throw errors.arrayTypesDiffer(to.type, from.type, this.opAt);
        }
        this.popExpect(I32);
        this.popExpect(I32);
        this.popExpect(this.refTo(fromIndex, true));
        this.popExpect(I32);
        this.popExpect(this.refTo(toIndex, true));
        break;
      }
      case Op.array_init_data: {
        const index = this.source.u32();
        this.checkNumeric(this.arrayElement(index, true));
        this.checkData(this.source.u32());
        this.arrayInit(index);
        break;
      }
      case Op.array_init_elem: {
        const index = this.source.u32();
        const element = this.arrayElement(index, true);
        this.checkElements(this.elementsInto(element), this.unpacked(element));
        this.arrayInit(index);
        break;
      }

      // ---- casts and conversions of references
      case Op.ref_test:
      case Op.ref_test_null: {
        const heap = this.readHeapType();
        this.popExpect(REF | NULLABLE | this.types.topOf(heap));
        this.push(I32);
        break;
      }
      case Op.ref_cast:
      case Op.ref_cast_null: {
        const heap = this.readHeapType();
        this.popExpect(REF | NULLABLE | this.types.topOf(heap));
        this.push(refType(heap, op === Op.ref_cast_null));
        break;
      }
      case Op.br_on_cast:
      case Op.br_on_cast_fail:
        this.brOnCast(op === Op.br_on_cast_fail);
        break;
      case Op.any_convert_extern:
        this.convert(HEAP.extern, HEAP.any);
        break;
      case Op.extern_convert_any:
        this.convert(HEAP.any, HEAP.extern);
        break;
      case Op.ref_i31:
        this.popExpect(I32);
        this.push(I31REF & ~NULLABLE);
        break;
      case Op.i31_get_s:
      case Op.i31_get_u:
        this.popExpect(I31REF);
        this.push(I32);
        break;
      default:
        throw new Error(`BUG: no rule for ${opMnemonic(op)}`);
    }
  }

  private readField(typeIndex: number): FieldType {
    const { fields } = this.structType(typeIndex);
    const index = this.source.u32();
    if (index >= fields.length) throw errors.unknownIndex("field", index, fields.length, this.opAt);
    return fields[index]!;
  }

  private checkPacked(what: "field" | "array", field: FieldType, wanted: boolean): void {
    const packed = field.type === I8 || field.type === I16;
    if (packed !== wanted) throw errors.packedMismatch(what, packed, this.opName(), this.opAt);
  }

  private checkNumeric(element: FieldType): void {
    if (isRef(element.type)) throw errors.arrayNotNumeric(element.type, this.opAt);
  }

  /** Reads an element segment index for an array; its type must suit the array's elements. */
  private elementsInto(element: FieldType): ValType {
    const type = this.elementType(this.source.u32());
    if (!isRef(element.type))
      throw errors.typeMismatch(this.opName(), "an array of references", typeName(element.type), this.opAt);
    return type;
  }

  private checkElements(from: ValType, to: ValType): void {
    if (!this.types.matches(from, to))
      throw errors.typeMismatch(this.opName(), `elements of type ${typeName(to)}`, typeName(from), this.opAt);
  }

  private arrayInit(index: number): void {
    this.popExpect(I32);
    this.popExpect(I32);
    this.popExpect(I32);
    this.popExpect(this.refTo(index, true));
  }

  private brOnCast(fail: boolean): void {
    const at = this.source.pos;
    const flags = this.source.byte();
    if (flags > 3) throw errors.malformedKind("cast flags", flags, at);
    const types = this.labelTypes(this.source.u32());
    const from = refType(this.readHeapType(), (flags & 1) !== 0);
    const to = refType(this.readHeapType(), (flags & 2) !== 0);
    if (!this.types.matches(to, from))
      throw errors.typeMismatch(`${this.opName()}: cast`, `a subtype of ${typeName(from)}`, typeName(to), this.opAt);
    // What is left of `from` once the cast has failed.
    const rest = isNullable(to) ? from & ~NULLABLE : from;
    const [taken, kept] = fail ? [rest, to] : [to, rest];
    if (types.length === 0 || !this.types.matches(taken, types[types.length - 1]!)) {
      throw errors.typeMismatch(this.opName(), `a label that takes ${typeName(taken)}`, typeNames(types), this.opAt);
    }
    const others = types.subarray(0, -1);
    this.popExpect(from);
    this.popTypes(others);
    this.pushTypes(others);
    this.push(kept);
  }

  private convert(from: HeapType, to: HeapType): void {
    const type = this.popRef();
    if (!this.types.matchesHeap(heapTypeOf(type), from)) throw this.mismatch(typeName(refType(from, true)), type);
    this.push(refType(to, isNullable(type)));
  }
}

function prefixedOp(slot: number): Op {
  const prefix = slot < 0x200 ? 0xfb : slot < 0x300 ? 0xfc : 0xfd;
  return (prefix << 8) | (slot & 0xff);
}
