// Feature switches: how lists are read, which names are understood, what is on by default.
import assert from "node:assert/strict";
import { describe, it } from "node:test";
import {
  ALL_FEATURES,
  DEFAULT_FEATURES,
  FEATURE_NAMES,
  FEATURES,
  featureBits,
  featuresOf,
  findFeature,
  parseFeatures,
} from "../../../runtime/wasm/features.js";

describe("features", () => {
  it("are on by default but for the proposals beyond 3.0", () => {
    assert.deepEqual(featuresOf(ALL_FEATURES & ~DEFAULT_FEATURES), ["custom-page-sizes", "wide-arithmetic"]);
  });

  it("are switched from left to right", () => {
    assert.deepEqual(featuresOf(parseFeatures("none,simd,+gc")), ["simd", "gc"]);
    assert.equal(parseFeatures("all,-simd,no-gc"), ALL_FEATURES & ~featureBits(["simd", "gc"]));
    assert.equal(parseFeatures(["wide-arithmetic"]), DEFAULT_FEATURES | featureBits("wide-arithmetic"));
    assert.equal(parseFeatures(" mvp , Default"), DEFAULT_FEATURES);
    assert.equal(parseFeatures(""), DEFAULT_FEATURES);
  });

  it("are known by the names of other tools", () => {
    assert.equal(findFeature("simd128"), "simd");
    assert.equal(findFeature("atomics"), "threads");
    assert.equal(findFeature("nontrapping-fptoint"), "saturating-float-to-int");
    assert.equal(findFeature("exception-handling"), "exceptions");
    const names = FEATURE_NAMES.flatMap((name) => [name as string, ...FEATURES[name].aliases]);
    assert.equal(new Set(names).size, names.length, "no name stands for two features");
  });

  it("are refused by name where unknown", () => {
    assert.throws(
      () => parseFeatures("smid"),
      /unknown feature: smid; known are mutable-globals, .*, wide-arithmetic, all, default, none/,
    );
  });
});
