// The heap of a guest: where it is put, what memory it has, and that nothing a guest writes or the host frees wrongly goes unnoticed.
import assert from "node:assert/strict";
import { describe, it } from "node:test";
import { native, Runtime, type EmbedArgs, type ModuleInstance } from "../../../runtime/environment/index.js";
import { Trap } from "../../../runtime/errors.js";
import type { Global } from "../../../runtime/instance/global.js";
import { LifetimeError } from "../../../runtime/memory/errors.js";
import { Ems } from "../../../runtime/memory/ems.js";
import { embedText } from "./guests.js";

const PAGE = 65536;

const BODY = `
  (func (export "size") (result i32) (memory.size))
  (func (export "grow") (param i32) (result i32) (memory.grow (local.get 0)))
  (func (export "load") (param i32) (result i32) (i32.load (local.get 0)))
  (func (export "store") (param i32 i32) (i32.store (local.get 0) (local.get 1)))`;

const guest = (memory: string, args: EmbedArgs, more = ""): ModuleInstance =>
  embedText(Runtime.init(), `(module (memory (export "memory") ${memory}) ${BODY} ${more})`, args);

const size = (i: ModuleInstance): unknown => i.execEnv.call("size");

/** What a report says under "app heap" for the only instance. */
const charged = ({ runtime }: ModuleInstance): unknown[] =>
  runtime
    .memoryReport()
    .root.children[0]!.children[0]!.items.filter(({ item }) => item === "app heap")
    .map(({ label, bytes, byReference }) => [label, bytes, byReference]);

