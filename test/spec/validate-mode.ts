// The suite's verdicts on decoding and validation, without running anything: modules that must be accepted, malformed
// modules (a DecodeError), invalid modules (a ValidationError), each with the suite's wording at the beginning of the message.
import { decode } from "../../runtime/wasm/decode.js";
import { DecodeError, ValidationError, WasmError } from "../../runtime/wasm/errors.js";
import { ALL_FEATURES, DEFAULT_FEATURES, featureBits } from "../../runtime/wasm/features.js";
import { validate } from "../../runtime/wasm/validate.js";
import type { Command } from "./suite.js";

/** Features beyond the default that a group of the suite is about, and features that it predates. */
const ADDED: Readonly<Record<string, number>> = {
  "custom-page-sizes": featureBits("custom-page-sizes"),
  "wide-arithmetic": featureBits("wide-arithmetic"),
};

const EXPECTS_MODULE = ["module", "module_definition", "assert_unlinkable", "assert_uninstantiable"];

/** What is wrong with our verdict on a command's module; undefined if all is right, null if there is nothing to check. */
export function checkValidation(command: Command, group: string): string | undefined | null {
  if (command.module_type !== "binary" || command.binary === undefined || command.outdated !== undefined) return null;
  const accepted = EXPECTS_MODULE.includes(command.type);
  if (!accepted && command.type !== "assert_invalid" && command.type !== "assert_malformed") return null;
  const bytes = new Uint8Array(Buffer.from(command.binary, "base64"));
  const error = rejection(bytes, DEFAULT_FEATURES | (ADDED[group] ?? 0));
  if (accepted) return error === undefined ? undefined : `rejected: ${describe(error)}`;
  if (error === undefined) return `accepted, expected "${command.text}"`;
  const wanted = command.type === "assert_malformed" ? DecodeError : ValidationError;
  if (!(error instanceof wanted)) return `expected a ${wanted.name} "${command.text}", got ${describe(error)}`;
  if (!error.message.startsWith(wording(command.text!)) && !otherWording(command.text!, error.message))
    return `expected the message "${command.text}", got ${describe(error)}`;
  return undefined;
}

/** The part of the suite's wording that we share: what it says of a type mismatch beyond the word is that interpreter's. */
function wording(text: string): string {
  return text.startsWith("type mismatch") ? "type mismatch" : text;
}

// Where sizes contradict contents, more than one thing is wrong. The suite's interpreter reads on beyond the size and
// stumbles later; we keep sections and bodies within their sizes, and look at instructions after all sections.
const OTHER_WORDINGS: readonly (readonly [suite: RegExp, ours: RegExp])[] = [
  [
    /^integer (representation too long|too large)$/,
    /^(unexpected end of section or function|malformed section id|malformed definition type)/,
  ],
  [/^(section size mismatch|length out of bounds|END opcode expected)$/, /^unexpected end of section or function/],
];

function otherWording(text: string, message: string): boolean {
  return OTHER_WORDINGS.some(([suite, ours]) => suite.test(text) && ours.test(message));
}

/** The error that decoding and validation raise, with the features given (all by default). */
export function rejection(bytes: Uint8Array, features: number = ALL_FEATURES): unknown {
  try {
    validate(decode(bytes, { features }), { features });
    return undefined;
  } catch (error) {
    return error;
  }
}

function describe(error: unknown): string {
  return error instanceof WasmError ? `${error.name} "${error.message}"` : `a crash: ${(error as Error).stack}`;
}
