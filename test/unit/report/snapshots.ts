// Reports to be shown: a fixed one in a pool, with something of everything; and what the tests want to know of a text.
import type { MemorySnapshot } from "../../../runtime/report/index.js";
import type { ReportItem, ReportNode } from "../../../runtime/index.js";

type Part = readonly [item: ReportItem["item"], bytes: number, offset: number, more?: Partial<ReportItem>];

function node(
  category: ReportNode["category"],
  name: string,
  parts: readonly Part[],
  children: readonly ReportNode[] = [],
): ReportNode {
  const items = parts.map(([item, bytes, offset, more]): ReportItem => {
    return { item, bytes, offset, reserved: 0, byReference: false, ...more };
  });
  const own = items.reduce((sum, { bytes, byReference }) => sum + (byReference ? 0 : bytes), 0);
  return { category, name, items, children, bytes: children.reduce((sum, child) => sum + child.bytes, own) };
}

const env = node("execution environment", "own", [["stack", 16384, 74248, { usage: { used: 0, highWater: 312 } }]]);
const instance = node(
  "instance",
  "app#1",
  [
    ["linear memory", 65536, 8704, { label: "memory 0" }],
    ["app heap", 4096, 61440, { label: "inside memory 0", byReference: true, usage: { used: 96, highWater: 128 } }],
  ],
  [env],
);
const module = node(
  "module",
  "app",
  [
    ["module structure", 1000, 1344],
    ["AoT code", 3000, 2352, { label: "page 0" }],
    ["AoT code", 2500, 5360, { label: "page 1" }],
    ["file buffer", 12000, 0, { byReference: true }],
  ],
  [instance],
);
const root = node("runtime", "runtime", [["native stack", 1024, 296]], [module]);

// Length of each stretch of the pool, header included, and what it is.
const STRETCHES: readonly (readonly ["overhead" | "used" | "free", number])[] = [
  ["overhead", 288],
  ["used", 1032],
  ["free", 16],
  ["used", 1008],
  ["used", 3008],
  ["used", 2512],
  ["free", 832],
  ["used", 65_544],
  ["used", 16_392],
  ["free", 40_432],
  ["overhead", 8],
];

function blocksOf(stretches: typeof STRETCHES): NonNullable<MemorySnapshot["pool"]>["blocks"] {
  let offset = 0;
  return stretches.map(([kind, length]) => {
    const at = offset;
    offset += length;
    return { kind, offset: at, length, ...(kind === "used" && { payload: at + 8 }) };
  });
}

const sumOf = (wanted: string): number =>
  STRETCHES.reduce((sum, [kind, length]) => sum + (kind === wanted ? length : 0), 0);
const allocated = root.bytes;

/** An artifact of two pages, one of them compiled, in a pool of 128 KiB, of which 100,000 bytes have been in use. */
export const POOLED: MemorySnapshot = {
  title: "app.aot, when it had run",
  allocator: {
    mode: "Alloc_With_Pool",
    allocated,
    overhead: sumOf("overhead") + sumOf("used") - allocated,
    blocks: 6,
    highWater: 99_000,
    total: 131_072,
    free: sumOf("free"),
    largestFree: 40_424,
  },
  root,
  pool: {
    offset: 0,
    total: 131_072,
    touched: 100_000,
    fragmentation: 848 / sumOf("free"),
    freeBlocks: 3,
    blocks: blocksOf(STRETCHES),
  },
  code: [
    {
      module: "app",
      pages: [
        { bytes: 3000, functions: 3, resident: true, mapped: true },
        { bytes: 2500, functions: 2, resident: false, mapped: true },
      ],
    },
  ],
  memories: [
    {
      instance: "app#1",
      memory: 0,
      bytes: 65_536,
      most: 131_072,
      heap: { at: 61_440, bytes: 4096 },
      written: [
        [0, 8192],
        [61_440, 4096],
      ],
    },
  ],
  remarks: ["memory 0 could not grow by 2 pages: the pool has no block so large (once)."],
  engine: { how: "As measured.", parts: [{ what: "objects and closures", bytes: 123_456 }] },
};

const { pool, ...without } = POOLED;
void pool;

/** The same where every block is a buffer of its own, and the memory has room to grow. */
export const SYSTEM: MemorySnapshot = {
  ...without,
  allocator: { mode: "Alloc_With_System_Allocator", allocated, overhead: 32_768, blocks: 6, highWater: 130_000 },
  root: { ...root, children: [{ ...module, children: [{ ...instance, items: withReserve(instance.items) }] }] },
};

function withReserve(items: readonly ReportItem[]): ReportItem[] {
  return items.map((item) => ({ ...item, offset: 0, reserved: item.item === "linear memory" ? 32_768 : 0 }));
}