describe("an app heap", () => {
  it("goes behind the only page of a memory that cannot grow, and no page is added", () => {
    const i = guest("1 1", { heapSize: 4096 });
    assert.equal(size(i), 1);
    const address = i.malloc(100);
    assert.ok(address >= PAGE && address + 100 <= PAGE + 4096);
    i.execEnv.call("store", [address, 42]);
    assert.equal(i.execEnv.call("load", [address]), 42);
    assert.throws(() => i.execEnv.call("load", [PAGE + 4096 - 3]), Trap);
    assert.equal(i.execEnv.call("grow", [0]), 1);
    assert.equal(i.execEnv.call("grow", [1]), -1);
    assert.equal(i.malloc(4096), 0);
  });

  it("makes the memory of a guest that has none of its own", () => {
    const i = guest("0 0", { heapSize: 1024 });
    assert.equal(size(i), 0);
    const address = i.malloc(64);
    assert.ok(address > 0 && address + 64 <= 1024);
  });

  it("goes where __heap_base says, which then says where it ends", () => {
    const i = guest("2 4", { heapSize: 10000 }, '(global (export "__heap_base") i32 (i32.const 1052))');
    assert.equal(size(i), 2);
    const address = i.malloc(5000);
    assert.ok(address >= 1056 && address + 5000 <= 11056);
    assert.equal((i.exports.__heap_base as Global).value, 11056);
    assert.equal(i.instance.getGlobal(0), 11056);
    assert.equal(i.execEnv.call("grow", [2]), 2);
    assert.equal(i.execEnv.call("grow", [1]), -1);
  });

  it("adds pages where it does not fit below the end, and leaves the guest room to grow as before", () => {
    const base = '(global (export "__heap_base") i32 (i32.const 131064))';
    const i = guest("2 3", { heapSize: 2 * PAGE }, base);
    assert.equal(size(i), 5); // 8 bytes of page 1, pages 2 and 3, and less than 1 KiB would be left of page 3
    assert.ok(i.malloc(2 * PAGE - 1000) >= 131064);
    assert.equal(i.execEnv.call("grow", [1]), 5);
    assert.equal(i.execEnv.call("grow", [1]), -1);
  });

  it("else goes into new pages at the end", () => {
    for (const base of ["", '(global (export "__heap_base") i32 (i32.const 131072))']) {
      const i = guest("2", { heapSize: 100_000 }, base);
      assert.equal(size(i), 4);
      const address = i.malloc(100_000);
      assert.ok(address >= 2 * PAGE && address + 100_000 <= 4 * PAGE);
    }
  });

  it("is charged with its books, and listed as part of the memory", () => {
    const i = guest("1 1", { heapSize: 4096 });
    assert.deepEqual(charged(i), [
      ["control block", Ems.CONTROL_WORDS * 4, false],
      ["inside memory 0", 4096, true],
    ]);
    const before = i.runtime.memoryReport().root.bytes;
    i.malloc(1000);
    assert.equal(i.runtime.memoryReport().root.bytes, before);
    assert.equal(i.heapStatistics()!.usedBlocks, 1);
  });

  it("is there before the start function runs", () => {
    const runtime = Runtime.init();
    let address = 0;
    runtime.registerNatives("env", [native("f", "()", (env) => void (address = env.instance.dupData("hi")))]);
    const text = '(module (import "env" "f" (func $f)) (memory 1 1) (start $f))';
    const i = embedText(runtime, text, { heapSize: 512 });
    assert.equal(i.space.string(address), "hi");
  });

  it("stays right when the memory grows, moves, and grows during malloc by way of natives", () => {
    const runtime = Runtime.init({ allocator: { mode: "Alloc_With_Pool", pool: new ArrayBuffer(64 * PAGE) } });
    const text = `(module (memory (export "memory") 1 8) ${BODY})`;
    const i = embedText(runtime, text, { heapSize: PAGE });
    const block = runtime.malloc(1000); // behind the memory: it cannot grow where it is
    const a = i.dupData("before");
    const at = i.instance.memories[0]!.view.byteOffset;
    assert.equal(i.execEnv.call("grow", [3]), 2);
    assert.notEqual(i.instance.memories[0]!.view.byteOffset, at);
    assert.equal(i.space.string(a), "before");
    const b = i.dupData("after");
    i.free(a);
    assert.equal(i.space.string(b), "after");
    assert.equal(i.dupData("reused"), a);
    block.free();
  });

  it("copies bytes and strings, and says 0 where there is no room", () => {
    const i = guest("1 1", { heapSize: 512 });
    const a = i.dupData(Uint8Array.of(1, 2, 3));
    assert.deepEqual([...i.space.bytes(a, 3)], [1, 2, 3]);
    assert.equal(i.space.string(i.dupData("zwölf")), "zwölf");
    assert.equal(i.dupData(new Uint8Array(1000)), 0);
    i.free(a);
    i.free(0);
  });

  it("refuses what is no size, and frees nothing that it has not handed out", () => {
    const i = guest("1 1", { heapSize: 4096 });
    for (const bad of [-1, 0.5, NaN, 2 ** 32]) assert.throws(() => i.malloc(bad), RangeError);
    const a = i.malloc(10);
    i.malloc(10); // so that what is freed is not merged with the rest
    i.free(a);
    assert.throws(() => i.free(a), {
      code: "double-free",
      message: /app heap of instance "guest#1": double-free at address/,
    });
    for (const address of [8, PAGE, PAGE + 4096, 0x7fff_fff8, 0xffff_fff8, 0.5, -8]) {
      assert.throws(() => i.free(address), { code: "foreign-pointer" }, String(address));
    }
    assert.ok(i.malloc(10) > 0);
  });

  it("notices what the guest has written over it, and is closed from then on", () => {
    const i = guest("1 1", { heapSize: 4096 });
    const a = i.malloc(16);
    const b = i.malloc(16);
    for (let at = a; at < a + 64; at += 4) i.execEnv.call("store", [at, -1]);
    assert.throws(() => i.free(b), { code: "app-heap-corrupted" });
    assert.throws(() => i.malloc(8), { code: "app-heap-corrupted" });
    assert.equal(i.execEnv.call("load", [a]), -1);
  });

  it("never makes the host hang or write elsewhere, whatever the guest writes", () => {
    const i = guest("1 1", { heapSize: 2048 });
    const outside = i.space.bytes(0, PAGE);
    let random = 12345;
    const next = (): number => (random = (Math.imul(random, 1103515245) + 12345) >>> 0) >>> 8;
    let refused = 0;
    for (let round = 0; round < 300; round++) {
      const fresh = round % 3 === 0 ? guest("1 1", { heapSize: 2048 }) : i;
      const held: number[] = [];
      try {
        for (let step = 0; step < 20; step++) {
          fresh.execEnv.call("store", [PAGE + (next() % 511) * 4, next() % 3 === 0 ? next() : next() % 64]);
          const address = fresh.malloc(next() % 200);
          if (address !== 0) held.push(address);
          if (step % 2 === 0 && held.length > 0) fresh.free(held.splice(next() % held.length, 1)[0]!);
        }
      } catch (error) {
        refused++;
        assert.match((error as { code: string }).code, /app-heap-corrupted|double-free|foreign-pointer/);
      }
    }
    assert.ok(refused > 100);
    assert.ok(outside.every((byte) => byte === 0));
  });
});

