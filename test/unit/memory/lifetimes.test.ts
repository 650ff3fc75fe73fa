// Who may go when: owners are disposed of before what they were made from, what has been disposed of says so, and what stays
// behind in tables and imports reaches no memory that belongs to somebody else by then.
import assert from "node:assert/strict";
import { describe, it } from "node:test";
import { load } from "../../../loader/index.js";
import { embed, type RuntimeOptions } from "../../../runtime/environment/index.js";
import {
  LifetimeError,
  Memory,
  Runtime,
  Table,
  Trap,
  type ImportObject,
  type Instance,
} from "../../../runtime/index.js";
import { Wasi } from "../../../runtime/wasi/index.js";
import { artifactOf, bytesOf, GUEST, IMPORTS, stateOf, type Calls } from "./guest.js";

const artifact = artifactOf(GUEST);

function start(options: RuntimeOptions = {}): Runtime {
  return Runtime.init({ allocator: { mode: "Alloc_With_Pool", pool: new ArrayBuffer(8 << 20) }, ...options });
}

const inUse = (message: RegExp) => (error: unknown) => {
  assert.ok(error instanceof LifetimeError, String(error));
  assert.equal(error.code, "in-use");
  assert.match(error.message, message);
  return true;
};
const disposed = (error: unknown): boolean => {
  assert.ok(error instanceof LifetimeError, String(error));
  assert.equal(error.code, "disposed");
  return true;
};
const calls = (instance: Instance): Calls => instance.exports as Calls;

describe("the order of disposal", () => {
  it("is enforced, and a refusal changes nothing", () => {
    const runtime = start();
    const module = load(artifact, { runtime, name: "guest" });
    const instance = module.instantiate(IMPORTS);
    const report = runtime.memoryReport();
    assert.throws(() => runtime.dispose(), inUse(/^runtime "runtime" still has module "guest": dispose of it first$/));
    assert.throws(() => module.dispose(), inUse(/^module "guest" still has instance "guest#1": dispose of it first$/));
    assert.deepEqual(runtime.memoryReport(), report);
    assert.equal(calls(instance).add!(1, 2), 3);
    instance.dispose();
    module.dispose();
    assert.deepEqual(runtime.dispose(), []);
  });

  it("is that of `using`", () => {
    const runtime = start();
    {
      using module = load(artifact, { runtime });
      using instance = module.instantiate(IMPORTS);
      using embedded = embed(module, { imports: IMPORTS });
      assert.ok(calls(instance).add && embedded);
    }
    assert.deepEqual(runtime.dispose(), []);
  });

  it("may be repeated", () => {
    const runtime = start();
    const module = load(artifact, { runtime });
    const instance = module.instantiate(IMPORTS);
    for (let i = 0; i < 2; i++) instance.dispose();
    for (let i = 0; i < 2; i++) module.dispose();
    for (let i = 0; i < 2; i++) assert.deepEqual(runtime.dispose(), []);
  });

  it("keeps an instance that another one imports from, by function, memory, table or global", () => {
    const runtime = start();
    const module = load(artifact, { runtime, name: "source" });
    const imports = ["(func (param i32 i32) (result i32))", "(memory 1)", "(table 1 funcref)", "(global (mut i32))"];
    const names = ["add", "memory", "table", "count"];
    imports.forEach((type, i) => {
      const source = module.instantiate(IMPORTS);
      const user = load(artifactOf(`(module (import "s" "x" ${type}))`), { runtime, name: "user" });
      const instance = user.instantiate({ s: { x: source.exports[names[i]!] } });
      assert.throws(
        () => source.dispose(),
        inUse(/^instance "source#\d" is imported from by instance "user#\d"/),
        type,
      );
      instance.dispose();
      source.dispose();
      user.dispose();
    });
    module.dispose();
    assert.deepEqual(runtime.dispose(), []);
  });

  it("waits for execution environments and for calls", () => {
    const runtime = start();
    const module = load(artifact, { runtime });
    const callback = (value: number): number => {
      assert.throws(() => env.dispose(), inUse(/calls under way/));
      return value;
    };
    const instance = embed(module, { imports: { env: { callback } } });
    const env = instance.createExecEnv();
    assert.throws(() => instance.dispose(), inUse(/still has execution environment/));
    assert.equal(env.call("callOut", [1]), 1);
    env.dispose();
    instance.dispose();
    module.dispose();
    assert.deepEqual(runtime.dispose(), []);
  });
});

