// What the package exports is bundled: the same names as the modules, every class once, and few files.
import assert from "node:assert/strict";
import { spawnSync } from "node:child_process";
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { after, describe, it } from "node:test";
import { fileURLToPath, pathToFileURL } from "node:url";

const ROOT = fileURLToPath(new URL("../../../..", import.meta.url));
const { exports } = JSON.parse(readFileSync(join(ROOT, "package.json"), "utf8")) as {
  exports: Record<string, string | Record<string, string>>;
};

/** A bundled file and all that it loads. */
function filesOf(file: string, found = new Set<string>()): Set<string> {
  if (found.has(file)) return found;
  found.add(file);
  for (const [, from] of readFileSync(file, "utf8").matchAll(/\b(?:from|import)"(\.[^"]+)"/g))
    filesOf(join(dirname(file), from!), found);
  return found;
}

const directory = mkdtempSync(join(tmpdir(), "wamrc-ts-"));
after(() => rmSync(directory, { recursive: true }));

const bundled = (name: string): string => join(ROOT, "dist/bundle", name);

describe("the bundled package", () => {
  for (const [name, targets] of Object.entries(exports)) {
    if (typeof targets === "string") continue;
    it(`exports from ${name} what its declarations say`, async () => {
      const module = join(ROOT, targets["types"]!.replace(".d.ts", ".js"));
      const target = join(ROOT, targets["node"] ?? targets["default"]!);
      const [expected, got] = await Promise.all([module, target].map((file) => import(pathToFileURL(file).href)));
      assert.deepEqual(Object.keys(got as object), Object.keys(expected as object));
    });
  }

  it("has every class once", async () => {
    const { compileSync } = await import("wamrc-ts/compiler");
    const { ArtifactError, load } = await import("wamrc-ts/loader");
    const { Memory, Trap, WasmError } = await import("wamrc-ts/runtime");
    const artifact = await import("wamrc-ts/runtime/artifact");
    assert.throws(() => compileSync(Uint8Array.of(1)), WasmError);
    assert.throws(() => load(Uint8Array.of(1)), ArtifactError);
    assert.ok(ArtifactError.prototype instanceof WasmError);
    assert.deepEqual([artifact.Trap, artifact.Memory], [Trap, Memory]);
  });

  it("loads three files to load an artifact: its names, what most starts need, what esbuild adds", () => {
    assert.equal(filesOf(bundled("loader.js")).size, 3);
  });

  it("needs nothing of Node in a browser", () => {
    const fromNode = /\b(?:from|import)"node:|\brequire\b/;
    for (const name of ["loader.js", "runtime.js", "artifact.js", "helpers.js", "wasi-browser.js"]) {
      for (const file of filesOf(bundled(name)))
        assert.doesNotMatch(readFileSync(file, "utf8"), fromNode, `${name} loads ${file}`);
    }
    const all = [...filesOf(bundled("wasi.js"))].map((file) => readFileSync(file, "utf8")).join("");
    assert.match(all, fromNode, "or this could not be seen");
  });

  it("starts neither streams nor cryptography before they are needed", () => {
    const file = join(directory, "start.mjs");
    const startedBy = (...specifiers: string[]): string => {
      const imports = specifiers.map((specifier) => `import ${JSON.stringify(specifier)};\n`);
      const heavy = "/NativeModule (crypto|internal.fs.streams)$/";
      writeFileSync(
        file,
        `${imports.join("")}console.log(process.moduleLoadList.filter((m) => ${heavy}.test(m)).join());`,
      );
      return spawnSync(process.execPath, [file], { encoding: "utf8" }).stdout.trim();
    };
    assert.equal(startedBy(...["loader.js", "wasi.js"].map((name) => pathToFileURL(bundled(name)).href)), "");
    assert.match(
      startedBy("node:fs", "node:crypto"),
      /crypto.*fs.streams|fs.streams.*crypto/,
      "or this could not be seen",
    );
  });
});
