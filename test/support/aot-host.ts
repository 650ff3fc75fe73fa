// What our runtime is to tests: instances, values as bits, failures by kind. Values go in and out through `invokeRaw`, the
// runtime's way in that converts nothing, and the helpers that know how generated code holds a NaN's bits. Runs in any
// engine's shell as well, so it imports neither compiler nor Node.
import { LinkError, Trap } from "../../runtime/errors.js";
import {
  f32_reinterpret_i32,
  f64_reinterpret_i64,
  i32_reinterpret_f32,
  i64_reinterpret_f64,
} from "../../runtime/helpers/convert.js";
import { exportFunc, funcOf } from "../../runtime/instance/func.js";
import type { Func } from "../../runtime/instance/func.js";
import { Global } from "../../runtime/instance/global.js";
import { Memory } from "../../runtime/instance/memory.js";
import { Table } from "../../runtime/instance/table.js";
import type { Instance as RuntimeInstance } from "../../runtime/instance/instance.js";
import { S } from "../../runtime/instance/store.js";
import { typeOfFunc } from "../../runtime/wasm/module.js";
import { EXTERNREF, F32, F64, FUNCREF, I32, I64 } from "../../runtime/wasm/types.js";
import type { ValType } from "../../runtime/wasm/types.js";
import type { Compiled, Failure, Host, Imports, Instance, Namespace, Value } from "./engine.js";

/** A module of ours, ready to be instantiated. */
export interface AotCompiled extends Compiled {
  instantiate(imports: Imports): RuntimeInstance;
}

export class AotHost implements Host {
  readonly specMessages = true;

  instantiate(compiled: Compiled, imports: Imports): Instance {
    return new AotInstance((compiled as AotCompiled).instantiate(imports));
  }

  failureOf(error: unknown): Failure {
    if (error instanceof Trap) return error.code === "call stack exhausted" ? "exhaustion" : "trap";
    return error instanceof LinkError ? "link" : "other";
  }

  createMemory(min: number, max?: number): Memory {
    return new Memory(max === undefined ? { initial: min } : { initial: min, maximum: max });
  }

  createTable(min: number, max?: number): Table {
    return new Table(
      max === undefined ? { initial: min, element: "anyfunc" } : { initial: min, maximum: max, element: "anyfunc" },
    );
  }

  createGlobal(value: Value, mutable: boolean): Global {
    const global = new Global({ value: value.type as "i32", mutable });
    const scalars: unknown[] = [];
    addScalars(scalars, value);
    global.cell.v = scalars[0];
    global.cell.h = (scalars[1] ?? 0) as number;
    return global;
  }
}

class AotInstance implements Instance {
  readonly exports: Namespace;

  private readonly instance: RuntimeInstance;

  constructor(instance: RuntimeInstance) {
    this.instance = instance;
    this.exports = instance.exports;
  }

  invoke(field: string, args: readonly Value[]): Value[] {
    const { module } = this.instance;
    const results = typeOfFunc(module, this.exported(field)).results;
    // V8 quiets signaling NaNs in arrays of doubles, and flatMap makes every NaN canonical. In an array that has held
    // something else numbers stay as they are.
    const scalars: unknown[] = [null];
    scalars.length = 0;
    for (const arg of args) addScalars(scalars, arg);
    return valuesOf(results, this.instance.invokeRaw(field, scalars));
  }

  getGlobal(field: string): Value {
    const index = this.exported(field);
    const { type } = this.instance.module.globals[index]!.type;
    const first = this.instance.getGlobal(index);
    return valuesOf([type], [first, S.h])[0]!;
  }

  private exported(field: string): number {
    const found = this.instance.module.exports.find((candidate) => candidate.name === field);
    if (found === undefined) throw new Error(`no export "${field}"`);
    return found.index;
  }
}

// Bits to scalars of generated code.
function addScalars(scalars: unknown[], { type, bits }: Value): void {
  switch (type) {
    case "i32":
      scalars.push((bits as number) | 0);
      return;
    case "f32":
      scalars.push(f32_reinterpret_i32((bits as number) | 0));
      return;
    case "i64":
      scalars.push(...halves(bits as bigint));
      return;
    case "f64": {
      const [low, high] = halves(bits as bigint);
      scalars.push(f64_reinterpret_i64(low, high));
      return;
    }
    default:
      scalars.push(funcOf(bits) ?? bits);
  }
}

function halves(bits: bigint): [number, number] {
  return [Number(BigInt.asIntN(32, bits)), Number(BigInt.asIntN(32, bits >> 32n))];
}

function joined(low: number, high: number): bigint {
  return (BigInt(high >>> 0) << 32n) | BigInt(low >>> 0);
}

// Scalars of generated code to bits.
function valuesOf(types: readonly ValType[], scalars: readonly unknown[]): Value[] {
  let at = 0;
  const next = (): number => scalars[at++] as number;
  return types.map((type) => {
    switch (type) {
      case I32:
        return { type: "i32", bits: int32(next()) };
      case I64:
        return { type: "i64", bits: joined(int32(next()), int32(next())) };
      case F32:
        return { type: "f32", bits: i32_reinterpret_f32(next()) >>> 0 };
      case F64: {
        const low = i64_reinterpret_f64(next());
        return { type: "f64", bits: joined(low, S.h) };
      }
      case FUNCREF: {
        const func = next() as unknown as Func | null;
        return { type: "funcref", bits: func === null ? null : exportFunc(func) };
      }
      case EXTERNREF:
        return { type: "externref", bits: next() };
      default:
        throw new Error(`BUG: no bits for value type ${type}`);
    }
  });
}

// An i32 must be an int32 in generated code; anything else is a miscompilation, even where it would convert to the right one.
function int32(scalar: unknown): number {
  if (typeof scalar !== "number" || !Object.is(scalar | 0, scalar)) {
    throw new Error(
      `expected an int32 as scalar, got ${typeof scalar} ${Object.is(scalar, -0) ? "-0" : String(scalar)}`,
    );
  }
  return scalar >>> 0;
}
