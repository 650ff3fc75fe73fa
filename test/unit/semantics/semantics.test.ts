// The reference semantics: complete, and right where it can be told from outside. The oracle is the host's own WebAssembly, on
// edge values and random ones; without one, a few known answers must do.
import assert from "node:assert/strict";
import { describe, it } from "node:test";
import {
  f32Bits,
  f32FromBits,
  f64Bits,
  f64FromBits,
  NumericTrap,
  SEMANTICS,
} from "../../../runtime/semantics/index.js";
import { TRAP_MESSAGES } from "../../../runtime/trap.js";
import { Op, OPS } from "../../../runtime/wasm/opcodes.js";
import * as values from "./values.js";

type Value = number | bigint;
type Pure = (...operands: Value[]) => Value;

const rows = Object.entries(OPS).filter(([, row]) => row.imms === "none" && /^[ilfd]+:[ilfd]$/.test(row.sig));

describe("reference semantics", () => {
  it("has every scalar operation of the opcode table", () => {
    assert.deepEqual(Object.keys(SEMANTICS).sort(), rows.map(([op]) => op).sort());
    assert.equal(rows.length, 136);
  });

  it("knows the answers that specifications of rounding are about", () => {
    assert.equal(f32Bits(SEMANTICS[Op.f32_convert_i64_s](0x0080_0000_8000_0001n)) >>> 0, 0x5b000001);
    assert.equal(f32Bits(SEMANTICS[Op.f32_convert_i64_u](0x8000_0080_0000_0001n - (1n << 64n))) >>> 0, 0x5f000001);
    assert.ok(Object.is(SEMANTICS[Op.f64_nearest](-0.5), -0));
    assert.equal(SEMANTICS[Op.f64_nearest](4503599627370495.5), 4503599627370496);
    assert.equal(SEMANTICS[Op.f64_nearest](2.5), 2);
    assert.ok(Object.is(SEMANTICS[Op.f64_min](0, -0), -0));
    assert.equal(f32Bits(SEMANTICS[Op.f32_neg](f32FromBits(0x7fa00000))) >>> 0, 0xffa00000);
    assert.equal(f64Bits(SEMANTICS[Op.f64_abs](f64FromBits(-0x000f_ffff_ffff_ffffn))), 0x7ff0_0000_0000_0001n);
  });

  it("traps with messages of the list", () => {
    const traps = [
      () => SEMANTICS[Op.i32_div_s](1, 0),
      () => SEMANTICS[Op.i64_div_s](-(2n ** 63n), -1n),
      () => SEMANTICS[Op.i32_trunc_f64_s](NaN),
    ];
    for (const trap of traps) {
      assert.throws(trap, (e) => e instanceof NumericTrap && TRAP_MESSAGES.includes(e.message));
    }
  });

  const native = (globalThis as { WebAssembly?: Native }).WebAssembly;
  for (const [op, row] of rows) {
    it(row.name, { skip: native === undefined && "no WebAssembly to compare with" }, () => {
      compareWithNative(native!, Number(op), row.sig, SEMANTICS[Number(op) as keyof typeof SEMANTICS] as Pure);
    });
  }
});

interface Native {
  Module: new (bytes: Uint8Array) => object;
  Instance: new (module: object) => { exports: Record<string, Pure> };
}

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

// A module with one function that applies the operation. Floats cross as their bits, so that NaNs are seen.
function nativeOp(native: Native, op: number, sig: string): Pure {
  const code: Record<string, number> = { i: 0x7f, l: 0x7e, f: 0x7f, d: 0x7e };
  const [params, result] = sig.split(":") as [string, string];
  const body = [0];
  [...params].forEach((letter, i) => {
    body.push(0x20, i);
    if (letter === "f") body.push(Op.f32_reinterpret_i32);
    if (letter === "d") body.push(Op.f64_reinterpret_i64);
  });
  if (op > 0xff) body.push(op >> 8, op & 0xff);
  else body.push(op);
  if (result === "f") body.push(Op.i32_reinterpret_f32);
  if (result === "d") body.push(Op.i64_reinterpret_f64);
  body.push(0x0b);
  const section = (id: number, bytes: number[]): number[] => [id, bytes.length, ...bytes];
  const type = [1, 0x60, params.length, ...[...params].map((letter) => code[letter]!), 1, code[result]!];
  const bytes = [0, 0x61, 0x73, 0x6d, 1, 0, 0, 0, ...section(1, type), ...section(3, [1, 0])];
  bytes.push(...section(7, [1, 1, 0x66, 0, 0]), ...section(10, [1, body.length, ...body]));
  return new native.Instance(new native.Module(new Uint8Array(bytes))).exports["f"]!;
}

const NAN32 = (bits: number): boolean => (bits & 0x7fffffff) > 0x7f800000;
const NAN64 = (bits: bigint): boolean => (bits & 0x7fff_ffff_ffff_ffffn) > 0x7ff0_0000_0000_0000n;

function compareWithNative(native: Native, op: number, sig: string, pure: Pure): void {
  const oracle = nativeOp(native, op, sig);
  const [letters, result] = sig.split(":") as [string, string];
  // These act on bits; others may give any quiet NaN.
  const exact = /abs|neg|copysign|reinterpret/.test(OPS[op as Op].name);
  const toBits = (letter: string, value: Value): Value =>
    letter === "f" ? f32Bits(value as number) : letter === "d" ? f64Bits(value as number) : value;
  const outcome = (run: () => Value): Value | string => {
    try {
      return run();
    } catch {
      return "trap";
    }
  };
  const compare = (operands: Value[]): void => {
    const got = outcome(() => toBits(result, pure(...operands)));
    const wanted = outcome(() => oracle(...operands.map((value, i) => toBits(letters[i]!, value))));
    if (Object.is(got, wanted)) return;
    if (!exact && result === "f" && NAN32(got as number) && NAN32(wanted as number) && (got as number) & 0x400000)
      return;
    if (!exact && result === "d" && NAN64(got as bigint) && NAN64(wanted as bigint) && (got as bigint) & (1n << 51n))
      return;
    assert.equal(got, wanted, operands.map(String).join(", "));
  };
  for (const a of EDGES[letters[0]!]!) {
    if (letters.length === 1) compare([a]);
    else for (const b of EDGES[letters[1]!]!) compare([a, b]);
  }
  const random = values.randomSource(0xc0ffee);
  for (let i = 0; i < 5000; i++) compare([...letters].map((letter) => RANDOM[letter]!(random)));
}
