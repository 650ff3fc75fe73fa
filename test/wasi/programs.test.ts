// Small programs, run with our calls and with node:wasi's, on every kind of standard streams: output, exit codes and files are
// the same.

import assert from "node:assert/strict";
import binaryen from "binaryen";
import { spawnSync, type SpawnSyncReturns } from "node:child_process";
import { closeSync, mkdtempSync, openSync, readFileSync, readdirSync, rmSync, statSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { after, test } from "node:test";
import { fileURLToPath } from "node:url";

const base = mkdtempSync(join(tmpdir(), "wasi-programs-"));
after(() => rmSync(base, { recursive: true, force: true }));
const main = fileURLToPath(new URL("program-main.js", import.meta.url));
const SIDES = ["ours", "node"] as const;
type Side = (typeof SIDES)[number];

function assemble(name: string): string {
  const source = readFileSync(new URL(`../../../test/wasi/programs/${name}.wat`, import.meta.url), "utf8");
  const module = binaryen.parseText(source);
  module.setFeatures(binaryen.Features.BulkMemory);
  const file = join(base, `${name}.wasm`);
  writeFileSync(file, module.emitBinary());
  module.dispose();
  return file;
}
const programs = Object.fromEntries(["cat", "args", "streams", "files", "grow"].map((name) => [name, assemble(name)]));

function run(
  side: Side,
  program: string,
  args: string[] = [],
  options: Parameters<typeof spawnSync>[2] = {},
): SpawnSyncReturns<Buffer> {
  return spawnSync(process.execPath, ["--no-warnings", main, side, programs[program]!, ...args], {
    ...options,
    timeout: 60_000,
    maxBuffer: 1 << 26,
    encoding: "buffer",
  });
}

/** Runs the command in a shell: $RUN is our program's command line. */
function shell(side: Side, program: string, command: string): { code: number | null; stdout: string; stderr: string } {
  const RUN = `"${process.execPath}" --no-warnings "${main}" ${side} "${programs[program]!}"`;
  const { status, stdout, stderr } = spawnSync("sh", ["-c", command.replaceAll("$RUN", RUN)], {
    cwd: base,
    timeout: 60_000,
    encoding: "utf8",
  });
  return { code: status, stdout, stderr };
}

/** The same on both, and what it must be. */
function both<T>(what: (side: Side) => T, expected: T): void {
  for (const side of SIDES) assert.deepEqual(what(side), expected, side);
}

const posix = process.platform === "win32" ? "needs a shell" : false;

test("arguments, environment and exit code", () => {
  both(
    (side) => {
      const { status, stdout } = run(side, "args", ["-", "one", "zwei drei", "", "fünf"]);
      return [status, stdout.toString()];
    },
    [7, "program\0one\0zwei drei\0\0fünf\0GREETING=hello\0EMPTY=\0"],
  );
});

test("a megabyte through pipes", () => {
  const input = Buffer.from(Array.from({ length: 1 << 20 }, (_, i) => (i * 7) ^ (i >> 8)));
  for (const side of SIDES) {
    const { status, stdout } = run(side, "cat", [], { input });
    assert.equal(status, 0);
    assert.ok(stdout.equals(input), side);
  }
});

test("files, pipes and devices as streams", { skip: posix }, () => {
  writeFileSync(join(base, "text"), "one\ntwo\nthree\n");
  const cases: readonly [command: string, expected: { code: number; stdout: string }][] = [
    ["$RUN < text", { code: 0, stdout: "one\ntwo\nthree\n" }],
    ["cat text | $RUN | cat", { code: 0, stdout: "one\ntwo\nthree\n" }],
    ["(sleep 0.1; echo a; sleep 0.1; echo b) | $RUN", { code: 0, stdout: "a\nb\n" }],
    ["$RUN < /dev/null; echo $?", { code: 0, stdout: "0\n" }],
    ["$RUN < text > /dev/null; echo $?", { code: 0, stdout: "0\n" }],
    // Who comes before and after uses the same offsets.
    ["(read line; $RUN) < text", { code: 0, stdout: "two\nthree\n" }],
    ["(echo first; $RUN < text; echo last) > out; cat out", { code: 0, stdout: "first\none\ntwo\nthree\nlast\n" }],
    ["echo old > log; $RUN < text >> log; cat log", { code: 0, stdout: "old\none\ntwo\nthree\n" }],
    // A reader that goes away: `pipe`, 64.
    ["(yes | $RUN; echo $? > code) | head -n 1; cat code", { code: 0, stdout: "y\n64\n" }],
  ];
  for (const [command, expected] of cases) {
    both(
      (side) => {
        const { code, stdout } = shell(side, "cat", command);
        return { command, code, stdout };
      },
      { command, ...expected },
    );
  }
});

test("a full disk is told", { skip: process.platform === "linux" ? false : "needs /dev/full" }, () => {
  both((side) => shell(side, "cat", "echo x | $RUN > /dev/full").code, 51);
});

test("streams are told apart", { skip: posix }, () => {
  writeFileSync(join(base, "text"), "x");
  // c character device, e file, g stream; the last letter counts terminals.
  both((side) => shell(side, "streams", "$RUN < text > out").stderr, "eega");
  both((side) => shell(side, "streams", "$RUN < /dev/null | cat").stderr, "cgga");
});

const script = spawnSync("script", ["--version"]).status === 0 ? false : "needs the program script";
test("a terminal is a terminal", { skip: script }, () => {
  both((side) => {
    const command = `"${process.execPath}" --no-warnings "${main}" ${side} "${programs["streams"]!}"`;
    return spawnSync("script", ["-qec", command, "/dev/null"], { encoding: "utf8", timeout: 60_000 }).stdout.trim();
  }, "cccd");
});

test("a program that copies, renames, links and removes files", () => {
  for (const side of SIDES) {
    const directory = mkdtempSync(join(base, "w-"));
    writeFileSync(join(directory, "in"), "the content of the file");
    assert.equal(run(side, "files", [directory]).status, 23, side);
    assert.deepEqual(readdirSync(directory).sort(), ["done", "twin"]);
    assert.equal(readFileSync(join(directory, "twin"), "utf8"), "the content of the file");
    assert.equal(statSync(join(directory, "done")).nlink, 2);
    assert.equal(run(side, "files", [directory]).status, 144, `${side}: "in" is gone, noent`);
  }
});

test("memory that grows between calls", () => {
  both(
    (side) => {
      const { status, stdout } = run(side, "grow");
      return [status, stdout.toString()];
    },
    [1, "grown"],
  );
});

test("a descriptor that cannot be used is refused before the program runs", () => {
  const fd = openSync(base, "r");
  closeSync(fd);
  assert.notEqual(run("ours", "grow", [join(base, "nothing here")]).status, 0);
});
