// Guests run as programs: which function, which arguments, what is left in the heap.
import assert from "node:assert/strict";
import { describe, it } from "node:test";
import { executeMain, Runtime, type ModuleInstance } from "../../../runtime/environment/index.js";
import { embedText } from "./guests.js";

// Adds up the bytes of all arguments, weighted by their position; -1 where the list does not end with a null pointer.
const SUM = `(local $i i32) (local $at i32) (local $sum i32)
  (block $done (loop $args
    (br_if $done (i32.eq (local.get $i) (local.get 0)))
    (local.set $at (i32.load (i32.add (local.get 1) (i32.shl (local.get $i) (i32.const 2)))))
    (local.set $i (i32.add (local.get $i) (i32.const 1)))
    (block $end (loop $bytes
      (br_if $end (i32.eqz (i32.load8_u (local.get $at))))
      (local.set $sum (i32.add (local.get $sum) (i32.mul (local.get $i) (i32.load8_u (local.get $at)))))
      (local.set $at (i32.add (local.get $at) (i32.const 1)))
      (br $bytes)))
    (br $args)))
  (select (i32.const -1) (local.get $sum) (i32.load (i32.add (local.get 1) (i32.shl (local.get 0) (i32.const 2)))))`;

const guest = (functions: string, heapSize = 1024): ModuleInstance =>
  embedText(Runtime.init(), `(module (memory 1 1) ${functions})`, { heapSize });

describe("executeMain", () => {
  it("gives main its arguments, and frees them", () => {
    for (const name of ["main", "__main_argc_argv"]) {
      const instance = guest(`(func (export "${name}") (param i32 i32) (result i32) ${SUM})`);
      assert.equal(executeMain(instance, ["a", "é", ""]), 0x61 + 2 * (0xc3 + 0xa9));
      assert.equal(executeMain(instance), 0);
      assert.equal(instance.heapStatistics()!.usedBlocks, 0);
    }
  });

  it("calls _start first, and a main that takes nothing", () => {
    const both = '(global $g (mut i32) (i32.const 0)) (export "g" (global $g)) (func (export "main") unreachable)';
    const instance = guest(`${both} (func (export "_start") (global.set $g (i32.const 7)))`);
    assert.equal(executeMain(instance, ["unused"]), 0);
    assert.equal((instance.exports.g as { value: number }).value, 7);
    assert.equal(executeMain(guest('(func (export "main") (result i32) (i32.const 3))')), 3);
    assert.equal(executeMain(guest('(func (export "main"))')), 0);
  });

  it("frees the arguments where main traps, and says where it cannot begin", () => {
    const instance = guest('(func (export "main") (param i32 i32) (result i32) unreachable)');
    assert.throws(() => executeMain(instance, ["a"]), /^Trap: unreachable$/);
    assert.equal(instance.heapStatistics()!.usedBlocks, 0);
    assert.throws(() => executeMain(instance, ["a".repeat(2000)]), { code: "app-heap" });
    assert.throws(() => executeMain(guest("")), { code: "unknown-export" });
    const odd = guest('(func (export "main") (param i64) (result i32) (i32.const 0))');
    assert.throws(() => executeMain(odd), {
      code: "incompatible-export-type",
      message: /main has type \(i64\) -> \(i32\)/,
    });
    const none = embedText(Runtime.init(), '(module (func (export "main") (param i32 i32)))');
    assert.throws(() => executeMain(none), { code: "no-heap" });
  });

  it("runs in the ExecEnv it is given", () => {
    const instance = guest('(func (export "main"))');
    const env = instance.createExecEnv({ stackSize: 100 });
    executeMain(instance, [], env);
    assert.ok(env.highWater > 0);
    env.dispose();
  });
});
