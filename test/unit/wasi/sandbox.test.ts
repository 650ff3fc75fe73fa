// The sandbox, on both kinds of directories: really opened ones (Linux) and paths that are checked.

import assert from "node:assert/strict";
import { spawn, spawnSync } from "node:child_process";
import {
  existsSync,
  linkSync,
  mkdirSync,
  readFileSync,
  readdirSync,
  renameSync,
  rmSync,
  symlinkSync,
  writeFileSync,
} from "node:fs";
import { join } from "node:path";
import { test } from "node:test";
import { hasProcfs } from "../../../runtime/wasi/node-proc-fs.js";
import { Errno } from "../../../runtime/wasi/errno.js";
import { W, setUp, type Fixture } from "../../wasi/fixture.js";

const OUTSIDE_WRITE = { oflags: 1, base: 0x0fff_bfffn };
const HOSTS = hasProcfs() ? [true, false] : [false];

function plant({ w, base }: Fixture): void {
  mkdirSync(join(w, "d/e"), { recursive: true });
  writeFileSync(join(w, "inside"), "inside");
  const links: Record<string, string> = {
    up: "..",
    out: "../outside",
    file: "../outside/secret",
    absolute: join(base, "outside/secret"),
    absolutedir: join(base, "outside"),
    root: "/",
    self: join(base, "w/inside"),
    chain1: "chain2",
    chain2: "chain3",
    chain3: "out",
    "d/up": "../../outside",
    "d/e/upup": "../../../outside/secret",
    "d/hop": "../up/outside",
    dot: "./././../outside/secret",
    slashes: "..//outside///secret",
    updown: "d/../../outside/secret",
  };
  for (const [name, target] of Object.entries(links)) symlinkSync(target, join(w, name));
}

// Each leads to base/outside, to the file in it, or to base.
const TO_FILE = [
  "../outside/secret",
  "./../outside/secret",
  "d/../../outside/secret",
  "d/e/../../../outside/secret",
  "out/secret",
  "up/outside/secret",
  "up/w/../outside/secret",
  "file",
  "file/",
  "absolute",
  "absolutedir/secret",
  "self",
  "chain1/secret",
  "chain3/secret",
  "d/up/secret",
  "d/e/upup",
  "d/hop/secret",
  "dot",
  "slashes",
  "updown",
  "d//..//..//outside//secret",
  "d/up/../outside/secret",
];
const ABSOLUTE = ["/", "/etc/passwd", "//outside", "root/etc/passwd", "root"];

