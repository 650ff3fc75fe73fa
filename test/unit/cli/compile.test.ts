// `wamrc-ts compile`: formats, and every way to be refused: one line, an exit code, and nothing left behind.
import assert from "node:assert/strict";
import { linkSync, mkdirSync, readFileSync, readdirSync, symlinkSync, existsSync } from "node:fs";
import { join } from "node:path";
import { test } from "node:test";
import { compileSync } from "../../../compiler/index.js";
import { ByteWriter } from "../../support/module-builder.js";
import { HEADER, section } from "../wasm/bytes.js";
import { Folder, MATH, runHere } from "./command.js";

const leb = (value: number): number[] => [...new ByteWriter().u32(value).toBytes()];

test("writes the format that the ending names, and says what it did", async () => {
  const folder = new Folder({ "math.wat": MATH });
  for (const [name, begin] of [
    ["m.aot", "\0waot"],
    ["m.mjs", "// Compiled from WebAssembly"],
    ["m.cjs", "// Compiled from WebAssembly"],
    ["deep/er/m.js", "// Compiled from WebAssembly"],
  ] as const) {
    const { code, stderr } = await runHere(folder, ["compile", "math.wat", "-o", name]);
    assert.equal(code, 0, stderr);
    assert.match(stderr, /^\S+: [\d.]+ k?B from \d+ B of Wasm, 6 functions, in \S+ m?s\n$/);
    assert.ok(readFileSync(join(folder.path, name), "latin1").startsWith(begin), name);
  }
  const quiet = folder.run(["compile", "math.wat", "-o", "m.bin", "--format", "aot", "--quiet"]);
  assert.deepEqual(quiet, { code: 0, stdout: "", stderr: "" });
  assert.deepEqual(readFileSync(join(folder.path, "m.bin")), readFileSync(join(folder.path, "m.aot")));
});

test("a script defines the global that --name asks for", async () => {
  const folder = new Folder({ "math.wat": MATH });
  assert.equal((await runHere(folder, ["compile", "math.wat", "-o", "m.js", "--name", "Maths"])).code, 0);
  assert.match(readFileSync(join(folder.path, "m.js"), "utf8"), /^var Maths=/m);
});

test("--declarations writes what TypeScript looks for", async () => {
  const folder = new Folder({ "math.wat": MATH });
  for (const [output, types] of [
    ["m.mjs", "m.d.mts"],
    ["m.cjs", "m.d.cts"],
    ["m.js", "m.d.ts"],
  ] as const) {
    assert.equal((await runHere(folder, ["compile", "math.wat", "-o", output, "--declarations"])).code, 0);
    const text = readFileSync(join(folder.path, types), "utf8");
    assert.match(text, /\bfac\b.*\bbigint\b.*\bbigint;/, output);
    assert.equal(/\bwasmModule\b/.test(text), output === "m.js");
  }
});

test("debug information is left out, and is still what the artifact was made from", async () => {
  const custom = (name: string, size: number): number[] => {
    const contents = [...leb(name.length), ...Buffer.from(name), ...new Array<number>(size).fill(1)];
    return [0, ...leb(contents.length), ...contents];
  };
  const bytes = Uint8Array.from([
    ...HEADER,
    ...custom(".debug_info", 70_000),
    ...section(1, 1, 0x60, 0, 1, 0x7f),
    ...section(3, 1, 0),
    ...section(7, 1, 1, 0x66, 0, 0),
    ...section(10, 1, 4, 0, 0x41, 7, 0x0b),
    // Parts of the file are read that end within it and within what is behind it.
    ...custom(".debug_str", 300_000),
    ...custom("kept", 70_000),
    ...custom(".debug_line", 10),
  ]);
  const folder = new Folder({ "m.wasm": bytes });
  const { code, stderr } = await runHere(folder, ["compile", "m.wasm", "-o", "m.aot"]);
  assert.equal(code, 0, stderr);
  assert.deepEqual(new Uint8Array(readFileSync(join(folder.path, "m.aot"))), compileSync(bytes));
});

test("an output that exists is replaced, through links too", async () => {
  const folder = new Folder({ "math.wat": MATH, "old.aot": "old" });
  symlinkSync("old.aot", join(folder.path, "link.aot"));
  assert.equal((await runHere(folder, ["compile", "math.wat", "-o", "link.aot"])).code, 0);
  assert.ok(readFileSync(join(folder.path, "old.aot"), "latin1").startsWith("\0waot"));
  assert.deepEqual(readdirSync(folder.path).sort(), ["link.aot", "math.wat", "old.aot"]);
});

interface Refusal {
  readonly args: string;
  readonly code: number;
  readonly message: string | RegExp;
}

