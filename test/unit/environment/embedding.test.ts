// The embedding API: how instances come into a runtime, what hosts keep for them, addresses, and lifetimes under a pool.
import assert from "node:assert/strict";
import { describe, it } from "node:test";
import { compileSync } from "../../../compiler/index.js";
import { load } from "../../../loader/index.js";
import {
  ContextKey,
  embed,
  moduleInstanceOf,
  native,
  Runtime,
  SHARED_HEAP_NATIVES,
  type ModuleInstance,
} from "../../../runtime/environment/index.js";
import { LifetimeError, MemoryError } from "../../../runtime/memory/errors.js";
import { evaluateArtifact } from "../../support/js-artifact.js";
import { artifactOf, embedText, loadText, wasmOf } from "./guests.js";

const PAGE = 65536;
const text = `(module (memory (export "memory") 1 4) (data (i32.const 16) "text\\00")
  (func (export "grow") (result i32) (memory.grow (i32.const 1))))`;

describe("embed", () => {
  it("makes instances of loaded modules in their runtime, and finds their embedder's side again", () => {
    const runtime = Runtime.init();
    const instance = embedText(runtime, text, { customData: 5, stackSize: 100 });
    assert.equal(instance.runtime, runtime);
    assert.equal(instance.customData, 5);
    assert.equal(instance.execEnv.stackSize, 100);
    assert.equal(moduleInstanceOf(instance.instance), instance);
    const plain = loadText(runtime, text).instantiate();
    assert.equal(moduleInstanceOf(plain).runtime, runtime);
    assert.equal(moduleInstanceOf(plain).memory, plain.exports.memory);
  });

  it("makes instances of JavaScript artifacts, natives and heap included", () => {
    const runtime = Runtime.init();
    let seen = "";
    runtime.registerNatives("env", [native("print", "($)", (_env, line) => void (seen = line))]);
    const calling = `(module (import "env" "print" (func $print (param i32))) (memory 1 1)
      (func (export "run") (param i32) (call $print (local.get 0))))`;
    const artifact = evaluateArtifact(compileSync(wasmOf(calling), { format: "esm", runtime: "external" }));
    const instance = embed(artifact, { runtime, heapSize: 512 });
    instance.execEnv.call("run", [instance.dupData("from JavaScript")]);
    assert.equal(seen, "from JavaScript");
    instance.dispose();
    assert.deepEqual(runtime.dispose(), []);
  });

  it("needs a runtime", () => {
    const loaded = load(artifactOf(text));
    assert.throws(() => embed(loaded), { code: "no-runtime" });
    assert.throws(() => moduleInstanceOf(loaded.instantiate()), { code: "no-runtime" });
    const runtime = Runtime.init();
    assert.equal(embed(loaded, { runtime }).runtime, runtime);
    const elsewhere = loadText(runtime, text);
    assert.equal(embed(elsewhere, { runtime }).runtime, runtime);
    assert.throws(() => embed(elsewhere, { runtime: Runtime.init() }), {
      name: "LifetimeError",
      code: "wrong-runtime",
    });
  });

  it("caps memories", () => {
    const instance = embedText(Runtime.init(), text, { maxMemoryPages: 2 });
    assert.deepEqual([instance.execEnv.call("grow"), instance.execEnv.call("grow")], [1, -1]);
    assert.equal(instance.memory!.grow(0), 2);
  });
});

describe("contexts", () => {
  it("are kept by key for each instance, and destroyed with it, newest first", () => {
    const runtime = Runtime.init();
    const log: string[] = [];
    const destructor = (name: string) => (instance: ModuleInstance, context: number) => {
      // The instance can still be used.
      log.push(`${name} ${context} ${instance.space.string(16)}`);
    };
    const [a, b, c] = [new ContextKey(destructor("a")), new ContextKey(destructor("b")), new ContextKey<string>()];
    const [one, two] = [embedText(runtime, text), embedText(runtime, text)];
    one.setContext(a, 1);
    one.setContext(b, 2);
    one.setContext(c, "plain");
    two.setContext(a, 3);
    assert.deepEqual(
      [one.getContext(a), one.getContext(c), two.getContext(a), two.getContext(b)],
      [1, "plain", 3, undefined],
    );
    one.dispose();
    assert.deepEqual(log, ["b 2 text", "a 1 text"]);
    two.setContext(a, undefined);
    two.dispose();
    assert.equal(log.length, 2);
    assert.throws(() => one.setContext(a, 1), LifetimeError);
  });

  it("are inherited, but destroyed only where they were set", () => {
    const runtime = Runtime.init();
    let destroyed = 0;
    const key = new ContextKey<object>(() => destroyed++);
    const parent = embedText(runtime, text);
    const context = {};
    parent.setContext(key, context);
    const child = embedText(runtime, text, { inherit: parent });
    assert.equal(child.getContext(key), context);
    child.dispose();
    assert.equal(destroyed, 0);
    const other = embedText(runtime, text, { inherit: parent });
    other.setContext(key, {});
    other.dispose();
    assert.equal(destroyed, 1);
    parent.dispose();
    assert.equal(destroyed, 2);
  });

  it("whose destructors throw do not keep the instance, nor one another, from going", () => {
    const runtime = Runtime.init();
    const before = runtime.memoryReport().root.bytes;
    const loaded = loadText(runtime, text);
    const instance = embed(loaded);
    let destroyed = 0;
    for (const reason of ["first", "second"]) {
      instance.setContext(
        new ContextKey(() => {
          destroyed++;
          throw new Error(reason);
        }),
        {},
      );
    }
    assert.throws(() => instance.dispose(), /second/);
    assert.equal(destroyed, 2);
    loaded.dispose();
    assert.equal(runtime.memoryReport().root.bytes, before);
  });
});