describe("after its disposal", () => {
  it("a runtime, a module and an instance say so", () => {
    const runtime = start();
    const module = load(artifact, { runtime, name: "guest" });
    const instance = module.instantiate(IMPORTS);
    const { add, memory, table, count } = instance.exports as Calls & { memory: Memory; table: Table; count: object };
    assert.equal(table.length, 4);
    instance.dispose();
    assert.throws(() => add!(1, 2), /^LifetimeError: instance "guest#1" has been disposed of$/);
    assert.throws(() => instance.invokeRaw("add", [1, 2]), disposed);
    assert.throws(() => memory.grow(1), disposed);
    assert.equal(memory.bytes.length, 0);
    assert.throws(() => table.grow(1), disposed);
    assert.throws(() => table.get(1), RangeError);
    assert.throws(() => (count as { value: unknown }).value, disposed);
    module.dispose();
    assert.throws(() => module.instantiate(IMPORTS), disposed);
    assert.throws(() => module.region.pageText(0), disposed);
    assert.throws(() => module.lines(0), disposed);
    assert.equal(runtime.dispose().length, 0);
    assert.throws(() => load(artifact, { runtime }), disposed);
    assert.throws(() => runtime.malloc(1), disposed);
    assert.throws(() => new Wasi({ runtime, stdin: "", stdout() {}, stderr() {} }), disposed);
  });

  it("an instance's functions in tables of others fail cleanly", () => {
    const runtime = start();
    const module = load(artifact, { runtime, name: "guest" });
    const [kept, gone] = [module.instantiate(IMPORTS), module.instantiate(IMPORTS)];
    const table = kept.exports.table as Table;
    table.set(1, gone.exports.add);
    assert.equal(calls(kept).indirect!(1, 2, 3), 5);
    gone.dispose();
    assert.throws(() => calls(kept).indirect!(1, 2, 3), disposed);
    assert.throws(() => (table.get(1) as (a: number, b: number) => number)(1, 2), disposed);
    kept.dispose();
    module.dispose();
    assert.deepEqual(runtime.dispose(), []);
  });

  it("code that still runs reaches nothing, and least of all what has its memory now", () => {
    const runtime = start();
    const module = load(
      artifactOf(`(module
        (import "env" "end" (func $end))
        (memory (export "memory") 1)
        (global $g (mut i32) (i32.const 1))
        (func (export "write") (call $end) (i32.store (i32.const 0) (i32.const -1)))
        (func (export "set") (call $end) (global.set $g (i32.const -1)))
        (func (export "warm") (i32.store (i32.const 0) (i32.const 1)) (global.set $g (i32.const 2))))`),
      { runtime },
    );
    for (const name of ["write", "set"]) {
      let others: Uint8Array | undefined;
      const end = (): void => {
        instance.dispose();
        others = runtime.malloc(100_000).bytes();
      };
      const instance = module.instantiate({ env: { end } });
      for (let i = 0; i < 1000; i++) calls(instance).warm!();
      assert.throws(
        () => calls(instance)[name]!(),
        (error) => error instanceof Trap || disposed(error),
      );
      assert.ok(others!.every((byte) => byte === 0));
    }
    module.dispose();
    assert.equal(runtime.dispose().length, 2);
  });

  it("a memory that it imported forgets its listeners", () => {
    const text = `(module (import "env" "memory" (memory 1)) (func (export "load") (result i32) (i32.load (i32.const 0))))`;
    const listenersOf = (memory: Memory): number => (memory as unknown as { listeners: unknown[] }).listeners.length;
    const runtime = start();
    const ways: ((imports: object) => { exports: object; dispose(): void })[] = [
      (imports) => load(artifactOf(text)).instantiate(imports as ImportObject),
      (imports) => load(artifactOf(text), { runtime }).instantiate(imports as ImportObject),
      (imports) => embed(load(artifactOf(text), { runtime }), { imports }),
    ];
    for (const [i, instantiate] of ways.entries()) {
      const memory = new Memory({ initial: 1, maximum: 4 });
      const instance = instantiate({ env: { memory } });
      const { load: loadFirst } = instance.exports as Calls;
      assert.equal(loadFirst!(), 0);
      assert.equal(listenersOf(memory), 1);
      instance.dispose();
      assert.equal(listenersOf(memory), 0);
      // Without a runtime there is nobody to say that it has ended; but it does not see an old view either.
      assert.throws(() => loadFirst!(), i === 0 ? Trap : disposed);
    }
  });

  it("a host's table has none of its functions", () => {
    const runtime = start();
    const module = load(artifact, { runtime });
    const table = new Table({ element: "anyfunc", initial: 4 });
    const user = load(
      artifactOf(`(module
        (import "env" "table" (table 4 funcref))
        (func (export "call") (result i32) (call_indirect (param i32 i32) (result i32) (i32.const 1) (i32.const 2) (i32.const 0))))`),
      { runtime },
    );
    const calling = user.instantiate({ env: { table } });
    const instance = module.instantiate(IMPORTS);
    table.set(0, instance.exports.add);
    assert.equal(calls(calling).call!(), 3);
    instance.dispose();
    assert.throws(() => calls(calling).call!(), disposed);
  });
});

