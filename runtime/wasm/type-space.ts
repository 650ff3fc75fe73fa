// The type index space seen as the specification sees it: iso-recursive types that are equal by structure, subtyping by
// declaration. Every type is represented by the first index with an equal type, so equality of normalized value types is
// equality of integers, and subtyping of defined types is a walk up a chain of at most 63 declared supertypes.
// https://webassembly.github.io/spec/core/valid/matching.html
import {
  finalSupertype,
  forwardSupertype,
  manySupertypes,
  subtypeTooDeep,
  unknownIndex,
  unlikeSupertype,
} from "./errors.js";
import { MAX_SUBTYPE_DEPTH } from "./limits.js";
import { ABSTRACT, BOTTOM, BOTTOM_REF, HEAP, heapTypeOf, isRef, NULLABLE, REF } from "./types.js";
import type { CompositeType, FieldType, FuncType, HeapType, SubType, ValType } from "./types.js";

const BOTTOM_HEAP = heapTypeOf(BOTTOM_REF);

/** Parameters and results of a function type, normalized. */
export interface Signature {
  readonly params: Int32Array;
  readonly results: Int32Array;
}

export class TypeSpace {
  readonly types: readonly SubType[];
  /** By type index: the first index of an equal type. */
  readonly canon: Int32Array;
  // By type index: the normalized declared supertype, or -1; and the length of the chain above.
  private readonly superOf: Int32Array;
  private readonly depth: Uint8Array;
  private readonly signatures: (Signature | undefined)[] = [];

  /** Checks the types as it goes: indices, supertypes, finality. `at` gives a type's offset for errors. */
  constructor(types: readonly SubType[], at: readonly number[]) {
    this.types = types;
    this.canon = new Int32Array(types.length);
    this.superOf = new Int32Array(types.length).fill(-1);
    this.depth = new Uint8Array(types.length);
    const groups = new Map<string, number>();
    for (let start = 0; start < types.length;) {
      const size = types[start]!.recGroupSize;
      const end = start + size;
      for (let i = start; i < end; i++) checkIndices(types[i]!, i, end, at[i] ?? 0);
      const key = this.groupKey(start, end);
      const equal = groups.get(key);
      for (let i = start; i < end; i++) this.canon[i] = (equal ?? start) + i - start;
      if (equal === undefined) {
        groups.set(key, start);
        // Declarations of the whole group first: a member may match by the supertype of a later one.
        for (let i = start; i < end; i++) this.declareSupertype(i, at[i] ?? 0);
        for (let i = start; i < end; i++) this.checkSupertype(i, at[i] ?? 0);
      }
      start = end;
    }
  }

  /** The same type with its index replaced by the representative's. */
  normalize(type: ValType): ValType {
    return type < REF || (type & ABSTRACT) !== 0 ? type : (type & (REF | NULLABLE)) | this.canon[heapTypeOf(type)]!;
  }

  normalizeHeap(heap: HeapType): HeapType {
    return heap >= ABSTRACT ? heap : this.canon[heap]!;
  }

  /** The function type at an index as typed arrays; undefined if there is no such type, or it is not a function. */
  signature(typeIndex: number): Signature | undefined {
    const known = this.signatures[typeIndex];
    if (known !== undefined) return known;
    const composite = this.types[typeIndex]?.composite;
    if (composite?.kind !== "func") return undefined;
    return (this.signatures[typeIndex] = this.toSignature(composite));
  }

  /** Is a value of type `sub` a value of type `sup`? Both normalized. */
  matches(sub: ValType, sup: ValType): boolean {
    if (sub === sup || sub === BOTTOM) return true;
    if (!isRef(sub) || !isRef(sup)) return false;
    if ((sub & NULLABLE) !== 0 && (sup & NULLABLE) === 0) return false;
    return this.matchesHeap(heapTypeOf(sub), heapTypeOf(sup));
  }

  matchesHeap(sub: HeapType, sup: HeapType): boolean {
    if (sub === sup || sub === BOTTOM_HEAP) return true;
    if (sub < ABSTRACT) {
      const kind = this.types[sub]!.composite.kind;
      if (sup >= ABSTRACT) {
        if (kind === "func") return sup === HEAP.func;
        return sup === HEAP.any || sup === HEAP.eq || sup === (kind === "struct" ? HEAP.struct : HEAP.array);
      }
      for (let t = this.superOf[sub]!; t >= 0; t = this.superOf[t]!) if (t === sup) return true;
      return false;
    }
    const target = sup < ABSTRACT ? this.types[sup]!.composite.kind : undefined;
    switch (sub) {
      case HEAP.nofunc:
        return sup === HEAP.func || target === "func";
      case HEAP.noextern:
        return sup === HEAP.extern;
      case HEAP.noexn:
        return sup === HEAP.exn;
      case HEAP.none:
        return (target !== undefined && target !== "func") || isAny(sup);
      case HEAP.i31:
      case HEAP.struct:
      case HEAP.array:
        return sup === HEAP.eq || sup === HEAP.any;
      case HEAP.eq:
        return sup === HEAP.any;
      default:
        return false;
    }
  }