for (const procfs of HOSTS) {
  const kind = procfs ? "opened directories" : "checked paths";

  test(`no path leads out (${kind})`, (t) => {
    const fixture = setUp(t, { procfs });
    const { g, base } = fixture;
    plant(fixture);
    for (const path of [...TO_FILE, ...ABSOLUTE]) {
      const refused = (what: string, errno: number): void => assert.equal(errno, Errno.notcapable, `${what} ${path}`);
      refused("open", g.open(W, path).errno);
      refused("open for writing", g.open(W, path, { base: 0x0fff_bfffn }).errno);
      refused("stat", g.pathStat(W, path).errno);
      refused("set times", g.setTimes(W, path, 0n, 0n, 5));
      refused("list", g.open(W, path.replace(/secret\/?$/, ""), { oflags: 2 }).errno);
      refused("link from", g.link(W, path, W, "stolen", true));
    }
    // Calls on the entry itself: the last component may be a link, what is before it may not lead out.
    const parents = [
      "..",
      "../outside",
      "out",
      "up",
      "up/outside",
      "absolutedir",
      "chain1",
      "d/up",
      "d/hop",
      "root",
      "d/../..",
    ];
    for (const parent of parents) {
      const path = `${parent}/x`;
      const refused = (what: string, errno: number): void => assert.equal(errno, Errno.notcapable, `${what} ${path}`);
      refused("create", g.open(W, path, OUTSIDE_WRITE).errno);
      refused("mkdir", g.mkdir(W, path));
      refused("rmdir", g.rmdir(W, path));
      refused("unlink", g.unlink(W, path));
      refused("readlink", g.readlink(W, path).errno);
      refused("symlink", g.symlink("inside", W, path));
      refused("rename to", g.rename(W, "inside", W, path));
      refused("rename from", g.rename(W, path, W, "stolen"));
      refused("link to", g.link(W, "inside", W, path));
      refused("link from", g.link(W, path, W, "stolen"));
      refused("lstat", g.pathStat(W, path, false).errno);
    }
    assert.deepEqual(readdirSync(join(base, "outside")), ["secret"]);
    assert.equal(readFileSync(join(base, "outside/secret"), "utf8"), "secret");
    assert.ok(!existsSync(join(base, "w/stolen")));
  });

  test(`links inside work as everywhere (${kind})`, (t) => {
    const fixture = setUp(t, { procfs });
    const { g, w } = fixture;
    plant(fixture);
    symlinkSync("inside", join(w, "in"));
    symlinkSync("d", join(w, "dir"));
    symlinkSync("../inside", join(w, "d/back"));
    symlinkSync("dir/back", join(w, "through"));
    symlinkSync("d/e/../../inside", join(w, "around"));
    for (const path of ["in", "d/back", "through", "around", "dir/e/../../inside", "d/../inside", "./d/.//../inside"]) {
      const { errno, fd } = g.open(W, path);
      assert.deepEqual([errno, g.read(fd, 20).text], [0, "inside"], path);
      g.close(fd);
      assert.equal(g.pathStat(W, path).size, 6n, path);
    }
    assert.equal(g.pathStat(W, "in", false).filetype, 7);
    assert.equal(g.open(W, "in", { follow: false }).errno, Errno.loop);
    assert.equal(g.open(W, "dir/", { follow: false, oflags: 2 }).errno, 0, "a slash follows");
  });

  test(`loops and long chains end (${kind})`, (t) => {
    const { g, w } = setUp(t, { procfs });
    writeFileSync(join(w, "end"), "");
    symlinkSync("end", join(w, "l0"));
    for (let i = 1; i <= 45; i++) symlinkSync(`l${i - 1}`, join(w, `l${i}`));
    assert.equal(g.open(W, "l39").errno, 0, "40 links");
    assert.equal(g.open(W, "l40").errno, Errno.loop, "41 links");
    symlinkSync("b", join(w, "a"));
    symlinkSync("a", join(w, "b"));
    symlinkSync("self/x", join(w, "self"));
    for (const path of ["a", "a/x", "self", "self/y"]) {
      assert.equal(g.open(W, path).errno, Errno.loop, path);
      assert.equal(g.pathStat(W, path).errno, Errno.loop, path);
    }
    // A link that doubles what is left to walk at every step must end too.
    symlinkSync("bomb/bomb", join(w, "bomb"));
    assert.equal(g.open(W, "bomb").errno, Errno.loop);
  });

  test(`a guest cannot lay links that lead out (${kind})`, (t) => {
    const { g, w } = setUp(t, { procfs });
    mkdirSync(join(w, "d/e"), { recursive: true });
    assert.equal(g.symlink("/etc/passwd", W, "l"), Errno.perm);
    for (const [target, path] of [
      ["..", "l"],
      ["../outside", "l"],
      ["../../outside", "d/l"],
      ["x/../../y", "l"],
      ["../../../w", "d/e/l"],
    ] as const) {
      assert.equal(g.symlink(target, W, path), Errno.notcapable, `${path} -> ${target}`);
    }
    for (const [target, path] of [
      ["../x", "d/ok1"],
      ["../../x", "d/e/ok2"],
      ["missing", "ok3"],
      ["..", "d/ok4"],
    ] as const) {
      assert.equal(g.symlink(target, W, path), 0, `${path} -> ${target}`);
    }
    // Seen from a directory that was opened on the way, too.
    const { fd } = g.open(W, "d/e", { oflags: 2 });
    assert.equal(g.symlink("../../x", fd, "ok5"), 0);
    assert.equal(g.symlink("../../../x", fd, "l"), Errno.notcapable);
  });

  test(`a descriptor of a subdirectory is a sandbox of its own (${kind})`, (t) => {
    const { g, w } = setUp(t, { procfs });
    mkdirSync(join(w, "d"));
    writeFileSync(join(w, "d/file"), "");
    writeFileSync(join(w, "sibling"), "");
    symlinkSync("../sibling", join(w, "d/link"));
    const { fd } = g.open(W, "d", { oflags: 2 });
    assert.equal(g.open(fd, "file").errno, 0);
    for (const path of ["..", "../sibling", "link", "../d/file"])
      assert.equal(g.open(fd, path).errno, Errno.notcapable, path);
  });

  test(`names and errors of the host come through (${kind})`, (t) => {
    const { g, w } = setUp(t, { procfs });
    writeFileSync(join(w, "ümlaut €"), "x");
    assert.equal(g.open(W, "ümlaut €").errno, 0);
    if (process.platform === "linux") {
      const bytes = Buffer.from([0x66, 0xff, 0xfe]); // no UTF-8
      writeFileSync(Buffer.concat([Buffer.from(w + "/"), bytes]), "raw");
      const { errno, fd } = g.open(W, bytes);
      assert.deepEqual([errno, g.read(fd, 9).text], [0, "raw"]);
      const dir = g.open(W, ".", { oflags: 2 }).fd;
      assert.equal(g.list(dir).length, 4);
    }
    assert.equal(g.open(W, "x".repeat(256)).errno, Errno.nametoolong);
    assert.equal(g.open(W, "x/".repeat(2049)).errno, Errno.nametoolong);
    assert.equal(g.open(W, "a\0b").errno, Errno.inval);
    assert.equal(g.open(W, "").errno, Errno.noent);
  });

  test(`a hard link is a file of the tree, and only reachable files can be linked (${kind})`, (t) => {
    const { g, base, w } = setUp(t, { procfs });
    linkSync(join(base, "outside/secret"), join(w, "shared"));
    const { fd } = g.open(W, "shared");
    assert.equal(g.read(fd, 9).text, "secret", "put there by the host's user");
    assert.equal(g.link(W, "../outside/secret", W, "mine"), Errno.notcapable);
    writeFileSync(join(w, "own"), "");
    assert.equal(g.link(W, "own", W, "twin"), 0);
    assert.equal(g.pathStat(W, "own").nlink, 2n);
  });

  test(`a preopened directory that is exchanged for a link does not lead out (${kind})`, (t) => {
    const { g, base, w } = setUp(t, { procfs });
    writeFileSync(join(w, "file"), "inside");
    renameSync(w, join(base, "moved"));
    symlinkSync("outside", w);
    const { errno } = g.open(W, "secret");
    assert.equal(errno, Errno.noent);
    // Opened directories move along, paths are gone.
    assert.equal(g.open(W, "file").errno, procfs ? 0 : Errno.noent);
  });
}

