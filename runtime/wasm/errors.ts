// The errors of decoding and validation: one class per stage, one catalogue function per error, so that call sites pass
// facts and never format text. Wording begins as the specification's test suite has it, then says expected and got.
// Catalogue functions are cold: hot paths branch and call them only to throw.
import { WasmError } from "./error.js";
import { heapTypeOf, isNullable, isRef, ABSTRACT, BOTTOM, BOTTOM_REF, HEAP, I8, I16 } from "./types.js";
import type { HeapType, ValType } from "./types.js";

export { WasmError };

export type DecodeErrorCode =
  | "unexpected-end"
  | "malformed-magic"
  | "malformed-version"
  | "malformed-section-id"
  | "section-order"
  | "section-size-mismatch"
  | "length-out-of-bounds"
  | "integer-too-long"
  | "integer-too-large"
  | "malformed-utf8"
  | "malformed-type"
  | "malformed-mutability"
  | "malformed-limits"
  | "malformed-memarg"
  | "malformed-kind"
  | "illegal-opcode"
  | "zero-byte-expected"
  | "end-expected"
  | "count-mismatch"
  | "data-count-required"
  | "too-many-locals"
  | "limit"
  | "feature-disabled";

/** The bytes are not a Wasm module, or use a feature that is switched off, or exceed a limit of this implementation. */
export class DecodeError extends WasmError {
  override readonly name: string = "DecodeError";
  declare readonly code: DecodeErrorCode;
}

export type ValidationErrorCode =
  | "type-mismatch"
  | "unknown-index"
  | "alignment"
  | "offset-range"
  | "lane-index"
  | "result-arity"
  | "immutable"
  | "constant-required"
  | "undeclared-function"
  | "uninitialized-local"
  | "not-defaultable"
  | "packed"
  | "array-type"
  | "sub-type"
  | "tag-result"
  | "memory-size"
  | "table-size"
  | "page-size"
  | "limits-order"
  | "shared-memory"
  | "duplicate-export"
  | "start-function"
  | "rethrow-label"
  | "misplaced";

/** The module can be decoded but is not valid. */
export class ValidationError extends WasmError {
  override readonly name: string = "ValidationError";
  declare readonly code: ValidationErrorCode;
}

/** The same error with the section or function in which it arose; errors that know their place are returned as they are. */
export function placed(error: unknown, where: string): unknown {
  if (!(error instanceof WasmError) || error.where !== undefined) return error;
  if (error instanceof DecodeError) return new DecodeError(error.code, error.text, error.offset, where);
  if (error instanceof ValidationError) return new ValidationError(error.code, error.text, error.offset, where);
  return error;
}

const hex = (n: number): string => `0x${n.toString(16).padStart(2, "0")}`;

// ---- decoding

const malformed = (code: DecodeErrorCode, text: string, at: number): DecodeError => new DecodeError(code, text, at);

export const unexpectedEnd = (at: number): DecodeError =>
  malformed("unexpected-end", "unexpected end of section or function", at);
export const notWasm = (at: number): DecodeError =>
  malformed(
    "malformed-magic",
    "magic header not detected: the file does not begin with 00 61 73 6d; is it a .wasm file?",
    at,
  );
export const unknownVersion = (version: number, at: number): DecodeError =>
  malformed(
    "malformed-version",
    (version & 0xffff_0000) !== 0
      ? "unknown binary version: this is a component, not a core module; extract its core modules first"
      : `unknown binary version: expected 1, got ${version >>> 0}`,
    at,
  );
export const malformedSectionId = (id: number, at: number): DecodeError =>
  malformed("malformed-section-id", `malformed section id: ${id}`, at);
export const sectionOrder = (name: string, twice: boolean, at: number): DecodeError =>
  malformed(
    "section-order",
    `unexpected content after last section: ${name} section ${twice ? "appears twice" : "is out of order"}`,
    at,
  );
export const sectionSizeMismatch = (expected: number, got: number, at: number): DecodeError =>
  malformed("section-size-mismatch", `section size mismatch: expected ${expected} bytes, content takes ${got}`, at);
