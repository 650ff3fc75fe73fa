// stdin, stdout and stderr in memory and as callbacks.

import assert from "node:assert/strict";
import { test } from "node:test";
import { Errno } from "../../../runtime/wasi/errno.js";
import { OutputBuffer, PortableHost, Wasi } from "../../../runtime/wasi/browser.js";
import { Guest } from "../../wasi/guest.js";
import { setUp } from "../../wasi/fixture.js";

test("stdin from bytes or text is read in parts and ends", (t) => {
  for (const stdin of ["line one\nline two\n", Buffer.from("line one\nline two\n")]) {
    const { g } = setUp(t, { stdin });
    assert.equal(g.read(0, 4).text, "line");
    assert.equal(g.read(0, 1, 3, 100).text, " one\nline two\n");
    assert.deepEqual(g.read(0, 10), { errno: 0, text: "" });
    assert.deepEqual(g.read(0, 10), { errno: 0, text: "" });
  }
});

test("stdin from a callback is asked when it runs dry, and never again after the end", (t) => {
  const given: (Uint8Array | string | null)[] = ["äb", Buffer.from("cd"), null, "after the end"];
  const asked: number[] = [];
  const { g } = setUp(t, { stdin: (max) => (asked.push(max), given.shift()) });
  assert.equal(g.read(0, 2).text, "ä");
  assert.equal(g.read(0, 5).text, "b");
  assert.equal(g.read(0, 0).text, "");
  assert.equal(g.read(0, 5, 6).text, "cd");
  assert.equal(g.read(0, 5).text, "");
  assert.equal(g.read(0, 5).text, "");
  assert.deepEqual(asked, [2, 11, 5]);
});

test("a callback may grow the guest's memory, or run the guest again", () => {
  let buffer = new ArrayBuffer(0x20000);
  const memory = {
    get buffer(): ArrayBuffer {
      return buffer;
    },
  };
  const grow = (): void => {
    buffer = structuredClone(buffer, { transfer: [buffer] });
  };
  let seen = "";
  const wasi = new Wasi({
    stdin: () => (grow(), "input"),
    stdout: (bytes) => {
      grow();
      seen += Buffer.from(bytes).toString();
    },
  });
  wasi.bind(memory);
  const g = new Guest(wasi.imports, memory);
  assert.deepEqual(g.read(0, 3, 9), { errno: 0, text: "input" });
  assert.deepEqual(g.write(1, "out", "put"), { errno: 0, count: 6 });
  assert.equal(seen, "output");
});

test("a memory with a view of its own is used through it, wherever it lies", () => {
  const pool = new ArrayBuffer(0x60000);
  let view = new DataView(pool, 0x10000, 0x20000);
  const memory = {
    get view(): DataView {
      return view;
    },
    get buffer(): ArrayBuffer {
      throw new Error("the buffer is not to be asked for");
    },
  };
  const stdout = new OutputBuffer();
  const wasi = new Wasi({ stdin: "input", stdout });
  wasi.initialize({ exports: { memory } });
  const { fd_write: write, fd_read: read, random_get: random } = wasi.imports;
  view.setUint32(0, 64, true);
  view.setUint32(4, 5, true);
  assert.equal(read!(0, 0, 1, 8), 0);
  assert.equal(write!(1, 0, 1, 8), 0);
  assert.equal(stdout.text, "input");
  assert.equal(Buffer.from(pool, 0x10000 + 64, 5).toString(), "input");
  assert.equal(random!(0x1fffc, 8), Errno.fault);
  view = new DataView(pool, 0x10000, 0x30000);
  assert.equal(random!(0x1fffc, 8), 0, "it has grown");
  assert.equal(random!(0x2fffc, 8), Errno.fault);
  assert.ok(new Uint8Array(pool, 0, 0x10000).every((byte) => byte === 0));
  assert.ok(new Uint8Array(pool, 0x40000).every((byte) => byte === 0));
});

test("stdout by callback: all in one piece, a copy, and it may take less", (t) => {
  const pieces: Uint8Array[] = [];
  const { g } = setUp(t, { stdout: (bytes) => void pieces.push(bytes), stderr: (bytes) => Math.min(2, bytes.length) });
  assert.deepEqual(g.write(1, "one ", "", "two"), { errno: 0, count: 7 });
  g.bytes.fill(0);
  assert.deepEqual(pieces.map(String), [[...Buffer.from("one two")].join()]);
  assert.deepEqual(g.write(2, "many"), { errno: 0, count: 2 });
});

