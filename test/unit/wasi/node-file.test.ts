// Descriptors of the process as a guest's files: offsets shared with other processes, pipes, appending, waiting.

import assert from "node:assert/strict";
import { spawn, spawnSync } from "node:child_process";
import { closeSync, constants, openSync, readFileSync, readSync, statSync, writeFileSync, writeSync } from "node:fs";
import { join } from "node:path";
import { test, type TestContext } from "node:test";
import { Errno } from "../../../runtime/wasi/errno.js";
import { hasProcfs } from "../../../runtime/wasi/node-proc-fs.js";
import { W, setUp, type Fixture } from "../../wasi/fixture.js";

const linux = hasProcfs() ? false : "needs /proc and mkfifo";
const WRITING = { oflags: 1, base: 0x0fff_bfffn };

function fifo(base: string, name = "fifo"): string {
  const path = join(base, name);
  assert.equal(spawnSync("mkfifo", [path]).status, 0);
  return path;
}

function setUpOn(
  t: TestContext,
  open: (base: string) => { stdin?: number; stdout?: number },
): Fixture & { fds: { stdin?: number; stdout?: number } } {
  const { base } = setUp(t);
  const fds = open(base);
  const fixture = setUp(t, fds);
  t.after(() => {
    for (const fd of [fds.stdin, fds.stdout]) if (fd !== undefined) closeSync(fd);
  });
  return { ...fixture, fds };
}

test("an inherited file shares its offset with whoever else has it", { skip: linux }, (t) => {
  const { g, fds } = setUpOn(t, (base) => {
    writeFileSync(join(base, "in"), "0123456789");
    return { stdin: openSync(join(base, "in"), "r"), stdout: openSync(join(base, "out"), "w+") };
  });
  const buffer = Buffer.alloc(2);
  readSync(fds.stdin!, buffer, 0, 2, null);
  assert.deepEqual(g.tell(0), { errno: 0, at: 2n });
  assert.equal(g.read(0, 3).text, "234");
  readSync(fds.stdin!, buffer, 0, 2, null);
  assert.equal(buffer.toString(), "56");
  assert.deepEqual(g.seek(0, 0n, 1), { errno: 0, at: 7n });
  writeSync(fds.stdout!, "before ");
  g.write(1, "guest ");
  writeSync(fds.stdout!, "after");
  assert.equal(readFileSync(fds.stdout!, "utf8"), "");
  const out = Buffer.alloc(50);
  assert.equal(out.toString("utf8", 0, readSync(fds.stdout!, out, 0, 50, 0)), "before guest after");
});

test("after a seek the guest has an offset of its own", { skip: linux }, (t) => {
  const { g, fds } = setUpOn(t, (base) => {
    writeFileSync(join(base, "in"), "0123456789");
    return { stdin: openSync(join(base, "in"), "r") };
  });
  assert.deepEqual(g.seek(0, -3n, 2), { errno: 0, at: 7n });
  assert.equal(g.read(0, 9).text, "789");
  assert.deepEqual(g.tell(0), { errno: 0, at: 10n });
  const buffer = Buffer.alloc(4);
  readSync(fds.stdin!, buffer, 0, 4, null);
  assert.equal(buffer.toString(), "0123");
});

test("a file given for appending is appended to", { skip: linux }, (t) => {
  let path = "";
  const { g } = setUpOn(t, (base) => {
    path = join(base, "log");
    writeFileSync(path, "old ");
    return { stdout: openSync(path, "a") };
  });
  assert.equal(g.fdstat(1).flags, 1);
  g.write(1, "new ");
  writeFileSync(path, "other ", { flag: "a" });
  g.write(1, "newer");
  assert.equal(readFileSync(path, "utf8"), "old new other newer");
});

for (const procfs of hasProcfs() ? [true, false] : [false]) {
  test(`files keep their own offsets, append and change flags (procfs ${procfs})`, (t) => {
    const { g, w } = setUp(t, { procfs });
    const { fd: a } = g.open(W, "file", WRITING);
    const { fd: b } = g.open(W, "file", WRITING);
    g.write(a, "abc");
    assert.deepEqual([g.tell(a).at, g.tell(b).at], [3n, 0n]);
    g.write(b, "X");
    assert.equal(readFileSync(join(w, "file"), "utf8"), "Xbc");
    // Switched to appending, and back by who can.
    assert.equal(g.call("fd_fdstat_set_flags", b, 1), 0);
    assert.equal(g.fdstat(b).flags, 1);
    g.write(a, "def");
    g.write(b, "END");
    assert.equal(g.tell(b).at, 9n);
    assert.equal(readFileSync(join(w, "file"), "utf8"), "XbcdefEND");
    assert.equal(g.call("fd_fdstat_set_flags", b, 0), 0);
    g.seek(b, 1n, 0);
    g.write(b, "Y");
    assert.equal(readFileSync(join(w, "file"), "utf8"), "XYcdefEND");
    assert.equal(g.call("fd_fdstat_set_flags", b, 16), procfs ? 0 : Errno.notsup);
    // A file that was removed is still there.
    assert.equal(g.unlink(W, "file"), 0);
    assert.equal(g.pread(a, 4, 0n).text, "XYcd");
    assert.equal(g.fdStat(a).nlink, 0n);
  });
}