describe("no app heap", () => {
  const refused = (why: RegExp) => ({ name: "WasmError", code: "app-heap", message: why });

  it("is made where it has no place", () => {
    const text = '(module (func (export "f")))';
    assert.throws(() => embedText(Runtime.init(), text, { heapSize: 1024 }), refused(/there is no memory/));
    const owner = guest("1 2", {});
    const importing = `(module (import "o" "memory" (memory 1)))`;
    assert.throws(
      () => embedText(owner.runtime, importing, { heapSize: 1024, imports: { o: owner.exports } }),
      refused(/memory 0 is imported/),
    );
    assert.throws(() => guest("1 1", { heapSize: 8 }), refused(/expected 256 bytes to 1 GiB, got 8/));
    assert.throws(() => guest("1", { heapSize: 2 ** 31 }), refused(/expected 256 bytes to 1 GiB/));
    assert.throws(
      () => guest("1", { heapSize: PAGE, maxMemoryPages: 1 }),
      refused(/more than 1 pages, the host's limit/),
    );
  });

  it("is left behind by a failure", () => {
    const runtime = Runtime.init();
    assert.throws(() => embedText(runtime, "(module (memory 1))", { heapSize: PAGE, maxMemoryPages: 1 }));
    const [module] = runtime.memoryReport().root.children;
    assert.deepEqual(module!.children, []);
  });

  it("is made beside an allocator that the guest keeps to itself", () => {
    const text = '(module (memory 1) (func $sbrk (result i32) i32.const 0) (export "f" (func $sbrk)))';
    assert.throws(() => embedText(Runtime.init(), text, { heapSize: 1024 }), refused(/sbrk.*--export=malloc/));
  });

  it("means that malloc says so", () => {
    const i = guest("1", {});
    for (const use of [() => i.malloc(1), () => i.free(8), () => i.dupData("x")])
      assert.throws(use, { code: "no-heap" });
    assert.equal(i.heapStatistics(), undefined);
    i.dispose();
    assert.throws(() => i.malloc(1), LifetimeError);
  });
});

describe("the guest's own allocator", () => {
  const bump = `(global $next (mut i32) (i32.const 1024)) (global (export "freed") (mut i32) (i32.const 0))
    (func $alloc (param i32) (result i32) (local $at i32) (local.set $at (global.get $next))
      (global.set $next (i32.add (local.get $at) (local.get 0))) (local.get $at))
    (func $free (param i32) (global.set 1 (i32.add (global.get 1) (local.get 0))))`;
  const text = (more: string): string => `(module (memory (export "memory") 1 2) ${bump} ${more})`;

  it("is used where it is exported, and heapSize makes nothing then", () => {
    const own = '(export "malloc" (func $alloc)) (export "free" (func $free))';
    const i = embedText(Runtime.init(), text(own), { heapSize: 4096 });
    assert.deepEqual(charged(i), []);
    assert.equal(i.malloc(10), 1024);
    assert.equal(i.dupData("abc"), 1034);
    assert.equal(i.space.string(1034), "abc");
    i.free(1034);
    i.free(0);
    assert.equal((i.exports.freed as Global).value, 1034);
    assert.equal(i.heapStatistics(), undefined);
  });

  it("of AssemblyScript is used with its pins", () => {
    const own = `(func (export "__new") (param i32 i32) (result i32) (call $alloc (local.get 0)))
      (func (export "__pin") (param i32) (result i32) (global.set 1 (local.get 0)) (local.get 0))
      (export "__unpin" (func $free))`;
    const i = embedText(Runtime.init(), text(own));
    assert.equal(i.malloc(10), 1024);
    assert.equal((i.exports.freed as Global).value, 1024);
    i.free(1024);
    assert.equal((i.exports.freed as Global).value, 2048);
  });

  it("is not believed where it hands out what is not there, and may fail or trap", () => {
    const own = (result: string): string =>
      `(func (export "malloc") (param i32) (result i32) ${result}) (export "free" (func $free))`;
    for (const result of ["(i32.const 65530)", "(i32.const -8)", "(i32.const 0x7fffffff)", "unreachable"]) {
      assert.throws(() => embedText(Runtime.init(), text(own(result))).malloc(10), Trap, result);
    }
    const i = embedText(Runtime.init(), text(own("(i32.const 0)")));
    assert.equal(i.malloc(10), 0);
    assert.equal(i.dupData("abc"), 0);
    // Of another type it is no allocator.
    const other = '(func (export "malloc") (param i64) (result i32) (i32.const 0)) (export "free" (func $free))';
    assert.throws(() => embedText(Runtime.init(), text(other)).malloc(1), { code: "no-heap" });
  });

  it("may grow the memory while a native function uses it: its pointers follow", () => {
    const runtime = Runtime.init();
    runtime.registerNatives("env", [
      native("f", "(*~)i", (env, p) => {
        p.bytes[0] = 7;
        const address = env.instance.dupData("grown");
        assert.equal(env.instance.space.string(address), "grown");
        p.bytes[1] = 8;
        return address;
      }),
    ]);
    const growing = `(module (import "env" "f" (func $f (param i32 i32) (result i32))) (memory 1 4)
      (func (export "malloc") (param i32) (result i32) (i32.mul (memory.grow (i32.const 1)) (i32.const 65536)))
      (func (export "free") (param i32))
      (func (export "run") (result i32) (drop (call $f (i32.const 5) (i32.const 2))) (i32.load16_u (i32.const 5))))`;
    assert.equal(embedText(runtime, growing).execEnv.call("run"), 0x0807);
  });
});
