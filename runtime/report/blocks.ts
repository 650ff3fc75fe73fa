// The blocks of a snapshot with what each is for: the pool's, in order and without a gap, or, where memory comes from elsewhere,
// all blocks one behind the other as if they were in one region. And what belongs to which category.
import type { EmsBlock } from "../memory/ems.js";
import { ITEMS, type Category } from "../memory/items.js";
import type { ReportItem, ReportNode } from "../memory/report.js";
import type { MemorySnapshot } from "./snapshot.js";

export const CATEGORIES = Object.keys(ITEMS) as readonly Category[];

/**
 * What a block is: memory of a category; what the allocator needs itself; reserved for growth; free, and whether it has been in
 * use before; not readable any more; or in use without being in anybody's books, which no block should be.
 */
export type BlockKind = Category | "overhead" | "reserved" | "free" | "untouched" | "damaged" | "unknown";

/** How each kind of block is called and, as a CSS class, drawn. */
export const KINDS: Readonly<Record<BlockKind, readonly [css: string, name: string, what: string]>> = {
  runtime: ["runtime", "Runtime", "freed with the runtime"],
  module: ["module", "Module", "freed when the module is disposed of"],
  instance: ["instance", "Instance", "freed with the instance"],
  "execution environment": ["env", "Execution environment", "freed when its host is done with it"],
  overhead: ["overhead", "Overhead", "headers, rounding, the pool's own records"],
  reserved: ["reserved", "Set aside for growth", "behind what is in use"],
  free: ["free", "Free", "has been in use before"],
  untouched: ["untouched", "Never used", "may never have cost a page of the machine's memory"],
  damaged: ["damaged", "Damaged", "cannot be read any more"],
  unknown: ["unknown", "In nobody's books", "a mistake: please report it"],
};

export interface PlacedBlock {
  readonly kind: BlockKind;
  /** From the beginning of the region. */
  readonly offset: number;
  /** In bytes, the allocator's header and rounding included. */
  readonly length: number;
  /** What it is for, where it is in use. */
  readonly held?: Held;
  /** Of the pool's largest free block. */
  readonly largest?: boolean;
}

/** An item and who holds it. */
export interface Held {
  readonly node: ReportNode;
  readonly item: ReportItem;
}

/** One line of the tree: a node, an item of it, or several that are alike. */
export interface TreeLine {
  readonly depth: number;
  readonly node: ReportNode;
  /** None: the node itself. */
  readonly items: readonly ReportItem[];
}

/** A node, its items and what is below, in the order in which they are shown: code, which has an item for each page, in one. */
export function treeLines(node: ReportNode, depth = 0): TreeLine[] {
  const lines: TreeLine[] = [{ depth, node, items: [] }];
  const code = node.items.filter(({ item }) => item === "AoT code");
  for (const item of node.items) {
    if (item.item !== "AoT code") lines.push({ depth: depth + 1, node, items: [item] });
    else if (item === code[0]) lines.push({ depth: depth + 1, node, items: code });
  }
  return [...lines, ...node.children.flatMap((child) => treeLines(child, depth + 1))];
}

/** All that is held, by reference or not, in the order of the tree. */
export function allHeld(node: ReportNode): Held[] {
  return [...node.items.map((item) => ({ node, item })), ...node.children.flatMap(allHeld)];
}

export function ownerName({ category, name }: ReportNode): string {
  return `${category} "${name}"`;
}

export function itemName({ item, label }: ReportItem): string {
  return label === undefined ? item : `${item}, ${label}`;
}

/** Bytes that the owners of each category hold themselves; together, all that is allocated. */
export function bytesByCategory(root: ReportNode): Record<Category, number> {
  const sums = { runtime: 0, module: 0, instance: 0, "execution environment": 0 };
  for (const { node, item } of allHeld(root)) if (!item.byReference) sums[node.category] += item.bytes;
  return sums;
}

export function placedBlocks(snapshot: MemorySnapshot): PlacedBlock[] {
  const held = allHeld(snapshot.root).filter(({ item }) => !item.byReference);
  return snapshot.pool === undefined ? laidOut(held) : inPool(snapshot.pool, held);
}

function inPool(pool: NonNullable<MemorySnapshot["pool"]>, all: readonly Held[]): PlacedBlock[] {
  const byOffset = new Map(all.map((held) => [held.item.offset, held]));
  const border = pool.touched;
  const free = pool.blocks.filter(({ kind }) => kind === "free");
  const largest = free.reduce<EmsBlock | undefined>(
    (a, b) => (a !== undefined && a.length >= b.length ? a : b),
    undefined,
  );
  return pool.blocks.flatMap(({ kind, offset: at, length, payload }): PlacedBlock[] => {
    const offset = at - pool.offset;
    if (kind === "used") {
      const held = byOffset.get(payload);
      return [
        held === undefined ? { kind: "unknown", offset, length } : { kind: held.node.category, offset, length, held },
      ];
    }
    if (kind !== "free") return [{ kind, offset, length }];
    const mark = at === largest?.offset && { largest: true };
    if (border >= offset + length) return [{ kind, offset, length, ...mark }];
    if (border <= offset) return [{ kind: "untouched", offset, length, ...mark }];
    return [
      { kind, offset, length: border - offset, ...mark },
      { kind: "untouched", offset: border, length: offset + length - border, ...mark },
    ];
  });
}

function laidOut(all: readonly Held[]): PlacedBlock[] {
  const blocks: PlacedBlock[] = [];
  let offset = 0;
  for (const held of all) {
    const { bytes, reserved } = held.item;
    blocks.push({ kind: held.node.category, offset, length: bytes, held });
    if (reserved > 0) blocks.push({ kind: "reserved", offset: offset + bytes, length: reserved, held });
    offset += bytes + reserved;
  }
  return blocks.filter(({ length }) => length > 0);
}