describe("an instantiation that fails", () => {
  it("leaves nothing where nothing of it can be reached", () => {
    const runtime = start();
    const text = (field: string): string => `(module (memory 1) (table 2 funcref) (func $f) ${field})`;
    for (const field of [
      '(data (i32.const 65536) "x")',
      "(elem (i32.const 2) $f)",
      "(func $trap unreachable) (start $trap)",
    ]) {
      const module = load(artifactOf(text(field)), { runtime });
      const before = stateOf(runtime.memoryReport());
      assert.throws(() => module.instantiate(), Trap);
      assert.deepEqual(stateOf(runtime.memoryReport()), before);
      module.dispose();
    }
    assert.deepEqual(runtime.dispose(), []);
  });

  it("leaves what was put into another instance's table, for as long as that lives", () => {
    const runtime = start();
    const module = load(artifact, { runtime });
    const host = module.instantiate(IMPORTS);
    const trapping = load(
      artifactOf(`(module
        (import "s" "table" (table 4 funcref))
        (memory 1)
        (data (i32.const 0) "*")
        (func $f (param i32 i32) (result i32) (i32.load8_u (local.get 0)))
        (elem (i32.const 1) $f)
        (func $trap unreachable) (start $trap))`),
      { runtime },
    );
    assert.throws(() => trapping.instantiate({ s: { table: host.exports.table } }), Trap);
    // The specification wants the function to work.
    assert.equal(calls(host).indirect!(1, 0, 0), 42);
    assert.equal(bytesOf(runtime.memoryReport(), "instance", "linear memory"), 2 * 65536);
    host.dispose();
    assert.equal(bytesOf(runtime.memoryReport(), "instance", "linear memory"), 0);
    trapping.dispose();
    module.dispose();
    assert.deepEqual(runtime.dispose(), []);
  });
});