export const lengthOutOfBounds = (length: number, left: number, at: number): DecodeError =>
  malformed("length-out-of-bounds", `length out of bounds: ${length} with ${left} bytes left`, at);
export const integerTooLong = (at: number): DecodeError =>
  malformed("integer-too-long", "integer representation too long", at);
export const integerTooLarge = (at: number): DecodeError => malformed("integer-too-large", "integer too large", at);
export const malformedUtf8 = (at: number): DecodeError => malformed("malformed-utf8", "malformed UTF-8 encoding", at);
export const malformedType = (what: string, code: number, at: number): DecodeError =>
  malformed("malformed-type", `malformed ${what}: ${hex(code)}`, at);
export const malformedMutability = (code: number, at: number): DecodeError =>
  malformed("malformed-mutability", `malformed mutability: expected 0 or 1, got ${hex(code)}`, at);
export const malformedLimits = (flags: number, at: number): DecodeError =>
  malformed("malformed-limits", `malformed limits flags: ${hex(flags)}`, at);
export const malformedMemarg = (flags: number, at: number): DecodeError =>
  malformed("malformed-memarg", `malformed memop flags: ${hex(flags)}`, at);
export const malformedKind = (what: string, code: number, at: number): DecodeError =>
  malformed("malformed-kind", `malformed ${what}: ${hex(code)}`, at);
export const illegalOpcode = (byte: number, sub: number | undefined, at: number): DecodeError =>
  malformed(
    "illegal-opcode",
    `illegal opcode ${byte.toString(16).padStart(2, "0")}${sub === undefined ? "" : ` ${sub.toString(16).padStart(2, "0")}`}`,
    at,
  );
/** The same for an opcode as `Op` numbers it. */
export const illegalOp = (op: number, at: number): DecodeError =>
  op < 0x100
    ? illegalOpcode(op, undefined, at)
    : op < 0x10000
      ? illegalOpcode(op >> 8, op & 0xff, at)
      : illegalOpcode(op >>> 16, op & 0xffff, at);
export const zeroByteExpected = (got: number, at: number): DecodeError =>
  malformed("zero-byte-expected", `zero byte expected: got ${hex(got)}`, at);
export const missingEnd = (at: number): DecodeError =>
  malformed("unexpected-end", "unexpected end of section or function: the instructions have no final end", at);
export const invalidPageSizeBits = (log2: number, at: number): DecodeError =>
  malformed("malformed-limits", `invalid custom page size: 2^${log2}`, at);
export const endExpected = (at: number): DecodeError => malformed("end-expected", "END opcode expected", at);
export const codeCountMismatch = (functions: number, bodies: number, at: number): DecodeError =>
  malformed(
    "count-mismatch",
    `function and code section have inconsistent lengths: ${functions} functions, ${bodies} bodies`,
    at,
  );
export const dataCountMismatch = (count: number, segments: number, at: number): DecodeError =>
  malformed(
    "count-mismatch",
    `data count and data section have inconsistent lengths: ${count} announced, ${segments} present`,
    at,
  );
export const dataCountRequired = (op: string, at: number): DecodeError =>
  malformed("data-count-required", `data count section required by ${op}`, at);
export const tooManyLocals = (count: number, limit: number, at: number): DecodeError =>
  malformed("too-many-locals", `too many locals: ${count}, the limit is ${limit} with parameters`, at);
export const overLimit = (what: string, got: number, limit: number, at: number): DecodeError =>
  malformed("limit", `implementation limit exceeded: ${got} ${what}, the limit is ${limit}`, at);
export const featureDisabled = (what: string, features: readonly string[], at: number): DecodeError =>
  malformed(
    "feature-disabled",
    `${what} needs the ${features.join(" or ")} proposal, which is switched off; enable it with --features ${features[0]}`,
    at,
  );
export const unknownFeature = (name: string, known: readonly string[]): WasmError =>
  new WasmError("unknown-feature", `unknown feature: ${name}; known are ${known.join(", ")}, all, default, none`);

