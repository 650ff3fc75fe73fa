// JavaScript engines, as far as results may differ between them.

export type JsEngine = "v8" | "jsc" | "spidermonkey" | "hermes" | "quickjs";

/** The one that runs this. */
export function ownEngine(): JsEngine {
  return "bun" in process.versions ? "jsc" : "v8";
}
