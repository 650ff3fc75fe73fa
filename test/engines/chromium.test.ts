// The page with a strict Content-Security-Policy in a real browser: served on loopback, run by headless Chromium, read
// back from the finished document.
import assert from "node:assert/strict";
import { spawn } from "node:child_process";
import { existsSync, mkdtempSync, rmSync, statSync } from "node:fs";
import type { Server } from "node:http";
import type { AddressInfo } from "node:net";
import { tmpdir } from "node:os";
import { delimiter, join } from "node:path";
import { test, type TestContext } from "node:test";
import { pathToFileURL } from "node:url";
import { ROOT } from "./run-example.js";

const FLAGS = [
  "--headless",
  "--no-sandbox",
  "--disable-gpu",
  "--disable-quic",
  "--no-first-run",
  "--disable-background-networking",
  "--disable-component-update",
  "--disable-sync",
  "--hide-scrollbars",
  "--window-size=900,1000",
  // Time in the page runs ahead while it waits, so that the document is final when it is read.
  "--virtual-time-budget=20000",
];

function findChromium(): string | undefined {
  const folders = (process.env["PATH"] ?? "").split(delimiter);
  return ["chromium", "chromium-browser", "google-chrome"]
    .flatMap((name) => folders.map((folder) => join(folder, name)))
    .find((path) => existsSync(path));
}

/** Loads a page and returns what `--dump-dom` or `--screenshot` make of it. */
async function chromium(
  path: string,
  profile: string,
  args: readonly string[],
): Promise<{ stdout: string; stderr: string }> {
  const child = spawn(path, [...FLAGS, `--user-data-dir=${profile}`, ...args], { stdio: ["ignore", "pipe", "pipe"] });
  const timer = setTimeout(() => child.kill("SIGKILL"), 300_000);
  let stdout = "";
  let stderr = "";
  child.stdout.setEncoding("utf8").on("data", (text: string) => (stdout += text));
  child.stderr.setEncoding("utf8").on("data", (text: string) => (stderr += text));
  const code = await new Promise((resolve, reject) => child.once("error", reject).once("close", resolve));
  clearTimeout(timer);
  assert.equal(code, 0, `chromium failed: ${stderr}`);
  return { stdout, stderr };
}

async function withPage(
  t: TestContext,
  use: (path: string, profile: string, url: string) => Promise<void>,
): Promise<void> {
  const path = findChromium();
  if (path === undefined) return t.skip("chromium is not installed; Debian's package chromium brings it");
  const example = pathToFileURL(join(ROOT, "examples/sqlite-page/serve.mjs")).href;
  const { serve } = (await import(example)) as { serve(port: number): Promise<Server> };
  const server = await serve(0);
  const profile = mkdtempSync(join(tmpdir(), "wamrc-ts-chromium-"));
  try {
    await use(path, profile, `http://127.0.0.1:${(server.address() as AddressInfo).port}/`);
  } finally {
    server.close();
    server.closeAllConnections();
    rmSync(profile, { recursive: true, force: true });
  }
}

test("a page that may neither compile WebAssembly nor evaluate strings runs SQLite", (t) =>
  withPage(t, async (path, profile, url) => {
    const { headers } = await fetch(url);
    assert.equal(headers.get("content-security-policy"), "default-src 'self'; script-src 'self'");
    const { stdout: dom } = await chromium(path, profile, ["--dump-dom", url]);
    assert.match(dom, /<dt>new WebAssembly.Module<\/dt><dd>refused: CompileError<\/dd>/);
    assert.match(dom, /<dt>new Function<\/dt><dd>refused: EvalError<\/dd>/);
    assert.match(dom, /<dt>SQLite<\/dt><dd>\d+\.\d+\.\d+, ready in \d+ ms<\/dd>/);
    assert.match(
      dom,
      /<tr><th>planet<\/th><th>moons<\/th><th>earths<\/th><\/tr><tr><td>Jupiter<\/td><td>95<\/td><td>10\.97<\/td>/,
    );
    assert.match(dom, /<p id="status" role="status" class="done">8 rows in /);
  }));

test("the page can be drawn", (t) =>
  withPage(t, async (path, profile, url) => {
    const file = join(profile, "page.png");
    await chromium(path, profile, [`--screenshot=${file}`, url]);
    assert.ok(statSync(file).size > 10_000, "the screenshot is all but empty");
    const { SCREENSHOT } = process.env;
    if (SCREENSHOT) (await import("node:fs")).copyFileSync(file, SCREENSHOT);
  }));
