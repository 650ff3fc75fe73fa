// No pointer, length or other number of a guest becomes a JavaScript exception.

import assert from "node:assert/strict";
import { writeFileSync } from "node:fs";
import { join } from "node:path";
import { test } from "node:test";
import { ExitError } from "../../../runtime/errors.js";
import { CALLS } from "../../../runtime/wasi/calls.js";
import { Errno } from "../../../runtime/wasi/errno.js";
import { NodeHost } from "../../../runtime/wasi/index.js";
import { W, setUp } from "../../wasi/fixture.js";

test("there are the 46 calls of preview 1, each once", () => {
  assert.equal(CALLS.length, 46);
  assert.equal(new Set(CALLS.map(({ name }) => name)).size, 46);
  for (const { signature } of CALLS) assert.match(signature, /^[il]*:i$/);
});

// Each call with all that is right but one pointer (or a length), which leads out of the memory's 262,144 bytes.
const OUT = 0x3ffff;
const HUGE = 0xffff_ffff;
const FAULTS: readonly (readonly [string, ...(number | bigint)[]])[] = [
  ["args_get", OUT, 0],
  ["args_get", 0, OUT],
  ["args_sizes_get", OUT, 0],
  ["args_sizes_get", 0, OUT],
  ["environ_get", OUT, 0],
  ["environ_get", 0, OUT],
  ["environ_sizes_get", HUGE, 0],
  ["environ_sizes_get", 0, HUGE],
  ["clock_res_get", 0, OUT],
  ["clock_time_get", 0, 0n, OUT],
  ["fd_fdstat_get", W, OUT],
  ["fd_filestat_get", W, OUT - 40],
  ["fd_pread", 5, OUT, 1, 0n, 0],
  ["fd_pread", 5, 0, 0x2000_0000, 0n, 0],
  ["fd_pread", 5, 0, 0, 0n, OUT],
  ["fd_prestat_get", W, OUT],
  ["fd_prestat_dir_name", W, OUT, 2],
  ["fd_prestat_dir_name", W, 0, HUGE],
  ["fd_pwrite", 5, OUT, 1, 0n, 0],
  ["fd_pwrite", 5, 0, 0, 0n, OUT],
  ["fd_read", 5, OUT, 1, 0],
  ["fd_read", 5, 0, 0, OUT],
  ["fd_readdir", W, OUT, 100, 0n, 0],
  ["fd_readdir", W, 0, HUGE, 0n, 0],
  ["fd_readdir", W, 0, 100, 0n, OUT],
  ["fd_seek", 5, 0n, 0, OUT - 4],
  ["fd_tell", 5, OUT - 4],
  ["fd_write", 1, OUT, 1, 0],
  ["fd_write", 1, 0, 0, OUT],
  ["path_create_directory", W, OUT, 2],
  ["path_filestat_get", W, 0, OUT, 2, 0],
  ["path_filestat_get", W, 0, 0, 1, OUT],
  ["path_filestat_set_times", W, 0, 0, HUGE, 0n, 0n, 0],
  ["path_link", W, 0, OUT, 2, W, 0, 1],
  ["path_link", W, 0, 0, 1, W, OUT, 2],
  ["path_open", W, 0, OUT, 2, 0, 0n, 0n, 0, 0],
  ["path_open", W, 0, 0, 1, 0, 0n, 0n, 0, OUT],
  ["path_readlink", W, OUT, 2, 0, 1, 0],
  ["path_readlink", W, 0, 1, OUT, 2, 0],
  ["path_readlink", W, 0, 1, 0, 1, OUT],
  ["path_remove_directory", W, OUT, 2],
  ["path_rename", W, OUT, 2, W, 0, 1],
  ["path_rename", W, 0, 1, W, OUT, 2],
  ["path_symlink", OUT, 2, W, 0, 1],
  ["path_symlink", 0, 1, W, OUT, 2],
  ["path_unlink_file", W, OUT, 2],
  ["poll_oneoff", OUT, 0, 1, 0],
  ["poll_oneoff", 0, OUT, 1, 0],
  ["poll_oneoff", 0, 0, 1, OUT],
  ["poll_oneoff", 0, 0, HUGE, 0],
  ["random_get", OUT, 2],
  ["random_get", 0, HUGE],
  ["sock_accept", 0, 0, OUT],
  ["sock_recv", 0, OUT, 1, 0, 0, 0],
  ["sock_recv", 0, 0, 0, 0, OUT, 0],
  ["sock_recv", 0, 0, 0, 0, 0, OUT],
  ["sock_send", 0, OUT, 1, 0, 0],
  ["sock_send", 0, 0, 0, 0, OUT],
];

