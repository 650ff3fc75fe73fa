// `wamrc-ts run`: WASI commands with their arguments, folders and exit codes; single exports; traps; and what it loads.
import assert from "node:assert/strict";
import { mkdirSync, readFileSync, readdirSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { before, test } from "node:test";
import { assertRefused, Folder, MATH, ROOT, runHere, type Result } from "./command.js";

/** Prints its arguments and variables, one a line, copies /d/in to /d/out, exits with the number of arguments plus 40. */
const ECHO = `(module
  (import "wasi_snapshot_preview1" "args_sizes_get" (func $args_sizes (param i32 i32) (result i32)))
  (import "wasi_snapshot_preview1" "args_get" (func $args (param i32 i32) (result i32)))
  (import "wasi_snapshot_preview1" "environ_sizes_get" (func $env_sizes (param i32 i32) (result i32)))
  (import "wasi_snapshot_preview1" "environ_get" (func $env (param i32 i32) (result i32)))
  (import "wasi_snapshot_preview1" "fd_write" (func $write (param i32 i32 i32 i32) (result i32)))
  (import "wasi_snapshot_preview1" "fd_read" (func $read (param i32 i32 i32 i32) (result i32)))
  (import "wasi_snapshot_preview1" "path_open"
    (func $open (param i32 i32 i32 i32 i32 i64 i64 i32 i32) (result i32)))
  (import "wasi_snapshot_preview1" "proc_exit" (func $exit (param i32)))
  (memory (export "memory") 1)
  (data (i32.const 900) "inout\\n")
  ;; 0: argument count, 4: size of strings, 8: iovec, 16: result, 1024: pointers, 2048: strings
  (func $lines (local $i i32) (local $at i32)
    (block $done (loop $next
      (br_if $done (i32.ge_u (local.get $i) (i32.load (i32.const 4))))
      (local.set $at (i32.add (i32.const 2048) (local.get $i)))
      (if (i32.eqz (i32.load8_u (local.get $at))) (then (i32.store8 (local.get $at) (i32.const 10))))
      (local.set $i (i32.add (local.get $i) (i32.const 1)))
      (br $next)))
    (call $put (i32.const 1) (i32.const 2048) (i32.load (i32.const 4))))
  (func $put (param $fd i32) (param $at i32) (param $size i32)
    (i32.store (i32.const 8) (local.get $at))
    (i32.store (i32.const 12) (local.get $size))
    (drop (call $write (local.get $fd) (i32.const 8) (i32.const 1) (i32.const 16))))
  (func (export "_start")
    (drop (call $env_sizes (i32.const 0) (i32.const 4)))
    (drop (call $env (i32.const 1024) (i32.const 2048)))
    (call $lines)
    (drop (call $args_sizes (i32.const 0) (i32.const 4)))
    (drop (call $args (i32.const 1024) (i32.const 2048)))
    (call $lines)
    ;; folder 3, if there is one: read in, write out
    (if (i32.eqz (call $open (i32.const 3) (i32.const 0) (i32.const 900) (i32.const 2) (i32.const 0)
                   (i64.const 2) (i64.const 0) (i32.const 0) (i32.const 20)))
      (then
        (i32.store (i32.const 8) (i32.const 4096))
        (i32.store (i32.const 12) (i32.const 4096))
        (drop (call $read (i32.load (i32.const 20)) (i32.const 8) (i32.const 1) (i32.const 24)))
        (drop (call $open (i32.const 3) (i32.const 0) (i32.const 902) (i32.const 3) (i32.const 9)
                (i64.const 64) (i64.const 0) (i32.const 0) (i32.const 28)))
        (call $put (i32.load (i32.const 28)) (i32.const 4096) (i32.load (i32.const 24)))))
    (call $exit (i32.add (i32.const 40) (i32.load (i32.const 0))))))`;

const folder = new Folder({
  "math.wat": MATH,
  "echo.wat": ECHO,
  "host.wat": '(module (import "env" "log" (func (param i32))) (func (export "_start")))',
  "plain.js": "export const x = 1;",
  "broken.mjs": "// Compiled from WebAssembly (SHA-256 0) by wamrc-ts. Do not edit.\nexport const x = 1;",
});

before(async () => {
  for (const name of ["math.aot", "math.mjs", "math.cjs", "math.js", "echo.aot", "echo.mjs", "host.aot"]) {
    const { code, stderr } = await runHere(folder, ["compile", name.replace(/\..*/, ".wat"), "-o", name]);
    assert.equal(code, 0, stderr);
  }
});

function run(line: string, options = {}): Result {
  return folder.run(["run", ...line.split(" ")], options);
}

test("a WASI command gets arguments and variables, and its exit code is ours", () => {
  for (const file of ["echo.aot", "echo.mjs", "echo.wat"]) {
    const result = run(`${file} --env A=1=2 --env B= --env HOME a 01 -- --env -b`, { env: { HOME: "/home" } });
    assert.deepEqual(result, { code: 45, stdout: "A=1=2\nB=\nHOME=/home\necho\na\n01\n--env\n-b\n", stderr: "" }, file);
  }
  assert.deepEqual(run("echo.aot --argv0 other"), { code: 41, stdout: "other\n", stderr: "" });
});

test("folders appear under the names given", () => {
  for (const spelling of ["/d=DIR", "/d::DIR", "DIR"]) {
    const dir = join(folder.path, "data");
    mkdirSync(dir, { recursive: true });
    writeFileSync(join(dir, "in"), `via ${spelling}`);
    assert.equal(folder.run(["run", "echo.aot", "--dir", spelling.replace("DIR", dir)]).code, 41);
    assert.equal(readFileSync(join(dir, "out"), "utf8"), `via ${spelling}`);
  }
});

test("the command line of other WASI runners works: options after the file", () => {
  const result = folder.run([
    "run",
    "echo.aot",
    "--dir",
    `/d=${folder.path}`,
    "--env",
    "K=V",
    "--argv0",
    "p",
    "--",
    "-c",
    "x y",
  ]);
  assert.deepEqual(result, { code: 43, stdout: "K=V\np\n-c\nx y\n", stderr: "" });
});

test("one export is called, in every container", () => {
  for (const file of ["math.aot", "math.mjs", "math.cjs", "math.js", "math.wat"]) {
    assert.deepEqual(run(`${file} --invoke fac 20`), { code: 0, stdout: "2432902008176640000\n", stderr: "" }, file);
  }
  assert.equal(run("math.aot --invoke floats 0.1 -- -inf").stdout, "-inf\n0.10000000149011612\n-1\n");
  assert.equal(run("math.aot --invoke div -7 2").stdout, "-3\n");
});

test("a trap is told with the Wasm functions on the stack", () => {
  const { code, stdout, stderr } = run("math.aot --invoke seventh 0");
  assert.equal(code, 134);
  assert.equal(stdout, "");
  assert.match(
    stderr,
    /^trap: integer divide by zero\n {4}at div \(function 1, offset 0x[0-9a-f]+\)\n {4}at \w+ \(function 2, offset 0x[0-9a-f]+\)\n$/,
  );
  for (const file of ["math.mjs", "math.js"]) {
    assert.match(
      run(`${file} --invoke seventh 0`).stderr,
      /^trap: integer divide by zero\n {4}at div \(function 1\)\n/,
      file,
    );
  }
  const deep = run("math.aot --invoke deep");
  assert.equal(deep.code, 134);
  assert.match(deep.stderr, /^trap: call stack exhausted\n( {4}at deep \(function 5, offset 0x[0-9a-f]+\)\n){5}/);
  assert.ok(deep.stderr.split("\n").length < 30, "the whole stack was printed");
});

test("-g keeps offsets in JavaScript", async () => {
  assert.equal((await runHere(folder, ["compile", "math.wat", "-o", "debug.mjs", "-g"])).code, 0);
  const offset = /at div \(function 1, (offset 0x[0-9a-f]+)\)/;
  const expected = offset.exec(run("math.aot --invoke div 1 0").stderr)?.[1];
  assert.ok(expected);
  assert.equal(offset.exec(run("debug.mjs --invoke div 1 0").stderr)?.[1], expected);
});

const LIST = "it exports fac, div, seventh, floats, refs, deep";

test("what cannot run is refused in one line", async (t) => {
  const artifact = readFileSync(join(folder.path, "math.aot"));
  folder.write("cut.aot", artifact.subarray(0, 5000));
  folder.write(
    "damaged.aot",
    artifact.map((byte, i) => (i === 300 ? byte ^ 1 : byte)),
  );
  folder.write("wamr.aot", Uint8Array.of(0, 0x61, 0x6f, 0x74, 6, 0, 0, 0));
  folder.write("none.aot", "");
  const refusals: [args: string, code: number, message: string | RegExp][] = [
    ["missing.aot", 66, "missing.aot: cannot be read: no such file or directory"],
    [".", 66, ".: cannot be read: is a directory"],
    ["math.aot", 64, `math.aot: no export _start, so it is no WASI command; use --invoke NAME: ${LIST}`],
    ["math.aot --invoke facs 1", 64, `math.aot: no export facs; ${LIST}`],
    ["math.aot --invoke g", 64, `math.aot: export g is a global, not a function; ${LIST}`],
    ["math.aot --invoke fac", 64, "fac(i64) -> i64 takes 1 argument, got 0"],
    [
      "math.aot --invoke fac 1.5",
      64,
      "argument 1 of fac(i64) -> i64 is an i64: a decimal or 0x integer in range, got 1.5",
    ],
    ["math.aot -O2 --invoke fac 1", 64, "--opt-level is for .wasm and .wat; math.aot is compiled already"],
    ["echo.aot --dir /d=/nowhere", 66, "--dir /d=/nowhere: /nowhere is missing"],
    ["echo.aot --dir /d=math.wat", 66, "--dir /d=math.wat: math.wat is not a folder"],
    ["echo.aot --dir =x", 64, "--dir =x: expected GUEST=HOST or one folder for both"],
    ["echo.aot --env =x", 64, "--env =x: expected NAME=VALUE"],
    ["host.aot", 78, /^host.aot: .*env.*log.*; run provides WASI only, other imports are given from JavaScript$/],
    ["cut.aot", 76, /^cut.aot: artifact is cut short: expected \d+ bytes, got 5000 \(header, offset 0x10\)$/],
    ["damaged.aot", 76, /^damaged.aot: artifact is damaged: digest of the header does not match/],
    ["wamr.aot", 76, /^wamr.aot: not a wamrc-ts artifact: it is an AoT file of WAMR/],
    ["none.aot", 76, /^none.aot: not a wamrc-ts artifact/],
    ["plain.js", 76, "plain.js: is JavaScript, but not an artifact: it was not made by wamrc-ts compile"],
    ["broken.mjs", 76, "broken.mjs: artifact is damaged: it defines no instantiateSync"],
  ];
  for (const [args, code, message] of refusals) {
    await t.test(args, async () => {
      const result = await runHere(folder, ["run", ...args.split(" ")]);
      assertRefused(result, code, message);
    });
  }
});

/** The files that a run loads, as V8 counts them, relative to the project. */
function loadedFiles(args: readonly string[]): string[] {
  const coverage = join(folder.path, `coverage-${args.join("-").replace(/\W+/g, "-")}`);
  const { code, stderr } = folder.run(["run", ...args], { env: { NODE_V8_COVERAGE: coverage } });
  assert.equal(code, 0, stderr);
  return readdirSync(coverage)
    .flatMap((name) => (JSON.parse(readFileSync(join(coverage, name), "utf8")) as { result: { url: string }[] }).result)
    .map(({ url }) => url)
    .filter((url) => url.startsWith("file://"))
    .map((url) => url.slice(`file://${ROOT}/`.length));
}

test("running an artifact loads neither compiler, decoder nor packages", () => {
  const artifact = loadedFiles(["math.aot", "--invoke", "fac", "5"]);
  assert.ok(artifact.includes("dist/loader/load.js"), "the list of loaded files is empty");
  const unneeded = (file: string): boolean =>
    file.startsWith("node_modules/") ||
    (file.startsWith("dist/compiler/") && !/^dist\/compiler\/cli(\.js|\/)/.test(file)) ||
    /^dist\/runtime\/wasm\/(decode|validate|opcodes|reader)/.test(file);
  const aboutMemory = (file: string): boolean =>
    file.startsWith("dist/runtime/report/") ||
    /^dist\/compiler\/cli\/(memory|memory-report|engine-estimate)\.js$/.test(file);
  assert.deepEqual(artifact.filter(unneeded), []);
  assert.deepEqual(artifact.filter(aboutMemory), [], "a report that nobody has asked for");
  // The same measure does see them where they are needed.
  assert.ok(loadedFiles(["math.aot", "--invoke", "fac", "5", "--mem"]).some(aboutMemory));
  const compiled = loadedFiles(["math.wat", "--invoke", "fac", "5"]);
  assert.ok(compiled.some((file) => file.startsWith("node_modules/binaryen/")));
  assert.ok(compiled.includes("dist/runtime/wasm/decode.js"));
});
