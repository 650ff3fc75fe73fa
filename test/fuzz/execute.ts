// Runs a generated module on an engine and writes down everything that can be seen from outside: results, traps by kind,
// calls of imported functions, globals, tables, memories. Two engines agree when their traces are equal. All inputs
// follow from the names of imports and exports, so a module on disk needs nothing beside it.
import { createHash } from "node:crypto";
import { bitsOfF32, bitsOfF64 } from "../support/bits.js";
import type { Engine, Imports, Namespace } from "../support/engine.js";
import { messageOf } from "../support/engine.js";
import { nativeTrapKind } from "../support/native-engine.js";
import { f32OfBits, f64OfBits } from "../support/bits.js";
import { randomConstant } from "./menu.js";
import type { Letter } from "./program.js";
import { Rng } from "./rng.js";

/** One line an observation. A trace that ends in `STOPPED` is complete up to there: what follows is not determined. */
export type Trace = string[];

/** The call stack's depth is the engine's own business: after an exhausted stack nothing is compared. */
export const STOPPED = "stopped: call stack exhausted";

class HostError extends Error {}

class Stop extends Error {}

interface MemoryObject {
  readonly buffer: ArrayBuffer;
}

interface TableObject {
  readonly length: number;
  get(index: number): unknown;
}

type Callable = (...args: unknown[]) => unknown;

const RUNS_PER_FUNCTION = 4;
const EXTERNS = [{ extern: 0 }, { extern: 1 }, "a string", 7, undefined];

export function execute(engine: Engine, bytes: Uint8Array): Trace {
  const trace: Trace = [];
  try {
    new Execution(engine, trace).run(bytes);
  } catch (error) {
    if (!(error instanceof Stop)) throw error;
    trace.push(STOPPED);
  }
  return trace;
}

class Execution {
  private exports: Namespace = {};
  private hostDepth = 0;
  private hostCalls = 0;

  private readonly engine: Engine;
  private readonly trace: Trace;

  constructor(engine: Engine, trace: Trace) {
    this.engine = engine;
    this.trace = trace;
  }

  run(bytes: Uint8Array): void {
    const compiled = this.engine.compile(bytes);
    const imports = this.imports(compiled.imports.map(({ module, name }) => [module, name] as const));
    try {
      this.exports = this.engine.instantiate(compiled, imports.namespaces).exports;
    } catch (error) {
      this.trace.push(`instantiation: ${this.failure(error)}`);
      imports.observe();
      return;
    }
    const functions = Object.keys(this.exports).filter((name) => name.startsWith("f"));
    for (const name of functions) {
      const rng = new Rng(name.length * 977 + Number.parseInt(name.slice(1), 10));
      for (let i = 0; i < RUNS_PER_FUNCTION; i++) this.call(name, rng);
    }
    this.observe();
  }

  private call(name: string, rng: Rng): void {
    const [, params] = name.split(":") as [string, string, string];
    const args = [...params].map((type) => argument(rng, type as Letter));
    this.function("reset")();
    let outcome: string;
    try {
      outcome = show(this.function(name)(...args));
    } catch (error) {
      outcome = this.failure(error);
    }
    this.trace.push(`${name}(${args.map((arg) => show(arg)).join()}) = ${outcome}`);
    for (const [global, object] of Object.entries(this.exports)) {
      if (global.startsWith("g")) this.trace.push(`  ${global} = ${show((object as { value: unknown }).value)}`);
      if (global.startsWith("r") && global !== "reset")
        this.trace.push(`  ${global} = ${show((object as Callable)())}`);
    }
  }

  private observe(): void {
    for (const [name, object] of Object.entries(this.exports)) {
      if (name.startsWith("m")) this.trace.push(`${name} = ${digest(object as MemoryObject)}`);
      if (name.startsWith("t")) this.trace.push(`${name} = ${elements(object as TableObject)}`);
    }
  }

  private function(name: string): Callable {
    return this.exports[name] as Callable;
  }

  private failure(error: unknown): string {
    if (error instanceof HostError) return error.message;
    const kind = this.engine.failureOf(error);
    if (kind === "exhaustion") throw new Stop();
    if (kind === "trap")
      return `trap: ${trapClass(this.engine.specMessages ? messageOf(error) : nativeTrapKind(error))}`;
    return `${kind}: ${messageOf(error)}`;
  }

