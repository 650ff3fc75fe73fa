// What the generator can choose from, derived from the opcode table: pure instructions by result type, loads and stores
// by value type; and the constants it likes, which sit at the edges where code generators go wrong.
import { ALL_OPS, opInfo } from "../../runtime/wasm/opcodes.js";
import type { Op } from "../../runtime/wasm/opcodes.js";
import type { Letter } from "./program.js";
import type { Rng } from "./rng.js";

export interface PureEntry {
  readonly op: Op;
  readonly operands: readonly Letter[];
  readonly result: Letter;
  /** May create a NaN of unspecified bits. */
  readonly arithmetic: boolean;
  readonly traps: boolean;
}

export interface AccessEntry {
  readonly op: Op;
  readonly value: Letter;
  /** log2 of the bytes accessed: the largest alignment allowed. */
  readonly alignLog2: number;
}

const OTHER_FEATURES = ["simd", "relaxed-simd", "threads", "wide-arithmetic", "gc", "exceptions", "legacy-exceptions"];
const ARITHMETIC = /^f(32|64)\.(add|sub|mul|div|sqrt|min|max|ceil|floor|trunc|nearest|promote|demote)/;

export const PURE = new Map<Letter, PureEntry[]>();
export const LOADS = new Map<Letter, AccessEntry[]>();
export const STORES: AccessEntry[] = [];

for (const op of ALL_OPS) {
  const info = opInfo(op)!;
  const features = info.feature === undefined ? [] : typeof info.feature === "string" ? [info.feature] : info.feature;
  if (info.sig === "poly" || info.atomic || features.some((feature) => OTHER_FEATURES.includes(feature))) continue;
  const [operands, results] = info.sig.split(":") as [string, string];
  const letters = [...operands] as Letter[];
  if (info.imms === "none" && results.length === 1 && letters.length > 0) {
    const entry: PureEntry = {
      op,
      operands: letters,
      result: results as Letter,
      arithmetic: ARITHMETIC.test(info.name),
      traps: info.traps,
    };
    PURE.set(entry.result, [...(PURE.get(entry.result) ?? []), entry]);
  } else if (info.imms === "memarg") {
    const value = (results === "" ? letters[1] : results) as Letter;
    const entry: AccessEntry = { op, value, alignLog2: Math.log2(info.bytes) };
    if (results === "") STORES.push(entry);
    else LOADS.set(value, [...(LOADS.get(value) ?? []), entry]);
  }
}

const I32_EDGES = [
  0, 1, 2, 3, 4, 7, 8, 15, 16, 31, 32, 33, 63, 64, 127, 128, 255, 256, 0x7fff, 0x8000, 0xffff, 0x10000, 0x7fffffff,
  -0x80000000, -1, -2, -8, -128, -32768,
];
const I64_EDGES = [
  0n,
  1n,
  2n,
  7n,
  31n,
  32n,
  33n,
  63n,
  64n,
  255n,
  0x7fffn,
  0xffffn,
  0x7fff_ffffn,
  0x8000_0000n,
  0xffff_ffffn,
  0x1_0000_0000n,
  0x1_0000_0001n,
  -1n,
  -2n,
  -128n,
  -0x8000_0000n,
  -0x8000_0001n,
  -0x1_0000_0000n,
  0x1f_ffff_ffff_ffffn,
  0x20_0000_0000_0001n,
  0x7fff_ffff_ffff_fc00n,
  0x7fff_ffff_ffff_ffffn,
  -0x8000_0000_0000_0000n,
  0x5555_5555_5555_5555n,
];
const F64_EDGES = [
  0,
  -0,
  1,
  -1,
  0.5,
  -0.5,
  1.5,
  2.5,
  0.1,
  3.7,
  -3.7,
  Infinity,
  -Infinity,
  NaN,
  5e-324,
  2.2250738585072014e-308,
  1.7976931348623157e308,
  2 ** 31,
  -(2 ** 31),
  2 ** 31 - 1,
  -(2 ** 31) - 1,
  2 ** 32,
  2 ** 32 - 1,
  2 ** 53,
  2 ** 53 + 2,
  2 ** 63,
  -(2 ** 63),
  2 ** 64,
  9223372036854774784,
  18446744073709549568,
  3.4028234663852886e38,
  1e-45,
  16777217,
  4294967295.5,
  2147483647.9,
  -2147483648.9,
];
// NaNs with payloads; the last of each kind is signaling.
const F32_NANS = [0x7fc0_0000, 0xffc0_0000, 0x7fc1_2345, 0xffe0_0001, 0x7fa0_0001];
const F64_NANS = [
  0x7ff8_0000_0000_0000n,
  0xfff8_0000_0000_0000n,
  0x7ff8_1234_5678_9abcn,
  0xffff_ffff_0000_0001n,
  0x7ff4_0000_0000_0001n,
];

const view = new DataView(new ArrayBuffer(8));

/** The bits of a float, as a constant's node holds them. */
export function floatBits(type: "f" | "d", value: number): number | bigint {
  if (type === "f") view.setFloat32(0, value);
  else view.setFloat64(0, value);
  return type === "f" ? view.getUint32(0) : view.getBigUint64(0);
}

/** A constant's value as node value: i32 and f32 bits as number, i64 and f64 bits as bigint. */
export function randomConstant(rng: Rng, type: Letter): number | bigint {
  switch (type) {
    case "i":
      return (
        rng.weighted([
          [5, () => rng.pick(I32_EDGES)],
          [3, () => rng.between(-20, 40)],
          [2, () => rng.bits() | 0],
          [1, () => (1 << rng.below(32)) - rng.below(2)],
        ])() | 0
      );
    case "l":
      return rng.weighted([
        [6, () => rng.pick(I64_EDGES)],
        [2, () => BigInt(rng.between(-20, 40))],
        [3, () => BigInt.asIntN(64, rng.bits64())],
        [2, () => BigInt.asIntN(64, (1n << BigInt(rng.below(64))) - BigInt(rng.below(2)))],
        [1, () => BigInt.asIntN(64, -(1n << BigInt(rng.below(64))))],
      ])();
    case "f":
      if (rng.chance(8)) return rng.pick(F32_NANS);
      if (rng.chance(10)) return rng.bits();
      view.setFloat32(0, rng.chance(70) ? rng.pick(F64_EDGES) : rng.between(-1000, 1000) / 8);
      return Number.isNaN(view.getFloat32(0)) ? 0x7fc0_0000 : view.getUint32(0);
    case "d":
      if (rng.chance(8)) return rng.pick(F64_NANS);
      if (rng.chance(10)) return rng.bits64();
      view.setFloat64(0, rng.chance(70) ? rng.pick(F64_EDGES) : rng.between(-100000, 100000) / 64);
      return Number.isNaN(view.getFloat64(0)) ? 0x7ff8_0000_0000_0000n : view.getBigUint64(0);
    default:
      throw new Error(`BUG: no constants of type ${type}`);
  }
}
