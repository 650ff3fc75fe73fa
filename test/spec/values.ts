// Values of scripts: reading arguments, and matching results bit by bit against what a script expects.
import type { Value } from "../support/engine.js";
import type { ScriptValue } from "./suite.js";

// Host reference number N of a script is the same object wherever it appears in a run.
const hostReferences = new Map<number, object>();

function hostReference(number: number): object {
  let reference = hostReferences.get(number);
  if (reference === undefined) hostReferences.set(number, (reference = { hostReference: number }));
  return reference;
}

const LANE_BITS: Readonly<Record<string, number>> = { i8: 8, i16: 16, i32: 32, i64: 64, f32: 32, f64: 64 };

export function readArgument(arg: ScriptValue): Value {
  switch (arg.type) {
    case "i32":
    case "f32":
      return { type: arg.type, bits: Number(arg.value) };
    case "i64":
    case "f64":
      return { type: arg.type, bits: BigInt(arg.value as string) };
    case "v128": {
      const width = LANE_BITS[arg.lane_type!]!;
      let bits = 0n;
      (arg.value as readonly string[]).forEach(
        (lane, i) => (bits |= BigInt.asUintN(width, BigInt(lane)) << BigInt(i * width)),
      );
      return { type: "v128", bits };
    }
    default:
      return { type: arg.type, bits: arg.value === "null" ? null : hostReference(Number(arg.value)) };
  }
}

export function matches(expected: ScriptValue, got: Value): boolean {
  const { bits } = got;
  switch (expected.type) {
    case "either":
      return expected.values!.some((alternative) => matches(alternative, got));
    case "i32":
      return typeof bits === "number" && bits === Number(expected.value);
    case "i64":
      return typeof bits === "bigint" && bits === BigInt(expected.value as string);
    case "f32":
      return typeof bits === "number" && floatMatches(32, BigInt(bits), expected.value as string);
    case "f64":
      return typeof bits === "bigint" && floatMatches(64, bits, expected.value as string);
    case "v128": {
      const width = LANE_BITS[expected.lane_type!]!;
      return (
        typeof bits === "bigint" &&
        (expected.value as readonly string[]).every((lane, i) =>
          floatMatches(width, BigInt.asUintN(width, bits >> BigInt(i * width)), lane),
        )
      );
    }
    default:
      return referenceMatches(expected, bits);
  }
}

// "nan:canonical": exactly the quiet bit; "nan:arithmetic": the quiet bit and any other payload; either sign. Else bits.
function floatMatches(width: number, bits: bigint, expected: string): boolean {
  if (!expected.startsWith("nan:")) return bits === BigInt(expected);
  const quietNaN = width === 32 ? 0x7fc0_0000n : 0x7ff8_0000_0000_0000n;
  const magnitude = bits & ((1n << BigInt(width - 1)) - 1n);
  return expected === "nan:canonical" ? magnitude === quietNaN : (magnitude & quietNaN) === quietNaN;
}

function referenceMatches(expected: ScriptValue, got: unknown): boolean {
  if (expected.value === "null") return got === null;
  if (expected.value !== undefined) return got === hostReference(Number(expected.value));
  if (got === null || got === undefined) return false;
  switch (expected.type) {
    case "funcref":
      return typeof got === "function";
    case "i31ref":
      return typeof got === "number";
    case "structref":
    case "arrayref":
      return typeof got === "object";
    default:
      return true;
  }
}