test("a pointer out of the memory is `fault`, and nothing has happened", (t) => {
  const { g, stdout, w } = setUp(t, { args: ["prog"], env: { A: "b" } });
  writeFileSync(join(w, "file"), "content");
  assert.deepEqual([g.open(W, ".").fd, g.open(W, "file").fd], [4, 5]);
  for (const [name, ...args] of FAULTS) {
    g.bytes.fill(0);
    g.bytes[0] = 0x61; // a path, where one is expected there
    assert.equal(g.call(name, ...args), Errno.fault, `${name}(${args.join(", ")})`);
    // As Wasm passes them: negative.
    const signed = args.map((arg) => (typeof arg === "number" ? arg | 0 : arg));
    assert.equal(g.call(name, ...signed), Errno.fault, `${name}(${signed.join(", ")})`);
  }
  assert.equal(stdout.bytes.length, 0);
  assert.deepEqual(g.tell(5), { errno: 0, at: 0n });
  const pointed = new Set(FAULTS.map(([name]) => name));
  const without = CALLS.map(({ name }) => name).filter((name) => !pointed.has(name));
  assert.deepEqual(without, [
    "fd_advise",
    "fd_allocate",
    "fd_close",
    "fd_datasync",
    "fd_fdstat_set_flags",
    "fd_fdstat_set_rights",
    "fd_filestat_set_size",
    "fd_filestat_set_times",
    "fd_renumber",
    "fd_sync",
    "proc_exit",
    "proc_raise",
    "sched_yield",
    "sock_shutdown",
  ]);
});

test("a vector that leads out of the memory is `fault`", (t) => {
  const { g, stdout } = setUp(t, { stdin: "input" });
  g.view.setUint32(0, 100, true);
  g.view.setUint32(4, 4, true);
  g.view.setUint32(8, 0xffff_fffe, true);
  g.view.setUint32(12, 4, true);
  assert.equal(g.call("fd_write", 1, 0, 2, 64), Errno.fault);
  assert.equal(g.call("fd_read", 0, 0, 2, 64), Errno.fault);
  assert.equal(stdout.bytes.length, 0);
  assert.equal(g.read(0, 10).text, "input", "the failed read has taken nothing");
});

// A small generator with a fixed seed: the same calls every time.
function generator(seed: number): (bound: number) => number {
  let state = seed;
  return (bound) => {
    state = (Math.imul(state, 1664525) + 1013904223) >>> 0;
    return Math.floor((state / 2 ** 32) * bound);
  };
}

test("30,000 calls with arbitrary arguments throw nothing", (t) => {
  class SleeplessHost extends NodeHost {
    private slept = 0n;
    override sleep(duration: bigint): void {
      this.slept += duration;
    }
    override monotonic(): bigint {
      return super.monotonic() + this.slept;
    }
    override realtime(): bigint {
      return super.realtime() + this.slept;
    }
  }
  for (const seed of [1, 2, 3]) {
    const { g, w } = setUp(t, {
      host: new SleeplessHost(),
      stdin: "x".repeat(1000),
      args: ["a", "b"],
      env: { C: "d" },
    });
    for (const name of ["a", "b", "c"]) writeFileSync(join(w, name), name.repeat(100));
    const random = generator(seed);
    const number = (): number => {
      switch (random(8)) {
        case 0:
          return random(8);
        case 1:
          return random(70);
        case 2:
          return random(2 ** 32) | 0;
        case 3:
          return -random(100);
        case 4:
          return 0x40000 - random(64);
        default:
          return random(0x40000);
      }
    };
    const calls = CALLS.filter(({ name }) => !["fd_close", "fd_renumber"].includes(name) || random(4) === 0);
    const seen = new Set<number>();
    for (let i = 0; i < 10_000; i++) {
      if (i % 20 === 0) {
        // Something to find: names, small vectors, subscriptions.
        const start = random(0x3f000) & ~3;
        for (let at = i === 0 ? 0 : start; at < (i === 0 ? 0x40000 : start + 0x1000); at += 4)
          if (random(3) === 0) g.view.setUint32(at, random(4) === 0 ? 0x2f61 + random(3) : number(), true);
        g.open(W, "abc"[random(3)]!, { base: 0x0fff_bfffn, oflags: random(2) });
      }
      const { name, signature } = calls[random(calls.length)]!;
      const args = [...signature.slice(0, -2)].map((letter, at): number | bigint =>
        letter === "l"
          ? BigInt(number()) << BigInt(random(33))
          : at === 0 && random(2) === 0
            ? random(8)
            : random(3) === 0
              ? random(6)
              : number(),
      );
      // Files need not become as large as the disk.
      if (name === "fd_allocate" || name === "fd_filestat_set_size" || name === "fd_pwrite" || name === "fd_seek") {
        for (const [at, arg] of args.entries())
          if (typeof arg === "bigint" && arg > 0n && arg < 1n << 62n) args[at] = arg & 0xfffn;
      }
      try {
        const errno = g.imports[name]!(...args);
        assert.ok(errno >= 0 && errno <= 76, `${name} returned ${errno}`);
        seen.add(errno);
      } catch (error) {
        assert.ok(
          error instanceof ExitError && name.startsWith("proc_"),
          `seed ${seed}, call ${i}: ${name}(${args.join(", ")}) threw ${String(error)}`,
        );
      }
    }
    assert.ok(
      seen.has(Errno.success) && seen.has(Errno.fault) && seen.has(Errno.badf) && seen.size > 8,
      `only saw ${[...seen].join(" ")}`,
    );
  }
});
