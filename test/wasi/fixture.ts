// A guest on a temporary tree of files, for tests: `base/w` is preopened as "/w" (descriptor 3), `base/outside` is what must not
// be reached. Removed when the test ends.

import { mkdirSync, mkdtempSync, realpathSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import type { TestContext } from "node:test";
import { NodeHost, OutputBuffer, Wasi } from "../../runtime/wasi/index.js";
import type { WasiOptions } from "../../runtime/wasi/wasi.js";
import { Guest } from "./guest.js";

export interface Fixture {
  readonly g: Guest;
  readonly wasi: Wasi;
  readonly base: string;
  readonly w: string;
  readonly stdout: OutputBuffer;
  readonly stderr: OutputBuffer;
}

export interface FixtureOptions extends WasiOptions {
  readonly procfs?: boolean;
}

/** The preopened directory. */
export const W = 3;

export function setUp(t: TestContext, options: FixtureOptions = {}): Fixture {
  const base = realpathSync(mkdtempSync(join(tmpdir(), "wasi-test-")));
  const w = join(base, "w");
  mkdirSync(w);
  mkdirSync(join(base, "outside"));
  writeFileSync(join(base, "outside/secret"), "secret");
  const stdout = new OutputBuffer();
  const stderr = new OutputBuffer();
  const host = options.host ?? new NodeHost(options.procfs === undefined ? {} : { procfs: options.procfs });
  const wasi = new Wasi({ stdin: "", stdout, stderr, preopens: { "/w": w }, ...options, host });
  const memory = { buffer: new ArrayBuffer(256 * 1024) };
  wasi.bind(memory);
  t.after(() => {
    wasi.close();
    rmSync(base, { recursive: true, force: true });
  });
  return { g: new Guest(wasi.imports, memory), wasi, base, w, stdout, stderr };
}
