// Execution environments: whose memory the stack is, what is on it, where it ends, and that it can be used again.
import assert from "node:assert/strict";
import { describe, it } from "node:test";
import { native, Runtime, type ExecEnv, type ModuleInstance } from "../../../runtime/environment/index.js";
import { Trap } from "../../../runtime/errors.js";
import { LifetimeError, MemoryError } from "../../../runtime/memory/errors.js";
import { embedText } from "./guests.js";

const text = `(module
  (import "env" "back" (func $back (param i32) (result i32)))
  (table (export "table") 4 funcref) (elem (i32.const 1) $add $dive)
  (func $add (export "add") (param i32 i32) (result i32) (i32.add (local.get 0) (local.get 1)))
  (func (export "mix") (param i32 i64 f32 f64) (result f64 i64 f32 i32)
    (local.get 3) (i64.add (local.get 1) (i64.const 1)) (local.get 2) (local.get 0))
  (func (export "trap") unreachable)
  (func (export "ref") (param externref) (result externref) (local.get 0))
  (func $dive (export "dive") (param i32) (result i32) (call $back (local.get 0)))
  (func $forever (export "forever") (result i32) (i32.add (call $forever) (i32.const 1))))`;

/** An instance whose `dive(n)` goes through `back(n)`, which dives on in the same ExecEnv until n is 0. */
function divers(runtime = Runtime.init()): ModuleInstance {
  runtime.registerNatives("env", [
    native("back", "(i)i", (env, n) => (n === 0 ? 0 : (env.call("dive", [n - 1]) as number) + 1)),
  ]);
  return embedText(runtime, text);
}

const exhausted = (detail: RegExp) => (error: unknown) => {
  assert.ok(error instanceof Trap, String(error));
  assert.equal(error.code, "call stack exhausted");
  assert.match(error.message, detail);
  return true;
};

describe("calls", () => {
  it("take the name of an export, a function looked up, or a table's element", () => {
    const env = divers().execEnv;
    assert.equal(env.call("add", [2, 3]), 5);
    const add = env.instance.lookupFunction("add")!;
    assert.equal(env.call(add, [2, 3]), 5);
    assert.equal(String(add), "(i32, i32) -> (i32)");
    assert.deepEqual([add.name, add.params, add.results], ["add", ["i32", "i32"], ["i32"]]);
    assert.equal(env.callIndirect(0, 1, [4, 5]), 9);
    assert.equal(env.instance.lookupFunction("table"), undefined);
    assert.throws(() => env.call("table"), { code: "unknown-export" });
  });

  it("to elements that are not there trap as call_indirect does", () => {
    const env = divers().execEnv;
    assert.throws(() => env.callIndirect(0, 0), /^Trap: uninitialized element$/);
    for (const index of [4, -1, 2 ** 32, NaN])
      assert.throws(() => env.callIndirect(0, index), /^Trap: undefined element$/);
    assert.throws(() => env.callIndirect(1, 0), { code: "unknown-table" });
  });

  it("convert as exports do", () => {
    const env = divers().execEnv;
    assert.deepEqual(env.call("mix", [-1, 2n ** 63n - 1n, 0.1, Math.PI]), [
      Math.PI,
      -(2n ** 63n),
      Math.fround(0.1),
      -1,
    ]);
    assert.equal(env.call("add", ["2", { valueOf: () => 2 ** 32 + 1 }]), 3);
    assert.equal(env.call("add"), 0);
    assert.throws(() => env.call("mix", [1, 2, 3, 4]), TypeError);
    const host = {};
    assert.equal(env.call("ref", [host]), host);
    assert.equal(env.callDepth, 0);
  });

  it("with the types that a signature says", () => {
    const instance = divers();
    const add = instance.typedFunction("add", "(ii)i");
    const sum: number = add(40, 2);
    assert.equal(sum, 42);
    const [a, b, c, d] = instance.typedFunction("mix", "(iIfF)FIfi")(1, 2n, 3, 4);
    assert.deepEqual([a, b + 0n, c, d], [4, 3n, 3, 1]);
    // @ts-expect-error a bigint is wanted
    assert.throws(() => instance.typedFunction("mix", "(iIfF)FIfi")(1, 2, 3, 4), TypeError);
    assert.throws(() => instance.typedFunction("add", "(ii)I"), {
      code: "incompatible-export-type",
      message:
        /function "add": native signature "\(ii\)I" does not fit \(i32, i32\) -> \(i32\): result 0 is "I", expected i32/,
    });
    assert.throws(() => instance.typedFunction("add", "(*~)i"), { code: "incompatible-export-type" });
    assert.throws(() => instance.typedFunction("sub", "(ii)i"), { code: "unknown-export" });
  });

  it("with packed cells leave the results in their place", () => {
    const env = divers().execEnv;
    const mix = env.instance.exportedFunction("mix");
    const cells = new DataView(new ArrayBuffer(32), 4);
    cells.setInt32(0, -7, true);
    cells.setBigInt64(4, 2n ** 40n, true);
    cells.setFloat32(12, 1.5, true);
    cells.setFloat64(16, -0, true);
    env.callCells(mix, cells);
    assert.ok(Object.is(cells.getFloat64(0, true), -0));
    assert.equal(cells.getBigInt64(8, true), 2n ** 40n + 1n);
    assert.equal(cells.getFloat32(16, true), 1.5);
    assert.equal(cells.getInt32(20, true), -7);
    // A signalling NaN, bit by bit.
    cells.setInt32(12, 0x7fa00001, true);
    env.callCells(mix, cells);
    assert.equal(cells.getInt32(16, true), 0x7fa00001);
    assert.throws(() => env.callCells(mix, new Uint8Array(23)), RangeError);
    assert.throws(() => env.callCells(env.instance.exportedFunction("ref"), cells), TypeError);
    const words = new Uint32Array([3, 4]);
    env.callCells(env.instance.exportedFunction("add"), words);
    assert.deepEqual([...words], [7, 4]);
  });
});

