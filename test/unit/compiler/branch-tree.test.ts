// br_tables that become trees of comparisons, and chains of groups where they have many parts: every operand goes where native
// WebAssembly goes, whether parts end, leave or fall into each other.
import assert from "node:assert/strict";
import { describe, it } from "node:test";
import { compileSync } from "../../../compiler/compile.js";
import { load } from "../../../loader/index.js";
import { W } from "../../support/webassembly.js";
import { wasmOf } from "../environment/guests.js";

interface Table {
  readonly arms: number;
  /** Arm to which operand i goes. */
  readonly entries: readonly number[];
  readonly otherwise: number;
  /** What arm i does when it is through: leave, return, or fall into the next. */
  readonly end: (i: number) => "leave" | "return" | "fall";
  /** So many parts that fall into each other can neither nest nor be groups. */
  readonly isSwitch?: boolean;
}

const EVERY = ["leave", "return", "fall"] as const;
const TABLES: readonly Table[] = [
  { arms: 5, entries: [0, 1, 2, 3, 4], otherwise: 4, end: () => "leave" },
  { arms: 5, entries: [4, 4, 2, 0, 0, 0, 1, 3, 1], otherwise: 2, end: (i) => EVERY[i % 3]! },
  { arms: 9, entries: [8, 7, 6, 5, 4, 3, 2, 1, 0], otherwise: 0, end: () => "fall" },
  { arms: 130, entries: Array.from({ length: 130 }, (_, i) => i), otherwise: 129, end: () => "leave" },
  {
    arms: 200,
    entries: Array.from({ length: 260 }, (_, i) => (i * 37) % 200),
    otherwise: 7,
    end: (i) => EVERY[i % 3]!,
  },
  {
    arms: 150,
    entries: Array.from({ length: 150 }, (_, i) => 149 - i),
    otherwise: 80,
    end: () => "fall",
    isSwitch: true,
  },
  // A group whose parts nothing goes to.
  {
    arms: 120,
    entries: Array.from({ length: 90 }, (_, i) => (i < 40 ? i : i + 30)),
    otherwise: 119,
    end: () => "return",
  },
];

/** `f(x)` gives a number that tells which parts were run, in which order. */
function textOf({ arms, entries, otherwise, end }: Table): string {
  let body = `(br_table ${[...entries, otherwise].map((arm) => `$a${arm}`).join(" ")} (local.get $x))`;
  for (let i = 0; i < arms; i++) {
    const step = `(local.set $r (i32.add (i32.mul (local.get $r) (i32.const 1001)) (i32.const ${i + 1})))`;
    const after = { leave: "(br $out)", return: "(return (i32.sub (i32.const 0) (local.get $r)))", fall: "" }[end(i)];
    body = `(block $a${i} ${body}) ${step} ${after}`;
  }
  return `(module (func (export "f") (param $x i32) (result i32) (local $r i32) (block $out ${body}) (local.get $r)))`;
}

type Exports = { f: (x: number) => number };

describe("br_tables as trees", { skip: W === undefined ? "no native WebAssembly" : false }, () => {
  TABLES.forEach((table, n) => {
    it(`table ${n}, of ${table.arms} parts`, () => {
      const module = wasmOf(textOf(table));
      const { f: expected } = new W!.Instance(new W!.Module(module)).exports as Exports;
      for (const optLevel of [1, 2] as const) {
        const options = { target: "quickjs", optLevel } as const;
        const text = new TextDecoder().decode(compileSync(module, { ...options, format: "cjs" }));
        assert.equal(/case 3:/.test(text), table.isSwitch ?? false);
        const { f } = load(compileSync(module, options)).instantiate().exports as unknown as Exports;
        const operands = [-1, -2, -(2 ** 31), 2 ** 31 - 1, 1000];
        for (let x = 0; x < table.entries.length + 3; x++) operands.push(x);
        for (const x of operands) assert.equal(f(x), expected(x), `f(${x}) at -O${optLevel}`);
      }
    });
  });
});
