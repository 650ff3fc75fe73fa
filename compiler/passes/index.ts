// The pipeline: which passes run, in which order, and why. Analyses are called by the printer where it needs them.
import type { IrFunc } from "../ir/ir.js";
import { sortArms } from "./arms.js";
import { shareVariables } from "./color.js";
import { removeCopies } from "./copies.js";
import { removeDead } from "./dead.js";
import { markGuarded } from "./guards.js";
import { markNonNegative } from "./non-negative.js";
import { splitI64 } from "./split.js";
import { outline } from "./outline/index.js";
import { restructure } from "./structure.js";
import { separateWebs } from "./webs.js";
import { keepBooleans } from "./truths.js";
import { useRanges } from "./ranges/index.js";
import type { TargetChoices } from "../targets.js";

/** What passes depend on beside the function. */
export interface PassOptions {
  /** Highest level of passes that run. */
  readonly level: number;
  /** Names of passes, and of ways to print, that are switched off. */
  readonly disabled: ReadonlySet<string>;
  /** Estimated bytes of bytecode from which a function is cut into pieces. */
  readonly outlineLimit: number;
}

/** What passes know besides the function: the options, and what follows from target and module. */
export interface PassContext extends PassOptions {
  readonly choices: TargetChoices;
  /** Bytes that each memory has at least. */
  readonly memories: readonly number[];
}

export interface Pass {
  readonly name: string;
  readonly run: (func: IrFunc, context: PassContext) => void;
  /** Lowest -O level that runs it; 0 where generated code depends on it. */
  readonly level: number;
}

export const PASSES: readonly Pass[] = [
  // One value, one variable: what splitting finds out about a variable then holds for all of it.
  { name: "webs", run: separateWebs, level: 1 },
  // From here on there is no i64.
  { name: "split-i64", run: splitI64, level: 0 },
  // High halves that nobody reads go first, so that they are no reason to keep temporaries.
  { name: "dead", run: removeDead, level: 1 },
  { name: "copies", run: removeCopies, level: 1 },
  { name: "structure", run: restructure, level: 1 },
  { name: "arms", run: sortArms, level: 1 },
  { name: "guards", run: markGuarded, level: 1 },
  { name: "non-negative", run: markNonNegative, level: 1 },
  { name: "ranges", run: useRanges, level: 1 },
  { name: "truths", run: keepBooleans, level: 1 },
  // It gives up "one value, one variable".
  { name: "color", run: shareVariables, level: 1 },
  // Last: the others do not look into pieces.
  { name: "outline", run: (func, { outlineLimit }) => outline(func, outlineLimit), level: 1 },
];

/** What is no pass and can be switched off as well: passes/strip-mining.ts, emit/{bigint,twin,dispatch,views}.ts, lower/inline.ts, write/squeeze.ts. */
const OTHERS = ["bigint", "strip-mining", "twins", "dispatch", "held-views", "inlining", "squeeze"] as const;

/** What can be switched off: code without it may be slower and larger, but gives the same results. */
export const OPTIONAL_PASSES: readonly string[] = [
  ...PASSES.filter(({ level }) => level > 0).map(({ name }) => name),
  ...OTHERS,
];

export function isEnabled(name: (typeof OTHERS)[number], { disabled }: PassOptions): boolean {
  return !disabled.has(name);
}

/** Runs those of the passes that the options ask for. */
export function runPasses(func: IrFunc, passes: readonly Pass[], context: PassContext): void {
  for (const { name, level, run } of passes) {
    if (level <= context.level && !context.disabled.has(name)) run(func, context);
  }
}
