// Reads types: value, reference, heap and block types, limits, memory and table types. Every construct that a proposal
// brought is shown to the feature gate. Indices are not checked here, the validator knows how many types there are.
// https://webassembly.github.io/spec/core/binary/types.html
import {
  invalidPageSize,
  invalidPageSizeBits,
  malformedLimits,
  malformedMutability,
  malformedType,
  minimumOverMaximum,
  unknownIndex,
} from "./errors.js";
import { featureBits } from "./features.js";
import type { FeatureGate } from "./features.js";
import { Reader } from "./reader.js";
import { ABSTRACT, EXTERNREF, F64, FUNCREF, HEAP, I16, I32, I8, refType, V128 } from "./types.js";
import type { GlobalType, HeapType, Limits, MemoryType, TableType, ValType } from "./types.js";

const SIMD = featureBits("simd");
const REFERENCE_TYPES = featureBits("reference-types");
const TYPED_REFERENCES = featureBits("function-references");
const GC = featureBits("gc");
const EXCEPTIONS = featureBits("exceptions");
const MEMORY64 = featureBits("memory64");
const THREADS = featureBits("threads");
const PAGE_SIZES = featureBits("custom-page-sizes");
const MULTI_VALUE = featureBits("multi-value");

/** The block type without parameters and results. */
export const EMPTY_BLOCK = -1;

const TWO_32 = 2 ** 32;
const EXACT = 2 ** 53;

export class TypeReader extends Reader {
  readonly gate: FeatureGate;
  constructor(bytes: Uint8Array, pos: number, end: number, gate: FeatureGate) {
    super(bytes, pos, end);
    this.gate = gate;
  }

  valType(): ValType {
    const at = this.pos;
    const code = this.byte();
    if (code >= F64 && code <= I32) return code;
    if (code === V128) {
      if ((this.gate.bits & SIMD) === 0) this.gate.need(SIMD, "v128", at);
      return code;
    }
    const type = this.shortOrLongRef(code, at);
    if (type === 0) throw malformedType("value type", code, at);
    if (type === FUNCREF || type === EXTERNREF)
      this.gate.need(REFERENCE_TYPES, type === FUNCREF ? "funcref" : "externref", at);
    return type;
  }

  refType(): ValType {
    const at = this.pos;
    const code = this.byte();
    const type = this.shortOrLongRef(code, at);
    if (type === 0) throw malformedType("reference type", code, at);
    if (type === EXTERNREF) this.gate.need(REFERENCE_TYPES, "externref", at);
    return type;
  }

  /** A heap type: an index, or an abstract one. */
  heapType(): HeapType {
    const at = this.pos;
    if (at < this.end && (this.bytes[at]! & 0xc0) === 0x40) {
      const code = this.bytes[this.pos++]!;
      return this.abstractHeap(code, at) ?? this.refuse("heap type", code, at);
    }
    const index = this.s33();
    if (this.high !== 0) return this.refuse("heap type", this.bytes[at]!, at);
    if (index >>> 0 >= ABSTRACT) throw unknownIndex("type", index >>> 0, undefined, at); // would not fit a ValType
    if ((this.gate.bits & TYPED_REFERENCES) === 0)
      this.gate.need(TYPED_REFERENCES, "a reference to a defined type", at);
    return index;
  }

  /** EMPTY_BLOCK, a value type (the only result), or `blockTypeOf(index)`, less than EMPTY_BLOCK, for a function type. */
  blockType(): number {
    const at = this.pos;
    if (at < this.end) {
      const code = this.bytes[at]!;
      if (code === 0x40) {
        this.pos++;
        return EMPTY_BLOCK;
      }
      if ((code & 0xc0) === 0x40) return this.valType();
    }
    const index = this.s33();
    if (this.high !== 0) return this.refuse("block type", this.bytes[at]!, at);
    if ((this.gate.bits & MULTI_VALUE) === 0) this.gate.need(MULTI_VALUE, "a block type with an index", at);
    return blockTypeOf(index >>> 0);
  }

