// The import namespace "spectest" that scripts take for granted.
import { bitsOfF32, bitsOfF64 } from "../support/bits.js";
import type { Host, Namespace } from "../support/engine.js";

export function spectest(host: Host): Namespace {
  const print = (): void => undefined;
  return {
    print,
    print_i32: print,
    print_i64: print,
    print_f32: print,
    print_f64: print,
    print_i32_f32: print,
    print_f64_f64: print,
    global_i32: host.createGlobal({ type: "i32", bits: 666 }, false),
    global_i64: host.createGlobal({ type: "i64", bits: 666n }, false),
    global_f32: host.createGlobal({ type: "f32", bits: bitsOfF32(666.6) }, false),
    global_f64: host.createGlobal({ type: "f64", bits: bitsOfF64(666.6) }, false),
    table: host.createTable(10, 20),
    memory: host.createMemory(1, 2),
  };
}
