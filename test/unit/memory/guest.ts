// The guest of the memory model's tests: it has some of everything that an instance can hold, and functions that make each of it
// grow. And how to look for it in a report.
import binaryen from "binaryen";
import { compileSync } from "../../../compiler/index.js";
import type { CompileOptions } from "../../../compiler/index.js";
import type { MemoryReport, ReportItem, ReportNode } from "../../../runtime/index.js";

const { MVP, BulkMemory, MutableGlobals, ReferenceTypes } = binaryen.Features;

/** The artifact of a module in text form. */
export function artifactOf(text: string, options: CompileOptions = {}): Uint8Array {
  const module = binaryen.parseText(text);
  module.setFeatures(MVP | BulkMemory | MutableGlobals | ReferenceTypes);
  try {
    return compileSync(module.emitBinary(), { format: "aot", optLevel: 1, ...options });
  } finally {
    module.dispose();
  }
}

/** Memory of 1 to 8 pages, a table of 4 to 64 functions and one of 2 external references, globals of every type. */
export const GUEST = `(module
  (import "env" "callback" (func $callback (param i32) (result i32)))
  (memory (export "memory") 1 8)
  (table $funcs (export "table") 4 64 funcref)
  (table $refs (export "refs") 2 64 externref)
  (global $count (export "count") (mut i32) (i32.const 7))
  (global $wide (mut i64) (i64.const -5))
  (global $single (mut f32) (f32.const 1.5))
  (global $double (mut f64) (f64.const 2.5))
  (global $func (mut funcref) (ref.func $add))
  (data (i32.const 16) "hello")
  (data $later "later")
  (elem (table $funcs) (i32.const 1) func $add $count_up)
  (func $add (export "add") (param i32 i32) (result i32) (i32.add (local.get 0) (local.get 1)))
  (func $count_up (export "countUp") (result i32)
    (global.set $count (i32.add (global.get $count) (i32.const 1)))
    (global.set $wide (i64.add (global.get $wide) (i64.const 1)))
    (global.set $double (f64.add (global.get $double) (f64.const 1)))
    (global.get $count))
  (func (export "wide") (result i64) (global.get $wide))
  (func (export "single") (result f32) (global.get $single))
  (func (export "double") (result f64) (global.get $double))
  (func (export "load") (param i32) (result i32) (i32.load8_u (local.get 0)))
  (func (export "store") (param i32 i32) (i32.store8 (local.get 0) (local.get 1)))
  (func (export "grow") (param i32) (result i32) (memory.grow (local.get 0)))
  (func (export "growTable") (param i32) (result i32) (table.grow $funcs (ref.func $add) (local.get 0)))
  (func (export "keep") (param i32 externref) (table.set $refs (local.get 0) (local.get 1)))
  (func (export "kept") (param i32) (result externref) (table.get $refs (local.get 0)))
  (func (export "init") (memory.init $later (i32.const 32) (i32.const 0) (i32.const 5)))
  (func (export "indirect") (param i32 i32 i32) (result i32)
    (call_indirect $funcs (param i32 i32) (result i32) (local.get 1) (local.get 2) (local.get 0)))
  (func (export "callOut") (param i32) (result i32) (call $callback (local.get 0))))`;

export const IMPORTS = { env: { callback: (value: number) => value + 1 } };

export type Calls = Record<string, (...args: unknown[]) => unknown>;

/** All nodes of a report, a parent before its children. */
export function nodesOf(node: ReportNode): ReportNode[] {
  return [node, ...node.children.flatMap(nodesOf)];
}

/** What a report has under an item of a category, owners together. */
export function itemsOf(report: MemoryReport, category: ReportNode["category"], item: string): ReportItem[] {
  return nodesOf(report.root)
    .filter((node) => node.category === category)
    .flatMap(({ items }) => items.filter((found) => found.item === item));
}

export function bytesOf(report: MemoryReport, category: ReportNode["category"], item: string): number {
  return itemsOf(report, category, item).reduce((sum, { bytes }) => sum + bytes, 0);
}

/** A report without what a failed attempt may change: high-water marks. */
export function stateOf({ allocator, root }: MemoryReport): object {
  const withoutMark = (key: string, value: unknown): unknown => (key === "highWater" ? 0 : value);
  return JSON.parse(JSON.stringify({ root, allocator }, withoutMark)) as object;
}
