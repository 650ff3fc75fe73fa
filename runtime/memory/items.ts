// What memory is used for: the closed list of items by category, after the table of "The WAMR memory model". A category says
// when its memory is freed; the report (report.ts) shows both.
// https://bytecodealliance.github.io/wamr.dev/blog/the-wamr-memory-model/

/** Items by category. Nothing is allocated that is not one of them. */
export const ITEMS = {
  /** Freed when the runtime is disposed of. */
  runtime: [
    "runtime structure",
    "native API registrations",
    "native stack",
    "thread cluster",
    /** Which object of the engine a reference in a table or global stands for. */
    "reference table",
    "shared heap",
    /** What the host has asked for by `runtime.malloc`. */
    "host allocation",
    "temporary buffer",
  ],
  /** Freed when the module is unloaded. */
  module: [
    "module structure",
    /** The caller's bytes, held by reference. */
    "file buffer",
    "AoT code",
    "JIT code",
    "pre-compiled bytecode",
    "code cache",
    "temporary buffer",
  ],
  /** Freed when the instance is disposed of. */
  instance: [
    "instance structure",
    "function data",
    "linear memory",
    "global data",
    "exports",
    "tables",
    "app heap",
    "WASI context",
    "WASI-NN context",
    "temporary buffer",
  ],
  /** Freed when the host is done with it. */
  "execution environment": ["stack", "temporary buffer"],
} as const;

/** The lifetimes of WAMR's memory model. */
export type Category = keyof typeof ITEMS;

export type Item = (typeof ITEMS)[Category][number];
