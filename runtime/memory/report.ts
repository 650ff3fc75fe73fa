// The memory report as data: the tree of accounts with what each holds, and what the allocator says. What there is of text,
// JSON and pictures is made from it elsewhere.
import type { Account, ItemUsage } from "./account.js";
import type { AllocatorStatistics } from "./allocator.js";
import type { Category, Item } from "./items.js";

/** What one account holds under one item. */
export interface ReportItem {
  readonly item: Item;
  readonly label?: string;
  readonly bytes: number;
  /** Bytes set aside for growth behind them. */
  readonly reserved: number;
  /** Memory of somebody else's, held by reference; in no sum. */
  readonly byReference: boolean;
  /** Where it lies in its buffer; what is held by reference, in the memory that its label tells. */
  readonly offset?: number;
  readonly usage?: ItemUsage;
}

export interface ReportNode {
  readonly category: Category;
  readonly name: string;
  readonly items: readonly ReportItem[];
  readonly children: readonly ReportNode[];
  /** Sum over items that are not by reference, and over children. */
  readonly bytes: number;
}

export interface MemoryReport {
  readonly allocator: AllocatorStatistics;
  /** The runtime; `root.bytes` is `allocator.allocated`. */
  readonly root: ReportNode;
}

/** The report of an account and those below it. @internal */
export function reportNode(account: Account): ReportNode {
  const items: ReportItem[] = [];
  let bytes = 0;
  for (const { item, label, block, usage } of account.allocations) {
    const { length, offset, reserved = 0 } = block;
    const known = { ...(label !== undefined && { label }), ...(usage && { usage: usage() }) };
    items.push({ item, ...known, bytes: length, reserved, byReference: false, offset });
    bytes += length;
  }
  for (const { item, label, bytes, offset, usage } of account.references) {
    const known = { ...(label !== undefined && { label }), ...(usage && { usage: usage() }) };
    items.push({ item, ...known, bytes, reserved: 0, byReference: true, ...(offset !== undefined && { offset }) });
  }
  const children = [...account.children].map(reportNode);
  for (const child of children) bytes += child.bytes;
  return { category: account.category, name: account.name, items, children, bytes };
}
