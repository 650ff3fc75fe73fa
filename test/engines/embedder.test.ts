// The example of an embedding in an engine with little memory: it must print what it prints in Node.
import assert from "node:assert/strict";
import { test } from "node:test";
import { NOT_INSTALLED, runExample } from "./run-example.js";

test("an application with plug-ins in a pool of 256 KiB on QuickJS", (t) => {
  const expected = runExample("embedder/main.mjs");
  assert.equal(expected.status, 0);
  const { status, stdout, stderr } = runExample("embedder/main.mjs", ["quickjs"]);
  if (status === NOT_INSTALLED) return t.skip(stderr.trim());
  assert.deepEqual({ status, stdout, stderr }, { status: 0, stdout: expected.stdout, stderr: "" });
});