  mutability(): boolean {
    const at = this.pos;
    const code = this.byte();
    if (code > 1) throw malformedMutability(code, at);
    return code === 1;
  }

  globalType(): GlobalType {
    const type = this.valType();
    return { type, mutable: this.mutability() };
  }

  /** The type of a struct field or array element: a value type or a packed type. */
  storageType(): ValType {
    if (this.pos < this.end) {
      const code = this.bytes[this.pos]!;
      if (code === I8 || code === I16) {
        this.pos++;
        return code;
      }
    }
    return this.valType();
  }

  tableType(): TableType {
    const element = this.refType();
    const at = this.pos;
    const flags = this.byte();
    if ((flags & ~0b101) !== 0) throw malformedLimits(flags, at);
    const address64 = (flags & 4) !== 0;
    if (address64) this.gate.need(MEMORY64, "a table with 64-bit indices", at);
    return { element, limits: this.limits((flags & 1) !== 0), address64 };
  }

  memoryType(): MemoryType {
    const at = this.pos;
    const flags = this.byte();
    if ((flags & ~0b1111) !== 0) throw malformedLimits(flags, at);
    const shared = (flags & 2) !== 0;
    const address64 = (flags & 4) !== 0;
    if (shared) this.gate.need(THREADS, "malformed limits flags: a shared memory", at);
    if (address64) this.gate.need(MEMORY64, "a memory with 64-bit addresses", at);
    if ((flags & 8) !== 0) this.gate.need(PAGE_SIZES, "malformed limits flags: a custom page size", at);
    const limits = this.limits((flags & 1) !== 0);
    let pageSizeLog2 = 16;
    if ((flags & 8) !== 0) {
      const sizeAt = this.pos;
      pageSizeLog2 = this.u32();
      if (pageSizeLog2 >= 64) throw invalidPageSizeBits(pageSizeLog2, sizeAt);
      if (pageSizeLog2 !== 0 && pageSizeLog2 !== 16) throw invalidPageSize(pageSizeLog2, sizeAt);
    }
    return { limits, shared, address64, pageSizeLog2 };
  }

  private limits(hasMax: boolean): Limits {
    const at = this.pos;
    const minLow = this.u64() >>> 0;
    const minHigh = this.high >>> 0;
    const min = Math.min(minHigh * TWO_32 + minLow, EXACT);
    if (!hasMax) return { min };
    const maxLow = this.u64() >>> 0;
    const maxHigh = this.high >>> 0;
    const max = Math.min(maxHigh * TWO_32 + maxLow, EXACT);
    // The order of limits is the validator's business, but limits beyond 2^53 are clamped: their order shows only here.
    if (min === EXACT && (minHigh > maxHigh || (minHigh === maxHigh && minLow > maxLow)) && max === EXACT) {
      throw minimumOverMaximum(minHigh * TWO_32 + minLow, maxHigh * TWO_32 + maxLow, at);
    }
    return { min, max };
  }

  private shortOrLongRef(code: number, at: number): ValType {
    if (code === 0x63 || code === 0x64) {
      if ((this.gate.bits & TYPED_REFERENCES) === 0)
        this.gate.need(TYPED_REFERENCES, "a reference type with a heap type", at);
      return refType(this.heapType(), code === 0x63);
    }
    const heap = this.abstractHeap(code, at);
    return heap === undefined ? 0 : refType(heap, true);
  }

  private abstractHeap(code: number, at: number): HeapType | undefined {
    if (code < 0x69 || code > 0x74) return undefined;
    const heap = ABSTRACT | code;
    if (heap === HEAP.func || heap === HEAP.extern) return heap;
    if (heap === HEAP.exn || heap === HEAP.noexn) this.gate.need(EXCEPTIONS, "exnref", at);
    else if ((this.gate.bits & GC) === 0) this.gate.need(GC, "a heap type of garbage collection", at);
    return heap;
  }

  private refuse(what: string, code: number, at: number): never {
    throw malformedType(what, code, at);
  }
}

/** The number that stands for a block type given by the index of a function type; its own inverse. */
export function blockTypeOf(typeIndex: number): number {
  return -2 - typeIndex;
}