test("what a callback throws reaches the embedder, not the guest", (t) => {
  const broken = new RangeError("the embedder's own");
  const { g } = setUp(t, {
    stdout: () => {
      throw broken;
    },
  });
  assert.throws(
    () => g.write(1, "x"),
    (error) => error === broken,
  );
});

test("but a system error of a callback is the guest's", (t) => {
  const { g } = setUp(t, {
    stdout: () => {
      throw Object.assign(new Error("EPIPE: broken pipe, write"), { code: "EPIPE", syscall: "write", errno: -32 });
    },
  });
  assert.equal(g.write(1, "x").errno, Errno.pipe);
});

test("streams in memory are pipes to the guest", (t) => {
  const { g } = setUp(t, { stdin: "x" });
  for (const fd of [0, 1, 2]) {
    assert.equal(g.fdstat(fd).filetype, 6);
    assert.equal(g.fdStat(fd).filetype, 6);
    for (const answer of [g.seek(fd, 0n, 0), g.seek(fd, 0n, 1), g.tell(fd), g.pread(fd, 1, 0n), g.pwrite(fd, "x", 0n)])
      assert.equal(answer.errno, Errno.spipe);
    assert.equal(g.call("fd_fdstat_set_flags", fd, 4), 0, "non-blocking changes nothing");
    assert.equal(g.fdstat(fd).flags, 4);
    assert.equal(g.call("fd_fdstat_set_flags", fd, 1), Errno.notsup);
    assert.equal(g.recv(fd, 1).errno, Errno.notsock);
  }
  assert.equal(g.write(0, "x").errno, Errno.badf);
  assert.equal(g.read(1, 1).errno, Errno.badf);
  assert.deepEqual(
    g.poll({ read: 0 }, { write: 1 }).events.map(({ type, errno }) => [type, errno]),
    [
      [1, 0],
      [2, 0],
    ],
  );
});

test("a closed stream's number is taken by the next file", (t) => {
  const { g, stdout } = setUp(t);
  assert.equal(g.close(1), 0);
  assert.equal(g.write(1, "lost").errno, Errno.badf);
  assert.equal(g.open(3, ".").fd, 1);
  assert.equal(stdout.text, "");
});

test("OutputBuffer collects bytes and text", () => {
  const buffer = new OutputBuffer();
  assert.equal(buffer.text, "");
  buffer.write(Buffer.from("grü"));
  buffer.write(Buffer.from("ße"));
  assert.equal(buffer.text, "grüße");
  assert.equal(buffer.bytes.length, 7);
  buffer.write(Buffer.from("!"));
  assert.equal(buffer.text, "grüße!");
});

test("without Node: streams, clocks and random bytes, but no files", () => {
  const stdout = new OutputBuffer();
  const memory = { buffer: new ArrayBuffer(0x20000) };
  const wasi = new Wasi({ args: ["a"], stdin: "in", stdout });
  wasi.bind(memory);
  const g = new Guest(wasi.imports, memory);
  assert.equal(g.read(0, 9).text, "in");
  g.write(1, "out");
  g.write(2, "discarded");
  assert.equal(stdout.text, "out");
  assert.equal(g.open(3, "x").errno, Errno.badf);
  assert.equal(g.call("clock_time_get", 0, 0n, 0), 0);
  const seconds = Number(g.view.getBigUint64(0, true) / 1_000_000_000n);
  assert.ok(Math.abs(seconds - Date.now() / 1000) < 5);
  assert.equal(g.call("random_get", 0, 0x20000), 0);
  assert.ok(new Set(g.bytes.subarray(0x1fff0)).size > 4, "the last bytes are random too");
  assert.throws(
    () => new Wasi({ preopens: { "/": "/tmp" } }),
    /preopened directory not supported: this host has no file system \(given for "\/"\)/,
  );
  assert.throws(() => new Wasi({ stdout: 1 }), /descriptor 1 not supported/);
});

test("the portable host never runs backwards and sleeps for as long as it is told", () => {
  const host = new PortableHost();
  let last = host.monotonic();
  for (let i = 0; i < 1000; i++) {
    const now = host.monotonic();
    assert.ok(now >= last);
    last = now;
  }
  const before = host.monotonic();
  host.sleep(30_000_000n);
  const slept = host.monotonic() - before;
  assert.ok(slept >= 30_000_000n && slept < 1_000_000_000n, `slept ${slept}`);
});