const REFUSALS: readonly Refusal[] = [
  { args: "math.wat", code: 64, message: "no output given; add -o math.aot, or -o math.mjs for JavaScript" },
  { args: "math.wat -o out.xyz", code: 64, message: /^out.xyz: its ending names no format; use .aot, .mjs, .cjs, .js/ },
  { args: "math.wat -o m.mjs --name X", code: 64, message: /^--name is for --format script/ },
  { args: "math.wat -o m.js --name 1x", code: 64, message: "--name 1x: not a name for a variable" },
  { args: "math.wat -o m.js --name class", code: 64, message: "--name class: not a name for a variable" },
  { args: "math.wat -o m.aot --declarations", code: 64, message: /^--declarations are for JavaScript formats/ },
  { args: "math.wat -o m.aot --runtime external", code: 64, message: /^--runtime is for JavaScript formats/ },
  { args: "math.wat -o m.js --runtime external", code: 64, message: /which script cannot; use --format esm$/ },
  { args: "math.wat -o m.aot --threads 0", code: 64, message: "--threads is a number from 1 to 999; got 0" },
  { args: "math.wat -o m.aot --disable-magic", code: 64, message: /^--features: unknown feature: magic; known are / },
  { args: "none.wasm -o m.aot", code: 66, message: "none.wasm: cannot be read: no such file or directory" },
  { args: "folder -o m.aot", code: 66, message: "folder: cannot be read: is a directory" },
  { args: "ok.wasm -o ok.wasm --format aot", code: 73, message: "ok.wasm: is the input itself; choose another output" },
  {
    args: "ok.wasm -o folder/../ok.wasm --format aot",
    code: 73,
    message: /: is the input itself; choose another output$/,
  },
  { args: "ok.wasm -o symbolic.aot", code: 73, message: "symbolic.aot: is the input itself; choose another output" },
  { args: "ok.wasm -o hard.aot", code: 73, message: "hard.aot: is the input itself; choose another output" },
  { args: "ok.wasm -o folder", code: 73, message: "folder: is a folder; name a file in it, such as folder/ok.aot" },
  {
    args: "ok.wasm -o ok.wasm/m.aot",
    code: 73,
    message: "ok.wasm/m.aot: cannot be written: a part of the path is not a directory",
  },
  {
    args: "ok.wasm -o /proc/none/m.aot",
    code: 73,
    message: "/proc/none/m.aot: cannot be written: no such file or directory",
  },
  {
    args: "empty.wasm -o m.aot",
    code: 65,
    message: "empty.wasm: neither WebAssembly nor a wamrc-ts artifact: the file is empty",
  },
  {
    args: "picture.png -o m.aot",
    code: 65,
    message: "picture.png: neither WebAssembly nor a wamrc-ts artifact: the file begins with 89 50 4e 47",
  },
  { args: "text.wat -o m.aot", code: 65, message: "text.wat:2:4: unrecognized instruction" },
  { args: "cut.wasm -o m.aot", code: 65, message: /^cut.wasm: .*\(.*offset 0x[0-9a-f]+\)$/ },
  {
    args: "type.wat -o m.aot",
    code: 65,
    message: /^type.wat: type mismatch: .*expected i32, got i64 \(function 0, offset 0x[0-9a-f]+\)$/,
  },
  { args: "wide.wat -o m.aot --disable-multi-value", code: 65, message: /^wide.wat: .*multi-value/ },
  { args: "simd.wat -o m.aot", code: 69, message: /^simd.wat: unsupported feature: .*simd.*\(.*function 0/ },
  {
    args: "made.aot -o m.aot",
    code: 65,
    message: "made.aot: expected a .wasm or .wat, got an artifact, compiled already",
  },
];

test("what cannot be done is refused in one line, and leaves nothing behind", async (t) => {
  const folder = new Folder({
    "math.wat": MATH,
    "ok.wasm": Uint8Array.of(0, 0x61, 0x73, 0x6d, 1, 0, 0, 0),
    "cut.wasm": Uint8Array.of(0, 0x61, 0x73, 0x6d, 1, 0, 0, 0, 1, 0x7f, 0),
    "empty.wasm": "",
    "picture.png": Uint8Array.of(0x89, 0x50, 0x4e, 0x47, 13, 10, 26, 10, 0, 0),
    "text.wat": "(module (func\n   (frobnicate)))",
    "type.wat": "(module (func (result i32) (i64.const 1)))",
    "simd.wat": "(module (func (result v128) (v128.const i32x4 0 0 0 0)))",
    "wide.wat": "(module (func (result i32 i32) (i32.const 1) (i32.const 2)))",
  });
  mkdirSync(join(folder.path, "folder"));
  symlinkSync("ok.wasm", join(folder.path, "symbolic.aot"));
  linkSync(join(folder.path, "ok.wasm"), join(folder.path, "hard.aot"));
  assert.equal((await runHere(folder, ["compile", "math.wat", "-o", "made.aot"])).code, 0);
  const before = readdirSync(folder.path, { recursive: true }).sort();
  for (const { args, code, message } of REFUSALS) {
    await t.test(args, async () => {
      const result = await runHere(folder, ["compile", ...args.split(" ")]);
      const [line, ...rest] = result.stderr.split("\n");
      assert.deepEqual(rest, [""], result.stderr);
      const said = line!.replace(/^error: /, "").replace(/ \(see wamrc-ts \S+ --help\)$/, "");
      if (typeof message === "string") assert.equal(said, message);
      else assert.match(said, message);
      assert.equal(result.code, code);
      assert.deepEqual(readdirSync(folder.path, { recursive: true }).sort(), before);
    });
  }
});

test(
  "a failed write leaves the old output as it was",
  { skip: !existsSync("/dev/full") && "needs /dev/full" },
  async () => {
    const folder = new Folder({ "math.wat": MATH });
    const { code, stderr } = await runHere(folder, ["compile", "math.wat", "-o", "/dev/full", "--format", "aot"]);
    assert.equal(stderr, "error: /dev/full: cannot be written: no space left on the device\n");
    assert.equal(code, 73);
  },
);

test("an output that cannot be renamed into place leaves no temporary file", async () => {
  const folder = new Folder({ "math.wat": MATH });
  // A name so long that the temporary one, which is longer, is refused.
  const name = `${"n".repeat(250)}.aot`;
  const { code } = await runHere(folder, ["compile", "math.wat", "-o", name]);
  assert.equal(code, 73);
  assert.deepEqual(readdirSync(folder.path), ["math.wat"]);
});
