// wasm → artifact: decode → validate → compile each function → pages → image → container. This file is the table of
// contents; threads only change who compiles which functions (threads.ts), never the result.
import { createHash } from "node:crypto";
import type { Image, Page } from "../loader/image.js";
import { ABI_VERSION, FORMAT_VERSION } from "../loader/layout.js";
import { decode } from "../runtime/wasm/decode.js";
import type { DecodedModule } from "../runtime/wasm/module.js";
import { createValidator } from "../runtime/wasm/validate.js";
import { orderBySimilarity } from "./emit/order.js";
import { type CompiledFunction, PageFiller, joinParts, writePage } from "./emit/page.js";
import { featuresOf } from "./features.js";
import { FunctionCompiler, type FunctionOptions, isInterpreted } from "./function.js";
import type { CompileOptions, OptLevel } from "./options.js";
import { isEnabled } from "./passes/index.js";
import { checkProfile, groupByProfile } from "./profile.js";
import { reachableFunctions } from "./reachable.js";
import { VERSION } from "./version.js";
import { writeAot } from "./write/aot.js";
import { writeJavaScript } from "./write/javascript.js";

/** Characters of a page of an `.aot`: smaller ones cost more links between them, larger ones bring in more that nobody calls. */
const PAGE_TEXT = 262_144;
/** Estimated bytes of bytecode of a function, and of each piece of it. */
const OUTLINE_LIMIT = 40_000;

/** Compiles on the calling thread. Throws DecodeError, ValidationError or CompileError. */
export function compileSync(bytes: Uint8Array, options: CompileOptions = {}): Uint8Array {
  return writeContainer(compileImageSync(bytes, options), options);
}

/** As far as the image, for hosts that load what they compile. */
export function compileImageSync(bytes: Uint8Array, options: CompileOptions = {}): Image {
  if (options.profile !== undefined) checkProfile(options.profile, sourceOf(bytes));
  const module = decode(bytes, decodeOptions(options));
  const validator = createValidator(module, decodeOptions(options));
  validator.module();
  const compiler = new FunctionCompiler(module, functionOptions(options));
  const functions = module.code.map((_, i) => {
    validator.func(i);
    return compiler.compile(i);
  });
  return makeImage(sourceOf(bytes), module, functions, options);
}

export function decodeOptions(options: CompileOptions): { features?: NonNullable<CompileOptions["features"]> } {
  return options.features === undefined ? {} : { features: options.features };
}

export function functionOptions(options: CompileOptions): FunctionOptions {
  const { optLevel = 1, target = "generic" } = options;
  return {
    level: passLevel(optLevel),
    disabled: new Set(options.disabledPasses),
    lines: keepsLines(options),
    i64: options.i64 ?? "auto",
    target,
    twins: typeof optLevel === "number" && optLevel > 0 && !isInterpreted(target),
    // Interpreters pay for the call.
    compact: typeof optLevel === "string" && !isInterpreted(target),
    outlineLimit: options.outlineLimit ?? (isInterpreted(target) ? Infinity : OUTLINE_LIMIT),
  };
}

/** Which passes a level runs; sizes are level 2 with other choices. */
function passLevel(level: OptLevel): number {
  return typeof level === "number" ? level : 2;
}

export function keepsLines(options: CompileOptions): boolean {
  return options.lines ?? (options.format ?? "aot") === "aot";
}

export function makeImage(
  source: Source,
  module: DecodedModule,
  functions: readonly CompiledFunction[],
  options: CompileOptions,
): Image {
  const traits = new CodeTraits();
  functions.forEach((f) => traits.add(f));
  return { ...imageFrame(source, module, traits, options), pages: makePages(module, functions, options) };
}

/** What all functions together came to use. */
export class CodeTraits {
  tailCalls = false;
  namesSegments = false;

  add(f: Pick<CompiledFunction, "tailCalls" | "namesSegments">): void {
    if (f.tailCalls) this.tailCalls = true;
    if (f.namesSegments) this.namesSegments = true;
  }
}

/** The module that the caller gave: its bytes, and their SHA-256 in hexadecimal. */
export interface Source {
  readonly size: number;
  readonly digest: string;
}

export function sourceOf(bytes: Uint8Array): Source {
  return { size: bytes.length, digest: createHash("sha256").update(bytes).digest("hex") };
}

/** All of an image but its pages. */
export function imageFrame(
  source: Source,
  module: DecodedModule,
  { tailCalls, namesSegments }: CodeTraits,
  options: CompileOptions,
): Omit<Image, "pages"> {
  const { bytes: _, code, dataCount, ...counted } = module;
  // A count that no function relies on would only keep segments from being merged.
  const structure = namesSegments && dataCount !== undefined ? { ...counted, dataCount } : counted;
  // Debug information describes the Wasm, not this code, and is often most of the file; names are kept in the structure.
  const customs = module.customs.filter(({ name }) => !name.startsWith(".debug_") && name !== "name");
  return {
    target: {
      formatVersion: FORMAT_VERSION,
      abiVersion: ABI_VERSION,
      target: options.target ?? "generic",
      features: featuresOf(module, tailCalls),
      optLevel: String(options.optLevel ?? 1),
      compilerVersion: VERSION,
      sourceDigest: source.digest,
      sourceSize: source.size,
    },
    module: { ...structure, customs },
    funcOffsets: code.map((body) => body.at),
  };
}

function makePages(module: DecodedModule, functions: readonly CompiledFunction[], options: CompileOptions): Page[] {
  const pageOptions = { lines: keepsLines(options) };
  if (functions.length === 0) return [];
  const isJavaScript = (options.format ?? "aot") !== "aot";
  if (isJavaScript && options.pageSize === undefined && options.profile === undefined) {
    // Page faults choose nothing here, so the order can be what gzip likes; it takes 0.3 to 1.2 s for sql.js.
    const sorted = passLevel(options.optLevel ?? 1) >= 2;
    const order = sorted ? { order: orderBySimilarity(functions.map(({ text }) => text)) } : {};
    return [joinParts(writePage(functions, { ...pageOptions, reachable: reachableFunctions(module), ...order }))];
  }
  const pages: Page[] = [];
  const filler = new PageFiller<string>(pageSize(options), pageOptions, (page) => pages.push(joinParts(page)));
  for (const group of groupByProfile(functions, options.profile)) {
    for (const f of group) filler.add(f);
    filler.flush();
  }
  return pages;
}

export function pageSize({ pageSize, format = "aot" }: CompileOptions): number {
  return pageSize ?? (format === "aot" ? PAGE_TEXT : Infinity);
}

/** Image → the bytes of a file. */
export function writeContainer(image: Image, options: CompileOptions): Uint8Array {
  const format = options.format ?? "aot";
  if (format === "aot") return writeAot(image);
  const forFunctions = functionOptions(options);
  return new TextEncoder().encode(
    writeJavaScript(image, {
      format,
      runtime: options.runtime === "external" ? "external" : "bundled",
      lines: keepsLines(options),
      // Interpreters would unpack for seconds.
      squeeze: forFunctions.compact && isEnabled("squeeze", forFunctions),
      // Names tell people where a trap was; who asks for lines wants that at any size.
      names: typeof options.optLevel !== "string" || keepsLines(options),
      ...(options.name === undefined ? {} : { name: options.name }),
    }),
  );
}
