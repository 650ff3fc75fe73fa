// What can be measured: a module, what to do with it, and how much.
import type { VariantText } from "../variants.js";

export interface Subject {
  readonly name: string;
  readonly kind: string;
  readonly sizes: readonly number[];
  readonly bytes: Uint8Array;
  /** Source of `function (instantiate) → run | promise of run`; see shell.ts. */
  readonly workload: string;
  /** Where wasm2js cannot make the module, what stands in for its output, and a note that says so. */
  readonly wasm2js?: { readonly code: VariantText; readonly workload: () => string; readonly note: string };
}
