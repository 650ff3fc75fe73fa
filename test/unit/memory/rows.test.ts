// Every row of the memory model's table: made, found in the report under its category with the bytes that it takes, and gone with
// its owner. In all three allocator modes; the sum is always what the allocator has handed out.
import assert from "node:assert/strict";
import { describe, it } from "node:test";
import { load } from "../../../loader/index.js";
import { embed } from "../../../runtime/environment/index.js";
import { Runtime, type AllocatorOptions, type MemoryReport } from "../../../runtime/index.js";
import { ITEMS, type Category, type Item } from "../../../runtime/memory/index.js";
import { Wasi } from "../../../runtime/wasi/index.js";
import { artifactOf, bytesOf, GUEST, IMPORTS, itemsOf, nodesOf, type Calls } from "./guest.js";

const artifact = artifactOf(GUEST);

const MODES: readonly (() => AllocatorOptions)[] = [
  () => ({ mode: "Alloc_With_Pool", pool: new ArrayBuffer(4 << 20) }),
  () => ({ mode: "Alloc_With_Pool", pool: new SharedArrayBuffer(4 << 20) }),
  () => ({ mode: "Alloc_With_System_Allocator" }),
  () => ({ mode: "Alloc_With_Allocator", malloc: (size) => new Uint8Array(size), free() {} }),
];

interface Row {
  readonly category: Category;
  readonly item: Item;
  /** Makes it, and returns how many bytes it must take and what ends it; the rest is disposed of by the test. */
  make(runtime: Runtime): { bytes: number | ((bytes: number) => boolean); end(): void; byReference?: boolean | "some" };
}

/** A row that comes with later work: its accounting is there, whoever needs it allocates so. */
function hook(category: Category, item: Item): Row {
  return {
    category,
    item,
    make(runtime) {
      const owner = category === "runtime" ? runtime.account : runtime.account.open(category, "later");
      const allocation = owner.allocate(item, 1000);
      return { bytes: 1000, end: () => (category === "runtime" ? allocation.free() : owner.close()) };
    },
  };
}

function ofModule(item: Item, bytes: number | ((bytes: number) => boolean)): Row {
  return {
    category: "module",
    item,
    make(runtime) {
      const module = load(artifact, { runtime });
      return { bytes, end: () => module.dispose() };
    },
  };
}

function ofInstance(item: Item, bytes: number): Row {
  return {
    category: "instance",
    item,
    make(runtime) {
      const module = load(artifact, { runtime });
      const instance = module.instantiate(IMPORTS);
      return {
        bytes,
        end() {
          instance.dispose();
          assert.equal(bytesOf(runtime.memoryReport(), "instance", item), 0, "goes with the instance");
          module.dispose();
        },
      };
    },
  };
}

const aot = load(artifact);
const textSize = Array.from({ length: aot.region.pageCount }, (_, page) => aot.region.page(page).length);
const beforeText = aot.region.sections
  .filter(({ name }) => name !== "text")
  .reduce((end, { offset, length }) => Math.max(end, offset + length), 0);

