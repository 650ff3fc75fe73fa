// What an access proves about those behind it (`extent` in passes/ranges/range.ts): that so many bytes follow its address. Pairs
// of accesses of every width at every distance, at each address near the end of the memory, give what native WebAssembly
// gives: one byte too many in a proof would read `undefined`, or drop a store, instead of trapping.
import assert from "node:assert/strict";
import { describe, it } from "node:test";
import { compileSync } from "../../../compiler/compile.js";
import { load } from "../../../loader/index.js";
import { W } from "../../support/webassembly.js";
import { wasmOf } from "../environment/guests.js";

const END = 65536;
const FIRST = ["i32.load8_u", "i32.load16_s", "i32.load", "i64.load", "f64.load", "i32.store"];
const SECOND = [
  "i32.load8_s",
  "i32.load16_u",
  "i32.load",
  "f32.load",
  "i64.load",
  "f64.load",
  "i32.store",
  "f64.store",
];
const OFFSETS = [0, 4, 8, 12];

const constant = (op: string): string => `(${op.slice(0, 3)}.const 3)`;

/** A statement that does the access and, for a load, adds what it read. */
function access(op: string, offset: number): string {
  const at = `offset=${offset} (local.get $p)`;
  if (op.includes("store")) return `(${op} ${at} ${constant(op)})`;
  const type = op.slice(0, 3);
  const value = `(${op} ${at})`;
  const number =
    type === "f64" ? value : type === "f32" ? `(f64.promote_f32 ${value})` : `(f64.convert_${type}_s ${value})`;
  return `(local.set $sum (f64.add (local.get $sum) ${number}))`;
}

interface Pair {
  readonly name: string;
  readonly shift: number;
  readonly text: string;
}

const PAIRS: Pair[] = [];
for (const shift of [0, 2, 3]) {
  for (const first of FIRST) {
    for (const second of SECOND) {
      for (const o1 of OFFSETS) {
        for (const o2 of OFFSETS) {
          const name = `${shift} ${first}+${o1} ${second}+${o2}`;
          const text = `(func (export "${name}") (param $p i32) (result f64) (local $sum f64)
            (local.set $p (i32.shl (local.get $p) (i32.const ${shift})))
            ${access(first, o1)} ${access(second, o2)} (local.get $sum))`;
          PAIRS.push({ name, shift, text });
        }
      }
    }
  }
}

type Exports = Record<string, (at: number) => number>;

function bytes(): Uint8Array {
  const data = Array.from({ length: 64 }, (_, i) => `\\${((i * 37) & 63).toString(16).padStart(2, "0")}`).join("");
  return wasmOf(
    `(module (memory 1 1) (data (i32.const ${END - 64}) "${data}") ${PAIRS.map(({ text }) => text).join("\n")})`,
  );
}

/** The result at each address, or `trap`. */
function outcomes(exports: Exports): Map<string, string> {
  const found = new Map<string, string>();
  for (const { name, shift } of PAIRS) {
    const run = exports[name]!;
    const results: string[] = [];
    for (let at = END - 24; at <= END + 4; at += 1 << shift) {
      try {
        results.push(String(run(at >> shift)));
      } catch {
        results.push("trap");
      }
    }
    found.set(name, results.join(" "));
  }
  return found;
}

describe("what an access proves", { skip: W === undefined ? "no native WebAssembly" : false }, () => {
  const module = bytes();
  const expected = outcomes(new W!.Instance(new W!.Module(module)).exports as unknown as Exports);
  for (const target of ["hermes", "quickjs", "jsc-nojit", "v8", "generic"] as const) {
    it(`holds for ${target}`, () => {
      const found = outcomes(load(compileSync(module, { target })).instantiate().exports as unknown as Exports);
      for (const [name, results] of expected) assert.equal(found.get(name), results, name);
    });
  }
});
