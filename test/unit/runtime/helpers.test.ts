// Every helper gives what the reference semantics gives, bit for bit, traps included: on all edge values and on many random
// ones, so many that the engine runs optimized code. What is checked of NaNs is what V8 keeps, see helpers/convert.ts.
import assert from "node:assert/strict";
import { describe, it } from "node:test";
import { HELPERS, type HelperName } from "../../../runtime/abi.js";
import { Trap } from "../../../runtime/errors.js";
import { HELPER_TABLE } from "../../../runtime/helpers/index.js";
import * as names from "../../../runtime/helpers/names.js";
import { S } from "../../../runtime/instance/store.js";
import { f32Bits, f64Bits, NumericTrap, SEMANTICS } from "../../../runtime/semantics/index.js";
import { TRAP_MESSAGES } from "../../../runtime/trap.js";
import { OPS } from "../../../runtime/wasm/opcodes.js";
import * as values from "../semantics/values.js";

const ROUNDS = 20_000;

const byName = new Map(
  Object.entries(OPS).map(([op, row]) => [row.name.replace(/[./]/g, "_"), { op: Number(op), row }]),
);

type Value = number | bigint;

const EDGES: Record<string, readonly Value[]> = {
  i: values.I32_EDGES,
  l: values.I64_EDGES,
  f: values.F32_EDGES,
  d: values.F64_EDGES,
};
const RANDOM: Record<string, (random: () => number) => Value> = {
  i: values.randomI32,
  l: values.randomI64,
  f: values.randomF32,
  d: values.randomF64,
};

const low = (x: bigint): number => Number(BigInt.asIntN(32, x));
const high = (x: bigint): number => Number(BigInt.asIntN(32, x >> 32n));

function bits(letter: string, value: Value): string {
  if (letter === "f") return `f32 0x${(f32Bits(value as number) >>> 0).toString(16)}`;
  if (letter === "d") return `f64 0x${BigInt.asUintN(64, f64Bits(value as number)).toString(16)}`;
  return Object.is(value, -0) ? "-0" : String(value);
}

function outcome(run: () => string): string {
  try {
    return run();
  } catch (error) {
    if (error instanceof Trap || error instanceof NumericTrap) return `trap: ${error.message}`;
    throw error;
  }
}

/** Calls a helper whose operands and result are cells; what comes back is as other helpers give it. */
function callWithCells(name: HelperName, scalars: readonly number[]): number {
  const H = S.H!;
  H.set(scalars, 6);
  HELPER_TABLE[name](3);
  S.h = H[7]!;
  return H[6]!;
}

/** Compares one call; the helper gets scalars, the semantics values. */
function compare(name: HelperName, reference: (...operands: never[]) => Value, sig: string, operands: Value[]): void {
  const result = sig.slice(sig.indexOf(":") + 1);
  const [taken, given] = HELPERS[name].split(":") as [string, string];
  const scalars: number[] = [];
  for (const value of operands) {
    if (typeof value === "bigint") scalars.push(low(value), high(value));
    else scalars.push(value);
  }
  const inCells = name.startsWith("cell_");
  if (!inCells) scalars.length = taken.length; // a shift by an i64 takes the low half only
  const wanted = outcome(() => bits(result, reference(...(operands as never[]))));
  S.h = 12345;
  const got = outcome(() => {
    const first = (inCells ? callWithCells(name, scalars) : HELPER_TABLE[name](...scalars)) as number;
    if (result !== "l") return bits(result, first);
    if (given === "i" && !inCells) return String(first);
    assert.ok(S.h === (S.h | 0) && !Object.is(S.h, -0), `high half ${S.h} is not an int32`);
    assert.ok(first === (first | 0) && !Object.is(first, -0), `low half ${first} is not an int32`);
    return String((BigInt(S.h) << 32n) | BigInt(first >>> 0));
  });
  if (got !== wanted) {
    assert.equal(got, wanted, `${name}(${operands.map((v) => (typeof v === "bigint" ? `${v}n` : v)).join(", ")})`);
  }
}

function check(name: HelperName, reference: (...operands: never[]) => Value, sig: string): void {
  const letters = sig.slice(0, sig.indexOf(":"));
  const [first, second] = [EDGES[letters[0]!]!, EDGES[letters[1]!] ?? []];
  for (const a of first) {
    if (letters.length === 1) compare(name, reference, sig, [a]);
    else for (const b of second) compare(name, reference, sig, [a, b]);
  }
  const random = values.randomSource(0x1234567);
  for (let i = 0; i < ROUNDS; i++) {
    compare(
      name,
      reference,
      sig,
      [...letters].map((letter) => RANDOM[letter]!(random)),
    );
  }
}

describe("helpers", () => {
  it("are those of the list", () => {
    assert.deepEqual(Object.keys(names).sort(), Object.keys(HELPERS).sort());
    assert.deepEqual(Object.keys(HELPER_TABLE).sort(), Object.keys(HELPERS).sort());
  });

  it("trap raises each trap of the list", () => {
    TRAP_MESSAGES.forEach((message, code) => {
      assert.throws(
        () => HELPER_TABLE.trap(code),
        (e) => e instanceof Trap && e.message === message && e.trapCode === code,
      );
    });
  });

  it("i64_mul_u32 gives the whole product", () => {
    const random = values.randomSource(99);
    const operands = [...values.I32_EDGES];
    while (operands.length < 1000) operands.push(values.randomI32(random));
    for (const a of operands) {
      for (const b of operands) {
        const product = HELPER_TABLE.i64_mul_u32(a, b) as number;
        if (product !== Math.imul(a, b) || S.h !== high(BigInt(a >>> 0) * BigInt(b >>> 0))) assert.fail(`${a} * ${b}`);
      }
    }
  });

  for (const name of Object.keys(HELPERS) as HelperName[]) {
    if (name === "trap" || name === "i64_mul_u32") continue;
    it(name, () => {
      const { op, row } = byName.get(name.replace("cell_", "i64_"))!;
      const reference = SEMANTICS[op as keyof typeof SEMANTICS] as (...operands: never[]) => Value;
      check(name, reference, row.sig);
      // Helpers of f64 that serve f32 as well.
      const narrow = byName.get(name.replace("f64", "f32"));
      if (name.includes("trunc") || name === "f64_nearest") {
        check(name, SEMANTICS[narrow!.op as keyof typeof SEMANTICS] as typeof reference, narrow!.row.sig);
      }
    });
  }

  it("divide exactly around the multiples of the divisor", () => {
    const random = values.randomSource(4711);
    const ops = ["i64_div_u", "i64_rem_u", "i64_div_s", "i64_rem_s"] as const;
    for (let i = 0; i < 40_000; i++) {
      const b = values.randomI64(random) || 1n;
      const q = values.randomI64(random);
      for (const r of [-1n, 0n, 1n]) {
        const a = BigInt.asIntN(64, q * b + r);
        const name = ops[i & 3]!;
        const { op, row } = byName.get(name)!;
        compare(name, SEMANTICS[op as keyof typeof SEMANTICS] as never, row.sig, [a, b]);
      }
    }
  });
});
