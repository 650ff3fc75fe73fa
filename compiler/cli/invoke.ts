// Values of --invoke: from words on the command line to what an export takes, and back to text. One line per result.
import { typeName } from "../../runtime/wasm/errors.js";
import { F32, F64, I32, I64, V128, type FuncType, type ValType } from "../../runtime/wasm/types.js";
import { Failure } from "./failure.js";

/** `fac(i32, i64) -> f32`. */
export function describeSignature(name: string, { params, results }: FuncType): string {
  const returns = results.length === 0 ? "" : ` -> ${typeList(results)}`;
  return `${name}(${typeList(params)})${returns}`;
}

function typeList(types: readonly ValType[]): string {
  return types.map(typeName).join(", ");
}

export function parseArguments(name: string, type: FuncType, words: readonly string[]): unknown[] {
  if (words.length !== type.params.length) {
    const expected = type.params.length === 1 ? "1 argument" : `${type.params.length} arguments`;
    throw new Failure("usage", `${describeSignature(name, type)} takes ${expected}, got ${words.length}`);
  }
  return words.map((word, i) => {
    const value = parseValue(type.params[i]!, word);
    if (value === undefined) {
      const expected = describeType(type.params[i]!);
      throw new Failure("usage", `argument ${i + 1} of ${describeSignature(name, type)} is ${expected}, got ${word}`);
    }
    return value;
  });
}

/** Undefined where the word is no value of the type, or out of its range. */
function parseValue(type: ValType, word: string): unknown {
  switch (type) {
    case I32: {
      const value = parseInteger(word);
      return value !== undefined && value >= -(2n ** 31n) && value < 2n ** 32n ? Number(value) | 0 : undefined;
    }
    case I64: {
      const value = parseInteger(word);
      return value !== undefined && value >= -(2n ** 63n) && value < 2n ** 64n ? BigInt.asIntN(64, value) : undefined;
    }
    case F32:
    case F64: {
      const special = /^([+-]?)(inf|infinity|nan)$/i.exec(word);
      if (special) return (special[1] === "-" ? -1 : 1) * (/^i/i.test(special[2]!) ? Infinity : NaN);
      return /^[+-]?(0x[\da-f]+|(\d+\.?\d*|\.\d+)(e[+-]?\d+)?)$/i.test(word) ? parseFloatWord(word) : undefined;
    }
    case V128:
      return undefined;
    default:
      return word === "null" ? null : undefined;
  }
}

function parseInteger(word: string): bigint | undefined {
  const match = /^([+-]?)(0x[\da-f](?:_?[\da-f])*|\d(?:_?\d)*)$/i.exec(word);
  if (!match) return undefined;
  const value = BigInt(match[2]!.replaceAll("_", ""));
  return match[1] === "-" ? -value : value;
}

function parseFloatWord(word: string): number {
  const magnitude = Number(word.replace(/^[+-]/, ""));
  return word.startsWith("-") ? -magnitude : magnitude;
}

function describeType(type: ValType): string {
  if (type === I32 || type === I64) return `an ${typeName(type)}: a decimal or 0x integer in range`;
  if (type === F32 || type === F64) return `an ${typeName(type)}: a number, inf or nan`;
  return type === V128 ? "a v128, which has no spelling here" : `${typeName(type)}: only null has a spelling`;
}

export function formatResult(value: unknown): string {
  if (typeof value === "number") {
    if (Object.is(value, -0)) return "-0";
    return Number.isFinite(value) ? String(value) : String(value).replace("Infinity", "inf").replace("NaN", "nan");
  }
  if (typeof value === "bigint") return String(value);
  if (value === null) return "null";
  return typeof value === "function" ? `funcref ${value.name}` : "externref";
}
