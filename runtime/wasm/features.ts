// Feature switches: one row per proposal that extends WebAssembly 1.0, with the names other tools give it. Decoder and
// validator ask a FeatureGate wherever they meet something a proposal brought; the gate either refuses it, naming the
// proposal, or (when inspecting) records where it was met first.
import { featureDisabled, unknownFeature } from "./errors.js";

interface FeatureInfo {
  /** On unless switched off: part of Wasm 3.0, or what toolchains emit today. */
  readonly standard: boolean;
  /** What other tools call it (LLVM's target features, wabt, wasm-tools). */
  readonly aliases: readonly string[];
}

const row = (standard: boolean, ...aliases: readonly string[]): FeatureInfo => ({ standard, aliases });

export const FEATURES = {
  "mutable-globals": row(true, "mutable-global"),
  "sign-extension": row(true, "sign-ext", "sign-extension-ops"),
  "saturating-float-to-int": row(true, "nontrapping-fptoint", "nontrapping-float-to-int"),
  "multi-value": row(true, "multivalue"),
  "bulk-memory": row(true, "bulk-memory-opt"),
  "reference-types": row(true, "call-indirect-overlong"),
  simd: row(true, "simd128", "fixed-width-simd"),
  "relaxed-simd": row(true),
  "tail-call": row(true, "tail-calls"),
  "extended-const": row(true, "extended-const-expressions"),
  exceptions: row(true, "exception-handling", "exnref"),
  "function-references": row(true, "typed-function-references"),
  gc: row(true, "garbage-collection"),
  memory64: row(true, "table64"),
  "multi-memory": row(true, "multimemory"),
  threads: row(true, "atomics", "shared-memory"),
  "legacy-exceptions": row(true, "legacy-exception-handling"),
  "custom-page-sizes": row(false),
  "wide-arithmetic": row(false),
} as const satisfies Record<string, FeatureInfo>;

/** A proposal beyond WebAssembly 1.0, by its short name. */
export type Feature = keyof typeof FEATURES;

export const FEATURE_NAMES = Object.keys(FEATURES) as readonly Feature[];

const BITS = Object.fromEntries(FEATURE_NAMES.map((name, i) => [name, 1 << i])) as Record<Feature, number>;

/** The set of one or several features as bits. */
export function featureBits(names: Feature | readonly Feature[]): number {
  return typeof names === "string" ? BITS[names] : names.reduce((bits, name) => bits | BITS[name], 0);
}

/** The names in a set of features. */
export function featuresOf(bits: number): Feature[] {
  return FEATURE_NAMES.filter((name) => (bits & BITS[name]) !== 0);
}

export const ALL_FEATURES = featureBits(FEATURE_NAMES);
export const DEFAULT_FEATURES = featureBits(FEATURE_NAMES.filter((name) => FEATURES[name].standard));

/** Finds a feature by its name or one of its aliases; undefined if no tool calls anything so. */
export function findFeature(name: string): Feature | undefined {
  return FEATURE_NAMES.find((f) => f === name || (FEATURES[f].aliases as readonly string[]).includes(name));
}

/**
 * Reads a list of switches, applied from left to right to the default set: `name` or `+name` adds, `-name` and
 * `no-name` remove, `all`, `default` and `none` (or `mvp`) replace the set.
 */
export function parseFeatures(list: string | readonly string[]): number {
  let bits = DEFAULT_FEATURES;
  for (const item of typeof list === "string" ? list.split(",") : list) {
    const word = item.trim().toLowerCase();
    if (word === "") continue;
    if (word === "all") bits = ALL_FEATURES;
    else if (word === "default") bits = DEFAULT_FEATURES;
    else if (word === "none" || word === "mvp") bits = 0;
    else {
      const off = /^(?:-|no-)(.+)$/.exec(word);
      const name = off ? off[1]! : word.replace(/^\+/, "");
      const feature = findFeature(name);
      if (feature === undefined) throw unknownFeature(name, FEATURE_NAMES);
      bits = off ? bits & ~BITS[feature] : bits | BITS[feature];
    }
  }
  return bits;
}

/** Which features decoder and validator accept: bits, names, or a list as {@link parseFeatures} reads it. */
export type FeatureSet = number | string | readonly string[];

export function toFeatureBits(set: FeatureSet | undefined): number {
  if (set === undefined) return DEFAULT_FEATURES;
  return typeof set === "number" ? set : parseFeatures(set);
}

/** Where a feature was met first, and what it was. */
export interface FeatureUse {
  readonly feature: Feature;
  readonly what: string;
  readonly offset: number;
}

/** Answers "may this be used?"; the fast answer is `(gate.bits & needed) !== 0`, taken before any call. */
export class FeatureGate {
  bits: number;
  constructor(bits: number) {
    this.bits = bits;
  }

  /** Insists on one of the features in `anyOf`; `what` names the construct for the message. */
  need(anyOf: number, what: string, at: number): void {
    if ((this.bits & anyOf) === 0) this.missing(anyOf, what, at);
  }

  /** Would `need` pass without further ado? */
  admits(anyOf: number): boolean {
    return (this.bits & anyOf) !== 0;
  }

  protected missing(anyOf: number, what: string, at: number): void {
    throw featureDisabled(what, featuresOf(anyOf), at);
  }
}

/** A gate that begins closed, lets everything pass that `allowed` has, and remembers the first use of each feature. */
export class RecordingGate extends FeatureGate {
  readonly uses: FeatureUse[] = [];
  // Constructs that any of several features brings; settled once the whole module has been seen.
  private readonly open: { anyOf: number; what: string; at: number }[] = [];
  private readonly allowed: number;
  constructor(allowed: number = ALL_FEATURES) {
    super(0);
    this.allowed = allowed;
  }

  protected override missing(anyOf: number, what: string, at: number): void {
    const names = featuresOf(anyOf & this.allowed);
    if (names.length === 0) throw featureDisabled(what, featuresOf(anyOf), at);
    if (names.length > 1) {
      if (!this.open.some((o) => o.anyOf === anyOf)) this.open.push({ anyOf, what, at });
      return;
    }
    this.bits |= BITS[names[0]!];
    this.uses.push({ feature: names[0]!, what, offset: at });
  }

  override admits(anyOf: number): boolean {
    return super.admits(anyOf) || this.open.some((o) => o.anyOf === anyOf);
  }

  /** The features used, by offset of their first use. */
  finish(): readonly FeatureUse[] {
    for (const { anyOf, what, at } of this.open) {
      const used = this.uses.findIndex((use) => (BITS[use.feature] & anyOf) !== 0);
      if (used < 0) this.missing(BITS[featuresOf(anyOf & this.allowed)[0]!], what, at);
      else if (this.uses[used]!.offset > at) this.uses[used] = { feature: this.uses[used]!.feature, what, offset: at };
    }
    this.open.length = 0;
    return this.uses.sort((a, b) => a.offset - b.offset);
  }
}
