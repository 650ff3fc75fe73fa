// The ways to run one module: as native WebAssembly, through wasm2js -O3, through polywasm, and through our compiler.
// Each becomes the source text of a function that takes imports and returns exports, so that the same text runs in a
// child process of Node and in any other engine's shell.
import type { CompileOptions } from "../../compiler/index.js";
import { execFile } from "node:child_process";
import { createHash } from "node:crypto";
import { existsSync, mkdirSync, readFileSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { fileURLToPath, pathToFileURL } from "node:url";
import { promisify } from "node:util";
import { build } from "esbuild";

export const ROOT = join(dirname(fileURLToPath(import.meta.url)), "../../..");
const CACHE = join(tmpdir(), "wamrc-ts-bench");

/** Source text of `function (imports) → exports`, or why there is none. */
export type VariantText =
  { readonly text: string; readonly size: number; readonly source?: string } | { readonly problem: string };

export interface OurOptions {
  readonly optLevel: string;
  /** Further options for `compile`, such as `target`. */
  readonly extra: CompileOptions;
}

const digest = (...parts: (Uint8Array | string)[]): string => {
  const hash = createHash("sha256");
  for (const part of parts) hash.update(part).update("\0");
  return hash.digest("hex").slice(0, 24);
};

// The generated code of other people's compilers is kept between runs: it depends on nothing but its key.
async function cached(key: string, make: () => Promise<string>): Promise<string> {
  mkdirSync(CACHE, { recursive: true });
  const file = join(CACHE, key + ".js");
  if (!existsSync(file)) writeFileSync(file, await make());
  return readFileSync(file, "utf8");
}

// Engine shells have no atob, and some no base64 at all: bytes travel as a string of characters 0 to 255 in hexadecimal.
export function bytesText(bytes: Uint8Array): string {
  return `(function(h){var b=new Uint8Array(h.length/2);for(var i=0;i<b.length;i++)b[i]=parseInt(h.substr(i*2,2),16);return b})("${Buffer.from(bytes).toString("hex")}")`;
}

export function nativeText(bytes: Uint8Array): VariantText {
  return {
    text: `function(imports){if(typeof WebAssembly!=="object")throw new Error("no WebAssembly here");return new WebAssembly.Instance(new WebAssembly.Module(${bytesText(bytes)}),imports).exports}`,
    size: bytes.length,
  };
}

let polywasm: Promise<string> | undefined;
export async function polywasmText(bytes: Uint8Array): Promise<VariantText> {
  polywasm ??= build({
    entryPoints: [join(ROOT, "node_modules/polywasm/index.js")],
    bundle: true,
    format: "iife",
    globalName: "polywasm",
    write: false,
  }).then((out) => out.outputFiles[0]!.text);
  const library = await polywasm;
  return {
    text: `function(imports){${library};var W=polywasm.WebAssembly;return new W.Instance(new W.Module(${bytesText(bytes)}),imports).exports}`,
    size: library.length,
  };
}

/** wasm2js writes an ES module; its imports become lookups and its exports are taken from the object behind them. */
export async function wasm2jsText(bytes: Uint8Array): Promise<VariantText> {
  const tool = join(ROOT, "node_modules/binaryen/bin/wasm2js");
  const version = JSON.parse(readFileSync(join(ROOT, "node_modules/binaryen/package.json"), "utf8")).version as string;
  const key = "wasm2js-" + digest(version, bytes);
  const source = await cached(key, async () => {
    const input = join(CACHE, key + ".wasm");
    writeFileSync(input, bytes);
    const output = join(CACHE, key + ".out");
    const features = [
      "bulk-memory",
      "bulk-memory-opt",
      "nontrapping-float-to-int",
      "sign-ext",
      "mutable-globals",
      "multivalue",
    ];
    const args = ["--stack-size=8000", tool, "-O3", ...features.map((name) => "--enable-" + name), input, "-o", output];
    try {
      await promisify(execFile)(process.execPath, args, { maxBuffer: 1 << 28 });
    } catch (error) {
      const said = String((error as { stderr?: string }).stderr ?? error);
      return "REFUSED " + said.split("\n").slice(0, 2).join(" ").slice(0, 160);
    }
    return readFileSync(output, "utf8");
  });
  if (source.startsWith("REFUSED ")) return { problem: "refused: " + source.slice(8) };
  const body = source
    .replace(
      /^import \* as ([\w$]+) from '([^']*)';$/gm,
      (_, name: string, module: string) => `var ${name}=imports[${JSON.stringify(module)}];`,
    )
    .replace(
      /^import \{ ([\w$]+) \} from '([^']*)';$/gm,
      (_, name: string, module: string) => `var ${name}=imports[${JSON.stringify(module)}].${name};`,
    )
    .replace(/^export var .*$/gm, "");
  return { text: `function(imports){${body};return retasmFunc}`, size: source.length };
}

interface Compiler {
  compile(bytes: Uint8Array, options: object): Promise<Uint8Array>;
}

/** What our compiler makes of a module; CommonJS unless `extra` says otherwise. */
export async function artifactBytes(bytes: Uint8Array, { optLevel, extra }: OurOptions): Promise<Uint8Array> {
  const entry = pathToFileURL(join(ROOT, "dist/compiler/index.js")).href;
  const compiler = (await import(entry)) as Compiler;
  const level = /^\d$/.test(optLevel) ? Number(optLevel) : optLevel;
  return compiler.compile(bytes, { format: "cjs", optLevel: level, ...extra });
}

/** Our self-contained artifact: the runtime is in it, as in what a user would ship. */
export async function ourText(bytes: Uint8Array, options: OurOptions): Promise<VariantText> {
  try {
    return artifactText(Buffer.from(await artifactBytes(bytes, options)).toString("utf8"));
  } catch (error) {
    return { problem: "compiler: " + String((error as Error).message).slice(0, 200) };
  }
}

/** A variant from the text of a CommonJS artifact: our own, or one edited by hand (`--add`). */
export function artifactText(source: string): VariantText {
  return {
    text: `function(imports){var module={exports:{}};(function(module,exports){${source}\n})(module,module.exports);return module.exports.instantiateSync(imports).exports}`,
    size: source.length,
    source,
  };
}

let environment: Promise<string> | undefined;

/** The same artifact in a runtime whose memory is a pool of `size` bytes. */
export async function pooledText(source: string, size: number): Promise<VariantText> {
  environment ??= build({
    entryPoints: [join(ROOT, "dist/runtime/environment/index.js")],
    bundle: true,
    format: "iife",
    globalName: "environment",
    write: false,
  }).then((out) => out.outputFiles[0]!.text);
  const runtime = `environment.Runtime.init({allocator:{mode:"Alloc_With_Pool",pool:new ArrayBuffer(${size}),fresh:true}})`;
  return {
    text: `function(imports){${await environment};var module={exports:{}};(function(module,exports){${source}\n})(module,module.exports);return module.exports.instantiateSync(imports,{runtime:${runtime}}).exports}`,
    size: source.length,
  };
}
