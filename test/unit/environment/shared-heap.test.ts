// Shared heaps: that code, bulk instructions, native functions and the host see the same bytes, where they end, and who needs whom.
import assert from "node:assert/strict";
import { describe, it } from "node:test";
import { compileSync, type Target } from "../../../compiler/index.js";
import {
  embed,
  native,
  Runtime,
  SHARED_HEAP_NATIVES,
  type ModuleInstance,
  type SharedHeap,
} from "../../../runtime/environment/index.js";
import { SharedHeapView } from "../../../runtime/environment/shared-heap-view.js";
import { Trap } from "../../../runtime/errors.js";
import { LifetimeError, MemoryError } from "../../../runtime/memory/errors.js";
import { load, type LoadedModule, TARGETS } from "../../../loader/index.js";
import { ELEMENT_TARGETS } from "../../../loader/layout.js";
import { embedText, loadText, wasmOf } from "./guests.js";

const PAGE = 65536;
const TOP = 2 ** 31;

const TYPES = ["i32", "i64", "f32", "f64"] as const;
const NARROW = { i32: ["8", "16"], i64: ["8", "16", "32"], f32: [], f64: [] } as const;
const LOADS = TYPES.flatMap((t) => [
  ["load", t] as const,
  ...NARROW[t].flatMap((n) => [[`load${n}_s`, t] as const, [`load${n}_u`, t] as const]),
]);
const STORES = TYPES.flatMap((t) => [["store", t] as const, ...NARROW[t].map((n) => [`store${n}`, t] as const)]);

const text = `(module
  (memory (export "memory") 1 32768)
  (data $d "passive data")
  ${LOADS.map(
    ([op, t]) => `(func (export "${t}.${op}") (param i32) (result ${t}) (${t}.${op} (local.get 0)))
      (func (export "${t}.${op}+8") (param i32) (result ${t}) (${t}.${op} offset=8 (local.get 0)))`,
  ).join("\n")}
  ${STORES.map(([op, t]) => `(func (export "${t}.${op}") (param i32 ${t}) (${t}.${op} (local.get 0) (local.get 1)))`).join("\n")}
  (func (export "proven") (param i32) (result i32)
    (i32.store (local.get 0) (i32.const 1)) (i32.load offset=16 (local.get 0)))
  (func (export "fill") (param i32 i32 i32) (memory.fill (local.get 0) (local.get 1) (local.get 2)))
  (func (export "copy") (param i32 i32 i32) (memory.copy (local.get 0) (local.get 1) (local.get 2)))
  (func (export "init") (param i32 i32 i32) (memory.init $d (local.get 0) (local.get 1) (local.get 2)))
  (func (export "grow") (param i32) (result i32) (memory.grow (local.get 0)))
  (func (export "size") (result i32) (memory.size)))`;

type Guest = Record<string, (...args: unknown[]) => unknown>;

const guest = (runtime: Runtime): { instance: ModuleInstance; f: Guest } => {
  const instance = embedText(runtime, text);
  return { instance, f: instance.exports as Guest };
};

const outOfBounds = { name: "Trap", code: "out of bounds memory access" };

