// Native WebAssembly as an Engine. Where a function takes or returns floats it is called through a generated module
// that carries their bits as integers, since the JavaScript interface does not promise to keep a NaN's payload.
import { EXTERNREF, F32, F64, FUNCREF, I32, I64 } from "../../runtime/wasm/types.js";
import type { ValType } from "../../runtime/wasm/types.js";
import { Op } from "../../runtime/wasm/opcodes.js";
import type { Compiled, Engine, Failure, Imports, Instance, Namespace, TypeName, Value } from "./engine.js";
import { messageOf } from "./engine.js";
import { f32OfBits, f64OfBits, bitsOfF32, bitsOfF64 } from "./bits.js";
import { ByteWriter, ModuleBuilder } from "./module-builder.js";
import { W } from "./webassembly.js";
import type { NativeModule } from "./webassembly.js";

interface NativeCompiled extends Compiled {
  readonly module: NativeModule;
}

type Callable = (...args: unknown[]) => unknown;

const TYPE_BY_NAME: Readonly<Record<string, ValType>> = {
  i32: I32,
  i64: I64,
  f32: F32,
  f64: F64,
  funcref: FUNCREF,
  externref: EXTERNREF,
};

export class NativeEngine implements Engine {
  readonly name: string = "native";
  readonly specMessages = false;

  readonly features = nativeFeatures();

  compile(bytes: Uint8Array): NativeCompiled {
    const module = new W.Module(bytes);
    return { module, imports: W.Module.imports(module) };
  }

  instantiate(compiled: Compiled, imports: Imports): Instance {
    // An absent namespace is a TypeError in the JavaScript interface, but a link error in the specification.
    const complete: Record<string, Namespace> = { ...imports };
    for (const { module } of compiled.imports) complete[module] ??= {};
    return new NativeInstance(new W.Instance((compiled as NativeCompiled).module, complete).exports);
  }

  failureOf(error: unknown): Failure {
    if (error instanceof W.RuntimeError) return "trap";
    if (error instanceof W.LinkError) return "link";
    if (error instanceof W.CompileError) return "invalid";
    if (error instanceof RangeError && /stack/.test(error.message)) return "exhaustion";
    return "other";
  }

  createMemory(min: number, max?: number): unknown {
    return new W.Memory(max === undefined ? { initial: min } : { initial: min, maximum: max });
  }

  createTable(min: number, max?: number): unknown {
    return new W.Table(
      max === undefined ? { initial: min, element: "anyfunc" } : { initial: min, maximum: max, element: "anyfunc" },
    );
  }

  createGlobal(value: Value, mutable: boolean): unknown {
    return new W.Global({ value: value.type === "funcref" ? "anyfunc" : value.type, mutable }, plainValue(value));
  }
}

/** What this engine has of the features that our compiler has too, found by validating the smallest module of each. */
export function nativeFeatures(): ReadonlySet<string> {
  const found = new Set<string>();
  const probe = (feature: string, build: (m: ModuleBuilder) => void): void => {
    const m = new ModuleBuilder();
    build(m);
    if (W.validate(m.toBytes())) found.add(feature);
  };
  const returnsOne = (m: ModuleBuilder): boolean =>
    W.validate(m.toBytes()) && (new W.Instance(new W.Module(m.toBytes())).exports["f"] as () => unknown)() === 1;
  probe("tail-call", (m) => m.func(m.type([], []), [], [Op.return_call, 0]));
  probe("extended-const", (m) => {
    m.global(I32, false, new ByteWriter().code(Op.i32_const, 1));
    m.global(I32, false, new ByteWriter().code(Op.global_get, 0, Op.i32_const, 1, Op.i32_add));
  });
  // V8 11 accepts two memories but loads from the first whatever the instruction says, so this one is run.
  const m = new ModuleBuilder();
  m.memory({ min: 1 });
  m.memory({ min: 1 });
  m.data(Uint8Array.of(1), { memory: 1, offset: 0 });
  m.export(
    "f",
    "func",
    m.func(m.type([], [I32]), [], new ByteWriter().code(Op.i32_const, 0, Op.i32_load8_u, 0x40, 1, 0)),
  );
  if (returnsOne(m)) found.add("multi-memory");
  return found;
}

class NativeInstance implements Instance {
  private readonly carriers = new Map<string, Callable | undefined>();

  readonly exports: Namespace;

  constructor(exports: Namespace) {
    this.exports = exports;
  }

