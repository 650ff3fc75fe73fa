// The pipeline: which passes run, in which order, and why. Analyses are called by the printer where it needs them.
import type { IrFunc } from "../ir/ir.js";
import { splitI64 } from "./split.js";

export interface Pass {
  readonly name: string;
  readonly run: (func: IrFunc) => void;
  /** Lowest -O level that runs it; 0 where generated code depends on it. */
  readonly level: number;
}

export const PASSES: readonly Pass[] = [
  // From here on there is no i64.
  { name: "split-i64", run: splitI64, level: 0 },
];
