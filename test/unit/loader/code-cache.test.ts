// The code cache accelerates and never harms: it is used when it fits, and ignored in silence when anything is wrong.
import assert from "node:assert/strict";
import { mkdirSync, mkdtempSync, readFileSync, readdirSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { spawnSync } from "node:child_process";
import { after, describe, it } from "node:test";
import { writeAot } from "../../../compiler/write/aot.js";
import { fileCache, load, loadFile } from "../../../loader/index.js";
import type { CacheStore, LoadedModule } from "../../../loader/index.js";
import { fullImage } from "./images.js";

const directory = mkdtempSync(join(tmpdir(), "wamrc-ts-cache-"));
after(() => rmSync(directory, { recursive: true }));

const full = writeAot(fullImage());

function memoryStore(contents?: Uint8Array): CacheStore & { contents: Uint8Array | undefined; writes: number } {
  const store = {
    contents,
    writes: 0,
    read: () => store.contents,
    write(bytes: Uint8Array) {
      store.contents = bytes;
      store.writes++;
    },
  };
  return store;
}

function run(module: LoadedModule): void {
  const exports = module.instantiate({ env: { log() {} } }).exports as Record<string, (...args: unknown[]) => unknown>;
  assert.equal(exports.add!(1, 2), 3);
  assert.equal(exports.mul!(3n, 4n), 12n);
}

/** Runs with a store and tells whether all pages came from it: then there is nothing to save. */
function hits(store: CacheStore, artifact = full): boolean {
  const module = load(artifact, { codeCache: store });
  run(module);
  return !module.saveCodeCache();
}

describe("code cache", () => {
  it("is written once and used from then on", () => {
    const store = memoryStore();
    assert.equal(hits(store), false);
    assert.equal(store.writes, 1);
    assert.equal(hits(store), true);
    assert.equal(hits(store), true);
    assert.equal(store.writes, 1);
  });

  it("keeps the pages of earlier runs", () => {
    const store = memoryStore();
    const first = load(full, { codeCache: store });
    (first.instantiate({ env: { log() {} } }).exports as { add(a: number, b: number): number }).add(1, 2);
    assert.ok(first.saveCodeCache());
    assert.equal(hits(store), false);
    assert.equal(hits(store), true);
  });

  it("is not used for another artifact", () => {
    const store = memoryStore();
    hits(store);
    const image = fullImage();
    const [first, second] = image.pages;
    const other = writeAot({ ...image, pages: [{ ...first!, text: first!.text.replace("a+b|0", "b+a|0") }, second!] });
    assert.equal(hits(store, other), false);
  });

  it("is ignored when any byte of it is damaged", () => {
    const store = memoryStore();
    hits(store);
    const good = store.contents!;
    const missed = new Set<boolean>();
    for (let at = 0; at < good.length; at += at < 200 ? 1 : 211) {
      const damaged = good.slice();
      damaged[at]! ^= 1 << (at % 8);
      missed.add(hits(memoryStore(damaged)));
    }
    assert.deepEqual([...missed], [false]);
    for (const cut of [0, 1, 50, good.length >> 1, good.length - 1])
      assert.equal(hits(memoryStore(good.slice(0, cut))), false);
  });

  it("is ignored under other flags of the engine", () => {
    const path = join(directory, "flags.aot");
    writeFileSync(path, full);
    const script = `
      import { loadFile } from ${JSON.stringify(new URL("../../../loader/index.js", import.meta.url).href)};
      const module = loadFile(${JSON.stringify(path)});
      module.instantiate({ env: { log() {} } }).exports.add(1, 2);
      console.log(module.saveCodeCache());`;
    const saved = (...flags: string[]): string =>
      spawnSync(process.execPath, [...flags, "--input-type=module", "-e", script], { encoding: "utf8" }).stdout.trim();
    assert.equal(saved(), "true");
    assert.equal(saved(), "false");
    assert.equal(saved("--no-opt"), "true");
  });

  it("is saved when the process ends", () => {
    const path = join(directory, "exit.aot");
    writeFileSync(path, full);
    const script = `
      import { loadFile } from ${JSON.stringify(new URL("../../../loader/index.js", import.meta.url).href)};
      const module = loadFile(${JSON.stringify(path)});
      module.instantiate({ env: { log() {} } }).exports.add(1, 2);
      process.exit(3);`;
    const { status } = spawnSync(process.execPath, ["--input-type=module", "-e", script]);
    assert.equal(status, 3);
    const module = loadFile(path);
    (module.instantiate({ env: { log() {} } }).exports as { add(a: number, b: number): number }).add(1, 2);
    assert.equal(module.saveCodeCache(), false);
  });

  it("may fail to be read or written", () => {
    const broken: CacheStore = {
      read() {
        throw new Error("no");
      },
      write() {
        throw new Error("no");
      },
    };
    const module = load(full, { codeCache: broken });
    run(module);
    assert.equal(module.saveCodeCache(), false);
  });

  it("lies beside the file, or in a directory, whole or not at all", () => {
    const path = join(directory, "full.aot");
    writeFileSync(path, full);
    const module = loadFile(path);
    run(module);
    assert.ok(module.saveCodeCache());
    assert.deepEqual(
      readdirSync(directory).filter((name) => name.startsWith("full.")),
      ["full.aot", "full.aot.v8cache"],
    );
    const elsewhere = join(directory, "some", "where");
    const second = loadFile(path, { codeCache: elsewhere });
    run(second);
    assert.ok(second.saveCodeCache());
    assert.deepEqual(readdirSync(elsewhere), [`${second.region.digest.slice(0, 32)}.v8cache`]);
    assert.deepEqual(
      readFileSync(join(elsewhere, readdirSync(elsewhere)[0]!))
        .subarray(1, 22)
        .toString(),
      "wamrc-ts code cache 2",
    );
    const none = loadFile(path, { codeCache: false });
    run(none);
    assert.equal(none.saveCodeCache(), false);
  });

  it("leaves nothing behind where it cannot be renamed into place", () => {
    const path = join(directory, "blocked");
    mkdirSync(join(path, "inside"), { recursive: true });
    const module = load(full, { codeCache: fileCache(path) });
    run(module);
    assert.equal(module.saveCodeCache(), false);
    assert.deepEqual(
      readdirSync(directory).filter((name) => name.includes(".tmp")),
      [],
    );
  });
});