const ROWS: readonly Row[] = [
  {
    category: "runtime",
    item: "native API registrations",
    make(runtime) {
      const symbols = [{ symbol: "f", signature: "(i*~$)i", func: () => 0 }];
      runtime.registerNatives("env", symbols);
      return { bytes: (bytes) => bytes >= 8, end: () => assert.ok(runtime.unregisterNatives("env", symbols)) };
    },
  },
  hook("runtime", "thread cluster"),
  ofModule("module structure", beforeText),
  ofModule(
    "AoT code",
    textSize.reduce((a, b) => a + b, 0),
  ),
  {
    category: "module",
    item: "file buffer",
    make(runtime) {
      const module = load(artifact, { runtime, reference: true });
      return { bytes: artifact.length, byReference: true, end: () => module.dispose() };
    },
  },
  hook("module", "JIT code"),
  hook("module", "pre-compiled bytecode"),
  {
    category: "module",
    item: "code cache",
    make(runtime) {
      let stored: Uint8Array | undefined;
      const store = { read: () => stored, write: (bytes: Uint8Array) => void (stored = bytes.slice()) };
      const first = load(artifact, { codeCache: store });
      (first.instantiate(IMPORTS).exports as Calls).add!(1, 2);
      assert.ok(first.saveCodeCache());
      const read = (room?: (length: number) => Uint8Array): Uint8Array => {
        const bytes = room!(stored!.length);
        bytes.set(stored!);
        return bytes;
      };
      const module = load(artifact, { runtime, codeCache: { ...store, read } });
      return { bytes: stored!.length, end: () => module.dispose() };
    },
  },
  ofInstance("instance structure", 28),
  ofInstance("function data", 4 * aot.module.funcTypes.length),
  ofInstance("linear memory", 65536),
  ofInstance("global data", 4 + 8 + 8 + 8 + 4), // an f32 takes 8 bytes, a reference 4
  ofInstance("tables", 4 * 4 + 2 * 4),
  ofInstance("exports", 64 * 4), // 18 exports, a table at most half full
  {
    category: "instance",
    item: "app heap",
    make(runtime) {
      const module = load(artifactOf(`(module (memory (export "memory") 1 4))`), { runtime });
      const instance = embed(module, { heapSize: 8192 });
      return {
        bytes: (bytes) => bytes > 8192,
        byReference: "some",
        end() {
          instance.dispose();
          module.dispose();
        },
      };
    },
  },
  {
    category: "instance",
    item: "WASI context",
    make(runtime) {
      const module = load(
        artifactOf(`(module
          (memory (export "memory") 1)
          (func (export "_initialize")))`),
        { runtime },
      );
      const wasi = new Wasi({ runtime, args: ["prog", "ä"], env: { A: "b" }, stdin: "", stdout() {}, stderr() {} });
      const instance = module.instantiate();
      wasi.initialize(instance);
      const strings = "prog\0ä\0".length + 1 + "A=b\0".length;
      return {
        bytes: strings + 8 * 8, // room for 8 descriptors
        end() {
          const owners = nodesOf(runtime.memoryReport().root);
          const own = owners.find(({ children }) => children.some(({ name }) => name === "WASI"));
          assert.match(own!.name, /#1$/, "the context belongs to the instance");
          instance.dispose();
          module.dispose();
        },
      };
    },
  },
  hook("instance", "WASI-NN context"),
  {
    category: "execution environment",
    item: "stack",
    make(runtime) {
      const module = load(artifact, { runtime });
      const instance = embed(module, { imports: IMPORTS });
      const env = instance.createExecEnv({ stackSize: 4096 });
      return {
        bytes: 4096,
        end() {
          env.dispose();
          assert.equal(bytesOf(runtime.memoryReport(), "execution environment", "stack"), 0);
          instance.dispose();
          module.dispose();
        },
      };
    },
  },
  {
    category: "runtime",
    item: "shared heap",
    make(runtime) {
      const heap = runtime.createSharedHeap({ size: 65536 });
      return { bytes: (bytes) => bytes > 65536, end: () => heap.dispose() };
    },
  },
  {
    category: "runtime",
    item: "reference table",
    make(runtime) {
      const module = load(artifact, { runtime });
      const instance = module.instantiate(IMPORTS);
      (instance.exports as Calls).keep!(0, {});
      return {
        bytes: 32 * 4,
        end() {
          instance.dispose();
          module.dispose();
        },
      };
    },
  },
  {
    category: "runtime",
    item: "host allocation",
    make(runtime) {
      const allocation = runtime.malloc(100, "mine");
      return { bytes: 100, end: () => allocation.free() };
    },
  },
];

/** What a runtime has from its beginning to its end. */
const ALWAYS: readonly [Item, number][] = [
  ["runtime structure", 8],
  ["native stack", 1024],
];

function consistent(report: MemoryReport): void {
  assert.equal(report.root.bytes, report.allocator.allocated, "the sum is what the allocator has handed out");
  for (const node of nodesOf(report.root))
    for (const { item } of node.items)
      assert.ok((ITEMS[node.category] as readonly Item[]).includes(item), `${item} of ${node.category}`);
}

describe("the rows of the memory model", () => {
  for (const options of MODES) {
    const { mode, ...rest } = options();
    const kind = "pool" in rest && rest.pool instanceof SharedArrayBuffer ? `${mode}, shared` : mode;
    for (const { category, item, make } of ROWS) {
      it(`${kind}: ${item} of ${category}`, () => {
        const runtime = Runtime.init({ allocator: options() });
        const before = runtime.memoryReport();
        assert.equal(itemsOf(before, category, item).length, 0);
        const { bytes, end, byReference = false } = make(runtime);
        const report = runtime.memoryReport();
        consistent(report);
        const found = itemsOf(report, category, item);
        assert.ok(found.length > 0, "is in the report");
        if (byReference === "some") assert.ok(found.some((one) => one.byReference));
        else assert.ok(found.every((one) => one.byReference === byReference));
        const total = bytesOf(report, category, item);
        if (typeof bytes === "number") assert.equal(total, bytes);
        else assert.ok(bytes(total), `${total} bytes`);
        end();
        const after = runtime.memoryReport();
        consistent(after);
        assert.deepEqual(itemsOf(after, category, item), []);
        assert.equal(after.root.bytes, before.root.bytes);
        assert.deepEqual(runtime.dispose(), []);
        assert.equal(runtime.allocator.statistics().allocated, 0);
      });
    }
  }

  it("of a runtime's own are there from its beginning to its end", () => {
    const runtime = Runtime.init();
    for (const [item, bytes] of ALWAYS) assert.equal(bytesOf(runtime.memoryReport(), "runtime", item), bytes, item);
    assert.deepEqual(runtime.dispose(), []);
    assert.equal(runtime.memoryReport().root.bytes, 0);
  });

  it("are all tested", () => {
    const elsewhere: readonly Item[] = ["temporary buffer"];
    const tested = new Set([...ROWS.map(({ item }) => item), ...ALWAYS.map(([item]) => item), ...elsewhere]);
    const missing = Object.values(ITEMS)
      .flat()
      .filter((item) => !tested.has(item));
    assert.deepEqual(missing, []);
  });
});
