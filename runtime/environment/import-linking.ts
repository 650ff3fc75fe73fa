// The imports of an instance in a runtime: what the import object holds, then what is registered with the runtime, then, if the
// host wants it so, functions that trap when they are called.
import { LinkError } from "../errors.js";
import type { ImportObject } from "../instance/link.js";
import { funcTypeAt, type Import, type Module } from "../wasm/module.js";
import type { InstanceArgs } from "./embedding.js";
import type { ModuleInstance } from "./module-instance.js";
import { nativeImport, unlinkedImport, type WantedFunction } from "./native-call.js";

/** An import that is linked to a function that traps. */
export interface UnlinkedImport {
  readonly module: string;
  readonly name: string;
  readonly why: string;
}

/**
 * An import object with everything that `module` wants and that is to be had; the linker reports what is still missing. Throws
 * LinkError where a registered native function does not fit. Reads each import once, as the linker would.
 * @internal
 */
export function supplyImports(
  instance: ModuleInstance,
  module: Module,
  imports: ImportObject | undefined,
  args: InstanceArgs,
): { readonly imports: ImportObject; readonly unlinked: readonly UnlinkedImport[] } {
  const found: Record<string, Record<string, unknown>> = Object.create(null);
  const unlinked: UnlinkedImport[] = [];
  let index = 0;
  for (const wanted of module.imports) {
    const given: unknown = imports?.[wanted.module];
    if (given !== undefined && given !== null) found[wanted.module] ??= Object.create(null);
    const want = wanted.desc.kind === "func" ? wantedFunction(module, wanted, index++) : undefined;
    if (given !== undefined && given !== null && wanted.name in Object(given)) {
      found[wanted.module]![wanted.name] = (given as Record<string, unknown>)[wanted.name];
      continue;
    }
    if (want === undefined) continue;
    const native = instance.runtime.natives.find(wanted.module, wanted.name);
    let value = native === undefined ? "nothing of that name is registered" : nativeImport(instance, want, native);
    if (typeof value === "string") {
      if (args.unlinkedImports !== "trap") {
        if (native === undefined) continue;
        const text = `incompatible import type: "${wanted.module}" "${wanted.name}": ${value}`;
        throw new LinkError("incompatible-import-type", text);
      }
      unlinked.push({ module: wanted.module, name: wanted.name, why: value });
      args.warn?.(`unlinked import "${wanted.module}" "${wanted.name}", which traps when called: ${value}`);
      value = unlinkedImport(want);
    }
    (found[wanted.module] ??= Object.create(null) as Record<string, unknown>)[wanted.name] = value;
  }
  return { imports: found, unlinked };
}

function wantedFunction(module: Module, wanted: Import, index: number): WantedFunction | undefined {
  if (wanted.desc.kind !== "func") return undefined;
  return { wanted, type: funcTypeAt(module, wanted.desc.typeIndex), index };
}
