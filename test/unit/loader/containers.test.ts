// Both containers hold the same image and run through the same linker: one suite, a function of how an image becomes an
// instance.
import assert from "node:assert/strict";
import { spawnSync } from "node:child_process";
import { createRequire } from "node:module";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { after, describe, it } from "node:test";
import { fileURLToPath, pathToFileURL } from "node:url";
import { runInNewContext } from "node:vm";
import { compileSync } from "../../../compiler/index.js";
import { writeAot } from "../../../compiler/write/aot.js";
import { writeJavaScript } from "../../../compiler/write/javascript.js";
import type { Image } from "../../../loader/image.js";
import { ABI_VERSION } from "../../../loader/layout.js";
import { load } from "../../../loader/index.js";
import { Op } from "../../../runtime/wasm/opcodes.js";
import { F64, I64 } from "../../../runtime/wasm/types.js";
import { ByteWriter, ModuleBuilder } from "../../support/module-builder.js";
import { DATA, fullImage, importingImage, smallestImage } from "./images.js";

// eslint-disable-next-line @typescript-eslint/no-explicit-any
type Exports = Record<string, any>;
type Container = (image: Image, imports?: object) => Promise<{ readonly exports: Exports }>;

const directory = mkdtempSync(join(tmpdir(), "wamrc-ts-"));
after(() => rmSync(directory, { recursive: true }));
let files = 0;
function file(text: string, extension: string): string {
  const path = join(directory, `artifact${files++}.${extension}`);
  writeFileSync(path, text);
  return path;
}

const CONTAINERS: Record<string, Container> = {
  aot: (image, imports) => Promise.resolve(load(writeAot(image)).instantiate(imports as never)),
  esm: async (image, imports) => {
    const path = file(writeJavaScript(image, { format: "esm", lines: true }), "mjs");
    return (await import(pathToFileURL(path).href)).instantiateSync(imports);
  },
  cjs: (image, imports) => {
    const path = file(writeJavaScript(image, { format: "cjs", lines: true, charset: "ascii" }), "cjs");
    return createRequire(import.meta.url)(path).instantiate(imports);
  },
  // A realm of its own, in which nothing may be evaluated: the promise of the format.
  script: (image, imports) => {
    const text = writeJavaScript(image, { format: "script", name: "artifact", lines: true });
    const context = { imports };
    const options = { contextCodeGeneration: { strings: false, wasm: false } };
    return Promise.resolve(runInNewContext(`${text};artifact.instantiateSync(imports)`, context, options));
  },
};

