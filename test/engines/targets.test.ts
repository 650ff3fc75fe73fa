// Code for each target on every engine: each load and store at aligned and unaligned addresses, at both ends of the memory and
// beyond; loops that walk off the end; what is known of an address behind an access; growth. Native WebAssembly in this
// process says what comes out.
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { after, describe } from "node:test";
import { compileSync } from "../../compiler/compile.js";
import { ELEMENT_TARGETS, TARGETS } from "../../loader/layout.js";
import { wasmOf } from "../unit/environment/guests.js";
import { runsEverywhere } from "./shells.js";

const NARROW = { i32: ["8", "16"], i64: ["8", "16", "32"], f32: [], f64: [] } as const;
const TYPES = ["i32", "i64", "f32", "f64"] as const;
const LOADS = TYPES.flatMap((t) => [`${t}.load`, ...NARROW[t].flatMap((n) => [`${t}.load${n}_s`, `${t}.load${n}_u`])]);
const STORES = TYPES.flatMap((t) => [`${t}.store`, ...NARROW[t].map((n) => `${t}.store${n}`)]);
const typeOf = (op: string): string => op.slice(0, 3);

// No byte from 0x70 on is the highest of a float, so there is no NaN, whose bits not all engines keep.
const WAT = `(module
  (import "env" "note" (func $note (param i32) (result i32)))
  (memory (export "memory") 1 3)
  (func (export "fill") (local $p i32)
    (loop $next
      (i32.store8 (local.get $p) (i32.and (i32.mul (local.get $p) (i32.const 37)) (i32.const 111)))
      (br_if $next (i32.ne (local.tee $p (i32.add (local.get $p) (i32.const 1))) (i32.const 65536)))))
  ${LOADS.map(
    (op) => `(func (export "${op}") (param i32) (result ${typeOf(op)}) (${op} (local.get 0)))
      (func (export "${op}+8") (param i32) (result ${typeOf(op)}) (${op} offset=8 (local.get 0)))
      (func (export "${op} twice") (param i32) (result ${typeOf(op)})
        (drop (i64.load offset=16 (local.get 0))) (${op} offset=4 (local.get 0)))`,
  ).join("\n")}
  ${STORES.map((op) => {
    const value = `(${op.startsWith("f") ? `${typeOf(op)}.convert_i32_s` : op.startsWith("i64") ? "i64.extend_i32_s" : "i32.add (i32.const 0)"} (local.get 1))`;
    return `(func (export "${op}") (param i32 i32) (${op} (local.get 0) ${value}))
      (func (export "${op}+8") (param i32 i32) (${op} offset=8 (local.get 0) ${value}))`;
  }).join("\n")}
  (func (export "walk") (param $p i32) (param $end i32) (param $step i32) (result i32) (local $sum i32) (local $i i32)
    (loop $next
      (i32.store offset=4 (local.get $p) (local.get $i))
      (local.set $sum (i32.add (i32.mul (local.get $sum) (i32.const 31)) (i32.load (local.get $p))))
      (local.set $i (i32.add (local.get $i) (i32.const 1)))
      (br_if $next (i32.ne (local.tee $p (i32.add (local.get $p) (local.get $step))) (local.get $end))))
    (local.get $sum))
  (func (export "up") (param $n i32) (result i32) (local $p i32) (local $i i32)
    (local.set $p (i32.const 65504))
    (loop $next
      (i32.store (local.get $p) (local.get $i))
      (f64.store offset=8 (local.get $p) (f64.convert_i32_s (local.get $i)))
      (local.set $p (i32.add (local.get $p) (i32.const 4)))
      (br_if $next (i32.lt_s (local.tee $i (i32.add (local.get $i) (i32.const 1))) (local.get $n))))
    (i32.load (i32.const 65504)))
  (func (export "order") (param $p i32) (result i32)
    (i32.store (local.get $p) (call $note (i32.load offset=4 (local.get $p)))) (i32.load16_u offset=2 (local.get $p)))
  (func (export "grown") (param $p i32) (result i32)
    (i32.store (i32.const 16) (i32.load (local.get $p)))
    (i32.store offset=65536 (local.get $p) (memory.grow (i32.const 1)))
    (i32.add (i32.load offset=65536 (local.get $p)) (i32.load (i32.const 16)))))`;

const EDGES = "0,1,2,3,4,6,8,100,101,102,103,65504,65512,65520,65524,65528,65529,65530,65532,65534,65535,65536";
const DRIVER = `
function run(instantiate, out) {
  var notes = 0;
  var e = instantiate({ env: { note: function (x) { notes++; return x + 1; } } }).exports;
  var at = [${EDGES},-1,-2,-4,-8,-12,-16,2147483647,2147483640,-2147483648];
  function attempt(f) { try { return String(f()); } catch (x) { return "trap"; } }
  var view, p, k;
  function sum() {
    var bytes = new Uint8Array(e.memory.buffer), s = 0, i;
    for (i = 0; i < 128; i++) s = (s * 31 + bytes[i]) | 0;
    for (i = 65472; i < 65536; i++) s = (s * 31 + bytes[i]) | 0;
    return s;
  }
  e.fill();
  var loads = ${JSON.stringify(LOADS.flatMap((op) => [op, `${op}+8`, `${op} twice`]))};
  loads.forEach(function (op) { out(op + " " + at.map(function (p) { return attempt(function () { return e[op](p); }); }).join()); });
  var stores = ${JSON.stringify(STORES.flatMap((op) => [op, `${op}+8`]))};
  stores.forEach(function (op) {
    out(op + " " + at.map(function (p) { return attempt(function () { return e[op](p, -19088744); }) + sum(); }).join());
  });
  e.fill();
  out("walk " + [[0, 64, 4], [1, 65, 4], [2, 66, 2], [64, 0, -8], [65500, 65532, 8], [65528, 65544, 4], [-8, 8, 4], [8, -16, -8]].map(
    function (w) { return attempt(function () { return e.walk(w[0], w[1], w[2]); }) + sum(); }).join());
  out("up " + [1, 5, 6, 9].map(function (n) { return attempt(function () { return e.up(n); }) + sum(); }).join());
  out("order " + at.map(function (p) { return attempt(function () { return e.order(p); }) + "/" + notes; }).join());
  out("grown " + [4, 65535, 70000, 8].map(function (p) { return attempt(function () { return e.grown(p); }); }).join());
}
`;

const bytes = wasmOf(WAT);
const lines: string[] = [];
const native = "function(i){return new WebAssembly.Instance(new WebAssembly.Module(bytes),i)}";
// The same text runs on the engines.
new Function("bytes", "out", `${DRIVER}run(${native},out)`)(bytes, (line: string) => lines.push(line));

const directory = mkdtempSync(join(tmpdir(), "wamrc-ts-engines-"));
after(() => rmSync(directory, { recursive: true }));

for (const target of TARGETS) {
  for (const optLevel of ELEMENT_TARGETS.includes(target) ? ([1, 2] as const) : ([2] as const)) {
    describe(`code for ${target} at -O${optLevel}`, () => {
      const file = join(directory, `${target}${optLevel}.js`);
      const text = Buffer.from(
        compileSync(bytes, { target, optLevel, format: "script", name: "artifact", i64: "halves" }),
      );
      const start = 'run(artifact.instantiateSync, typeof print === "function" ? print : console.log);';
      writeFileSync(file, `${text.toString()}\n${DRIVER}\n${start}\n`);
      runsEverywhere(file, `${lines.join("\n")}\n`);
    });
  }
}
