// The closed list of exit codes, in one place: `--help` prints it, failure.ts picks from it. The numbers are those of
// BSD's sysexits(3), far from the small numbers that guests like to exit with, and 134 (as for abort) for a trap.

export const EXIT = {
  ok: [0, "success; of run: the program's own exit code"],
  usage: [64, "wrong options or arguments, unknown export"],
  invalid: [65, "not WebAssembly, or not valid"],
  noInput: [66, "input missing or unreadable"],
  unsupported: [69, "valid, but uses a feature not supported here"],
  bug: [70, "internal error"],
  memory: [71, "no memory left: the pool or the machine has not enough"],
  cannotCreate: [73, "output cannot be written"],
  artifact: [76, "artifact damaged, or made for something else"],
  link: [78, "an import is missing or of the wrong type"],
  trap: [134, "the program trapped"],
} as const satisfies Record<string, readonly [number, string]>;

export type ExitReason = keyof typeof EXIT;