for (const [name, container] of Object.entries(CONTAINERS)) {
  describe(`container ${name}`, () => {
    const logged: number[] = [];
    const full = (): Promise<{ exports: Exports }> =>
      container(fullImage(), { env: { log: (x: number) => logged.push(x) } });

    it("runs the smallest image", async () => {
      const { exports } = await container(smallestImage());
      assert.deepEqual(Object.keys(exports), ["answer"]);
      assert.equal(exports.answer(), 42);
    });

    it("calls within a page, across pages and to the host", async () => {
      const { exports } = await full();
      assert.equal(exports.add(2, 3), 5);
      logged.length = 0;
      assert.equal(exports.twice(10, 3), 14);
      assert.deepEqual(logged, [10]);
      assert.equal(exports.twice(1, 3), -4);
    });

    it("passes i64 as halves and shares mutable globals", async () => {
      const { exports } = await full();
      assert.equal(exports.last.value, 0x1ffffffffn);
      assert.equal(exports.mul(-3n, 0x123456789abcdefn), -3n * 0x123456789abcdefn);
      assert.equal(exports.last.value, -3n);
      exports.last.value = 77n;
      assert.equal(exports.last.value, 77n);
    });

    it("initializes memory and rebinds the view when it grows", async () => {
      const { exports } = await full();
      assert.deepEqual(new Uint8Array(exports.memory.buffer, 16, DATA.length), DATA);
      assert.equal(exports.peek(16, 1), 104 - 4);
      assert.equal(exports.peek(65536 + 8, 0), -3);
      assert.throws(() => exports.peek(2 * 65536, 0), { name: "Trap", message: "out of bounds memory access" });
      exports.memory.grow(1);
      assert.equal(exports.peek(2 * 65536, 0), -1);
    });

    it("calls through the table, before and after the target's page is in", async () => {
      const { exports } = await full();
      assert.equal(exports.apply(1, 21), 42);
      assert.equal(exports.apply(2, 21), 0);
      assert.equal(exports.apply(2, 5), 0);
      assert.equal(exports.apply(3, 8), 0);
      assert.throws(() => exports.apply(0, 1), { message: "uninitialized element" });
      assert.throws(() => exports.apply(99, 1), { message: "undefined element" });
      assert.equal(exports.täble.length, 6);
      exports.täble.set(4, exports.mul);
      assert.throws(() => exports.apply(4, 1), { message: "indirect call type mismatch" });
      exports.täble.set(4, exports.add);
      assert.equal(exports.apply(4, 4), 8);
      assert.equal(exports.size(), 6);
    });

    it("leaves no stub in a table once the function is there", async () => {
      const { exports } = await full();
      const isStub = (index: number): boolean => exports.täble.codesOf("ii:i")[index].t !== undefined;
      assert.ok(isStub(1) && isStub(2) && isStub(3));
      exports.add(1, 2);
      assert.deepEqual([isStub(1), isStub(2), isStub(3)], [false, true, false]);
      exports.mul(1n, 2n);
      assert.ok(!isStub(2));
    });

    it("keeps tail calls in constant stack through a stub", async () => {
      const { exports } = await full();
      assert.equal(exports.count(200000, 1), 8);
    });

    it("locates traps in the .wasm", async () => {
      const { exports } = await full();
      assert.throws(
        () => exports.boom(),
        (error: Error & { frames: unknown[]; offset: number }) => {
          assert.match(error.message, /^unreachable/);
          assert.equal(JSON.stringify(error.frames[0]), '{"funcIndex":7,"name":"go boom ☃","offset":140}');
          return true;
        },
      );
      assert.throws(
        () => exports.peek(1 << 20, 0),
        (error: Error & { frames: unknown[]; offset: number }) => {
          assert.equal(JSON.stringify(error.frames), '[{"funcIndex":5,"offset":130}]');
          return true;
        },
      );
    });

    it("makes independent instances", async () => {
      const [one, two] = [await full(), await full()];
      assert.equal(one.exports.peek(16, 0), 100);
      assert.equal(one.exports.peek(16, 0), 101);
      assert.equal(two.exports.peek(16, 0), 100);
    });

    it("reports missing imports", async () => {
      await assert.rejects(async () => container(fullImage(), {}), { name: "LinkError", message: /"env" "log"/ });
    });
  });
}

describe("functions of other instances", () => {
  it("are called without a stub once their page is in", () => {
    const a = load(writeAot(fullImage())).instantiate({ env: { log() {} } }).exports as Exports;
    const b = load(writeAot(importingImage())).instantiate({ a: { f: a.twice } }).exports as Exports;
    assert.equal(b.direct(), 0);
    assert.equal(b.go(10, 3), 14);
    assert.equal(b.direct(), 1);
    assert.equal(b.go(10, 3), 14);
    const late = load(writeAot(importingImage())).instantiate({ a: { f: a.twice } }).exports as Exports;
    assert.equal(late.direct(), 1);
  });
});