test(
  "another process that exchanges directories and links gets nobody out",
  { skip: hasProcfs() ? false : "needs /proc" },
  async (t) => {
    const { g, base, w } = setUp(t);
    mkdirSync(join(w, "a"));
    writeFileSync(join(w, "a/secret"), "decoy");
    symlinkSync("../outside", join(w, "b"));
    const swap = `
    const fs = require("node:fs");
    process.chdir(${JSON.stringify(w)});
    process.stdout.write("go");
    for (;;) { fs.renameSync("a", "c"); fs.renameSync("b", "a"); fs.renameSync("a", "b"); fs.renameSync("c", "a"); }`;
    const swapper = spawn(process.execPath, ["-e", swap], { stdio: ["ignore", "pipe", "ignore"] });
    const exited = new Promise((resolve) => swapper.once("exit", resolve));
    await new Promise((resolve) => swapper.stdout.once("data", resolve));
    const answers = new Set<number>();
    const end = Date.now() + 1500;
    let tries = 0;
    try {
      while (Date.now() < end) {
        const { errno, fd } = g.open(W, "a/secret");
        answers.add(errno);
        tries++;
        if (errno === 0) {
          assert.equal(g.read(fd, 10).text, "decoy");
          g.close(fd);
        }
        const created = g.open(W, `a/new${tries}`, OUTSIDE_WRITE);
        if (created.errno === 0) g.close(created.fd);
        g.unlink(W, `a/new${tries}`);
        assert.notEqual(g.pathStat(W, "a/secret").size, 6n);
      }
    } finally {
      // Before the tree is removed, it must be gone.
      swapper.kill();
      await exited;
    }
    assert.deepEqual(readdirSync(join(base, "outside")), ["secret"]);
    // The race was really run: both sides of it were seen.
    assert.ok(
      answers.has(0) && (answers.has(Errno.notcapable) || answers.has(Errno.noent)),
      `${tries} tries only saw ${[...answers].join(" ")}`,
    );
  },
);

test("walking leaves no descriptor open", { skip: hasProcfs() ? false : "needs /proc" }, (t) => {
  const fixture = setUp(t);
  const { g } = fixture;
  plant(fixture);
  const count = (): number => readdirSync("/proc/self/fd").length;
  const before = count();
  for (const path of [...TO_FILE, ...ABSOLUTE, "d/e/../../inside", "d/e/missing/x", "inside/x", "d/e/f"]) {
    const { errno, fd } = g.open(W, path);
    if (errno === 0) g.close(fd);
    g.pathStat(W, path);
    g.mkdir(W, path);
    g.rename(W, path, W, "d/e/../../out/x");
    g.link(W, path, W, "d/e/../x/../y");
  }
  assert.equal(count(), before);
});

test(
  "a FIFO, a device or a socket in the tree is opened as what it is",
  { skip: process.platform === "linux" ? false : "needs mkfifo" },
  (t) => {
    const { g, w } = setUp(t);
    assert.equal(spawnSync("mkfifo", [join(w, "fifo")]).status, 0);
    const { errno, fd } = g.open(W, "fifo", { fdflags: 4 });
    assert.equal(errno, 0);
    assert.equal(g.fdstat(fd).filetype, 6);
    assert.equal(g.seek(fd, 0n, 0).errno, Errno.spipe);
    rmSync(join(w, "fifo"));
  },
);
