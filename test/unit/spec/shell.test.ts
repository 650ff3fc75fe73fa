// The suite's command line with `--engine`: what a shell says counts, and a shell that does not survive a script is a failure.
import assert from "node:assert/strict";
import { spawnSync } from "node:child_process";
import { chmodSync, mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { after, describe, it } from "node:test";
import { fileURLToPath } from "node:url";
import { Op } from "../../../runtime/wasm/opcodes.js";
import { F32, I32 } from "../../../runtime/wasm/types.js";
import { ByteWriter, ModuleBuilder } from "../../support/module-builder.js";

const directory = mkdtempSync(join(tmpdir(), "wamrc-ts-"));
after(() => rmSync(directory, { recursive: true }));
const suite = join(directory, "suite");
mkdirSync(join(suite, "core"), { recursive: true });
writeFileSync(join(suite, "index.json"), JSON.stringify([{ file: "core/small.json" }]));

function moduleText(): string {
  const m = new ModuleBuilder();
  const forever = m.func(m.type([], []), [], [Op.call, 0]);
  m.export("forever", "func", forever);
  m.export("same", "func", m.func(m.type([F32], [F32]), [], [Op.local_get, 0]));
  const one = m.func(m.type([], [I32]), [], new ByteWriter().code(Op.i32_const, 1));
  m.export("one", "func", one);
  return Buffer.from(m.toBytes()).toString("base64");
}

/** Runs a script whose function `one` is expected to return `value`. */
function spec(value: string, ...options: string[]): { status: number | null; stdout: string; stderr: string } {
  const invoke = (field: string, args: object[] = []): object => ({ type: "invoke", field, args });
  const signalling = { type: "f32", value: String(0xffa0_0001) };
  const commands = [
    { type: "module", line: 1, module_type: "binary", binary: moduleText() },
    { type: "assert_return", line: 2, action: invoke("same", [signalling]), expected: [signalling] },
    { type: "assert_exhaustion", line: 3, action: invoke("forever"), text: "call stack exhausted" },
    { type: "assert_return", line: 4, action: invoke("one"), expected: [{ type: "i32", value }] },
    { type: "assert_malformed", line: 5, module_type: "text", text: "unexpected token" },
  ];
  writeFileSync(join(suite, "core/small.json"), JSON.stringify({ commands }));
  const main = fileURLToPath(new URL("../../spec/main.js", import.meta.url));
  return spawnSync(process.execPath, [main, "--suite", suite, ...options], { encoding: "utf8" });
}

/** A folder whose `node` is this shell script. */
function shell(name: string, text: string): string {
  const folder = join(directory, name);
  mkdirSync(folder);
  writeFileSync(join(folder, "node"), `#!/bin/sh\n${text}\n`);
  chmodSync(join(folder, "node"), 0o755);
  return folder;
}

describe("the suite in a shell", () => {
  const bin = dirname(process.execPath);

  it("passes what is right, bit for bit", () => {
    const { status, stdout, stderr } = spec("1", "--engine", "node", "--bin", bin);
    assert.equal(stderr, "");
    assert.match(stdout, /^skipped 1: module in text form/);
    assert.match(stdout, /\nnode: 4 passed, 0 failed, 1 skipped \(\d+ s\)\n4 passed, 0 failed, 1 skipped\n$/);
    assert.equal(status, 0);
  });

  it("fails what is not", () => {
    const { status, stdout } = spec("2", "--engine", "node", "--bin", bin);
    assert.match(
      stdout,
      /^FAILED core\/small:4 assert_return: expected \[\{"type":"i32","value":"2"\}\], got \(i32:0x1\)$/m,
    );
    assert.match(stdout, /\n3 passed, 1 failed, 1 skipped\n$/);
    assert.equal(status, 1);
  });

  it("fails where the shell crashes, at the first command that it has said nothing of", () => {
    const folder = shell("crashing", `"${process.execPath}" "$@" | head -n 2; echo boom >&2; exit 3`);
    const { status, stdout } = spec("1", "--engine", "node", "--bin", folder);
    assert.match(stdout, /^FAILED core\/small:3 assert_exhaustion: exit status 3: boom$/m);
    assert.match(stdout, /^FAILED core\/small:4 assert_return: not run$/m);
    assert.match(stdout, /\n2 passed, 2 failed, 1 skipped\n$/);
    assert.equal(status, 1);
  });

  it("fails where the shell ends badly after the last command", () => {
    const folder = shell("late", `"${process.execPath}" "$@"; kill -ABRT $$`);
    const { stdout } = spec("1", "--engine", "node", "--bin", folder);
    assert.match(stdout, /^FAILED core\/small:5 assert_malformed: killed by SIGABRT$/m);
  });

  it("says what brings an engine that is absent", () => {
    const { status, stderr } = spec("1", "--engine", "hermes", "--bin", directory);
    assert.match(stderr, /^spec: engine hermes is not in .*: install it \(npm: hermes-engine\) or name its folder/);
    assert.equal(status, 2);
  });
});
