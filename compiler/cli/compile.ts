// `wamrc-ts compile`: a module to an .aot or to JavaScript. Everything that can be refused is refused before the work.
import { basename, extname } from "node:path";
import { decode } from "../../runtime/wasm/decode.js";
import { declarations, parseProfile, type CompileOptions, type Profile } from "../index.js";
import type { Source } from "../compile.js";
import { compileParts } from "../compile-async.js";
import { checkProfile } from "../profile.js";
import { OPTIONAL_PASSES } from "../passes/index.js";
import { isIdentifier } from "../write/javascript.js";
import { sizeOf } from "../write/parts.js";
import { tuneEngine } from "./engine-flags.js";
import { EXIT } from "./exit-codes.js";
import { asFailure, Failure } from "./failure.js";
import { type Output, planOutput, readInput, writeOutput } from "./files.js";
import { type ModuleToCompile, readFeatures, readModuleToCompile } from "./module.js";
import { compileOptLevel } from "./opt-level.js";
import type { FORMATS, OPT_LEVELS } from "./options.js";
import type { Invocation } from "./parse.js";
import { Spool } from "./spool.js";
import { formatBytes, formatDuration, plural, ProgressLine } from "./terminal.js";

type Format = (typeof FORMATS)[number];

const FORMAT_OF: Readonly<Record<string, Format>> = { ".aot": "aot", ".mjs": "esm", ".cjs": "cjs", ".js": "script" };

export async function compileCommand({ positionals, values, switches, lists }: Invocation): Promise<number> {
  const input = positionals[0]!;
  const path = values.get("output");
  if (path === undefined) {
    const suggestion = input.replace(/\.(wasm|wat)$/, "");
    throw new Failure("usage", `no output given; add -o ${suggestion}.aot, or -o ${suggestion}.mjs for JavaScript`);
  }
  const output = await planOutput(path, input);
  const format = (values.get("format") as Format | undefined) ?? FORMAT_OF[extname(path).toLowerCase()];
  if (format === undefined) {
    throw new Failure("usage", `${path}: its ending names no format; use .aot, .mjs, .cjs, .js, or add --format`);
  }
  const withDeclarations = switches.has("declarations");
  if (withDeclarations && format === "aot") {
    throw new Failure("usage", "--declarations are for JavaScript formats; an .aot is loaded, not imported");
  }
  const declarationsOutput = withDeclarations ? await planOutput(declarationsPath(path), input) : undefined;
  const options: CompileOptions & { profile?: Profile } = {
    ...readOptions(format, values),
    ...(switches.has("debug") ? { lines: true } : {}),
    features: readFeatures(lists.get("features")),
    disabledPasses: readPasses(lists.get("disable-pass")),
  };
  const { bytes, source } = await readModuleToCompile(input);
  const profile = values.get("profile");
  if (profile !== undefined) options.profile = readProfile(profile, source, options);

  tuneEngine(bytes, options);
  const started = performance.now();
  const { size, functions } = await compileTo(output, input, { bytes, source }, options);
  if (declarationsOutput) {
    const text = declarations(decode(bytes), format === "script" ? { globalName: options.name ?? "wasmModule" } : {});
    await writeOutput(declarationsOutput, [new TextEncoder().encode(text)]);
  }
  if (!switches.has("quiet")) {
    const took = formatDuration(performance.now() - started);
    const from = `${formatBytes(bytes.length)} of Wasm, ${plural(functions, "function")}`;
    console.error(`${path}: ${formatBytes(size)} from ${from}, in ${took}`);
  }
  return EXIT.ok[0];
}

/** `m.mjs` is declared by `m.d.mts`, as TypeScript looks for it. */
function declarationsPath(path: string): string {
  return /\.[mc]?js$/.test(path) ? path.replace(/\.([mc]?)js$/, ".d.$1ts") : `${path}.d.ts`;
}