describe("JavaScript artifacts", () => {
  it("describe their module", async () => {
    const path = file(writeJavaScript(fullImage()), "mjs");
    const { module, Memory, Table, Global, Trap, LinkError } = await import(pathToFileURL(path).href);
    assert.equal(module.digest, fullImage().target.sourceDigest);
    assert.deepEqual(module.imports, [{ module: "env", name: "log", kind: "function" }]);
    assert.deepEqual(module.exports[8], { name: "last", kind: "global" });
    for (const exported of [Memory, Table, Global, Trap, LinkError]) assert.equal(typeof exported, "function");
  });

  it("are the same text every time", () => {
    for (const format of ["esm", "cjs", "script"] as const) {
      assert.equal(writeJavaScript(fullImage(), { format }), writeJavaScript(fullImage(), { format }));
    }
  });

  it("refuse to run when read in another encoding", () => {
    const text = writeJavaScript(fullImage(), { format: "script" });
    const misread = Buffer.from(text, "utf8").toString("latin1");
    assert.throws(() => runInNewContext(misread), { message: /charset=utf-8/ });
    assert.doesNotThrow(() => runInNewContext(writeJavaScript(fullImage(), { format: "script", charset: "ascii" })));
  });

  it("refuse a runtime of another ABI", () => {
    const text = writeJavaScript(fullImage(), { format: "script" });
    assert.throws(() => runInNewContext(text.replace(`abi:${ABI_VERSION},`, "abi:99,")), {
      message: new RegExp(`ABI version 99, this runtime has ${ABI_VERSION}`),
    });
  });

  it("leave lines and names out when asked to", async () => {
    const path = file(writeJavaScript(fullImage(), { names: false }), "mjs");
    const { exports } = (await import(pathToFileURL(path).href)).instantiateSync({ env: { log() {} } });
    assert.throws(
      () => exports.boom(),
      (error: Error & { frames: unknown[] }) => {
        assert.equal(JSON.stringify(error.frames), '[{"funcIndex":7}]');
        return true;
      },
    );
  });

  it("refuse impossible options", () => {
    assert.throws(() => writeJavaScript(fullImage(), { format: "cjs", runtime: "external" }), TypeError);
    assert.throws(() => writeJavaScript(fullImage(), { format: "script", name: "a b" }), TypeError);
    assert.throws(() => writeJavaScript(fullImage(), { format: "script", name: "class" }), TypeError);
  });

  // In ES5, to which their runtime is down-levelled, a stub's rest parameters were an array that lost it.
  it("keep a signalling NaN in the first call of a page", async () => {
    const m = new ModuleBuilder();
    const code = new ByteWriter().op(Op.local_get).u32(0).op(Op.i64_reinterpret_f64);
    m.export("bits", "func", m.func(m.type([F64], [I64]), [], code));
    const text = new TextDecoder().decode(compileSync(m.toBytes(), { format: "cjs" }));
    const artifact = createRequire(import.meta.url)(file(text, "cjs"));
    // In an array that has held something else numbers stay as they are, in one of doubles they do not.
    const scalars: unknown[] = [null];
    scalars[0] = new Float64Array(Uint32Array.of(1, 0x7ff4_0000).buffer)[0];
    assert.deepEqual(artifact.instantiateSync().invokeRaw("bits", scalars), [1, 0x7ff4_0000]);
  });

  it("share one runtime when it is external", () => {
    const text = writeJavaScript(fullImage(), { runtime: "external" });
    assert.match(text, /from"wamrc-ts\/runtime\/artifact"/);
    assert.ok(text.length < 5000, `${text.length} characters`);
    // Run within the package, where its own name resolves.
    const driver = "console.log(instantiateSync({ env: { log() {} } }).exports.mul(6n, 7n), typeof Memory);";
    const external = text.replace("export var", "var") + 'import { Memory } from "wamrc-ts/runtime/artifact";' + driver;
    const { stdout, stderr } = spawnSync(process.execPath, ["--input-type=module", "-e", external], {
      cwd: fileURLToPath(new URL("../../../..", import.meta.url)),
      encoding: "utf8",
    });
    assert.equal(stdout, "42n function\n", stderr);
  });
});