// ---- types in words

const HEAP_NAMES = new Map<number, string>(Object.entries(HEAP).map(([name, heap]) => [heap, name]));
const SHORT_NAMES = new Map<number, string>([
  [HEAP.none, "nullref"],
  [HEAP.nofunc, "nullfuncref"],
  [HEAP.noextern, "nullexternref"],
  [HEAP.noexn, "nullexnref"],
]);
const NUMBER_NAMES = new Map<number, string>([
  [0x7f, "i32"],
  [0x7e, "i64"],
  [0x7d, "f32"],
  [0x7c, "f64"],
  [0x7b, "v128"],
  [I8, "i8"],
  [I16, "i16"],
]);

/** A heap type as the text format writes it. */
export function heapTypeName(heap: HeapType): string {
  return heap >= ABSTRACT ? (HEAP_NAMES.get(heap) ?? `heap type ${hex(heap & 0xff)}`) : String(heap);
}

/** A value type as the text format writes it; 0, the type of a value in unreachable code, is "any type". */
export function typeName(type: ValType): string {
  if (type === BOTTOM) return "any type";
  if (type === BOTTOM_REF) return "any non-null reference";
  if (!isRef(type)) return NUMBER_NAMES.get(type) ?? `type ${hex(type)}`;
  const heap = heapTypeOf(type);
  if (isNullable(type) && heap >= ABSTRACT) return SHORT_NAMES.get(heap) ?? `${heapTypeName(heap)}ref`;
  return `(ref ${isNullable(type) ? "null " : ""}${heapTypeName(heap)})`;
}

/** A list of types as the suite's messages write it: `[i32 i64]`. */
export function typeNames(types: ArrayLike<ValType>): string {
  return `[${Array.from(types, typeName).join(" ")}]`;
}

// ---- validation

const invalid = (code: ValidationErrorCode, text: string, at: number | undefined): ValidationError =>
  new ValidationError(code, text, at);

export const typeMismatch = (op: string, expected: string, got: string, at: number): ValidationError =>
  invalid("type-mismatch", `type mismatch: ${op} expected ${expected}, got ${got}`, at);
export const stackRest = (op: string, results: string, got: string, at: number): ValidationError =>
  invalid("type-mismatch", `type mismatch: ${op} expected ${results} at the end, got ${got}`, at);
export const unknownIndex = (what: string, index: number, count: number | undefined, at: number): ValidationError =>
  invalid("unknown-index", `unknown ${what} ${index}${indexRange(count)}`, at);
const indexRange = (count: number | undefined): string =>
  count === undefined
    ? ""
    : count === 0
      ? ": there is none"
      : count === 1
        ? ": there is only 0"
        : `: the last is ${count - 1}`;
export const wrongKindOfType = (index: number, expected: string, got: string, at: number): ValidationError =>
  invalid("type-mismatch", `type mismatch: type ${index} is ${got}, expected ${expected}`, at);
export const alignmentTooLarge = (op: string, align: number, natural: number, at: number): ValidationError =>
  invalid("alignment", `alignment must not be larger than natural: ${op} with 2^${align}, natural is ${natural}`, at);
export const atomicAlignment = (op: string, align: number, natural: number, at: number): ValidationError =>
  invalid("alignment", `atomic alignment must be natural: ${op} with 2^${align}, natural is ${natural}`, at);
export const offsetOutOfRange = (offset: number, at: number): ValidationError =>
  invalid("offset-range", `offset out of range: ${offset} in a memory with 32-bit addresses`, at);
export const invalidLane = (op: string, lane: number, lanes: number, at: number): ValidationError =>
  invalid("lane-index", `invalid lane index: ${op} lane ${lane} of ${lanes}`, at);
export const resultArity = (count: number, at: number): ValidationError =>
  invalid("result-arity", `invalid result arity: select with ${count} types, expected 1`, at);
