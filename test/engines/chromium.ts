// A headless Chromium for tests of pages: reads the finished document, or draws it.
import assert from "node:assert/strict";
import { spawn } from "node:child_process";
import { existsSync } from "node:fs";
import { delimiter, join } from "node:path";

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

/** The path of the browser; undefined where it is not installed, which `NO_CHROMIUM` tells how to change. */
export function findChromium(): string | undefined {
  const folders = (process.env["PATH"] ?? "").split(delimiter);
  return ["chromium", "chromium-browser", "google-chrome"]
    .flatMap((name) => folders.map((folder) => join(folder, name)))
    .find((path) => existsSync(path));
}

/** Loads a page in a fresh profile folder and returns what `--dump-dom` or `--screenshot` make of it. */
export async function chromium(
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

export const NO_CHROMIUM = "chromium is not installed; Debian's package chromium brings it";