describe("the stack", () => {
  it("is charged to its execution environment, and freed with it", () => {
    const instance = divers();
    const { runtime } = instance;
    const before = runtime.memoryReport().root.bytes;
    const env = instance.createExecEnv({ stackSize: 1000 });
    assert.equal(runtime.memoryReport().root.bytes, before + 1000);
    const node = runtime.memoryReport().root.children[0]!.children[0]!.children[0]!;
    assert.equal(node.category, "execution environment");
    assert.deepEqual(
      node.items.map(({ item, bytes, byReference }) => [item, bytes, byReference]),
      [["stack", 1000, false]],
    );
    env.dispose();
    env.dispose();
    assert.equal(runtime.memoryReport().root.bytes, before);
  });

  it("may be the host's memory, which is used and listed but not charged", () => {
    const instance = divers();
    const before = instance.runtime.memoryReport().root.bytes;
    const memory = new Uint8Array(100).fill(0xee);
    const env = instance.createExecEnv({ stack: memory.subarray(10, 60) });
    assert.equal(env.stackSize, 50);
    assert.equal(env.call("add", [0x01020304, 5]), 0x01020309);
    assert.equal(instance.runtime.memoryReport().root.bytes, before);
    const node = instance.runtime.memoryReport().root.children[0]!.children[0]!.children[0]!;
    assert.deepEqual([node.items[0]!.bytes, node.items[0]!.byReference], [50, true]);
    // Frame and arguments are there, and nothing around them has changed.
    assert.deepEqual([...memory.subarray(18, 22)], [4, 3, 2, 1]);
    assert.equal(env.highWater, 24);
    assert.ok(memory.every((byte, i) => (i >= 10 && i < 34) || byte === 0xee));
    env.dispose();
  });

  it("is the instance's by default: made when first needed, freed with it", () => {
    const runtime = Runtime.init();
    const instance = divers(runtime);
    const before = runtime.memoryReport().root.bytes;
    instance.execEnv.call("add");
    assert.equal(runtime.memoryReport().root.bytes, before + 16384);
    instance.dispose();
    assert.throws(() => instance.execEnv, LifetimeError);
  });

  it("that does not fit into the pool is a MemoryError, and changes nothing", () => {
    const runtime = Runtime.init({ allocator: { mode: "Alloc_With_Pool", pool: new ArrayBuffer(64 * 1024) } });
    const instance = divers(runtime);
    const before = runtime.memoryReport();
    assert.throws(() => instance.createExecEnv({ stackSize: 65536 }), MemoryError);
    assert.deepEqual(runtime.memoryReport().root, before.root);
    for (const stackSize of [-1, 0.5, NaN]) assert.throws(() => instance.createExecEnv({ stackSize }), RangeError);
    assert.deepEqual(runtime.memoryReport().root, before.root);
  });

  it("that overflows is a trap, exactly where it ends, and can be used again", () => {
    const instance = divers();
    const env = instance.createExecEnv({ stackSize: 6 * 16 });
    for (let round = 0; round < 3; round++) {
      assert.equal(env.call("dive", [2]), 2);
      assert.equal(env.highWater, 96);
      assert.throws(
        () => env.call("dive", [3]),
        exhausted(/wasm operand stack overflow: 16 bytes wanted, 0 of 96 left/),
      );
      assert.equal(env.stackUsed, 0);
      assert.equal(env.callDepth, 0);
    }
    env.dispose();
    const none = instance.createExecEnv({ stackSize: 0 });
    assert.throws(() => none.call("add"), exhausted(/24 bytes wanted, 0 of 0 left/));
    none.dispose();
  });

  it("limits how deep calls nest, if asked to", () => {
    const env = divers().createExecEnv({ maxCallDepth: 4 });
    assert.equal(env.call("dive", [1]), 1);
    assert.throws(() => env.call("dive", [2]), exhausted(/calls nest 4 deep at most/));
    assert.equal(env.call("dive", [1]), 1);
  });

  it("is left as it was by whatever a call ends with", () => {
    const runtime = Runtime.init();
    const thrown = new Error("host");
    runtime.registerNatives("env", [
      native("back", "(i)i", (env, n) => {
        assert.equal(env.callDepth, 2);
        if (n === 0) throw thrown;
        assert.throws(() => env.call("trap"), Trap);
        assert.equal(env.callDepth, 2);
        return n;
      }),
    ]);
    const env = embedText(runtime, text).createExecEnv();
    assert.throws(() => env.call("trap"), /^Trap: unreachable$/);
    assert.throws(
      () => env.call("dive", [0]),
      (error) => error === thrown,
    );
    assert.equal(env.call("dive", [1]), 1);
    assert.deepEqual([env.stackUsed, env.callDepth, env.frames()], [0, 0, []]);
  });
});

