// Everything lives in the pool: with the engine's constructors of buffers watched, nothing that a guest's life consists of makes
// one after `Runtime.init`.
import assert from "node:assert/strict";
import { mkdirSync, mkdtempSync, rmSync, symlinkSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { after, describe, it } from "node:test";
import { load, loadFile } from "../../../loader/index.js";
import { embed } from "../../../runtime/environment/index.js";
import { Runtime, Trap, type RuntimeOptions } from "../../../runtime/index.js";
import { Wasi } from "../../../runtime/wasi/index.js";
import { evaluateArtifact } from "../../support/js-artifact.js";
import { allocationsOf, unwatched } from "./allocation-watch.js";
import { artifactOf, bytesOf, GUEST, IMPORTS, type Calls } from "./guest.js";

const artifact = artifactOf(GUEST, { pageSize: 200 });
const directory = mkdtempSync(join(tmpdir(), "wamrc-ts-pool-"));
after(() => rmSync(directory, { recursive: true }));

/** Runs `body` with a runtime whose pool was there before, and fails if it makes a buffer, or leaves something in the pool. */
function inPool(body: (runtime: Runtime) => void, options: RuntimeOptions = {}): void {
  for (const pool of [new ArrayBuffer(4 << 20), new SharedArrayBuffer(4 << 20)]) {
    const runtime = Runtime.init({ allocator: { mode: "Alloc_With_Pool", pool }, ...options });
    assert.deepEqual(
      allocationsOf(() => body(runtime)),
      [],
    );
    assert.deepEqual(runtime.dispose(), []);
    assert.equal(runtime.allocator.statistics().allocated, 0);
  }
}

/** Calls everything that the guest exports, growing what can grow. */
function exercise(calls: Calls): void {
  assert.equal(calls.add!(1, 2), 3);
  assert.equal(calls.countUp!(), 8);
  assert.equal(calls.wide!(), -4n);
  assert.equal(calls.single!(), 1.5);
  assert.equal(calls.grow!(3), 1);
  assert.equal(calls.growTable!(30), 4);
  assert.equal(calls.indirect!(20, 3, 4), 7);
  for (let i = 0; i < 2; i++) {
    const value = { i };
    calls.keep!(i, value);
    assert.equal(calls.kept!(i), value);
  }
  calls.init!();
  assert.equal(calls.load!(32), "l".charCodeAt(0));
  assert.equal(calls.callOut!(1), 2);
  assert.throws(() => calls.load!(-1), Trap);
  assert.throws(() => calls.indirect!(0, 1, 2), Trap);
}

describe("in a pool, no buffer is made", () => {
  it("by the watch's own fault", () => {
    const view = new Uint8Array(8);
    const seen = allocationsOf(() => {
      new Uint8Array(view.buffer, 2, 4).subarray(1);
      new Uint8Array(3);
      Uint8Array.from([1]);
      view.slice();
      unwatched(() => new ArrayBuffer(8));
      Buffer.alloc(4);
      new DataView(new ArrayBuffer(8));
    });
    assert.deepEqual(
      seen.map((text) => text.split("\n")[0]),
      ["new Uint8Array(3)", "new Uint8Array(1)", "slice", "alloc", "new ArrayBuffer(8)"],
    );
  });

  for (const reference of [false, true])
    it(`to load, instantiate, call and dispose ${reference ? "with the file buffer by reference" : ""}`, () =>
      inPool((runtime) => {
        const module = load(artifact, { runtime, reference, verify: true });
        for (let i = 0; i < 2; i++) {
          const instance = module.instantiate(IMPORTS);
          exercise(instance.exports as Calls);
          instance.dispose();
        }
        module.freeFileBuffer();
        const instance = module.instantiate(IMPORTS);
        exercise(instance.exports as Calls);
        assert.ok(module.module.funcNames);
        instance.dispose();
        module.dispose();
      }));

  it("to load a file, and to write and read its code cache", () => {
    const path = join(directory, "guest.aot");
    const cache = `${path}.v8cache`;
    writeFileSync(path, artifact);
    inPool((runtime) => {
      for (const cached of [false, true]) {
        const module = loadFile(path, { runtime });
        assert.equal(bytesOf(runtime.memoryReport(), "module", "code cache") > 0, cached);
        const instance = module.instantiate(IMPORTS);
        exercise(instance.exports as Calls);
        assert.equal(module.saveCodeCache(), !cached);
        instance.dispose();
        module.dispose();
      }
      rmSync(cache);
    });
  });

  it("to run a JavaScript artifact", () => {
    const bytes = artifactOf(GUEST, { format: "esm", runtime: "external" });
    const { instantiateSync } = evaluateArtifact(bytes);
    inPool((runtime) => {
      for (let i = 0; i < 2; i++) {
        const instance = instantiateSync(IMPORTS, { runtime });
        exercise(instance.exports as Calls);
        instance.dispose();
      }
    });
  });

  it("to call in an execution environment, and to run native functions", () => {
    inPool((runtime) => {
      const seen: unknown[] = [];
      const symbols = [
        { symbol: "text", signature: "($)i", func: (_: unknown, text: unknown) => void seen.push(text) },
        {
          symbol: "bytes",
          signature: "(*~I)i",
          func: (_: unknown, pointer: unknown, length: unknown, wide: unknown) => void seen.push(pointer, length, wide),
        },
      ];
      runtime.registerNatives("env", symbols);
      const module = load(NATIVE, { runtime });
      const instance = embed(module, { heapSize: 4096 });
      const env = instance.createExecEnv({ stackSize: 1024 });
      env.call("run", []);
      assert.equal(seen[0], "hellö");
      env.dispose();
      instance.dispose();
      module.dispose();
      runtime.unregisterNatives("env", symbols);
    });
  });

  it("to run a program of WASI", () => {
    mkdirSync(join(directory, "data"), { recursive: true });
    writeFileSync(join(directory, "data", "file"), "contents");
    symlinkSync("file", join(directory, "data", "link"));
    inPool((runtime) => {
      let output = "";
      const module = load(WASI_GUEST, { runtime });
      const wasi = new Wasi({
        runtime,
        args: ["program", "ärgument"],
        env: { HOME: "/" },
        preopens: { "/data": join(directory, "data") },
        stdin: "typed in",
        stdout: (bytes) => unwatched(() => void (output += new TextDecoder().decode(Uint8Array.from(bytes)))),
        stderr() {},
      });
      const instance = module.instantiate(wasi.importObject);
      assert.equal(wasi.start(instance), 0);
      assert.equal(output, "typed in|contents|file|/data|program\0ärgument\0");
      assert.equal((instance.exports as Calls).failed!(), 0);
      instance.dispose();
      module.dispose();
    });
  });
});

const NATIVE = artifactOf(`(module
  (import "env" "text" (func $text (param i32) (result i32)))
  (import "env" "bytes" (func $bytes (param i32 i32 i64) (result i32)))
  (memory (export "memory") 1)
  (data (i32.const 8) "hell\\c3\\b6\\00")
  (func (export "run") (result i32)
    (i32.add (call $text (i32.const 8)) (call $bytes (i32.const 8) (i32.const 3) (i64.const -1)))))`);

/** Calls one after another; each that fails is counted. What it reads it writes to stdout, with bars between. */
function wasiProgram(): string {
  const imports: string[] = [];
  const body: string[] = [];
  const known = new Set<string>();
  const call = (name: string, ...args: (number | bigint)[]): void => {
    const types = args.map((arg) => (typeof arg === "bigint" ? "i64" : "i32"));
    if (!known.has(name))
      imports.push(
        `(import "wasi_snapshot_preview1" "${name}" (func $${name} (param ${types.join(" ")}) (result i32)))`,
      );
    known.add(name);
    const values = args.map((arg, i) => `(${types[i]}.const ${arg})`).join(" ");
    body.push(`(global.set $failed (i32.add (global.get $failed) (i32.ne (i32.const 0) (call $${name} ${values}))))`);
  };
  const RESULT = 8;
  const VECTOR = 16;
  const store = (at: number, value: string): void => void body.push(`(i32.store (i32.const ${at}) ${value})`);
  const write = (at: number, length: string): void => {
    store(VECTOR, `(i32.const ${at})`);
    store(VECTOR + 4, length);
    call("fd_write", 1, VECTOR, 1, RESULT);
  };
  const bar = (): void => write(0, "(i32.const 1)");
  const result = `(i32.load (i32.const ${RESULT}))`;
  const read = (fd: number): void => {
    store(VECTOR, "(i32.const 1024)");
    store(VECTOR + 4, "(i32.const 512)");
    call("fd_read", fd, VECTOR, 1, RESULT);
    write(1024, result);
    bar();
  };
  read(0);
  call("path_open", 3, 0, 32, 4, 0, 2n, 0n, 0, 2048);
  read(4);
  call("fd_fdstat_get", 4, 2048);
  call("fd_close", 4);
  call("fd_renumber", 2, 2);
  call("path_readlink", 3, 40, 4, 1024, 512, RESULT);
  write(1024, result);
  bar();
  call("fd_readdir", 3, 4096, 4096, 0n, RESULT);
  call("fd_prestat_get", 3, 2048);
  call("fd_prestat_dir_name", 3, 1024, 5);
  write(1024, "(i32.const 5)");
  bar();
  call("args_sizes_get", RESULT, RESULT + 4);
  call("args_get", 2048, 1024);
  write(1024, `(i32.load (i32.const ${RESULT + 4}))`);
  call("environ_get", 2048, 3000);
  call("random_get", 8192, 8192);
  call("clock_time_get", 1, 0n, 2048);
  // A clock that has run out, and stdin.
  store(20000 + 64, "(i32.const 0)");
  body.push("(i32.store8 (i32.const 20056) (i32.const 1))");
  call("poll_oneoff", 20000, 21000, 2, RESULT);
  call("sched_yield");
  return `(module ${imports.map((line) => line.replace("(param )", "")).join("\n")}
    (memory (export "memory") 1)
    (global $failed (mut i32) (i32.const 0))
    (data (i32.const 0) "|")
    (data (i32.const 32) "file")
    (data (i32.const 40) "link")
    (func (export "failed") (result i32) (global.get $failed))
    (func (export "_start") ${body.join("\n")}))`;
}

const WASI_GUEST = artifactOf(wasiProgram());