  /** The top of the hierarchy that a heap type belongs to: any, func, extern or exn. */
  topOf(heap: HeapType): HeapType {
    if (heap < ABSTRACT) return this.types[heap]!.composite.kind === "func" ? HEAP.func : HEAP.any;
    if (heap === HEAP.func || heap === HEAP.nofunc) return HEAP.func;
    if (heap === HEAP.extern || heap === HEAP.noextern) return HEAP.extern;
    if (heap === HEAP.exn || heap === HEAP.noexn) return HEAP.exn;
    return HEAP.any;
  }

  private toSignature(type: FuncType): Signature {
    const normalize = (t: ValType): ValType => this.normalize(t);
    return { params: Int32Array.from(type.params, normalize), results: Int32Array.from(type.results, normalize) };
  }

  /**
   * Spells a recursion group so that two groups have the same spelling iff they are equal: references into the group
   * relative to it, references before it by representative. Every item has a length known from its first number.
   */
  private groupKey(start: number, end: number): string {
    const key: number[] = [end - start];
    const index = (i: number): number => (i >= start ? start - i - 1 : this.canon[i]!);
    const valType = (type: ValType): void => {
      if (type < REF || (type & ABSTRACT) !== 0) key.push(type);
      else key.push(type & (REF | NULLABLE), index(heapTypeOf(type)));
    };
    const field = (f: FieldType): void => {
      key.push(f.mutable ? 1 : 0);
      valType(f.type);
    };
    for (let i = start; i < end; i++) {
      const { final, supertypes, composite } = this.types[i]!;
      key.push(final ? 1 : 0, supertypes.length, ...supertypes.map(index));
      switch (composite.kind) {
        case "func":
          key.push(0, composite.params.length, composite.results.length);
          composite.params.forEach(valType);
          composite.results.forEach(valType);
          break;
        case "struct":
          key.push(1, composite.fields.length);
          composite.fields.forEach(field);
          break;
        case "array":
          key.push(2);
          field(composite.element);
      }
    }
    return key.join();
  }

  private declareSupertype(i: number, at: number): void {
    const sup = this.types[i]!.supertypes[0];
    if (sup === undefined) return;
    if (sup >= i) throw forwardSupertype(i, sup, at);
    if (this.types[sup]!.final) throw finalSupertype(i, sup, at);
    const canon = this.canon[sup]!;
    this.superOf[i] = canon;
    this.depth[i] = this.depth[canon]! + 1;
    if (this.depth[i]! > MAX_SUBTYPE_DEPTH) throw subtypeTooDeep(i, MAX_SUBTYPE_DEPTH, at);
  }

  private checkSupertype(i: number, at: number): void {
    const { supertypes, composite } = this.types[i]!;
    if (supertypes.length === 0) return;
    if (!this.matchesComposite(composite, this.types[supertypes[0]!]!.composite))
      throw unlikeSupertype(i, supertypes[0]!, at);
  }

  private matchesComposite(sub: CompositeType, sup: CompositeType): boolean {
    if (sub.kind === "func" && sup.kind === "func") {
      return this.matchesAll(sup.params, sub.params) && this.matchesAll(sub.results, sup.results);
    }
    if (sub.kind === "struct" && sup.kind === "struct") {
      return sub.fields.length >= sup.fields.length && sup.fields.every((f, i) => this.matchesField(sub.fields[i]!, f));
    }
    return sub.kind === "array" && sup.kind === "array" && this.matchesField(sub.element, sup.element);
  }

  private matchesAll(subs: readonly ValType[], sups: readonly ValType[]): boolean {
    return (
      subs.length === sups.length && subs.every((sub, i) => this.matches(this.normalize(sub), this.normalize(sups[i]!)))
    );
  }

  private matchesField(sub: FieldType, sup: FieldType): boolean {
    if (sub.mutable !== sup.mutable) return false;
    const from = this.normalize(sub.type);
    const to = this.normalize(sup.type);
    return sub.mutable ? from === to : this.matches(from, to);
  }
}

function isAny(heap: HeapType): boolean {
  return heap === HEAP.any || heap === HEAP.eq || heap === HEAP.i31 || heap === HEAP.struct || heap === HEAP.array;
}

/** A type may refer to the types before its recursion group and to those of the group itself. */
function checkIndices(type: SubType, index: number, end: number, at: number): void {
  const valType = (t: ValType): void => {
    if (isRef(t) && (t & ABSTRACT) === 0 && heapTypeOf(t) >= end) throw unknownIndex("type", heapTypeOf(t), end, at);
  };
  if (type.supertypes.length > 1) throw manySupertypes(index, type.supertypes.length, at);
  for (const sup of type.supertypes) if (sup >= end) throw forwardSupertype(index, sup, at);
  const { composite } = type;
  switch (composite.kind) {
    case "func":
      composite.params.forEach(valType);
      composite.results.forEach(valType);
      break;
    case "struct":
      for (const field of composite.fields) valType(field.type);
      break;
    case "array":
      valType(composite.element.type);
  }
}
