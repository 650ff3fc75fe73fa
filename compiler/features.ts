// Which features of the runtime an artifact relies on, told by the module's structure and by what its code came to use.
// The loader refuses an artifact that names one it has not (loader/layout.ts).
import { RUNTIME_FEATURES } from "../loader/layout.js";
import type { DecodedModule } from "../runtime/wasm/module.js";
import { EXTERNREF, FUNCREF } from "../runtime/wasm/types.js";

export type RuntimeFeature = (typeof RUNTIME_FEATURES)[number];

/** `tailCalls`: whether a function of the module has any. */
export function featuresOf(module: DecodedModule, tailCalls: boolean): RuntimeFeature[] {
  const { types, tables, globals, exports, imports, elements, dataSegments, memories } = module;
  const isShared = (i: number): boolean =>
    i < module.imported.global || exports.some((e) => e.kind === "global" && e.index === i);
  const used: Partial<Record<RuntimeFeature, boolean>> = {
    "bulk-memory": module.dataCount !== undefined || dataSegments.some((d) => d.mode === "passive"),
    "extended-const": globals.some(({ init }) => init.length > 3),
    "multi-memory": memories.length > 1,
    "multi-value": types.some(({ composite }) => composite.kind === "func" && composite.results.length > 1),
    "mutable-globals": globals.some(({ type }, i) => type.mutable && isShared(i)),
    "reference-types":
      tables.length > 1 ||
      tables.some(({ type }) => type.element !== FUNCREF) ||
      elements.some((e) => e.mode !== "active" || e.exprs !== undefined) ||
      imports.some(({ desc }) => desc.kind === "global" && desc.global.type === EXTERNREF),
    "tail-call": tailCalls,
  };
  return RUNTIME_FEATURES.filter((feature) => used[feature]);
}
