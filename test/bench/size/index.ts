// How much is shipped: the gzipped JavaScript over the gzipped .wasm it was made from, custom sections (DWARF, names)
// left out of the latter.
import type { CompileOptions } from "../../../compiler/index.js";
import { readFileSync } from "node:fs";
import { gzipSync } from "node:zlib";
import { modulesIn, stripped } from "../programs/modules.js";
import { textTable } from "../table.js";
import { ourText } from "../variants.js";

export interface SizeBenchOptions {
  readonly packages: string | undefined;
  readonly levels: readonly string[];
  readonly extra: CompileOptions;
  readonly only: readonly string[];
}

export interface SizeResult {
  readonly name: string;
  readonly level: string;
  readonly problem?: string;
  readonly wasm: number;
  readonly wasmGzip: number;
  readonly js: number;
  readonly jsGzip: number;
}

export async function benchSize(options: SizeBenchOptions): Promise<SizeResult[]> {
  const results: SizeResult[] = [];
  for (const { name, file } of modulesIn(options.packages)) {
    if (options.only.length && !options.only.includes(name)) continue;
    const bytes = readFileSync(file);
    const bare = stripped(bytes);
    const wasmGzip = gzipSync(bare, { level: 9 }).length;
    for (const level of options.levels) {
      const code = await ourText(bytes, { optLevel: level, extra: { format: "esm", ...options.extra } });
      const source = "source" in code ? (code.source ?? "") : "";
      const js = Buffer.byteLength(source);
      const jsGzip = gzipSync(source, { level: 9 }).length;
      const problem = "problem" in code ? { problem: code.problem } : {};
      results.push({ name, level, wasm: bare.length, wasmGzip, js, jsGzip, ...problem });
    }
  }
  console.log("\nsize: gzip -9 of the JavaScript over gzip -9 of the .wasm without custom sections");
  const rows = results.map(({ name, level, problem, wasm, wasmGzip, js, jsGzip }) =>
    problem !== undefined
      ? [name, "-O" + level, "–", problem]
      : [
          name,
          "-O" + level,
          (jsGzip / wasmGzip).toFixed(3),
          (js / wasm).toFixed(2),
          ...[jsGzip, wasmGzip, js, wasm].map(kilobytes),
        ],
  );
  console.log(textTable([["module", "level", "gzip ×", "raw ×", "js.gz", "wasm.gz", "js", "wasm"], ...rows], 2));
  return results;
}

const kilobytes = (bytes: number): string => (bytes / 1000).toFixed(1) + " kB";
