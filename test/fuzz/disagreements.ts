// Where we and native WebAssembly (V8) are known to judge a module differently, and who is right.
import { DEFAULT_FEATURES, featureBits } from "../../runtime/wasm/features.js";
import type { Feature } from "../../runtime/wasm/features.js";
import { W } from "../support/webassembly.js";

/** The smallest module that needs a feature: its one section, or the body of a function of type [] -> []. */
const PROBES: readonly (readonly [Feature, "section" | "body", readonly number[]])[] = [
  ["simd", "section", [1, 5, 1, 0x60, 1, 0x7b, 0]],
  ["relaxed-simd", "body", [0x00, 0xfd, 0x80, 0x02, 0x1a]],
  ["tail-call", "body", [0x12, 0]],
  ["extended-const", "section", [6, 9, 1, 0x7f, 0, 0x41, 1, 0x41, 1, 0x6a, 0x0b]],
  ["exceptions", "section", [1, 5, 1, 0x60, 1, 0x69, 0]],
  ["legacy-exceptions", "body", [0x06, 0x40, 0x19, 0x0b]],
  ["function-references", "section", [1, 6, 1, 0x60, 1, 0x63, 0x70, 0]],
  ["gc", "section", [1, 3, 1, 0x5f, 0]],
  ["memory64", "section", [5, 3, 1, 4, 1]],
  ["multi-memory", "section", [5, 5, 2, 0, 1, 0, 1]],
  ["threads", "section", [5, 4, 1, 3, 1, 1]],
];

/** Our default features as far as native WebAssembly has them. */
export function nativeFeatures(): number {
  let features = DEFAULT_FEATURES;
  for (const [feature, form, bytes] of PROBES) {
    const header = [0, 0x61, 0x73, 0x6d, 1, 0, 0, 0];
    const inBody = [1, 4, 1, 0x60, 0, 0, 3, 2, 1, 0, 10, bytes.length + 4, 1, bytes.length + 2, 0, ...bytes, 0x0b];
    if (!W.validate(Uint8Array.from([...header, ...(form === "body" ? inBody : bytes)])))
      features &= ~featureBits(feature);
  }
  return features;
}

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
  {
    ours: /^atomic alignment must be natural/,
    why: "V8 11 lets some misaligned atomics pass, later ones do not (we are right)",
  },
  {
    ours: /^malformed reference type: .*element section/,
    why: "V8 11 takes a number type for an element segment without elements, later ones do not (we are right)",
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
