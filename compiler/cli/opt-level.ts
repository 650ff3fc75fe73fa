// Optimization levels as options spell them and as the compiler takes them.
import type { CompileOptions } from "../index.js";
import type { OPT_LEVELS } from "./options.js";

export function compileOptLevel(level: (typeof OPT_LEVELS)[number]): NonNullable<CompileOptions["optLevel"]> {
  return level === "s" || level === "z" ? level : (Number(level) as 0 | 1 | 2 | 3);
}
