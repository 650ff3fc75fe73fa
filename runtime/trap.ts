// The closed list of traps: message (the specification suite's wording) by code; trap-code.ts gives the codes names. The code
// travels through generated code as a literal: `trap(0)`. Append only: the numbers are part of the ABI.
// https://webassembly.github.io/spec/core/exec/runtime.html

/** Trap messages by code; the index is the code that generated code passes to `trap`. */
export const TRAP_MESSAGES = [
  "unreachable",
  "integer divide by zero",
  "integer overflow",
  "invalid conversion to integer",
  "out of bounds memory access",
  "out of bounds table access",
  "undefined element",
  "uninitialized element",
  "indirect call type mismatch",
  "call stack exhausted",
  "null function reference",
  "null reference",
  "cast failure",
  "out of bounds array access",
  "null i31 reference",
  "null structure reference",
  "null array reference",
  "unaligned atomic",
  "expected shared memory",
  "uncaught exception",
  "unlinked import called",
  "out of memory",
  "interrupted",
] as const;

export type TrapMessage = (typeof TRAP_MESSAGES)[number];
