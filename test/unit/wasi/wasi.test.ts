// The class: options, running a guest, what is left behind; clocks, random bytes, polling for time; preview 0.

import assert from "node:assert/strict";
import { readFileSync, readdirSync, writeFileSync } from "node:fs";
import { dirname, join } from "node:path";
import { test } from "node:test";
import { fileURLToPath } from "node:url";
import { Errno } from "../../../runtime/wasi/errno.js";
import { ExitError, NodeHost, OutputBuffer, WASI_CALLS, Wasi } from "../../../runtime/wasi/index.js";
import { hasProcfs } from "../../../runtime/wasi/node-proc-fs.js";
import { W, setUp } from "../../wasi/fixture.js";
import { Guest } from "../../wasi/guest.js";

const memory = (): { buffer: ArrayBuffer } => ({ buffer: new ArrayBuffer(0x20000) });

test("arguments and environment arrive as NUL-ended UTF-8", (t) => {
  const { g } = setUp(t, { args: ["prög", "", "x y"], env: { A: "1", NO: undefined, "B=": "ü" } });
  assert.equal(g.call("args_sizes_get", 0, 4), 0);
  assert.deepEqual([g.view.getUint32(0, true), g.view.getUint32(4, true)], [3, 11]);
  assert.equal(g.call("args_get", 100, 200), 0);
  assert.equal(g.text(200, 11), "prög\0\0x y\0");
  assert.deepEqual(
    [0, 4, 8].map((i) => g.view.getUint32(100 + i, true)),
    [200, 206, 207],
  );
  assert.equal(g.call("environ_sizes_get", 0, 4), 0);
  assert.deepEqual([g.view.getUint32(0, true), g.view.getUint32(4, true)], [2, 10]);
  assert.equal(g.call("environ_get", 100, 200), 0);
  assert.equal(g.text(200, 10), "A=1\0B==ü\0");
});

test("options that cannot be are refused with place and reason", () => {
  assert.throws(() => new Wasi({ args: ["a\0b"] }), /argument contains a NUL character: "a\\u0000b"/);
  assert.throws(() => new Wasi({ env: { A: "\0" } }), /environment variable contains a NUL character/);
  assert.throws(
    () => new Wasi({ preopens: { "/data": "/does/not/exist" } }),
    /preopened directory cannot be opened: \/does\/not\/exist \(given for "\/data"\): ENOENT/,
  );
  assert.throws(
    () => new Wasi({ preopens: { "/data": fileURLToPath(import.meta.url) } }),
    /preopened directory cannot be opened: .*ENOTDIR|not a directory/,
  );
});

test("preopens have the numbers from 3 on, in order, with their names", (t) => {
  const { base } = setUp(t);
  const { g } = setUp(t, { preopens: { "/b": base, ".": base, größe: base } });
  for (const [fd, name] of [
    [3, "/b"],
    [4, "."],
    [5, "größe"],
  ] as const) {
    assert.equal(g.call("fd_prestat_get", fd, 0), 0);
    const length = g.view.getUint32(4, true);
    assert.equal(length, Buffer.byteLength(name));
    assert.equal(g.call("fd_prestat_dir_name", fd, 64, length), 0);
    assert.equal(g.text(64, length), name);
  }
  assert.equal(g.call("fd_prestat_get", 6, 0), Errno.badf);
});

test("start runs a command and answers its exit code", () => {
  const instance = (start: () => void) => ({ exports: { memory: memory(), _start: start } });
  assert.equal(new Wasi().start(instance(() => {})), 0);
  for (const code of [0, 1, 255, 256, 4294967295]) {
    const wasi = new Wasi();
    assert.equal(wasi.start(instance(() => void wasi.imports["proc_exit"]!(code | 0))), code);
  }
  const trap = new Error("unreachable");
  assert.throws(
    () =>
      new Wasi().start(
        instance(() => {
          throw trap;
        }),
      ),
    (error) => error === trap,
  );
});

test("start and initialize want what they are for, once", () => {
  const start = (): void => {};
  assert.throws(
    () => new Wasi().start({ exports: { memory: memory() } }),
    /not a command: it exports no function _start/,
  );
  assert.throws(
    () => new Wasi().start({ exports: { memory: memory(), _start: start, _initialize: start } }),
    /neither command nor reactor/,
  );
  assert.throws(() => new Wasi().start({ exports: { _start: start } }), /no memory/);
  assert.throws(
    () => new Wasi().initialize({ exports: { memory: memory(), _start: start } }),
    /not a reactor: it exports _start/,
  );
  const wasi = new Wasi();
  let initialized = 0;
  wasi.initialize({ exports: { memory: memory(), _initialize: () => void initialized++ } });
  assert.equal(initialized, 1);
  assert.equal(wasi.imports["sched_yield"]!(), 0);
  assert.throws(() => wasi.initialize({ exports: { memory: memory() } }), /already started/);
  wasi.close();
  const imported = new Wasi();
  imported.bind(memory());
  assert.equal(imported.start({ exports: { _start: start } }), 0, "a memory that is imported");
  assert.throws(() => new Wasi().imports["args_get"]!(0, 0), /before the memory is known/);
});

