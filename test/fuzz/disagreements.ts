// Where we and native WebAssembly (V8) are known to judge a module differently, and who is right.
import { W } from "../support/webassembly.js";

interface Disagreement {
  readonly why: string;
  /** The message of native WebAssembly, which rejects; absent where it accepts. */
  readonly native?: RegExp;
  /** Our message; absent where we accept. */
  readonly ours?: RegExp;
}

// Known disagreements, and who is right.
const EXPLAINED: readonly Disagreement[] = [
  { native: /implementation limit/, why: "V8 has a limit that the specification has not (both may)" },
  {
    native: /length overflow while decoding (initial|maximum) size/,
    why: "V8 reads 32-bit limits as u32; since 3.0 the format says u64 for all limits (we are right)",
  },
  {
    native: /mix of legacy and new exception handling/,
    why: "V8 refuses legacy and standard exceptions in one module; no specification does (both may)",
  },
  {
    ours: /^type mismatch: ref\.eq expected eqref/,
    why: "V8 does not check the operands of ref.eq in unreachable code; the specification does (we are right)",
  },
  {
    ours: /^type mismatch: br_on_non_null expected a label that takes a reference/,
    why: "V8 does not look at the label of br_on_non_null where the operand is unreachable; the specification does (we are right)",
  },
  {
    ours: /^type mismatch: .*, got any non-null reference \(/,
    why: "V8 forgets that br_on_null and ref.as_non_null give references where their operand is unreachable (we are right)",
  },
];

/** Why the two sides disagree, each by its message (undefined where it accepts); undefined for no known reason. */
export function explain(native: string | undefined, ours: string | undefined): string | undefined {
  const matches = (pattern: RegExp | undefined, text: string | undefined): boolean =>
    pattern === undefined ? text === undefined : text !== undefined && pattern.test(text);
  return EXPLAINED.find((known) => matches(known.native, native) && matches(known.ours, ours))?.why;
}

/** Why native WebAssembly rejects a module; undefined if it accepts it. */
export function nativeRejection(bytes: Uint8Array): string | undefined {
  if (W.validate(bytes)) return undefined;
  try {
    new W.Module(bytes);
    return "validate() is false, but it compiles";
  } catch (error) {
    return (error as Error).message;
  }
}
