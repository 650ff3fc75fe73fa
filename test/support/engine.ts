// The one face under which tests see an engine that runs Wasm: native WebAssembly (the oracle) and ours in each
// container. Values cross as bit patterns, so that no NaN is lost between a test and the code under test.

/** Names as the specification's scripts spell them: i32 i64 f32 f64 v128 funcref externref …  */
export type TypeName = string;

/**
 * A value as bits: i32 and f32 are unsigned 32-bit numbers, i64 and f64 unsigned 64-bit bigints, v128 a 128-bit
 * bigint; a reference is the JavaScript value that stands for it outside (null for null references).
 */
export interface Value {
  readonly type: TypeName;
  readonly bits: unknown;
}

/** How a failure is told to scripts; "other" is always a bug of the engine or the test. */
export type Failure = "trap" | "exhaustion" | "link" | "decode" | "invalid" | "exception" | "unsupported" | "other";

export interface ImportName {
  readonly module: string;
  readonly name: string;
}

/** A compiled module, opaque to tests except for its import names. */
export interface Compiled {
  readonly imports: readonly ImportName[];
}

export type Namespace = Readonly<Record<string, unknown>>;
export type Imports = Readonly<Record<string, Namespace>>;

export interface Instance {
  /** Importable by other instances of the same engine. */
  readonly exports: Namespace;
  /** `results` are the types a test expects; engines that know the function's type ignore them. */
  invoke(field: string, args: readonly Value[], results?: readonly TypeName[]): Value[];
  getGlobal(field: string, type: TypeName): Value;
}

/** The side of an engine that runs modules. */
export interface Host {
  /** Whether messages follow the specification's wording (native engines have their own). */
  readonly specMessages: boolean;
  instantiate(module: Compiled, imports: Imports): Instance;
  /** What was made since the last call is no longer needed. Throws where something would stay behind. */
  finish?(): void;
  failureOf(error: unknown): Failure;
  createMemory(min: number, max?: number): unknown;
  createTable(min: number, max?: number): unknown;
  createGlobal(value: Value, mutable: boolean): unknown;
}

export interface Engine extends Host {
  readonly name: string;
  /** Features beyond Wasm 2.0 without SIMD, by the names the suite uses. */
  readonly features: ReadonlySet<string>;
  compile(bytes: Uint8Array): Compiled;
}

export function messageOf(error: unknown): string {
  return error instanceof Error ? error.message : String(error);
}

export function showValue(value: Value): string {
  const { type, bits } = value;
  if (typeof bits === "number" || typeof bits === "bigint") return `${type}:0x${bits.toString(16)}`;
  return `${type}:${bits === null ? "null" : typeof bits}`;
}

export function showValues(values: readonly Value[]): string {
  return `(${values.map(showValue).join(" ")})`;
}