test("exiting and signals are errors of their own", (t) => {
  const { g } = setUp(t);
  assert.throws(
    () => g.call("proc_exit", 7),
    (error) => error instanceof ExitError && error.code === 7,
  );
  // As a shell reports them: ABRT 6, KILL 9, TERM 15; SYS is 30 here and 31 on Linux.
  for (const [signal, code] of [
    [6, 134],
    [9, 137],
    [15, 143],
    [30, 159],
  ] as const) {
    assert.throws(
      () => g.call("proc_raise", signal),
      (error) => error instanceof ExitError && error.code === code,
    );
  }
  for (const signal of [0, 16, 17, 22, 27]) assert.equal(g.call("proc_raise", signal), 0);
  for (const signal of [18, 19, 31, 255]) assert.equal(g.call("proc_raise", signal), Errno.nosys);
});

test("nothing is left open: 300 guests, those that fail too", { skip: hasProcfs() ? false : "needs /proc" }, (t) => {
  const { w } = setUp(t);
  writeFileSync(join(w, "file"), "x");
  const count = (): number => readdirSync("/proc/self/fd").length;
  const before = count();
  for (let i = 0; i < 100; i++) {
    const wasi = new Wasi({ preopens: { "/a": w, "/b": w }, stdin: "", stdout: new OutputBuffer() });
    const own = memory();
    const g = new Guest(wasi.imports, own);
    const run = (end: () => void) => ({
      exports: {
        memory: own,
        _start: () => {
          assert.equal(g.open(W, "file").errno, 0);
          assert.equal(g.open(W, ".").errno, 0);
          end();
        },
      },
    });
    const ends = [() => {}, () => void wasi.imports["proc_exit"]!(1), () => assert.fail("trap")];
    try {
      wasi.start(run(ends[i % 3]!));
    } catch {
      // the third kind
    }
    assert.throws(() => new Wasi({ preopens: { "/a": w, "/b": join(w, "file") } }));
  }
  assert.equal(count(), before);
});

test("clocks run, agree with the host, and can be replaced", (t) => {
  const { g } = setUp(t);
  const read = (clock: number): bigint => {
    assert.equal(g.call("clock_time_get", clock, 0n, 0), 0);
    return g.view.getBigUint64(0, true);
  };
  for (const clock of [0, 1, 2, 3]) {
    const first = read(clock);
    let now = first;
    for (const end = performance.now() + 30; performance.now() < end;) {
      const next = read(clock);
      if (clock !== 0) assert.ok(next >= now, `clock ${clock} ran backwards`);
      now = next;
    }
    assert.ok(now > first, `clock ${clock} stands still`);
    assert.equal(g.call("clock_res_get", clock, 8), 0);
    assert.ok(g.view.getBigUint64(8, true) > 0n);
  }
  const error = read(0) - BigInt(Date.now()) * 1_000_000n;
  assert.ok(error > -5_000_000n && error < 5_000_000n, `the time of day is off by ${error} ns`);
  const fixed = setUp(t, { clock: { realtime: () => 1n, monotonic: () => 2n }, random: (bytes) => bytes.fill(7) }).g;
  fixed.call("clock_time_get", 0, 0n, 0);
  fixed.call("clock_time_get", 1, 0n, 8);
  fixed.call("random_get", 16, 3);
  assert.deepEqual(
    [fixed.view.getBigUint64(0, true), fixed.view.getBigUint64(8, true), [...fixed.bytes.subarray(15, 20)]],
    [1n, 2n, [0, 7, 7, 7, 0]],
  );
});

test("polling clocks sleeps until the first runs out", (t) => {
  const { g } = setUp(t);
  const before = performance.now();
  const { errno, events } = g.poll(
    { clock: 1, timeout: 9_000_000_000n },
    { clock: 0, timeout: 10_000_000_000n },
    { clock: 1, timeout: 40_000_000n },
  );
  const took = performance.now() - before;
  assert.equal(errno, 0);
  assert.deepEqual(
    events.map(({ userdata }) => userdata),
    [102n],
  );
  assert.ok(took >= 39 && took < 2000, `took ${took} ms`);
  const soon = BigInt(Date.now() + 30) * 1_000_000n;
  assert.equal(g.poll({ clock: 0, timeout: soon, flags: 1 }).events.length, 1);
  assert.ok(BigInt(Date.now()) * 1_000_000n >= soon - 1_000_000n);
  g.call("clock_time_get", 1, 0n, 0);
  const later = g.view.getBigUint64(0, true) + 30_000_000n;
  assert.equal(g.poll({ clock: 1, timeout: later, flags: 1 }).events.length, 1, "absolute, by the monotonic clock");
  g.call("clock_time_get", 1, 0n, 0);
  assert.ok(g.view.getBigUint64(0, true) >= later);
  assert.equal(
    g.poll({ clock: 0, timeout: 5n, flags: 1 }, { clock: 1, timeout: 0n }).events.length,
    2,
    "both have run out",
  );
  assert.deepEqual(
    g.poll({ clock: 7, timeout: 1n }).events.map((event) => event.errno),
    [Errno.inval],
  );
  assert.deepEqual(
    g.poll({ clock: 2, timeout: 1n }).events.map((event) => event.errno),
    [Errno.notsup],
  );
  assert.deepEqual(
    g.poll({ clock: 1, timeout: 1n, flags: 2 }).events.map((event) => event.errno),
    [Errno.inval],
  );
  assert.deepEqual(
    g.poll({ read: 55 }, { write: W }, { write: 1 }).events.map((event) => event.errno),
    [Errno.badf, Errno.notcapable, 0],
  );
});