export const immutable = (what: "global" | "field" | "array", index: number, at: number): ValidationError =>
  invalid("immutable", `immutable ${what}: ${index} cannot be set`, at);
export const constantRequired = (what: string, at: number): ValidationError =>
  invalid("constant-required", `constant expression required: ${what} is not allowed here`, at);
export const undeclaredFunction = (index: number, at: number): ValidationError =>
  invalid(
    "undeclared-function",
    `undeclared function reference: function ${index} occurs in no export, global or element segment`,
    at,
  );
export const uninitializedLocal = (index: number, type: ValType, at: number): ValidationError =>
  invalid(
    "uninitialized-local",
    `uninitialized local: ${index} of type ${typeName(type)} has no default and is not set here`,
    at,
  );
export const notDefaultable = (what: "field" | "array", type: ValType, at: number): ValidationError =>
  invalid("not-defaultable", `${what} type is not defaultable: ${typeName(type)}`, at);
export const packedMismatch = (what: "field" | "array", packed: boolean, op: string, at: number): ValidationError =>
  invalid(
    "packed",
    `${what} is ${packed ? "packed" : "unpacked"}: ${op} needs ${packed ? "an unpacked" : "a packed"} one`,
    at,
  );
export const arrayNotNumeric = (type: ValType, at: number): ValidationError =>
  invalid("array-type", `array type is not numeric or vector: ${typeName(type)}`, at);
export const arrayTypesDiffer = (to: ValType, from: ValType, at: number): ValidationError =>
  invalid(
    "array-type",
    `array types do not match: elements of type ${typeName(from)} into an array of ${typeName(to)}`,
    at,
  );
export const forwardSupertype = (sub: number, sup: number, at: number): ValidationError =>
  invalid("unknown-index", `unknown type ${sup}: forward use in sub type ${sub} definition`, at);
export const manySupertypes = (sub: number, count: number, at: number): ValidationError =>
  invalid("sub-type", `sub type ${sub} has ${count} super types, at most 1 is allowed`, at);
export const finalSupertype = (sub: number, sup: number, at: number): ValidationError =>
  invalid("sub-type", `sub type ${sub} has final super type ${sup}`, at);
export const unlikeSupertype = (sub: number, sup: number, at: number): ValidationError =>
  invalid("sub-type", `sub type ${sub} does not match super type ${sup}`, at);
export const subtypeTooDeep = (sub: number, limit: number, at: number): ValidationError =>
  invalid("sub-type", `sub type ${sub} is more than ${limit} super types deep`, at);
export const tagWithResults = (results: string, at: number): ValidationError =>
  invalid("tag-result", `non-empty tag result type: ${results}`, at);
export const memoryTooLarge = (limit: string, at: number): ValidationError =>
  invalid("memory-size", `memory size must be at most ${limit}`, at);
export const tableTooLarge = (limit: string, at: number): ValidationError =>
  invalid("table-size", `table size must be at most ${limit}`, at);
export const invalidPageSize = (log2: number, at: number): ValidationError =>
  invalid("page-size", `invalid custom page size: 2^${log2}, expected 1 or 65536`, at);
export const minimumOverMaximum = (min: number, max: number, at: number): ValidationError =>
  invalid("limits-order", `size minimum must not be greater than maximum: ${min} > ${max}`, at);
export const sharedWithoutMaximum = (at: number): ValidationError =>
  invalid("shared-memory", "shared memory must have maximum", at);
export const duplicateExport = (name: string, at: number): ValidationError =>
  invalid("duplicate-export", `duplicate export name ${JSON.stringify(name)}`, at);
export const startSignature = (index: number, type: string, at: number): ValidationError =>
  invalid("start-function", `start function must not have parameters or results: function ${index} is ${type}`, at);
export const rethrowOutsideCatch = (label: number, at: number): ValidationError =>
  invalid("rethrow-label", `invalid rethrow label ${label}: not the label of a catch`, at);
export const misplaced = (op: string, expected: string, at: number): ValidationError =>
  invalid("misplaced", `misplaced ${op}: only allowed ${expected}`, at);