  private imports(names: readonly (readonly [string, string])[]): { namespaces: Imports; observe: () => void } {
    const { engine } = this;
    const namespaces: Record<string, Record<string, unknown>> = {};
    const observers: (() => void)[] = [];
    for (const [module, name] of names) {
      const [index, a, b] = name.split(":") as [string, string, string];
      let value: unknown;
      if (module === "h") value = this.host(Number(index), a, b);
      else if (module === "m") value = engine.createMemory(Number(a), Number(b));
      else if (module === "t") value = engine.createTable(Number(a), Number(b));
      else
        value = engine.createGlobal(
          { type: a === "i" ? "i32" : "i64", bits: a === "i" ? 0x8765_4321 : 0x8765_4321_0fed_cba9n },
          b === "1",
        );
      (namespaces[module] ??= {})[name] = value;
      if (module === "m")
        observers.push(() => this.trace.push(`imported memory ${name} = ${digest(value as MemoryObject)}`));
      if (module === "t")
        observers.push(() => this.trace.push(`imported table ${name} = ${elements(value as TableObject)}`));
    }
    return { namespaces, observe: () => observers.forEach((observe) => observe()) };
  }

  // An imported function: notes its arguments, sometimes throws or calls back, and answers with values that depend on
  // how many calls there were.
  private host(index: number, params: string, results: string): Callable {
    return (...args) => {
      const rng = new Rng(++this.hostCalls * 31 + index);
      this.trace.push(`  host ${index}(${args.map((arg, i) => show(arg, params[i] as Letter)).join()})`);
      if (rng.chance(4)) throw new HostError(`host error ${this.hostCalls}`);
      if (this.hostDepth === 0 && rng.chance(15)) this.reenter(rng);
      const values = [...results].map((type) => (type === "n" ? null : hostResult(rng, type as Letter)));
      return results.length === 0 ? undefined : results.length === 1 ? values[0] : values;
    };
  }

  private reenter(rng: Rng): void {
    const name = Object.keys(this.exports).find((candidate) => candidate.startsWith("f"));
    if (name === undefined) return;
    this.hostDepth++;
    try {
      const args = [...name.split(":")[1]!].map((type) => argument(rng, type as Letter));
      this.trace.push(`  reentered ${name} = ${show(this.function(name)(...args))}`);
    } finally {
      this.hostDepth--;
    }
  }
}

function argument(rng: Rng, type: Letter): unknown {
  if (type === "e") return rng.chance(25) ? null : rng.pick(EXTERNS);
  const value = randomConstant(rng, type);
  if (type === "i") return Number(value) | 0;
  return BigInt.asIntN(64, BigInt(value));
}

function hostResult(rng: Rng, type: Letter): unknown {
  if (type === "e") return rng.pick(EXTERNS);
  const value = randomConstant(rng, type);
  if (type === "i" || type === "l") return value;
  const float = type === "f" ? f32OfBits(value as number) : f64OfBits(value as bigint);
  return Number.isNaN(float) ? 0.25 : float;
}

function show(value: unknown, type?: Letter): string {
  if (Array.isArray(value)) return `[${value.map((item) => show(item)).join()}]`;
  switch (typeof value) {
    case "bigint":
      return `${value}n`;
    case "number":
      // JavaScript sees of a NaN only that it is one.
      if (type === "f" || type === "d")
        return Number.isNaN(value)
          ? "NaN"
          : type === "f"
            ? `f32 ${bitsOfF32(value).toString(16)}`
            : `f64 ${bitsOfF64(value).toString(16)}`;
      return String(value);
    case "function":
      return `function ${value.name}`;
    case "object":
      return value === null ? "null" : JSON.stringify(value);
    default:
      return String(value);
  }
}

function digest({ buffer }: MemoryObject): string {
  return `${buffer.byteLength} bytes ${createHash("md5").update(new Uint8Array(buffer)).digest("hex")}`;
}

function elements(table: TableObject): string {
  return Array.from({ length: table.length }, (_, i) => show(table.get(i))).join();
}

// V8 does not tell all traps apart: kinds are compared as far as both sides know them.
function trapClass(kind: string): string {
  if (/^(integer overflow|invalid conversion to integer|conversion)/.test(kind)) return "overflow or conversion";
  if (/^(undefined element|out of bounds table access|table)/.test(kind)) return "table bounds";
  if (/^(uninitialized element|indirect call type mismatch|bad call_indirect)/.test(kind)) return "bad call_indirect";
  if (/^out of bounds memory access/.test(kind)) return "out of bounds memory access";
  return kind.split(":")[0]!.split(" (")[0]!;
}