test("preview 0 has its own records and order of whence", (t) => {
  const { w, wasi } = setUp(t);
  writeFileSync(join(w, "file"), "0123456789");
  const own = memory();
  wasi.bind(own);
  const g = new Guest(wasi.importObject.wasi_unstable, own);
  const { fd } = g.open(W, "file");
  assert.equal(g.seek(fd, 4n, 2).at, 4n, "set");
  assert.equal(g.seek(fd, 2n, 0).at, 6n, "cur");
  assert.equal(g.seek(fd, -1n, 1).at, 9n, "end");
  for (const errno of [
    g.call("fd_filestat_get", fd, 1000),
    g.call("path_filestat_get", W, 1, ...g.put("file"), 1000),
  ]) {
    assert.equal(errno, 0);
    assert.deepEqual(
      [g.view.getUint8(1016), g.view.getUint32(1020, true), g.view.getBigUint64(1024, true)],
      [4, 1, 10n],
    );
    assert.ok(g.view.getBigUint64(1000 + 40, true) > 1_600_000_000_000_000_000n, "mtim");
    assert.equal(g.view.getBigUint64(1056, true), 0n, "the record ends after 56 bytes");
  }
  // A clock subscription: userdata, type, identifier, clock, timeout, precision, flags; 56 bytes.
  g.bytes.fill(0, 2000, 2200);
  g.view.setBigUint64(2000, 77n, true);
  g.view.setBigUint64(2016, 0xdead_beefn, true);
  g.view.setUint32(2024, 1, true);
  g.view.setBigUint64(2032, 2_000_000n, true);
  g.view.setBigUint64(2056, 78n, true);
  g.view.setUint8(2064, 1);
  g.view.setUint32(2072, 99, true);
  assert.equal(g.call("poll_oneoff", 2000, 3000, 1, 900), 0);
  assert.deepEqual([g.view.getUint32(900, true), g.view.getBigUint64(3000, true), g.view.getUint8(3010)], [1, 77n, 0]);
  assert.equal(g.call("poll_oneoff", 2000, 3000, 2, 900), 0);
  assert.deepEqual([g.view.getBigUint64(3000, true), g.view.getUint16(3008, true)], [78n, Errno.badf]);
});

test("imports are plain functions, named, one for each call", () => {
  const wasi = new Wasi();
  assert.deepEqual(
    Object.keys(wasi.imports),
    WASI_CALLS.map(({ name }) => name),
  );
  for (const [name, call] of Object.entries(wasi.imports)) assert.equal(call.name, name);
  assert.ok(Object.isFrozen(wasi.imports));
  wasi.close();
});

test("a host without /proc can be asked for", (t) => {
  const { w } = setUp(t);
  const wasi = new Wasi({ preopens: { "/w": w }, host: new NodeHost({ procfs: false }) });
  const own = memory();
  wasi.bind(own);
  assert.equal(new Guest(wasi.imports, own).open(W, ".").errno, 0);
  wasi.close();
});

test("browser.js reaches nothing of Node", () => {
  const built = dirname(fileURLToPath(new URL("../../../runtime/wasi/browser.js", import.meta.url)));
  const reached = new Set<string>();
  const visit = (file: string): void => {
    if (reached.has(file)) return;
    reached.add(file);
    for (const [, target] of readFileSync(file, "utf8").matchAll(/(?:from|import\()\s*"([^"]+)"/g)) {
      assert.ok(target!.startsWith("."), `${file} imports ${target}`);
      visit(join(dirname(file), target!));
    }
  };
  visit(join(built, "browser.js"));
  assert.ok(reached.size > 15, "the imports were found");
  assert.deepEqual(
    [...reached].filter((file) => /\/node-[^/]*\.js$/.test(file)),
    [],
  );
  for (const file of reached) {
    const code = readFileSync(file, "utf8").replace(/\/\/.*$|\/\*[^]*?\*\//gm, "");
    assert.doesNotMatch(code, /(?<![.\w])(?:process|Buffer|require)\s*[.(]/, file);
  }
});
