// `--set KEY=VALUE` of the suite, the fuzzer and the bench: compiler options that have no switch of their own there.
import type { CompileOptions } from "../../compiler/index.js";
import type { OptLevel } from "../../compiler/options.js";

/** "0" to "3", "s" or "z", after `--opt`. */
export function optLevel(text: string): OptLevel {
  if (!/^[0-3sz]$/.test(text)) throw new Error(`--opt: expected 0 to 3, s or z, got ${text}`);
  return text === "s" || text === "z" ? text : (Number(text) as OptLevel);
}

/** Options from texts such as `target=v8`, `optLevel=2`, `lines` or `disabledPasses=copies,color`. */
export function compileSettings(texts: readonly string[]): CompileOptions {
  return Object.fromEntries(texts.map(setting)) as CompileOptions;
}

function setting(text: string): [string, string | number | boolean | string[]] {
  const [key = "", value = "true"] = text.split("=");
  if (key === "disabledPasses") return [key, value.split(",")];
  return [key, value === "true" ? true : value === "false" ? false : /^\d+$/.test(value) ? Number(value) : value];
}
