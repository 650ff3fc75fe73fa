// Every call on three implementations: ours on Linux's /proc, ours by paths, and node:wasi. Answers are equal, but for what
// differences.ts lists.

import assert from "node:assert/strict";
import { spawnSync } from "node:child_process";
import { readFileSync } from "node:fs";
import { test } from "node:test";
import { fileURLToPath } from "node:url";
import { REASONS, UNTESTED_REASONS } from "./differences.js";
import { STEPS } from "./scenario.js";

const here = fileURLToPath(new URL(".", import.meta.url));
const linux = process.platform === "linux" ? false : "needs mkfifo and /proc";

function answers(side: string): Record<string, string> {
  const { stdout, stderr, status, error } = spawnSync(
    process.execPath,
    ["--no-warnings", `${here}scenario-main.js`, side],
    { timeout: 60_000 },
  );
  assert.equal(error, undefined);
  assert.equal(status, 0, `${side}: ${stderr.toString()}`);
  return JSON.parse(stdout.toString()) as Record<string, string>;
}

test("steps have names of their own", () => {
  assert.equal(new Set(STEPS.map(([name]) => name)).size, STEPS.length);
});

test("our answers are node:wasi's, but for the listed differences", { skip: linux }, (t) => {
  if (process.versions["uvwasi"] !== "0.0.23")
    return t.skip(`differences are listed for uvwasi 0.0.23, this is ${process.versions["uvwasi"]}`);
  const ours = answers("ours");
  const node = answers("node");
  const listed = Object.values(REASONS).flat();
  const differing = Object.keys(node).filter((name) => ours[name] !== node[name]);
  const unexplained = differing
    .filter((name) => !listed.includes(name))
    .map((name) => `${name}: ours ${ours[name]}, node ${node[name]}`);
  assert.deepEqual(unexplained, []);
  assert.deepEqual(
    listed.filter((name) => !differing.includes(name)),
    [],
    "listed as a difference, but there is none",
  );
});

test("without /proc the answers are the same", { skip: linux }, () => {
  const proc = answers("ours");
  const path = answers("ours-path");
  // Flags of an open file can only be changed by opening it again.
  const known = ["stop appending", "append again"];
  assert.deepEqual(
    Object.keys(proc).filter((name) => proc[name] !== path[name]),
    known,
  );
});

test("DIFFERENCES.md names every reason, and no other", () => {
  const text = readFileSync(new URL("../../../runtime/wasi/DIFFERENCES.md", import.meta.url), "utf8");
  const rows = [...text.matchAll(/^\| \*\*(.+?)\*\*/gm)].map(([, reason]) => reason);
  assert.deepEqual(rows, [...Object.keys(REASONS), ...UNTESTED_REASONS]);
});