describe("a shared heap", () => {
  it("ends where addresses end, and is memory of everybody it is attached to", () => {
    const runtime = Runtime.init();
    const heap = runtime.createSharedHeap({ memory: new Uint8Array(4096) });
    const [a, b] = [guest(runtime), guest(runtime)];
    assert.equal(heap.start, TOP - 4096);
    assert.throws(() => a.f["i32.load"]!(heap.start), outOfBounds);
    for (const { instance } of [a, b]) instance.attachSharedHeap(heap);
    a.f["i32.store"]!(heap.start + 40, 0x01020304);
    assert.equal(b.f["i32.load"]!(heap.start + 40), 0x01020304);
    assert.deepEqual([...b.instance.space.bytes(heap.start + 40, 4)], [4, 3, 2, 1]);
    b.f["i32.store"]!(40, 7);
    assert.equal(a.f["i32.load"]!(40), 0);
    a.instance.detachSharedHeap();
    assert.equal(a.instance.sharedHeap, undefined);
    assert.throws(() => a.f["i32.load"]!(heap.start + 40), outOfBounds);
    assert.equal(b.f["i32.load"]!(heap.start + 40), 0x01020304);
  });

  // If this fails for a target whose code addresses memory in a new way, SharedHeap.attach has to refuse it.
  for (const target of TARGETS.filter((target) => !ELEMENT_TARGETS.includes(target))) {
    it(`is reached by every load and store as the instance's own memory is, compiled for ${target}`, () => {
      const runtime = Runtime.init();
      const instance = embed(load(compileSync(wasmOf(text), { format: "aot", target, optLevel: 3 }), { runtime }));
      compareAccesses(runtime.createSharedHeap({ memory: new Uint8Array(4096) }), instance);
    });
  }

  for (const target of ELEMENT_TARGETS as Target[]) {
    it(`is refused where code has typed arrays over the memory, compiled for ${target}`, () => {
      const refused = { name: "WasmError", message: /^shared heap: .*engine without a JIT/ };
      const runtime = Runtime.init();
      const heap = runtime.createSharedHeap({ memory: new Uint8Array(4096) });
      const compiled = (text: string): LoadedModule =>
        load(compileSync(wasmOf(text), { format: "aot", target, optLevel: 3 }), { runtime });
      assert.throws(() => embed(compiled(text)).attachSharedHeap(heap), refused);
      const { instance } = guest(runtime);
      instance.attachSharedHeap(heap);
      const importing = compiled(`(module (import "other" "memory" (memory 1)))`);
      assert.throws(() => importing.instantiate({ other: { memory: instance.exports["memory"] } }), refused);
      instance.detachSharedHeap();
      importing.instantiate({ other: { memory: instance.exports["memory"] } });
      assert.throws(() => instance.attachSharedHeap(heap), refused);
    });
  }

  function compareAccesses(heap: SharedHeap, instance: ModuleInstance): void {
    instance.attachSharedHeap(heap);
    const f = instance.exports as Guest;
    const values = { i32: -123456789, i64: -1234567890123456789n, f32: Math.fround(-1.1), f64: -1.1e300 };
    // Odd addresses, so that nothing may rely on alignment.
    const [own, shared] = [1001, heap.start + 1001];
    for (const [op, t] of STORES) {
      f[`${t}.${op}`]!(own, values[t]);
      f[`${t}.${op}`]!(shared, values[t]);
      assert.deepEqual(instance.space.bytes(shared, 8), instance.space.bytes(own, 8), `${t}.${op}`);
      for (const [load, u] of LOADS) {
        assert.deepEqual(f[`${u}.${load}`]!(shared), f[`${u}.${load}`]!(own), `${u}.${load} after ${t}.${op}`);
        assert.deepEqual(f[`${u}.${load}+8`]!(shared - 8), f[`${u}.${load}`]!(own), `${u}.${load} offset=8`);
      }
    }
  }

  it("has an end at both sides, to the byte", () => {
    const runtime = Runtime.init();
    const heap = runtime.createSharedHeap({ memory: new Uint8Array(4096) });
    const { instance, f } = guest(runtime);
    instance.attachSharedHeap(heap);
    const { start } = heap;
    for (const [op, t] of LOADS) {
      const width = Number(/\d+/.exec(op)?.[0] ?? t.slice(1)) / 8;
      const load = f[`${t}.${op}`]!;
      const loadFar = f[`${t}.${op}+8`]!;
      for (const address of [0, PAGE - width, start, TOP - width]) load(address);
      for (const address of [PAGE - 8 - width, start - 8, TOP - 8 - width]) loadFar(address);
      for (const address of [
        PAGE - width + 1,
        PAGE,
        start - 1,
        start - width,
        TOP - width + 1,
        TOP,
        -1,
        -width,
        -4096,
      ]) {
        assert.throws(() => load(address), outOfBounds, `${t}.${op} at ${address}`);
        assert.throws(() => loadFar(address - 8), outOfBounds, `${t}.${op} offset=8 at ${address - 8}`);
      }
      for (const address of [TOP - 8, -8, -1]) assert.throws(() => loadFar(address), outOfBounds);
    }
  });

  it("does not give addresses behind it that wrap around", () => {
    const runtime = Runtime.init();
    const heap = runtime.createSharedHeap({ memory: new Uint8Array(4096) });
    const { instance, f } = guest(runtime);
    instance.attachSharedHeap(heap);
    assert.equal(f.proven!(TOP - 20), 0);
    for (const address of [TOP - 19, TOP - 4]) assert.throws(() => f.proven!(address), outOfBounds);
  });

  it("is filled, copied and initialized by bulk instructions, which do not cross its ends", () => {
    const runtime = Runtime.init();
    const heap = runtime.createSharedHeap({ memory: new Uint8Array(4096) });
    const { instance, f } = guest(runtime);
    instance.attachSharedHeap(heap);
    const { start } = heap;
    const show = (address: number, length: number): string =>
      Buffer.from(instance.space.bytes(address, length)).toString();
    f.init!(start + 10, 8, 4);
    assert.equal(show(start + 10, 4), "data");
    f.copy!(start + 12, start + 10, 4); // overlapping
    assert.equal(show(start + 10, 6), "dadata");
    f.copy!(100, start + 10, 6);
    assert.equal(show(100, 6), "dadata");
    f.copy!(TOP - 3, 100, 3);
    assert.equal(show(TOP - 3, 3), "dad");
    f.fill!(TOP - 2, 0x78, 2);
    assert.equal(show(TOP - 3, 3), "dxx");
    for (const at of [start, TOP, PAGE]) f.fill!(at, 1, 0);
    const wrong: [string, ...number[]][] = [
      ["fill", start - 1, 1, 2],
      ["fill", TOP - 1, 1, 2],
      ["fill", PAGE - 1, 1, 2],
      ["fill", TOP + 1, 1, 0],
      ["fill", 0, 1, -1],
      ["copy", start, TOP - 1, 2],
      ["copy", TOP - 1, start, 2],
      ["copy", start, PAGE - 1, 2],
      ["copy", 0, start - 1, 2],
      ["init", TOP - 1, 0, 2],
      ["init", start, 11, 2],
    ];
    const before = [...instance.space.bytes(start, 4096)];
    for (const [name, ...args] of wrong) assert.throws(() => f[name]!(...args), outOfBounds, `${name} ${args.join()}`);
    assert.deepEqual([...instance.space.bytes(start, 4096)], before);
  });

  it("stays when the memory grows, which cannot grow into it", () => {
    const refusals: string[] = [];
    const runtime = Runtime.init({ onMemoryGrowthRefused: ({ why }) => void refusals.push(why) });
    const heap = runtime.createSharedHeap({ memory: new Uint8Array(4096) });
    const { instance, f } = guest(runtime);
    instance.attachSharedHeap(heap);
    f["i32.store"]!(heap.start, 5);
    assert.equal(f.grow!(3), 1);
    assert.equal(f.size!(), 4);
    assert.equal(f["i32.load"]!(heap.start), 5);
    assert.equal(f["i32.load"]!(4 * PAGE - 4), 0);
    assert.throws(() => f["i32.load"]!(4 * PAGE - 3), outOfBounds);
    assert.equal(f.grow!(32768 - 4), -1);
    assert.deepEqual(refusals, ["limit"]);
  });

  it("is reached by native functions and the embedding API", () => {
    const runtime = Runtime.init();
    const heap = runtime.createSharedHeap({ memory: new Uint8Array(4096) });
    const seen: unknown[] = [];
    runtime.registerNatives("env", [
      native("f", "(*~$)", (_env, p, length, string) => {
        seen.push(p.address, length, [...p.bytes], string);
        p.bytes[0] = 9;
      }),
    ]);
    const calling = `(module (import "env" "f" (func $f (param i32 i32 i32))) (memory 1)
      (func (export "g") (param i32 i32 i32) (call $f (local.get 0) (local.get 1) (local.get 2))))`;
    const instance = embedText(runtime, calling);
    const g = instance.exports.g as (...args: number[]) => void;
    instance.attachSharedHeap(heap);
    const { start } = heap;
    instance.space.bytes(TOP - 4, 4).set([1, 2, 0x61, 0]);
    g(TOP - 4, 2, TOP - 2);
    assert.deepEqual(seen, [TOP - 4, 2, [1, 2], "a"]);
    assert.deepEqual([...instance.space.bytes(TOP - 4, 2)], [9, 2]);
    instance.space.bytes(TOP - 1, 1)[0] = 1;
    for (const args of [
      [TOP - 4, 5, 0],
      [start - 1, 2, 0],
      [0, 1, TOP - 1],
      [-4, 8, 0],
    ]) {
      assert.throws(() => g(...args), Trap);
    }
    const view = instance.space.bytes(start + 5, 10);
    assert.equal(instance.space.addressOf(view), start + 5);
    assert.equal(instance.space.find(start, 4096)?.start, start);
    assert.equal(instance.space.find(start - 1, 2), undefined);
    instance.detachSharedHeap();
    assert.equal(instance.space.addressOf(view), undefined);
    assert.throws(() => g(TOP - 4, 2, 0), Trap);
  });
});

