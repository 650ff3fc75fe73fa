// Allocators, accounts and reports, for runtime/environment and for hosts that look at a report.
export { Account, Allocation, type ItemUsage, type Reference } from "./account.js";
export {
  createAllocator,
  type Allocator,
  type AllocatorOptions,
  type AllocatorStatistics,
  type Block,
  type PoolMap,
  type Usage,
} from "./allocator.js";
export { LifetimeError, MemoryError } from "./errors.js";
export { ITEMS, type Category, type Item } from "./items.js";
export { type MemoryReport, type ReportItem, type ReportNode } from "./report.js";