describe("the host's stack", () => {
  it("exhausted within the guest is a trap after which all goes on", () => {
    const env = divers().createExecEnv();
    for (let round = 0; round < 2; round++) {
      assert.throws(() => env.call("forever"), exhausted(/^call stack exhausted$/));
      assert.deepEqual([env.stackUsed, env.callDepth], [0, 0]);
      assert.equal(env.call("add", [1, 1]), 2);
    }
  });

  it("exhausted by calls to and fro leaves no frame behind, wherever it happens", () => {
    const env = divers().createExecEnv({ stackSize: 2 ** 22 });
    for (let round = 0; round < 3; round++) {
      assert.throws(() => env.call("dive", [1e6]));
      assert.deepEqual([env.stackUsed, env.callDepth], [0, 0]);
      assert.equal(env.call("dive", [5]), 5);
    }
  });

  it("is guarded so that a native function does not begin what it cannot end", () => {
    const runtime = Runtime.init();
    let [begun, ended] = [0, 0];
    const deep = (n: number): number => (n === 0 ? 0 : deep(n - 1) + 1);
    runtime.registerNatives("env", [
      native("back", "(i)i", (env, n) => {
        begun++;
        try {
          return env.call("dive", [n + 1]) as number;
        } finally {
          deep(60);
          ended++;
        }
      }),
    ]);
    const env = embedText(runtime, text).createExecEnv({ stackSize: 2 ** 22, hostStackGuard: 1000 });
    assert.throws(() => env.call("dive", [0]), exhausted(/the host's stack has no room for 1000 calls/));
    assert.ok(begun > 10);
    assert.equal(ended, begun);
    assert.equal(env.detectHostStackOverflow(100), false);
    assert.equal(env.detectHostStackOverflow(1e7), true);
  });
});

describe("lifetimes", () => {
  it("an ExecEnv goes before its instance, and not while it is in use", () => {
    const runtime = Runtime.init();
    let inside: unknown;
    runtime.registerNatives("env", [
      native("back", "(i)i", (env) => {
        try {
          env.dispose();
        } catch (error) {
          inside = error;
        }
        assert.throws(() => env.instance.dispose(), { name: "LifetimeError", message: /calls under way/ });
        return 7;
      }),
    ]);
    const instance = embedText(runtime, text);
    const env: ExecEnv = instance.createExecEnv();
    assert.equal(env.call("dive", [0]), 7);
    assert.ok(inside instanceof LifetimeError);
    assert.throws(() => instance.dispose(), {
      name: "LifetimeError",
      message: /still has execution environment "env 1": dispose of it first/,
    });
    env.dispose();
    assert.throws(() => env.call("add"), LifetimeError);
    instance.dispose();
    assert.throws(() => instance.exports, LifetimeError);
    assert.throws(() => instance.createExecEnv(), LifetimeError);
  });

  it("functions that were looked up are of no use after their instance", () => {
    const [instance, other] = [divers(), divers()];
    const add = instance.lookupFunction("add")!;
    assert.equal(other.execEnv.call(add, [1, 2]), 3);
    instance.dispose();
    assert.throws(() => other.execEnv.call(add, [1, 2]), LifetimeError);
    assert.throws(() => instance.space.find(0, 0), LifetimeError);
  });
});

describe("exceptions and termination", () => {
  it("are remembered until the next call", () => {
    const instance = divers();
    assert.equal(instance.exception, undefined);
    assert.throws(() => instance.execEnv.call("trap"));
    assert.equal(instance.exception, "Exception: unreachable");
    instance.execEnv.call("add");
    assert.equal(instance.exception, undefined);
    assert.throws(() => instance.execEnv.call("trap"));
    instance.clearException();
    assert.equal(instance.exception, undefined);
  });

  it("terminate stops calls in and out until it is cleared", () => {
    const runtime = Runtime.init();
    let calls = 0;
    runtime.registerNatives("env", [
      native("back", "(i)i", (env, n) => {
        calls++;
        if (n === 1) env.instance.terminate();
        return n;
      }),
    ]);
    const instance = embedText(runtime, text);
    const interrupted = /^Trap: interrupted: terminated by user$/;
    assert.throws(() => instance.execEnv.call("dive", [1]), interrupted);
    assert.throws(() => instance.execEnv.call("add"), interrupted);
    assert.throws(() => (instance.exports.dive as (n: number) => number)(0), interrupted);
    assert.equal(calls, 1);
    assert.match(instance.exception!, /terminated by user/);
    instance.clearException();
    assert.equal(instance.execEnv.call("dive", [0]), 0);
    assert.equal(calls, 2);
  });
});