test("sizes, holes and offsets beyond what a file can be", (t) => {
  const { g, w } = setUp(t);
  const { fd } = g.open(W, "file", WRITING);
  g.seek(fd, 5n, 0);
  g.write(fd, "x");
  assert.equal(readFileSync(join(w, "file"), "latin1"), "\0\0\0\0\0x");
  assert.equal(g.pwrite(fd, "x", 1n << 60n).errno, Errno.fbig);
  assert.deepEqual(g.pread(fd, 1, 1n << 60n), { errno: 0, text: "" });
  assert.equal(g.seek(fd, 1n << 60n, 0).errno, Errno.inval);
  assert.equal(g.seek(fd, (1n << 63n) - 1n, 1).errno, Errno.inval, "overflow");
  assert.equal(g.seek(fd, -7n, 2).errno, Errno.inval);
  assert.equal(g.call("fd_filestat_set_size", fd, 1n << 60n), Errno.fbig);
  assert.equal(g.call("fd_allocate", fd, 100n, 28n), 0);
  assert.equal(statSync(join(w, "file")).size, 128);
});

test("reading a pipe gives what is there, and then its end", { skip: linux }, (t) => {
  let writer = -1;
  const { g } = setUpOn(t, (base) => {
    const path = fifo(base);
    const stdin = openSync(path, constants.O_RDONLY | constants.O_NONBLOCK);
    writer = openSync(path, "w");
    return { stdin };
  });
  writeSync(writer, "some");
  assert.equal(g.read(0, 2, 100).text, "some");
  assert.equal(g.seek(0, 0n, 1).errno, Errno.spipe);
  assert.equal(g.fdstat(0).filetype, 6);
  assert.equal(g.fdstat(0).flags, 0, "that it does not block is the host's business");
  writeSync(writer, "more");
  closeSync(writer);
  assert.equal(g.read(0, 100).text, "more");
  assert.deepEqual(g.read(0, 100), { errno: 0, text: "" });
});

test("a pipe that is empty is waited for, even where the host does not block", { skip: linux }, async (t) => {
  let path = "";
  const { g } = setUpOn(t, (base) => {
    path = fifo(base);
    return { stdin: openSync(path, constants.O_RDWR | constants.O_NONBLOCK) };
  });
  const writer = spawn("sh", ["-c", `sleep 0.2; printf late > ${path}`]);
  const before = performance.now();
  assert.equal(g.read(0, 10).text, "late");
  assert.ok(performance.now() - before > 100);
  await new Promise((resolve) => writer.on("exit", resolve));
});

test("a guest that asked not to wait gets `again`", { skip: linux }, (t) => {
  for (const nonblock of [0, constants.O_NONBLOCK]) {
    let writer = -1;
    const { g } = setUpOn(t, (base) => {
      const path = fifo(base);
      const stdin = openSync(path, constants.O_RDWR | nonblock);
      writer = openSync(path, "w");
      return { stdin };
    });
    assert.equal(g.call("fd_fdstat_set_flags", 0, 4), 0);
    assert.equal(g.fdstat(0).flags, 4);
    assert.equal(g.read(0, 10).errno, Errno.again);
    writeSync(writer, "now it is there");
    assert.equal(g.read(0, 3).text, "now");
    assert.equal(g.read(0, 100).text, " it is there");
    assert.equal(g.read(0, 10).errno, Errno.again);
    closeSync(writer);
  }
});

test("polling a pipe tells when something is there, and loses nothing", { skip: linux }, (t) => {
  let writer = -1;
  const { g } = setUpOn(t, (base) => {
    const path = fifo(base);
    const stdin = openSync(path, constants.O_RDONLY | constants.O_NONBLOCK);
    writer = openSync(path, "w");
    return { stdin };
  });
  const idle = g.poll({ read: 0 }, { clock: 1, timeout: 20_000_000n });
  assert.deepEqual(
    idle.events.map(({ userdata, type }) => [userdata, type]),
    [[101n, 0]],
  );
  writeSync(writer, "input");
  const ready = g.poll({ read: 0 }, { clock: 1, timeout: 10_000_000_000n });
  assert.deepEqual(ready.events, [{ userdata: 100n, errno: 0, type: 1, nbytes: 5n, flags: 0 }]);
  assert.equal(g.read(0, 2).text, "in");
  assert.deepEqual(g.poll({ read: 0 }).events[0]!.nbytes, 3n);
  assert.equal(g.read(0, 20).text, "put");
  closeSync(writer);
  assert.deepEqual(
    g.poll({ read: 0 }).events,
    [{ userdata: 100n, errno: 0, type: 1, nbytes: 0n, flags: 1 }],
    "hung up",
  );
  assert.equal(g.read(0, 20).text, "");
});