  invoke(field: string, args: readonly Value[], results: readonly TypeName[] = []): Value[] {
    const target = this.exports[field];
    if (typeof target !== "function") throw new Error(`no exported function "${field}"`);
    const params = args.map((arg) => arg.type);
    let returned: unknown;
    const carrier =
      hasFloat(params) || hasFloat(results) ? this.carrier(field, target as Callable, params, results) : undefined;
    if (carrier !== undefined) returned = carrier(...args.map((arg) => carriedValue(arg)));
    else returned = (target as Callable)(...args.map(plainValue));
    const list = Array.isArray(returned) ? returned : returned === undefined ? [] : [returned];
    return list.map((value, i) => valueOf(results[i] ?? "?", value, carrier !== undefined));
  }

  getGlobal(field: string, type: TypeName): Value {
    const global = this.exports[field] as { readonly value: unknown };
    return valueOf(type, global.value, false);
  }

  private carrier(
    field: string,
    target: Callable,
    params: readonly TypeName[],
    results: readonly TypeName[],
  ): Callable | undefined {
    const key = `${field} ${params.join()}:${results.join()}`;
    if (this.carriers.has(key)) return this.carriers.get(key);
    let carrier: Callable | undefined;
    try {
      carrier = new W.Instance(new W.Module(carrierModule(params, results)), { m: { f: target } }).exports[
        "f"
      ] as Callable;
    } catch {
      // The function's type is not the one the test speaks of (it may trap before it returns): call it plainly.
      carrier = undefined;
    }
    this.carriers.set(key, carrier);
    return carrier;
  }
}

/** A module that imports `m.f` and exports "f", the same function with f32 as i32 and f64 as i64. */
function carrierModule(paramNames: readonly TypeName[], resultNames: readonly TypeName[]): Uint8Array {
  const params = paramNames.map(typeByName);
  const results = resultNames.map(typeByName);
  const m = new ModuleBuilder();
  const target = m.importFunc("m", "f", m.type(params, results));
  const code = new ByteWriter();
  params.forEach((type, i) => {
    code.op(Op.local_get).u32(i);
    if (type === F32) code.op(Op.f32_reinterpret_i32);
    if (type === F64) code.op(Op.f64_reinterpret_i64);
  });
  code.op(Op.call).u32(target);
  const locals = results.map(asInteger);
  for (let i = results.length - 1; i >= 0; i--) {
    if (results[i] === F32) code.op(Op.i32_reinterpret_f32);
    if (results[i] === F64) code.op(Op.i64_reinterpret_f64);
    code.op(Op.local_set).u32(params.length + i);
  }
  for (let i = 0; i < results.length; i++) code.op(Op.local_get).u32(params.length + i);
  m.export("f", "func", m.func(m.type(params.map(asInteger), locals), locals, code));
  return m.toBytes();
}

function typeByName(name: TypeName): ValType {
  const type = TYPE_BY_NAME[name];
  if (type === undefined) throw new Error(`no carrier for ${name}`);
  return type;
}

function asInteger(type: ValType): ValType {
  return type === F32 ? I32 : type === F64 ? I64 : type;
}

function hasFloat(types: readonly TypeName[]): boolean {
  return types.some((type) => type === "f32" || type === "f64");
}

function plainValue({ type, bits }: Value): unknown {
  if (type === "f32") return f32OfBits(bits as number);
  if (type === "f64") return f64OfBits(bits as bigint);
  return bits;
}

function carriedValue({ type, bits }: Value): unknown {
  return type === "f32" ? (bits as number) | 0 : bits;
}

// A float that came through a carrier is an integer by now: its bits.
function valueOf(type: TypeName, value: unknown, carried: boolean): Value {
  switch (type) {
    case "i32":
      return { type, bits: typeof value === "number" ? value >>> 0 : value };
    case "i64":
      return { type, bits: typeof value === "bigint" ? BigInt.asUintN(64, value) : value };
    case "f32":
      return { type, bits: carried ? (value as number) >>> 0 : bitsOfF32(value as number) };
    case "f64":
      return { type, bits: carried ? BigInt.asUintN(64, value as bigint) : bitsOfF64(value as number) };
    default:
      return { type, bits: value };
  }
}

/** The native trap's kind in the specification's words, as far as V8 tells them apart. */
export function nativeTrapKind(error: unknown): string {
  const message = messageOf(error);
  if (error instanceof RangeError) return "call stack exhausted";
  if (/divide by zero|remainder by zero/.test(message)) return "integer divide by zero";
  if (/divide result unrepresentable/.test(message)) return "integer overflow";
  if (/float unrepresentable/.test(message)) return "conversion";
  if (/memory access out of bounds|data segment/.test(message)) return "out of bounds memory access";
  if (/null function or function signature|function signature mismatch|null function/.test(message))
    return "bad call_indirect";
  if (/table index is out of bounds|table access|element segment|table/.test(message)) return "table";
  if (/unreachable/.test(message)) return "unreachable";
  return `? ${message}`;
}