describe("a runtime's end", () => {
  it("lists what nobody has freed", () => {
    const runtime = start();
    runtime.malloc(100, "forgotten");
    new Wasi({ runtime, args: ["x"], stdin: "", stdout() {}, stderr() {} });
    const leaks = runtime.dispose();
    assert.deepEqual(leaks, [
      { owner: 'runtime "runtime"', item: "host allocation", label: "forgotten", bytes: 100 },
      { owner: 'instance "WASI"', item: "WASI context", label: "arguments", bytes: 2 },
      { owner: 'instance "WASI"', item: "WASI context", label: "descriptors", bytes: 64 },
    ]);
    assert.equal(runtime.allocator.statistics().allocated, 0);
  });
});

describe("the caller's bytes", () => {
  it("held by reference, are reported until they are given back", () => {
    const runtime = start();
    const bytes = artifact.slice();
    const module = load(bytes, { runtime, reference: true });
    const instance = module.instantiate(IMPORTS);
    assert.equal(module.fileBuffer, bytes);
    assert.equal(bytesOf(runtime.memoryReport(), "module", "AoT code"), 0);
    module.freeFileBuffer();
    bytes.fill(0);
    const report = runtime.memoryReport();
    assert.equal(module.fileBuffer, undefined);
    assert.equal(bytesOf(report, "module", "file buffer"), 0);
    assert.ok(bytesOf(report, "module", "module structure") > 0 && bytesOf(report, "module", "AoT code") > 0);
    assert.equal(calls(instance).add!(1, 2), 3);
    const second = module.instantiate(IMPORTS);
    assert.equal(calls(second).load!(16), "h".charCodeAt(0));
    second.dispose();
    instance.dispose();
    module.dispose();
    assert.deepEqual(runtime.dispose(), []);
  });

  it("need no place for what is compiled already", () => {
    const runtime = start();
    const bytes = artifactOf(GUEST, { pageSize: 1 });
    const module = load(bytes, { runtime, reference: true });
    const instance = module.instantiate(IMPORTS);
    calls(instance).add!(1, 2);
    const resident = Array.from({ length: module.region.pageCount }, (_, page) => module.isResident(page));
    assert.ok(resident.includes(true) && resident.includes(false));
    module.freeFileBuffer();
    const needed = resident.reduce((sum, is, page) => sum + (is ? 0 : module.region.page(page).length), 0);
    assert.equal(bytesOf(runtime.memoryReport(), "module", "AoT code"), needed);
    assert.throws(() => module.region.pageText(resident.indexOf(true)), disposed);
    assert.equal(calls(instance).countUp!(), 8);
    instance.dispose();
    module.dispose();
  });

  it("stay in use where there is no memory for what is needed", () => {
    const pool = new ArrayBuffer(10_000);
    const runtime = Runtime.init({ allocator: { mode: "Alloc_With_Pool", pool } });
    const module = load(artifact, { runtime, reference: true });
    const report = runtime.memoryReport();
    const rest = runtime.malloc(report.allocator.largestFree! - 1500);
    const before = stateOf(runtime.memoryReport());
    assert.throws(() => module.freeFileBuffer(), { name: "MemoryError", category: "module", item: "AoT code" });
    assert.deepEqual(stateOf(runtime.memoryReport()), before);
    rest.free();
    module.dispose();
  });

  it("are given back page by page by the pages that are compiled, if that is wanted", () => {
    const runtime = start();
    const module = load(artifactOf(GUEST, { pageSize: 1 }), { runtime, releasePages: true });
    const instance = module.instantiate(IMPORTS);
    const before = bytesOf(runtime.memoryReport(), "module", "AoT code");
    calls(instance).add!(1, 2);
    const after = bytesOf(runtime.memoryReport(), "module", "AoT code");
    const resident = Array.from({ length: module.region.pageCount }, (_, page) => module.isResident(page));
    assert.equal(before - after, module.region.page(resident.indexOf(true)).length);
    instance.dispose();
    module.dispose();
    assert.deepEqual(runtime.dispose(), []);
  });
});
