// The type system of Wasm 3.0 as plain data: value types, heap types, composite types, limits.
// A value type is one small integer so that validator and compiler compare types without allocating.
// https://webassembly.github.io/spec/core/syntax/types.html

/**
 * A value type. Number and vector types are their binary codes (0x7f i32 … 0x7b v128); packed field types i8 (0x78)
 * and i16 (0x77) share the space. A reference type is `REF | NULLABLE? | heap type`, see {@link refType}.
 */
export type ValType = number;

/**
 * A heap type: a type index (>= 0), or an abstract heap type as its one-byte binary code with the bit ABSTRACT set
 * (`ABSTRACT | 0x70` is func).
 */
export type HeapType = number;

export const I32 = 0x7f;
export const I64 = 0x7e;
export const F32 = 0x7d;
export const F64 = 0x7c;
export const V128 = 0x7b;
export const I8 = 0x78;
export const I16 = 0x77;

/** Set in every reference type, in no other value type. */
export const REF = 0x4000_0000;
/** Set in a reference type that admits null. */
export const NULLABLE = 0x2000_0000;
/** Set in an abstract heap type (func, extern, any …), clear in a type index. */
export const ABSTRACT = 0x1000_0000;

/** Abstract heap types, by the specification's names. */
export const HEAP = {
  noexn: ABSTRACT | 0x74,
  nofunc: ABSTRACT | 0x73,
  noextern: ABSTRACT | 0x72,
  none: ABSTRACT | 0x71,
  func: ABSTRACT | 0x70,
  extern: ABSTRACT | 0x6f,
  any: ABSTRACT | 0x6e,
  eq: ABSTRACT | 0x6d,
  i31: ABSTRACT | 0x6c,
  struct: ABSTRACT | 0x6b,
  array: ABSTRACT | 0x6a,
  exn: ABSTRACT | 0x69,
} as const;

/** The reference type `(ref null? heapType)`. */
export function refType(heapType: HeapType, nullable: boolean): ValType {
  return REF | (nullable ? NULLABLE : 0) | heapType;
}

export const FUNCREF: ValType = REF | NULLABLE | HEAP.func;
export const EXTERNREF: ValType = REF | NULLABLE | HEAP.extern;

/** The type of a value that unreachable code would push: a subtype of every type. Never part of a module. */
export const BOTTOM: ValType = 0;
/** The bottom of the reference types: what `ref.as_non_null` makes of BOTTOM. Never part of a module. */
export const BOTTOM_REF: ValType = REF | ABSTRACT;

export function isRef(type: ValType): boolean {
  return type >= REF;
}

export function heapTypeOf(type: ValType): HeapType {
  return type & ~(REF | NULLABLE);
}

export function isNullable(type: ValType): boolean {
  return (type & NULLABLE) !== 0;
}

/** `(func params -> results)`. */
export interface FuncType {
  readonly kind: "func";
  readonly params: readonly ValType[];
  readonly results: readonly ValType[];
}

/** A field of a struct or the element of an array; `type` may be packed (I8, I16). */
export interface FieldType {
  readonly type: ValType;
  readonly mutable: boolean;
}

export interface StructType {
  readonly kind: "struct";
  readonly fields: readonly FieldType[];
}

export interface ArrayType {
  readonly kind: "array";
  readonly element: FieldType;
}

export type CompositeType = FuncType | StructType | ArrayType;

/** One entry of the type index space: a sub type with its place in its recursion group. */
export interface SubType {
  readonly final: boolean;
  readonly supertypes: readonly number[];
  readonly composite: CompositeType;
  /** Index of the first type of this type's recursion group, and how many types the group has. */
  readonly recGroupStart: number;
  readonly recGroupSize: number;
}

/** Bounds of a memory (in pages) or table (in elements). 64-bit limits above 2^53 are clamped to 2^53 by the decoder. */
export interface Limits {
  readonly min: number;
  readonly max?: number;
}

export interface MemoryType {
  readonly limits: Limits;
  readonly shared: boolean;
  /** true: addresses are i64 (memory64) */
  readonly address64: boolean;
  /** log2 of the page size: 16, or 0 under custom-page-sizes */
  readonly pageSizeLog2: number;
}

export interface TableType {
  readonly element: ValType;
  readonly limits: Limits;
  /** true: indices are i64 (table64) */
  readonly address64: boolean;
}

export interface GlobalType {
  readonly type: ValType;
  readonly mutable: boolean;
}

export interface TagType {
  readonly typeIndex: number;
}
