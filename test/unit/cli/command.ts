// Runs the built `wamrc-ts` in a fresh folder, as a shell would.
import assert from "node:assert/strict";
import { spawnSync } from "node:child_process";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { after } from "node:test";
import { fileURLToPath } from "node:url";
import { main } from "../../../compiler/cli/main.js";

export const ROOT = join(dirname(fileURLToPath(import.meta.url)), "../../../..");
const CLI = join(ROOT, "dist/compiler/cli.js");

export interface Result {
  readonly code: number | null;
  readonly stdout: string;
  readonly stderr: string;
}

export class Folder {
  readonly path = mkdtempSync(join(tmpdir(), "wamrc-ts-cli-"));

  constructor(files: Readonly<Record<string, string | Uint8Array>> = {}) {
    for (const [name, contents] of Object.entries(files)) this.write(name, contents);
    after(() => rmSync(this.path, { recursive: true, force: true }));
  }

  write(name: string, contents: string | Uint8Array): void {
    writeFileSync(join(this.path, name), contents);
  }

  /** No terminal, no colours, and only the environment a test names. */
  run(args: readonly string[], { input = "", env = {}, node = [] as readonly string[] } = {}): Result {
    const { status, stdout, stderr } = spawnSync(process.execPath, [...node, CLI, ...args], {
      cwd: this.path,
      input,
      env: { PATH: process.env["PATH"], ...env },
      encoding: "utf8",
      timeout: 120_000,
    });
    return { code: status, stdout, stderr };
  }
}

/** The same without a process: for what says nothing on stdout. */
export async function runHere(folder: Folder, args: readonly string[]): Promise<Omit<Result, "stdout">> {
  const { write } = process.stderr;
  const home = process.cwd();
  let stderr = "";
  process.stderr.write = (text: string | Uint8Array): boolean => {
    stderr += String(text);
    return true;
  };
  process.chdir(folder.path);
  try {
    const code = await main(args);
    return { code, stderr };
  } finally {
    process.chdir(home);
    process.stderr.write = write;
  }
}

/** One line on stderr, `message`, and the exit code. */
export function assertRefused(result: Omit<Result, "stdout">, code: number, message: string | RegExp): void {
  const [line, ...rest] = result.stderr.split("\n");
  assert.deepEqual(rest, [""], result.stderr);
  const said = line!.replace(/^error: /, "");
  if (typeof message === "string") assert.equal(said, message);
  else assert.match(said, message);
  assert.equal(result.code, code);
}

/** A module to play with: every kind of result, two traps, a named function that others call. */
export const MATH = `(module $math
  (func $fac (export "fac") (param $n i64) (result i64)
    (if (result i64) (i64.eqz (local.get $n)) (then (i64.const 1))
      (else (i64.mul (local.get $n) (call $fac (i64.sub (local.get $n) (i64.const 1)))))))
  (func $div (export "div") (param i32 i32) (result i32) (i32.div_s (local.get 0) (local.get 1)))
  (func (export "seventh") (param i32) (result i32) (call $div (i32.const 7) (local.get 0)))
  (func (export "floats") (param f32 f64) (result f64 f32 i32) local.get 1 local.get 0 i32.const -1)
  (func (export "refs") (param externref funcref) (result externref) local.get 0)
  (func $deep (export "deep") (call $deep))
  (global (export "g") i32 (i32.const 1))
  (memory (export "memory") 1))`;
