// The page with a strict Content-Security-Policy in a real browser: served on loopback, run by headless Chromium, read
// back from the finished document.
import assert from "node:assert/strict";
import { mkdtempSync, rmSync, statSync } from "node:fs";
import type { Server } from "node:http";
import type { AddressInfo } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { test, type TestContext } from "node:test";
import { pathToFileURL } from "node:url";
import { chromium, findChromium, NO_CHROMIUM } from "./chromium.js";
import { ROOT } from "./run-example.js";

async function withPage(
  t: TestContext,
  use: (path: string, profile: string, url: string) => Promise<void>,
): Promise<void> {
  const path = findChromium();
  if (path === undefined) return t.skip(NO_CHROMIUM);
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