describe("addresses", () => {
  const instance = embedText(Runtime.init(), text);
  const { space } = instance;

  it("are checked with their length, at both ends and beyond", () => {
    const within: [number, number][] = [
      [0, 0],
      [0, PAGE],
      [PAGE, 0],
      [PAGE - 1, 1],
    ];
    const outside: [number, number][] = [
      [0, PAGE + 1],
      [PAGE, 1],
      [PAGE + 1, 0],
      [-1, 1],
      [-1, 2],
      [0, -1],
      [1, -1],
      [0.5, 1],
      [0, 0.5],
      [NaN, 1],
      [0, NaN],
      [Infinity, 1],
      [2 ** 32, 0],
      [2 ** 32 - 1, 2],
      [2 ** 32 + 1, 1],
      [2 ** 53, 1],
      [5, 2 ** 32],
      [-(2 ** 32), 1],
    ];
    for (const [at, length] of within) {
      assert.equal(space.find(at, length)?.start, 0, `${at}, ${length}`);
      assert.equal(space.bytes(at, length).length, length);
    }
    for (const [at, length] of outside) {
      assert.equal(space.find(at, length), undefined, `${at}, ${length}`);
      assert.throws(() => space.bytes(at, length), { code: "out of bounds memory access" }, `${at}, ${length}`);
    }
  });

  it("of strings need their NUL byte", () => {
    assert.equal(space.stringLength(16), 4);
    assert.equal(space.string(17), "ext");
    assert.equal(space.stringLength(PAGE - 1), 0);
    space.bytes(PAGE - 2, 2).fill(1);
    for (const at of [PAGE - 1, PAGE - 2, PAGE, -1, NaN]) {
      assert.equal(space.stringLength(at), undefined);
      assert.throws(() => space.string(at), { code: "out of bounds memory access" });
    }
    space.bytes(PAGE - 2, 2).fill(0);
  });

  it("of views are found where they show the memory as it is now", () => {
    const view = space.bytes(100, 10);
    assert.equal(space.addressOf(view), 100);
    assert.equal(space.addressOf(new DataView(view.buffer, view.byteOffset + 2, 3)), 102);
    assert.equal(space.addressOf(space.bytes(PAGE, 0)), PAGE);
    assert.equal(space.addressOf(new Uint8Array(10)), undefined);
    const pool = new ArrayBuffer(64 * PAGE);
    const runtime = Runtime.init({ allocator: { mode: "Alloc_With_Pool", pool } });
    const inPool = embedText(runtime, text);
    const at = inPool.memory!.view.byteOffset;
    assert.equal(inPool.space.addressOf(new Uint8Array(pool, at + 7, 1)), 7);
    // The pool around it belongs to others.
    assert.equal(inPool.space.addressOf(new Uint8Array(pool, at - 1, 1)), undefined);
    assert.equal(inPool.space.addressOf(new Uint8Array(pool, at + PAGE - 1, 2)), undefined);
  });
});

describe("a pool", () => {
  it("holds everything of an embedding, and is empty after it", () => {
    const pool = new ArrayBuffer(8 * PAGE);
    const runtime = Runtime.init({ allocator: { mode: "Alloc_With_Pool", pool } });
    const empty = runtime.memoryReport().allocator.allocated;
    const symbols = [native("f", "(*~)", () => {})];
    runtime.registerNatives("env", symbols);
    runtime.registerNatives("env", SHARED_HEAP_NATIVES);
    const loaded = loadText(runtime, text);
    const instance = embed(loaded, { heapSize: 1000 });
    const env = instance.createExecEnv({ stackSize: 500 });
    const heap = runtime.createSharedHeap({ size: 1024 });
    instance.attachSharedHeap(heap);
    env.call("grow");
    const { root, allocator } = runtime.memoryReport();
    assert.equal(root.bytes, allocator.allocated);
    env.dispose();
    instance.dispose();
    heap.dispose();
    loaded.dispose();
    runtime.unregisterNatives("env", symbols);
    runtime.unregisterNatives("env", SHARED_HEAP_NATIVES);
    assert.equal(runtime.memoryReport().allocator.allocated, empty);
    assert.deepEqual(runtime.dispose(), []);
  });

  it("that ends at any allocation is a clean error, and is as full as before", () => {
    // The host's allocator refuses its n-th allocation, for each n that a whole embedding makes.
    for (let n = 0, done = false; !done; n++) {
      let left = Infinity;
      const runtime = Runtime.init({
        allocator: {
          mode: "Alloc_With_Allocator",
          malloc: (size) => (left-- > 0 ? new Uint8Array(size) : undefined),
          free: () => {},
        },
      });
      const loaded = loadText(runtime, text);
      const before = runtime.memoryReport();
      left = n;
      const symbols = [native("f", "(*~)", () => {})];
      const undo: (() => void)[] = [];
      try {
        runtime.registerNatives("env", symbols);
        undo.push(() => runtime.unregisterNatives("env", symbols));
        const heap = runtime.createSharedHeap({ size: 1024 });
        undo.push(() => heap.dispose());
        const instance = embed(loaded, { heapSize: 1000 });
        undo.push(() => instance.dispose());
        instance.attachSharedHeap(heap);
        const env = instance.createExecEnv({ stackSize: 500 });
        undo.push(() => env.dispose());
        env.call("grow");
        void instance.execEnv;
        done = left > 0;
      } catch (error) {
        assert.ok(error instanceof MemoryError, `allocation ${n}: ${String(error)}`);
      }
      for (const step of undo.reverse()) step();
      assert.deepEqual(runtime.memoryReport().root, before.root, `allocation ${n}`);
      assert.ok(n < 50);
      if (done) assert.ok(n > 6);
    }
  });
});
