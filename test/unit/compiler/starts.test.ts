// Arrays that begin in the middle of a memory (`startOf` in passes/elements/index.ts): each form of address, for each width,
// gives what native WebAssembly gives, also where what is added to the constant is negative, wraps or is not aligned.
import assert from "node:assert/strict";
import { describe, it } from "node:test";
import { compileSync } from "../../../compiler/compile.js";
import type { Target } from "../../../compiler/options.js";
import { load } from "../../../loader/index.js";
import { W } from "../../support/webassembly.js";
import { wasmOf } from "../environment/guests.js";

const TARGETS: readonly Target[] = ["quickjs", "hermes", "jsc-nojit"];
const LOADS = ["i32.load8_u", "i32.load16_s", "i32.load", "f32.load", "i64.load", "f64.load"];
const STORES = ["i32.store8", "i32.store16", "i32.store", "f64.store"];
const OFFSETS = [0, 4, 6, 56, 2048];
const ADDED = [0, 8, 1024, 70_000, -16];
/** The operand of the addition, in `$p`. */
const TERMS = [
  "(local.get $p)",
  "(i32.shl (local.get $p) (i32.const 3))",
  "(i32.sub (i32.const 0) (local.get $p))",
  "(i32.and (local.get $p) (i32.const 65535))",
];

interface Case {
  readonly name: string;
  readonly text: string;
}

/** Accesses stand in a loop, of one round, for only there arrays begin wherever it helps. */
function cases(): Case[] {
  const out: Case[] = [];
  for (const op of [...LOADS, ...STORES]) {
    for (const offset of OFFSETS) {
      for (const added of ADDED) {
        TERMS.forEach((term, i) => {
          const at = `offset=${offset} (i32.add ${term} (i32.const ${added}))`;
          const type = op.slice(0, 3);
          const body = op.includes("store")
            ? `(${op} ${at} (${type}.const 77)) (local.set $r (i64.extend_i32_u (i32.load8_u ${at})))`
            : `(local.set $r ${toI64(type, `(${op} ${at})`)})`;
          const name = `${op} ${offset} ${added} ${i}`;
          const text = `(func (export "${name}") (param $p i32) (result i64) (local $r i64) (local $again i32)
            (loop ${body} (br_if 0 (local.tee $again (i32.const 0)))) (local.get $r))`;
          out.push({ name, text });
        });
      }
    }
  }
  return out;
}

function toI64(type: string, value: string): string {
  if (type === "i32") return `(i64.extend_i32_s ${value})`;
  if (type === "f32") return `(i64.extend_i32_s (i32.reinterpret_f32 ${value}))`;
  return type === "f64" ? `(i64.reinterpret_f64 ${value})` : value;
}

const OPERANDS = [
  0,
  1,
  2,
  4,
  8,
  64,
  1000,
  1024,
  8188,
  8192,
  65_480,
  65_528,
  65_532,
  65_535,
  65_536,
  131_064,
  2 ** 29,
  2 ** 31 - 8,
].flatMap((p) => [p, -p]);

type Exports = Record<string, (p: number) => bigint>;

function outcomes(exports: Exports, names: readonly string[]): string[] {
  return names.map((name) => {
    const results = OPERANDS.map((p) => {
      try {
        return exports[name]!(p);
      } catch {
        return "trap";
      }
    });
    return `${name}: ${results.join(" ")}`;
  });
}

describe(
  "arrays that begin in the middle of a memory",
  { skip: W === undefined ? "no native WebAssembly" : false },
  () => {
    const all = cases();
    const data = Array.from({ length: 251 }, (_, i) => `\\${(i + 1).toString(16).padStart(2, "0")}`).join("");
    const segments = Array.from({ length: 12 }, (_, i) => `(data (i32.const ${i * 251}) "${data}")`).join("\n");
    const module = wasmOf(`(module (memory 2) ${segments} ${all.map(({ text }) => text).join("\n")})`);
    const names = all.map(({ name }) => name);
    const expected = outcomes(new W!.Instance(new W!.Module(module)).exports as unknown as Exports, names);
    for (const target of TARGETS) {
      it(`hold the elements that they should for ${target}`, () => {
        const found = load(compileSync(module, { target, optLevel: 2 })).instantiate().exports as unknown as Exports;
        outcomes(found, names).forEach((line, i) => assert.equal(line, expected[i]));
      });
    }
  },
);

it("an empty memory has them too, and one that grows has others", () => {
  const module = wasmOf(`(module (memory 0)
    (func (export "grow") (result i32) (memory.grow (i32.const 1)))
    (func (export "set") (param $p i32) (i32.store offset=8 (local.get $p) (i32.const 5)))
    (func (export "get") (param $p i32) (result i32) (i32.load offset=8 (local.get $p))))`);
  for (const target of TARGETS) {
    const text = new TextDecoder().decode(compileSync(module, { target, format: "cjs" }));
    assert.match(text, /M_w8=M_w\.subarray\(2\)/);
    const { grow, set, get } = load(compileSync(module, { target })).instantiate().exports as unknown as {
      grow: () => number;
      set: (p: number) => void;
      get: (p: number) => number;
    };
    assert.throws(() => get(0), /out of bounds/);
    assert.equal(grow(), 0);
    set(65_524);
    assert.equal(get(65_524), 5);
    assert.equal(grow(), 1);
    assert.equal(get(65_524), 5);
    set(131_060);
    assert.equal(get(131_060), 5);
    assert.throws(() => set(131_064), /out of bounds/);
  }
});

it("counters that begin below zero are added to the end of an array, not its beginning", () => {
  const module =
    wasmOf(`(module (memory 1) (func (export "sum") (result i32) (local $i i32) (local $next i32) (local $s i32)
    (local.set $i (i32.const -1024))
    (loop $l
      (local.set $s (i32.add (local.get $s) (i32.load8_u (i32.add (local.get $i) (i32.const 3072)))))
      (local.set $next (i32.add (local.get $i) (i32.const 1)))
      (br_if $l (i32.ge_u (local.get $next) (local.get $i)) (local.set $i (local.get $next))))
    (local.get $s)))`);
  for (const target of TARGETS) {
    const text = new TextDecoder().decode(compileSync(module, { target, format: "cjs" }));
    assert.doesNotMatch(text, /M_B3072/, target);
  }
});

it("an address that is assigned where it is used is unsigned all the same", () => {
  const module = wasmOf(`(module (memory 1) (data (i32.const 0) "\\9c\\ff\\ff\\ff")
    (func (export "load") (param $p i32) (result i32) (local $q i32)
      (local.set $q (i32.load offset=100 (i32.load (local.get $p))))
      (if (local.get $q) (then (return (i32.mul (local.get $q) (local.get $q)))))
      (i32.const 3))
    (func (export "less") (param $p i32) (param $q i32) (result i32)
      (local.set $p (i32.xor (local.get $p) (i32.const 5)))
      (if (i32.lt_u (local.get $p) (local.get $q)) (then (return (local.get $p))))
      (i32.const 7)))`);
  for (const target of [...TARGETS, "generic", "v8"] as const) {
    const exports = load(compileSync(module, { target })).instantiate().exports;
    const { load: at, less } = exports as unknown as Record<string, (...args: number[]) => number>;
    assert.throws(() => at!(0), /out of bounds/, target);
    assert.equal(less!(-1, 9), 7, target);
    assert.equal(less!(1, 9), 4, target);
  }
});