describe("memory in a shared heap", () => {
  it("is allocated by the host or by guests, and freed by any of them", () => {
    const runtime = Runtime.init();
    runtime.registerNatives("env", SHARED_HEAP_NATIVES);
    const allocating = `(module (import "env" "shared_heap_malloc" (func $m (param i32) (result i32)))
      (import "env" "shared_heap_free" (func $f (param i32))) (memory 1)
      (func (export "make") (result i32) (local i32) (local.set 0 (call $m (i32.const 8)))
        (i64.store (local.get 0) (i64.const 0x6f6c6c6568)) (local.get 0))
      (func (export "free") (param i32) (call $f (local.get 0))))`;
    const heap = runtime.createSharedHeap({ size: 1024 });
    const [a, b] = [embedText(runtime, allocating), embedText(runtime, allocating)];
    assert.equal(a.execEnv.call("make"), 0, "without a heap");
    for (const instance of [a, b]) instance.attachSharedHeap(heap);
    const address = a.execEnv.call("make") as number;
    assert.equal(b.space.string(address), "hello");
    assert.equal(heap.statistics()!.usedBlocks, 1);
    b.execEnv.call("free", [address]);
    assert.equal(heap.statistics()!.usedBlocks, 0);
    assert.throws(() => b.execEnv.call("free", [address]), { name: "EmsError" });
    const other = b.sharedHeapMalloc(16);
    assert.ok(other >= heap.start && other + 16 <= TOP);
    a.sharedHeapFree(other);
    assert.equal(b.sharedHeapMalloc(5000), 0);
    b.sharedHeapMalloc(100);
    heap.reset();
    assert.equal(heap.statistics()!.usedBlocks, 0);
  });

  it("that a guest has written over ends the heap, not the host", () => {
    const runtime = Runtime.init();
    const heap = runtime.createSharedHeap({ size: 1024 });
    const { instance, f } = guest(runtime);
    instance.attachSharedHeap(heap);
    const address = heap.malloc(16);
    heap.malloc(16);
    f.fill!(heap.start, 0xff, 1024);
    assert.throws(() => heap.free(address), { name: "EmsError" });
    assert.throws(() => heap.malloc(8), { name: "EmsError" });
    heap.reset();
    assert.ok(heap.malloc(8) > 0);
  });

  it("is the runtime's: in the pool, charged to it, and a leak where it is forgotten", () => {
    const pool = new ArrayBuffer(256 * 1024);
    const runtime = Runtime.init({ allocator: { mode: "Alloc_With_Pool", pool } });
    const before = runtime.memoryReport().root.bytes;
    const items = (): unknown[] =>
      runtime
        .memoryReport()
        .root.items.filter(({ item }) => item === "shared heap")
        .map(({ label, bytes }) => [label, bytes]);
    const heap = runtime.createSharedHeap({ size: 4091 });
    assert.equal(heap.size, 4096);
    assert.deepEqual(items()[0], [undefined, 4096]);
    assert.equal(items().length, 2);
    const { instance } = guest(runtime);
    instance.attachSharedHeap(heap);
    assert.equal(instance.space.bytes(heap.start, 1).buffer, pool);
    instance.dispose();
    heap.dispose();
    heap.dispose();
    assert.deepEqual(items(), []);
    for (const wrong of [0, 256, -8, NaN, 2 ** 30 + 1]) {
      assert.throws(() => runtime.createSharedHeap({ size: wrong }), { code: "shared-heap" }, String(wrong));
    }
    assert.throws(() => runtime.createSharedHeap({ size: 512 * 1024 }), MemoryError);
    assert.deepEqual(items(), []);
    assert.ok(runtime.memoryReport().root.bytes >= before);
  });

  it("may be the host's, which alone decides what is in it", () => {
    const runtime = Runtime.init();
    const memory = new Uint8Array(2000).subarray(8, 8 + 1024);
    const before = runtime.memoryReport().root.bytes;
    const heap = runtime.createSharedHeap({ memory });
    assert.equal(runtime.memoryReport().root.bytes, before);
    assert.deepEqual(
      runtime.memoryReport().root.items.filter((i) => i.item === "shared heap"),
      [{ item: "shared heap", label: "given by the host", bytes: 1024, reserved: 0, byReference: true }],
    );
    const { instance, f } = guest(runtime);
    instance.attachSharedHeap(heap);
    memory[1023] = 0x80;
    assert.equal(f["i32.load8_s"]!(TOP - 1), -128);
    f["i32.store8"]!(heap.start, 3);
    assert.equal(memory[0], 3);
    assert.equal(heap.malloc(8), 0);
    assert.throws(() => heap.free(heap.start + 8), { code: "shared-heap" });
    instance.detachSharedHeap();
    heap.dispose();
    assert.deepEqual(
      runtime.memoryReport().root.items.filter((i) => i.item === "shared heap"),
      [],
    );
    assert.throws(() => runtime.createSharedHeap({ memory: new Uint8Array(1001) }), { code: "shared-heap" });
  });
});

