// Small modules as bytes for the tests of decoding and validation, and the error a module raises.
import { decode } from "../../../runtime/wasm/decode.js";
import { WasmError } from "../../../runtime/wasm/errors.js";
import type { FeatureSet } from "../../../runtime/wasm/features.js";
import type { Op } from "../../../runtime/wasm/opcodes.js";
import { validate } from "../../../runtime/wasm/validate.js";
import { ByteWriter } from "../../support/module-builder.js";

export const HEADER = [0x00, 0x61, 0x73, 0x6d, 0x01, 0x00, 0x00, 0x00] as const;

export function section(id: number, ...contents: readonly number[]): number[] {
  return [id, ...new ByteWriter().u32(contents.length).toBytes(), ...contents];
}

/** A vector: its count, then the items' bytes. */
export function vec(...items: readonly (readonly number[])[]): number[] {
  return [...new ByteWriter().u32(items.length).toBytes(), ...items.flat()];
}

export function text(name: string): number[] {
  return [...new ByteWriter().name(name).toBytes()];
}

/** The bytes of an opcode. */
export function op(code: Op): number[] {
  return [...new ByteWriter().op(code).toBytes()];
}

export function module(...sections: readonly (readonly number[])[]): Uint8Array {
  return Uint8Array.from([...HEADER, ...sections.flat()]);
}

/** A function body with its size: runs of locals, instructions without the final `end`. */
export function body(instructions: readonly number[], locals: readonly number[] = [0]): number[] {
  const contents = [...locals, ...instructions, 0x0b];
  return [...new ByteWriter().u32(contents.length).toBytes(), ...contents];
}

/** One function of the type given by its bytes, after the sections `before` (ids 2 … 9) and before `after` (data). */
export function oneFunction(
  type: readonly number[],
  instructions: readonly number[],
  {
    locals = [0],
    types = [],
    before = [],
    code = [],
    after = [],
  }: {
    locals?: readonly number[];
    /** Types after the function's own. */
    types?: readonly (readonly number[])[];
    /** Sections between the function section and the code section, and before the code section from export on. */
    before?: readonly (readonly number[])[];
    code?: readonly (readonly number[])[];
    after?: readonly (readonly number[])[];
  } = {},
): Uint8Array {
  return module(
    section(1, ...vec(type, ...types)),
    section(3, 1, 0),
    ...before,
    ...code,
    section(10, ...vec(body(instructions, locals))),
    ...after,
  );
}

/** The error of decoding and validation; undefined for a valid module. Anything but a WasmError is thrown. */
export function errorOf(bytes: Uint8Array, features: FeatureSet = "default"): WasmError | undefined {
  try {
    validate(decode(bytes, { features }), { features });
    return undefined;
  } catch (error) {
    if (error instanceof WasmError) return error;
    throw error;
  }
}