/** Returns the size of the artifact, and how many functions it has. */
async function compileTo(
  output: Output,
  input: string,
  module: ModuleToCompile,
  options: CompileOptions,
): Promise<{ size: number; functions: number }> {
  const text = new Spool(output);
  try {
    const { parts, functions } = await compileWithProgress(input, module, options, text);
    await writeOutput(output, inTurn(parts, text.parts()));
    return { size: sizeOf(parts) + text.size, functions };
  } finally {
    text.close();
  }
}

function* inTurn<T>(...lists: readonly Iterable<T>[]): Iterable<T> {
  for (const list of lists) yield* list;
}

async function compileWithProgress(
  input: string,
  { bytes, source }: ModuleToCompile,
  options: CompileOptions,
  text: Spool,
): Promise<{ parts: readonly Uint8Array[]; functions: number }> {
  const progress = new ProgressLine(`compiling ${basename(input)}`);
  let functions = 0;
  try {
    const onProgress = (done: number, total: number): void => {
      functions = total;
      progress.update(done, total);
    };
    const onText = (part: Uint8Array): void => text.append(part);
    const parts = await compileParts(bytes, { ...options, onProgress }, { onText, joins: true, source });
    return { parts, functions };
  } catch (error) {
    throw asFailure(error, input);
  } finally {
    progress.clear();
  }
}

function readPasses(names: readonly string[] = []): readonly string[] {
  for (const name of names) {
    if (OPTIONAL_PASSES.includes(name)) continue;
    throw new Failure("usage", `--disable-pass ${name}: no such pass; there are ${OPTIONAL_PASSES.join(", ")}`);
  }
  return names;
}

function readProfile(path: string, source: Source, { format }: CompileOptions): Profile {
  if (format !== "aot") {
    throw new Failure(
      "usage",
      `--profile is for .aot: ${format} is one page, which engines compile function by function`,
    );
  }
  const profile = parseProfile(new TextDecoder().decode(readInput(path)));
  if (profile === undefined) {
    throw new Failure("usage", `${path}: is no profile; wamrc-ts run module.wasm --record-profile ${path} writes one`);
  }
  try {
    checkProfile(profile, source);
  } catch (error) {
    throw new Failure("usage", `${path}: ${(error as Error).message}`);
  }
  return profile;
}

function readOptions(format: Format, values: ReadonlyMap<string, string>): CompileOptions {
  const level = values.get("opt-level") as (typeof OPT_LEVELS)[number] | undefined;
  const threads = values.get("threads");
  if (threads !== undefined && !/^[1-9]\d{0,2}$/.test(threads)) {
    throw new Failure("usage", `--threads is a number from 1 to 999; got ${threads}`);
  }
  const name = values.get("name");
  if (name !== undefined && format !== "script") {
    throw new Failure("usage", `--name is for --format script, which defines a global; ${format} defines none`);
  }
  if (name !== undefined && !isIdentifier(name)) {
    throw new Failure("usage", `--name ${name}: not a name for a variable`);
  }
  const runtime = values.get("runtime");
  if (runtime !== undefined && format === "aot") {
    throw new Failure("usage", "--runtime is for JavaScript formats; an .aot always uses the loader's runtime");
  }
  if (runtime === "external" && format !== "esm") {
    throw new Failure("usage", `--runtime external imports wamrc-ts, which ${format} cannot; use --format esm`);
  }
  return {
    format,
    ...(level === undefined ? {} : { optLevel: compileOptLevel(level) }),
    ...(values.has("i64") ? { i64: values.get("i64") as NonNullable<CompileOptions["i64"]> } : {}),
    ...(values.has("target") ? { target: values.get("target") as NonNullable<CompileOptions["target"]> } : {}),
    ...(threads === undefined ? {} : { threads: Number(threads) }),
    ...(runtime === undefined ? {} : { runtime: runtime as NonNullable<CompileOptions["runtime"]> }),
    ...(name === undefined ? {} : { name }),
  };
}
