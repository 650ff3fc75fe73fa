// `wamrc-ts inspect` and `validate`.
import assert from "node:assert/strict";
import { statSync } from "node:fs";
import { join } from "node:path";
import { before, test } from "node:test";
import { readText } from "../../../compiler/cli/wat.js";
import { Folder, MATH, runHere } from "./command.js";

const TEXTS: Readonly<Record<string, string>> = { math: MATH, bad: "(module (func (result i32) (i64.const 1)))" };
const folder = new Folder();

before(async () => {
  for (const name of ["math", "bad"]) folder.write(`${name}.wasm`, await readText(name, TEXTS[name]!));
  for (const name of ["math.aot", "math.mjs"]) {
    assert.equal((await runHere(folder, ["compile", "math.wasm", "-o", name])).code, 0);
  }
});

interface Shape {
  readonly kind: string;
  readonly size: number;
  readonly features?: { feature: string; what: string; offset: number; funcName?: string }[];
  readonly sections: { name: string; offset: number; size: number }[];
  readonly pages: { offset: number; size: number; functions: number; relocations: number; digest: string }[];
  readonly relocations: Record<string, number>;
  readonly imports: unknown[];
  readonly exports: { name: string; kind: string; type: string }[];
  readonly imported: { func: number };
  readonly counts: { functions: number };
  readonly target: { sourceSize: number; sourceDigest: string };
}

function inspect(file: string): Shape {
  const { code, stdout, stderr } = folder.run(["inspect", file, "--json"]);
  assert.equal(code, 0, stderr);
  return JSON.parse(stdout) as Shape;
}

const EXPORTS = [
  { name: "fac", kind: "func", type: "[i64] -> [i64]" },
  { name: "div", kind: "func", type: "[i32 i32] -> [i32]" },
  { name: "seventh", kind: "func", type: "[i32] -> [i32]" },
  { name: "floats", kind: "func", type: "[f32 f64] -> [f64 f32 i32]" },
  { name: "refs", kind: "func", type: "[externref funcref] -> [externref]" },
  { name: "deep", kind: "func", type: "[] -> []" },
  { name: "g", kind: "global", type: "i32" },
  { name: "memory", kind: "memory", type: "1.. pages" },
];

test("an artifact's sections and pages tile the file", () => {
  const facts = inspect("math.aot");
  assert.equal(facts.kind, "aot");
  assert.equal(facts.size, statSync(join(folder.path, "math.aot")).size);
  const text = facts.sections.find(({ name }) => name === "text")!;
  assert.equal(text.offset + text.size, facts.size);
  assert.equal(text.offset % 4096, 0);
  for (const { offset } of facts.pages) assert.equal(offset % 4096, 0);
  const sum = (list: number[]): number => list.reduce((a, b) => a + b, 0);
  assert.equal(sum(facts.pages.map(({ functions }) => functions)), 6);
  assert.equal(sum(facts.pages.map(({ relocations }) => relocations)), sum(Object.values(facts.relocations)));
  assert.equal(facts.counts.functions, 6);
  assert.equal(facts.imported.func, 0);
  assert.deepEqual(facts.exports, EXPORTS);
  assert.match(facts.target.sourceDigest, /^[0-9a-f]{64}$/);
});

test("a module's sections, features and types", () => {
  const facts = inspect("math.wasm");
  assert.equal(facts.kind, "module");
  assert.deepEqual(
    facts.features!.map(({ feature }) => feature),
    ["multi-value", "reference-types"],
  );
  assert.deepEqual(
    facts.sections.map(({ name }) => name),
    ["type", "function", "memory", "global", "export", "code", 'custom "name"'],
  );
  assert.deepEqual(facts.exports, EXPORTS);
});

test("a JavaScript artifact's imports and exports", () => {
  const facts = inspect("math.mjs");
  assert.equal(facts.kind, "javascript");
  assert.deepEqual(
    facts.exports.map(({ name, kind }) => [name, kind]),
    EXPORTS.map(({ name, kind }) => [name, kind]),
  );
});

test("the text for people names what the JSON names", () => {
  const { stdout } = folder.run(["inspect", "math.aot"]);
  for (const expected of [
    /^math\.aot: ahead-of-time artifact "math", [\d.]+ kB$/m,
    /^ {2}compiled by wamrc-ts \S+ at -O1 for target generic$/m,
    /^ {2}6 functions, and 0 imported$/m,
    /^Pages \(1\)$/m,
    /^ {2}func {4}floats +\[f32 f64\] -> \[f64 f32 i32\]$/m,
    /^ {2}memory {2}memory +1\.\. pages$/m,
  ]) {
    assert.match(stdout, expected);
  }
  assert.doesNotMatch(stdout, /undefined|NaN/);
});

test("a module that is not valid is shown as far as it goes, and fails", () => {
  const { code, stdout, stderr } = folder.run(["inspect", "bad.wasm"]);
  assert.equal(code, 65);
  assert.match(stdout, /^Sections$/m);
  assert.match(stderr, /^error: bad\.wasm: type mismatch: .*offset 0x[0-9a-f]+\)\n$/);
});

test("functions are disassembled, all or one by index, name or export", () => {
  const all = folder.run(["inspect", "math.wasm", "--disassemble"]);
  assert.equal(all.code, 0, all.stderr);
  assert.equal(all.stdout.match(/^\(func/gm)?.length, 6);
  const one = folder.run(["inspect", "math.wasm", "--function", "div"]).stdout;
  assert.match(one, /i32\.div_s/);
  assert.ok(all.stdout.includes(one));
  assert.equal(folder.run(["inspect", "math.wasm", "--function", "1"]).stdout, one);
  const none = folder.run(["inspect", "math.wasm", "--function", "nine"]);
  assert.deepEqual([none.code, none.stderr], [64, "error: math.wasm: no function nine; it has 6, from 0 on\n"]);
  assert.equal(folder.run(["inspect", "math.aot", "-d"]).code, 64);
});

test("validate says a line a file, and fails if one fails", () => {
  const good = folder.run(["validate", "math.wasm", "math.wasm"]);
  assert.equal(good.code, 0);
  assert.match(good.stdout, /^(math\.wasm: valid, \d+ B, 6 functions\n){2}$/);
  const mixed = folder.run(["validate", "bad.wasm", "math.wasm", "none.wasm"]);
  assert.equal(mixed.code, 65);
  assert.match(mixed.stdout, /^math\.wasm: valid/);
  assert.match(mixed.stderr, /^error: bad\.wasm.*\nerror: none\.wasm: cannot be read: no such file or directory\n$/);
  assert.equal(folder.run(["validate", "math.wasm", "--disable-reference-types"]).code, 65);
  assert.deepEqual(folder.run(["validate", "math.wasm", "--quiet"]), { code: 0, stdout: "", stderr: "" });
});
