// Real programs from npm, unmodified, each with a short deterministic script and its expected output: WebAssembly is
// replaced by ours and the output must not change by a byte. The folder of scripts is copied to a temporary place and its
// packages are installed there; WORKLOADS names a copy that has them already.
import assert from "node:assert/strict";
import { spawnSync } from "node:child_process";
import fs from "node:fs";
import os from "node:os";
import path from "node:path";
import { after, before, describe, it } from "node:test";
import { fileURLToPath } from "node:url";

const PROGRAMS = ["hash-wasm", "sqljs", "quickjs", "gofmt", "resvg"];
const WASI_CASES = ["python312-c", "python312-fs"];
const SOURCE = path.join("..", "shared", "workloads");

const here = path.dirname(fileURLToPath(import.meta.url));
const prepared = process.env["WORKLOADS"];
const absent =
  prepared === undefined && !fs.existsSync(path.join(SOURCE, "package.json"))
    ? `no workloads in ${path.resolve(SOURCE)}; set WORKLOADS to a folder that has them, with their packages installed`
    : false;

describe("programs from npm", { skip: absent }, () => {
  let folder = prepared ?? "";
  before(() => {
    if (prepared !== undefined) return;
    folder = fs.mkdtempSync(path.join(os.tmpdir(), "wamrc-workloads-"));
    fs.cpSync(SOURCE, folder, { recursive: true });
    const installed = spawnSync("npm", ["install", "--ignore-scripts", "--no-audit", "--no-fund"], {
      cwd: folder,
      encoding: "utf8",
    });
    assert.equal(installed.status, 0, installed.stderr);
  });
  after(() => {
    if (prepared === undefined && folder !== "") fs.rmSync(folder, { recursive: true, force: true });
  });

  for (const name of PROGRAMS) {
    it(name, () => {
      const ran = spawnSync(
        process.execPath,
        ["--import", path.join(here, "preload.js"), path.join("run", `${name}.mjs`)],
        { cwd: folder, encoding: "utf8", maxBuffer: 1e8 },
      );
      assert.equal(ran.status, 0, ran.stderr);
      assert.equal(ran.stdout, fs.readFileSync(path.join(folder, "expect", `${name}.txt`), "utf8"));
    });
  }

  for (const name of WASI_CASES) {
    it(name, () => {
      const env = { ...process.env, RUNNER: path.join(here, "wasi-runner.js") };
      const ran = spawnSync(process.execPath, [path.join("run", "wasi-cases.mjs"), name], {
        cwd: folder,
        encoding: "utf8",
        env,
        maxBuffer: 1e8,
      });
      assert.equal(ran.status, 0, ran.stdout + ran.stderr);
      assert.match(ran.stdout, new RegExp(`^ok +${name}`));
    });
  }
});