test("polling wakes up when input comes", { skip: linux }, async (t) => {
  let path = "";
  const { g } = setUpOn(t, (base) => {
    path = fifo(base);
    return { stdin: openSync(path, constants.O_RDWR) };
  });
  const writer = spawn("sh", ["-c", `sleep 0.2; printf late > ${path}`]);
  const before = performance.now();
  const { events } = g.poll({ read: 0 }, { clock: 1, timeout: 10_000_000_000n });
  const took = performance.now() - before;
  assert.deepEqual(
    events.map(({ type }) => type),
    [1],
  );
  assert.ok(took > 100 && took < 5000, `took ${took} ms`);
  assert.equal(g.read(0, 10).text, "late");
  await new Promise((resolve) => writer.on("exit", resolve));
});

test("writing to a pipe that nobody reads is `pipe`", { skip: linux }, (t) => {
  const { g } = setUpOn(t, (base) => {
    const path = fifo(base);
    const reader = openSync(path, constants.O_RDONLY | constants.O_NONBLOCK);
    const stdout = openSync(path, "w");
    closeSync(reader);
    return { stdout };
  });
  assert.equal(g.write(1, "x").errno, Errno.pipe);
});

test("a full pipe takes a part, and `again` is the guest's only if it asked", { skip: linux }, async (t) => {
  let path = "";
  const { g, fds } = setUpOn(t, (base) => {
    path = fifo(base);
    return { stdout: openSync(path, constants.O_RDWR | constants.O_NONBLOCK) };
  });
  while (true) {
    try {
      writeSync(fds.stdout!, Buffer.alloc(4096));
    } catch {
      break;
    }
  }
  g.call("fd_fdstat_set_flags", 1, 4);
  assert.equal(g.write(1, "x").errno, Errno.again);
  g.call("fd_fdstat_set_flags", 1, 0);
  const reader = spawn("sh", ["-c", `sleep 0.2; head -c 8192 ${path} > /dev/null`]);
  assert.deepEqual(g.write(1, "waited"), { errno: 0, count: 6 });
  await new Promise((resolve) => reader.on("exit", resolve));
});

test("devices: the null device has an offset of 0, and is no terminal", { skip: linux }, (t) => {
  const { g } = setUpOn(t, () => ({ stdin: openSync("/dev/null", "r"), stdout: openSync("/dev/null", "w") }));
  assert.equal(g.fdstat(0).filetype, 2);
  // How libc tells a terminal: a character device that can neither seek nor tell.
  assert.notEqual(g.fdstat(0).base & 0x24n, 0n);
  assert.deepEqual(g.read(0, 5), { errno: 0, text: "" });
  assert.deepEqual(g.write(1, "gone"), { errno: 0, count: 4 });
  assert.deepEqual(
    [g.seek(0, 10n, 0), g.tell(1)],
    [
      { errno: 0, at: 0n },
      { errno: 0, at: 0n },
    ],
  );
});

test("closing takes an inherited descriptor from the guest, not from the process", { skip: linux }, (t) => {
  const { g, fds } = setUpOn(t, (base) => ({ stdout: openSync(join(base, "out"), "w") }));
  assert.equal(g.close(1), 0);
  assert.equal(writeSync(fds.stdout!, "still open"), 10);
});

test("an inherited socket is received from and sent to", { skip: linux }, () => {
  // Node gives its children socket pairs for pipes.
  const script = `
    import { Wasi } from "${new URL("../../../runtime/wasi/index.js", import.meta.url).href}";
    import { Guest } from "${new URL("../../wasi/guest.js", import.meta.url).href}";
    const wasi = new Wasi(); const memory = { buffer: new ArrayBuffer(0x20000) }; wasi.bind(memory);
    const g = new Guest(wasi.imports, memory);
    const answers = [g.recv(0, 3, 1), g.recv(0, 3), g.recv(0, 100, 2), g.recv(0, 3), g.send(1, "")];
    answers.push(g.call("sock_shutdown", 0, 2), g.call("sock_shutdown", 0, 4), g.call("sock_accept", 0, 0, 0), g.recv(0, 1, 4).errno);
    g.send(1, JSON.stringify(answers));`;
  const { stdout, stderr } = spawnSync(process.execPath, ["--input-type=module", "-e", script], { input: "message" });
  assert.equal(stderr.toString(), "");
  assert.deepEqual(JSON.parse(stdout.toString()), [
    { errno: 0, text: "mes" },
    { errno: 0, text: "mes" },
    { errno: 0, text: "sage" },
    { errno: 0, text: "" },
    { errno: 0, count: 0 },
    Errno.notsup,
    Errno.inval,
    Errno.notsup,
    Errno.inval,
  ]);
});
