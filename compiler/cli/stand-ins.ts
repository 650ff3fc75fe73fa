// Memories, tables and globals for a module that is only looked at: what it imports, as small as its types allow.
import { Global } from "../../runtime/instance/global.js";
import { Memory } from "../../runtime/instance/memory.js";
import { Table } from "../../runtime/instance/table.js";
import type { ImportObject } from "../../runtime/instance/link.js";
import { typeName } from "../../runtime/wasm/errors.js";
import type { Import, Module } from "../../runtime/wasm/module.js";

/** `names`: what they stand in for, such as `memory "env" "memory"`. */
export function standIns({ imports }: Module): { readonly imports: ImportObject; readonly names: readonly string[] } {
  const made: Record<string, Record<string, unknown>> = {};
  const names: string[] = [];
  for (const { module, name, desc } of imports) {
    const value = standIn(desc);
    if (value === undefined) continue;
    (made[module] ??= {})[name] = value;
    names.push(`${desc.kind} "${module}" "${name}"`);
  }
  return { imports: made, names };
}

function standIn(desc: Import["desc"]): unknown {
  switch (desc.kind) {
    case "memory":
      return new Memory(limitsOf(desc.memory.limits));
    case "table":
      return new Table({ element: typeName(desc.table.element) as "funcref", ...limitsOf(desc.table.limits) });
    case "global":
      return new Global({ value: typeName(desc.global.type) as "i32", mutable: desc.global.mutable });
    default:
      return undefined;
  }
}

function limitsOf({ min, max }: { min: number; max?: number | undefined }): { initial: number; maximum?: number } {
  return { initial: min, ...(max !== undefined && { maximum: max }) };
}
