// `wamrc-ts mem`, and the options about memory of `run`: what is reported, in which form and where, and what is refused.
import assert from "node:assert/strict";
import { existsSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { before, test } from "node:test";
import { Failure } from "../../../compiler/cli/failure.js";
import { parseSize } from "../../../compiler/cli/memory-options.js";
import { allHeld } from "../../../runtime/report/blocks.js";
import type { MemorySnapshot } from "../../../runtime/report/index.js";
import { assertRefused, Folder, MATH, runHere, type Result } from "./command.js";

/** Grows by as many pages as it can have, one at a time, writes to stdout how many as a digit, and exits with 3. */
const GROW = `(module
  (import "wasi_snapshot_preview1" "fd_write" (func $write (param i32 i32 i32 i32) (result i32)))
  (import "wasi_snapshot_preview1" "proc_exit" (func $exit (param i32)))
  (memory (export "memory") 1 9)
  (func (export "_start") (local $pages i32)
    (loop $more
      (if (i32.ne (memory.grow (i32.const 1)) (i32.const -1))
        (then (local.set $pages (i32.add (local.get $pages) (i32.const 1))) (br $more))))
    (i32.store8 (i32.const 64) (i32.add (i32.const 48) (local.get $pages)))
    (i32.store8 (i32.const 65) (i32.const 10))
    (i32.store (i32.const 0) (i32.const 64))
    (i32.store (i32.const 4) (i32.const 2))
    (drop (call $write (i32.const 1) (i32.const 0) (i32.const 1) (i32.const 8)))
    (call $exit (i32.const 3))))`;

const folder = new Folder({
  "math.wat": MATH,
  "grow.wat": GROW,
  "hosted.wat": `(module
    (import "env" "log" (func (param i32))) (import "env" "memory" (memory 2 4))
    (import "env" "table" (table 3 funcref)) (import "env" "base" (global i32)))`,
  "trap.wat": `(module (start $f) (func $f unreachable))`,
});

before(async () => {
  for (const name of ["math.aot", "math.mjs", "math.js", "grow.aot", "grow.mjs", "hosted.aot", "trap.aot"]) {
    const { code, stderr } = await runHere(folder, ["compile", name.replace(/\..*/, ".wat"), "-o", name]);
    assert.equal(code, 0, stderr);
  }
});

const command = (line: string, options = {}): Result => folder.run(line.split(" "), options);

/** The JSON of a report, after what a report must always be. */
function snapshotOf(json: string): MemorySnapshot {
  const snapshot = JSON.parse(json) as MemorySnapshot;
  assert.equal(snapshot.root.bytes, snapshot.allocator.allocated, "sums add up to what the allocator has handed out");
  return snapshot;
}

const items = ({ root }: MemorySnapshot): Map<string, number> =>
  new Map(allHeld(root).map(({ item }) => [item.item, item.bytes]));

test("mem tells what loading and instantiating takes, of every kind of file", () => {
  for (const file of ["math.aot", "math.mjs", "math.js", "math.wat"]) {
    const { code, stdout, stderr } = command(`mem ${file}`);
    assert.deepEqual([code, stderr], [0, ""], file);
    assert.match(stdout, new RegExp(`^${file}, loaded and instantiated\n`));
    assert.match(stdout, new RegExp(`module "${file}" +[0-9,]+\n`));
    assert.match(stdout, /^ {4}instance .*#1" +\d/m);
    assert.match(stdout, /linear memory, memory 0 +65,536$/m);
    assert.match(stdout, /stack +16,384 +peak 0$/m);
    assert.match(stdout, /besides: an estimate$/m);
    assert.doesNotMatch(stdout, /\x1b|a mistake/);
  }
});

test("mem --json is the whole of it", () => {
  const snapshot = snapshotOf(command("mem math.aot --json --pool 256K").stdout);
  assert.equal(snapshot.allocator.mode, "Alloc_With_Pool");
  assert.equal(snapshot.pool!.total, 262_144);
  assert.equal(
    snapshot.pool!.blocks.reduce((sum, { length }) => sum + length, 0),
    262_144,
  );
  assert.deepEqual(
    snapshot.code.map(({ module, pages }) => [module, pages.map(({ resident }) => resident)]),
    [["math.aot", [false]]],
  );
  assert.ok(snapshot.engine!.parts.every(({ bytes }) => bytes >= 0));
});

test("sizes are what was asked for", () => {
  const held = items(snapshotOf(command("mem math.aot --json --pool 1M --stack-size 3000 --heap-size 8K").stdout));
  assert.equal(held.get("stack"), 3000);
  assert.ok(held.get("app heap")! >= 8192);
  const { memories } = snapshotOf(command("mem math.aot --json --max-memory-pages 5").stdout);
  assert.equal(memories[0]!.most, 5 * 65536);
});

test("what a module imports is stood in for, and the report says so", () => {
  const { code, stdout } = command("mem hosted.aot");
  assert.equal(code, 0);
  assert.match(stdout, /The memory "env" "memory" is the host's: a stand-in here, and in no sum\./);
  assert.match(stdout, /The table "env" "table" is/);
  assert.match(stdout, /The global "env" "base" is/);
  assert.match(stdout, /1 imported function stood in for\./);
});

test("run --mem reports when the program has ended, with all that it had", () => {
  for (const file of ["grow.aot", "grow.mjs", "grow.wat"]) {
    const { code, stdout, stderr } = command(`run ${file} --mem --pool 400K`);
    assert.equal(code, 3, stderr);
    assert.equal(stdout, "3\n");
    assert.match(stderr, new RegExp(`^${file}, when it had run\n`));
    assert.match(stderr, /linear memory, memory 0 +262,144$/m);
    assert.match(stderr, /WASI context, arguments +5$/m);
    assert.match(stderr, /stack +16,384 +peak 8$/m);
    assert.match(stderr, /^memory 0 could not grow by 1 page: the pool has no block so large \(once\)\.$/m);
  }
  assert.equal(command("run grow.aot").stdout, "8\n");
});

test("run takes its memory from where it is told, without a report, too", () => {
  assert.equal(command("run grow.aot --pool 400K").stdout, "3\n");
  for (const file of ["grow.aot", "grow.mjs"]) {
    assert.deepEqual(command(`run ${file} --max-memory-pages 3`), { code: 3, stdout: "2\n", stderr: "" }, file);
  }
  const { stderr } = command("run grow.aot --max-memory-pages 3 --mem");
  assert.match(stderr, /memory 0 could not grow by 1 page: the limit on pages is reached \(once\)/);
});

test("run --mem --json is the last line on stderr", () => {
  const { code, stdout, stderr } = command("run math.aot --invoke fac 20 --mem --json");
  assert.deepEqual([code, stdout], [0, "2432902008176640000\n"]);
  const lines = stderr.trimEnd().split("\n");
  assert.equal(lines.length, 1);
  const { code: pages } = snapshotOf(lines[0]!);
  assert.equal(pages[0]!.pages[0]!.resident, true);
});

test("a trap comes before the report", () => {
  const { code, stderr } = command("run math.aot --invoke div 1 0 --mem");
  assert.equal(code, 134);
  assert.match(stderr, /^trap: integer divide by zero\n {4}at div .*\nmath\.aot, when it had run\n/);
});

test("--html draws a page, besides", () => {
  const { code, stdout } = command("mem math.aot --pool 256K --html map.html");
  assert.equal(code, 0);
  assert.match(stdout, /^math\.aot, loaded/);
  const page = readFileSync(join(folder.path, "map.html"), "utf8");
  assert.match(page, /^<!doctype html>\n.*<h1>math\.aot, loaded and instantiated<\/h1>/s);
  assert.equal(command("run grow.aot --mem --html run.html").code, 3);
  assert.match(readFileSync(join(folder.path, "run.html"), "utf8"), /All blocks/);
});

test("colours are for terminals and for who forces them", () => {
  assert.match(command("mem math.aot", { env: { FORCE_COLOR: "1" } }).stdout, /\x1b\[34m {2}module/);
});

test("what cannot be is refused in one line", async (t) => {
  const refusals: readonly [args: string, code: number, message: string | RegExp][] = [
    ["mem", 64, "no file given (see wamrc-ts mem --help)"],
    ["mem missing.aot", 66, "missing.aot: cannot be read: no such file or directory"],
    ["mem math.aot -O2", 64, "--opt-level is for .wasm and .wat; math.aot is compiled already"],
    ["mem math.aot --pool 64Q", 64, "--pool is a size below 4G, such as 65536, 64K or 4M; got 64Q"],
    ["mem math.aot --pool 100", 64, /^--pool 100: too small for a runtime: /],
    ["mem math.aot --pool 700", 64, /^--pool 700: too small for a runtime: /],
    ["mem math.aot --heap-size 10", 64, /^math\.aot: --heap-size 10: no app heap can be made in this guest: /],
    ["mem math.aot --max-memory-pages 40000", 64, /^--max-memory-pages is a number of pages of 64 KiB, at most 32768/],
    ["mem math.aot --max-memory-pages x", 64, /; got x$/],
    ["mem math.aot --html /nowhere/../math.aot/x.html", 73, /cannot be written/],
    ["mem math.aot --html math.aot", 73, "math.aot: is the input itself; choose another output"],
    [
      "mem math.aot --max-memory-pages 0",
      134,
      /^math\.aot: cannot be instantiated: out of memory: memory 0 needs 1 page/,
    ],
    [
      "mem math.aot --pool 40K",
      71,
      /^math\.aot: out of memory: 65536 bytes for linear memory of instance "math\.aot#1", the largest free block has \d+; give --pool more$/,
    ],
    ["run math.aot --pool 2K --invoke fac 1", 71, /^math\.aot: out of memory: \d+ bytes for .*; give --pool more$/],
    ["run math.aot --json --invoke fac 1", 64, "--json is about the memory report: add --mem"],
    ["run math.aot --html x.html --invoke fac 1", 64, "--html is about the memory report: add --mem"],
  ];
  for (const [args, code, message] of refusals) {
    await t.test(args, async () => {
      const result = await runHere(folder, args.split(" "));
      assertRefused(result, code, message);
    });
  }
  assert.ok(!existsSync(join(folder.path, "x.html")));
  // In a process of its own, as it keeps a code cache of what it has compiled when it ends.
  const trapped = { code: 134, stdout: "", stderr: "error: trap.aot: cannot be instantiated: unreachable\n" };
  assert.deepEqual(command("mem trap.aot"), trapped);
});

test("sizes are read as people write them", () => {
  const sizes: readonly [string, number][] = [
    ["0", 0],
    ["65536", 65536],
    ["64K", 65536],
    ["64k", 65536],
    ["64KB", 65536],
    ["64KiB", 65536],
    ["1.5M", 1_572_864],
    ["3G", 3 * 2 ** 30],
  ];
  for (const [text, bytes] of sizes) assert.equal(parseSize("--pool", text), bytes, text);
  for (const text of ["", "-1", "K", "1.0001K", "4G", "1e3", "0x10", "1T", "1 K"])
    assert.throws(() => parseSize("--pool", text), Failure, text);
});