describe("a chain of shared heaps", () => {
  const chain = (runtime: Runtime): { head: SharedHeap; body: SharedHeap } => {
    const head = runtime.createSharedHeap({ memory: new Uint8Array(512) });
    const body = runtime.createSharedHeap({ size: 1024 });
    head.chain(body);
    return { head, body };
  };

  it("lies in a row, each with its own ends", () => {
    const runtime = Runtime.init();
    const head = runtime.createSharedHeap({ memory: new Uint8Array(512) });
    const body = runtime.createSharedHeap({ memory: new Uint8Array(1024) });
    head.chain(body);
    assert.deepEqual([head.start, body.start], [TOP - 1536, TOP - 1024]);
    const { instance, f } = guest(runtime);
    instance.attachSharedHeap(head);
    const { start } = head;
    for (let round = 0; round < 2; round++) {
      f["i32.store"]!(start, 1);
      f["i32.store"]!(body.start, 2);
      f["i32.store"]!(body.start - 4, 3);
      f["i32.store"]!(TOP - 4, 4);
    }
    for (const [at, value] of [
      [start, 1],
      [TOP - 4, 4],
      [body.start, 2],
      [body.start - 4, 3],
    ] as const) {
      assert.equal(f["i32.load"]!(at), value);
    }
    for (const at of [start - 1, body.start - 3, TOP - 3]) assert.throws(() => f["i32.load"]!(at), outOfBounds);
    assert.throws(() => f.fill!(body.start - 1, 0, 2), outOfBounds);
    f.copy!(start, body.start, 4);
    assert.equal(f["i32.load"]!(start), 2);
    // Another instance may have the rest only.
    const other = guest(runtime);
    other.instance.attachSharedHeap(body);
    assert.equal(other.f["i32.load"]!(TOP - 4), 4);
    assert.throws(() => other.f["i32.load"]!(start), outOfBounds);
  });

  it("allocates in the one that has memory of the runtime's", () => {
    const runtime = Runtime.init();
    const { head, body } = chain(runtime);
    const { instance } = guest(runtime);
    instance.attachSharedHeap(head);
    const address = instance.sharedHeapMalloc(8);
    assert.ok(address >= body.start && address + 8 <= TOP);
    assert.equal(body.statistics()!.usedBlocks, 1);
    instance.sharedHeapFree(address);
    assert.equal(head.statistics()!.usedBlocks, 0);
  });

  it("is made and taken apart under WAMR's conditions", () => {
    const runtime = Runtime.init();
    const { head, body } = chain(runtime);
    const more = runtime.createSharedHeap({ memory: new Uint8Array(512) });
    const managed = runtime.createSharedHeap({ size: 512 });
    const refused = (why: RegExp) => ({ code: "shared-heap", message: why });
    assert.throws(() => head.chain(more), refused(/at the head of a chain already/));
    assert.throws(() => body.chain(head), refused(/in the chain that it is to be put before/));
    assert.throws(() => managed.chain(head), refused(/both have memory of the runtime's/));
    assert.throws(() => more.chain(Runtime.init().createSharedHeap({ size: 512 })), LifetimeError);
    const { instance } = guest(runtime);
    instance.attachSharedHeap(head);
    assert.throws(() => more.chain(head), LifetimeError);
    assert.throws(() => head.unchain(), LifetimeError);
    assert.throws(() => body.dispose(), LifetimeError);
    instance.detachSharedHeap();
    more.chain(head);
    assert.equal(more.start, TOP - 2048);
    assert.throws(() => head.dispose(), { message: /others chained to it/ });
    assert.equal(more.unchain(), head);
    assert.equal(head.unchain(), body);
    assert.equal(head.unchain(), undefined);
    assert.equal(head.start, TOP - 512);
  });
});

describe("lifetimes of shared heaps", () => {
  it("a heap cannot go while it is attached, and is let go by an instance that ends", () => {
    const runtime = Runtime.init();
    const heap = runtime.createSharedHeap({ size: 512 });
    const { instance } = guest(runtime);
    instance.attachSharedHeap(heap);
    assert.throws(() => instance.attachSharedHeap(heap), {
      code: "shared-heap",
      message: /attached to the memory already/,
    });
    assert.throws(() => heap.dispose(), { name: "LifetimeError", message: /attached to 1 memories: detach it first/ });
    instance.dispose();
    heap.dispose();
    for (const use of [() => heap.malloc(8), () => heap.free(8), () => heap.reset(), () => heap.statistics()]) {
      assert.throws(use, LifetimeError);
    }
    assert.throws(() => guest(runtime).instance.attachSharedHeap(heap), LifetimeError);
  });

  it("is attached only where that can work", () => {
    const runtime = Runtime.init();
    const heap = runtime.createSharedHeap({ size: 512 });
    const refused = (why: RegExp) => ({ code: "shared-heap", message: why });
    const none = embedText(runtime, '(module (func (export "f")))');
    assert.throws(() => none.attachSharedHeap(heap), refused(/there is no memory/));
    assert.throws(() => guest(Runtime.init()).instance.attachSharedHeap(heap), LifetimeError);
  });

  it("belongs to a memory, and so to all instances that share it", () => {
    const runtime = Runtime.init();
    const heap = runtime.createSharedHeap({ memory: new Uint8Array(512) });
    const { instance: owner } = guest(runtime);
    const importing = `(module (import "o" "memory" (memory 1))
      (func (export "load") (param i32) (result i32) (i32.load (local.get 0))))`;
    const user = embed(loadText(runtime, importing), { imports: { o: owner.exports } });
    owner.attachSharedHeap(heap);
    owner.space.bytes(heap.start, 1)[0] = 5;
    assert.equal(user.execEnv.call("load", [heap.start]), 5);
    assert.equal(user.sharedHeap, heap);
    user.dispose();
    assert.equal(owner.sharedHeap, heap);
    owner.dispose();
    heap.dispose();
  });
});

describe("SharedHeapView", () => {
  it("has every method of DataView that the compiler emits for memory", () => {
    const emitted = new Set<string>();
    for (const target of TARGETS) {
      for (const optLevel of [0, 2] as const) {
        const output = compileSync(wasmOf(text), { format: "aot", target, optLevel });
        for (const [, method] of Buffer.from(output)
          .toString("latin1")
          .matchAll(/\.((?:get|set)[A-Z]\w*\d)\(/g))
          emitted.add(method!);
      }
    }
    assert.ok(emitted.size >= 10);
    for (const method of emitted) assert.ok(Object.hasOwn(SharedHeapView.prototype, method), `no ${method}`);
  });
});
