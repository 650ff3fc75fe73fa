// A program to run, whatever form it came in: an .aot through the loader, a JavaScript artifact by import, a module
// compiled on the fly. Only the last loads the compiler.
import { closeSync, openSync, readSync } from "node:fs";
import { basename, resolve } from "node:path";
import { pathToFileURL } from "node:url";
import type { LoadedModule, LoadFileOptions, LoadOptions } from "../../loader/load.js";
import type { Instance } from "../../runtime/instance/instance.js";
import type { InstantiateOptions } from "../../runtime/instance/instantiate.js";
import type { ImportObject } from "../../runtime/instance/link.js";
import type { Target } from "../options.js";
import { asFailure, Failure, systemReason } from "./failure.js";
import { readInput } from "./files.js";
import { kindOf } from "./input.js";
import type { ProgramMemory } from "./memory.js";
import type { OPT_LEVELS } from "./options.js";
import type { Invocation } from "./parse.js";

export type Program = LoadedModule | JavaScriptArtifact;

export interface OnTheFly {
  readonly optLevel?: (typeof OPT_LEVELS)[number];
  readonly features?: readonly string[];
  /** Give each function a page of its own, so that which pages came in tells which functions ran. */
  readonly recording?: boolean;
}

/** What an invocation says of compiling on the fly. */
export function readOnTheFly({ values, lists }: Invocation): OnTheFly {
  const optLevel = values.get("opt-level") as OnTheFly["optLevel"];
  const features = lists.get("features");
  return { ...(optLevel === undefined ? {} : { optLevel }), ...(features === undefined ? {} : { features }) };
}

/** `memory`: the runtime to load it into, which is told when everything but the program itself is there. */
export async function openProgram(path: string, options: OnTheFly, memory?: ProgramMemory): Promise<Program> {
  const kind = kindOf(path, readHead(path));
  if ((kind === "aot" || kind === "javascript") && (options.optLevel ?? options.features) !== undefined) {
    const option = options.optLevel === undefined ? "--features" : "--opt-level";
    throw new Failure("usage", `${option} is for .wasm and .wat; ${path} is compiled already`);
  }
  if ((kind === "aot" || kind === "javascript") && options.recording === true) {
    throw new Failure("usage", `--record-profile is for .wasm and .wat; ${path} is compiled already`);
  }
  try {
    switch (kind) {
      case "aot": {
        const { loadFile } = await import("../../loader/load.js");
        await memory?.begin();
        return loadFile(path, placeOf(path, memory));
      }
      case "javascript":
        await memory?.begin();
        return await importArtifact(path);
      default:
        return await compileNow(path, options, memory);
    }
  } catch (error) {
    throw asFailure(error, path);
  }
}

/** Enough to tell what a file is; artifacts are read by those who run them. */
function readHead(path: string): Uint8Array {
  const head = new Uint8Array(4096);
  let fd: number | undefined;
  try {
    fd = openSync(path, "r");
    return head.subarray(0, readSync(fd, head));
  } catch (error) {
    throw new Failure("noInput", `${path}: cannot be read: ${systemReason(error)}`);
  } finally {
    if (fd !== undefined) closeSync(fd);
  }
}

/** What to tune for where the code runs at once: this Node. Without its JIT there is no WebAssembly either. */
function ownTarget(): Target {
  return "WebAssembly" in globalThis && parseInt(process.versions.v8) >= 13 ? "v8" : "generic";
}

function placeOf(
  path: string,
  memory: ProgramMemory | undefined,
): Pick<LoadOptions & LoadFileOptions, "runtime" | "name"> {
  return memory === undefined ? {} : { runtime: memory.runtime, name: basename(path) };
}

async function compileNow(
  path: string,
  { optLevel, features, recording }: OnTheFly,
  memory: ProgramMemory | undefined,
): Promise<Program> {
  const [{ compile }, { load }, { readModule, readFeatures }, { compileOptLevel }, { ProgressLine }] =
    await Promise.all([
      import("../index.js"),
      import("../../loader/load.js"),
      import("./module.js"),
      import("./opt-level.js"),
      import("./terminal.js"),
    ]);
  const progress = new ProgressLine(`compiling ${basename(path)}`);
  try {
    const bytes = await compile(await readModule(path), {
      format: "aot",
      optLevel: compileOptLevel(optLevel ?? "1"),
      target: ownTarget(),
      features: readFeatures(features),
      ...(recording === true ? { pageSize: 1 } : {}),
      onProgress: (done, total) => progress.update(done, total),
    });
    await memory?.begin();
    return load(bytes, { transfer: true, ...placeOf(path, memory) });
  } finally {
    progress.clear();
  }
}

/** What a JavaScript artifact offers; its classes are its own, so nothing here can be told by instanceof. */
export interface JavaScriptArtifact {
  readonly module: {
    readonly digest: string;
    readonly imports: readonly { readonly module: string; readonly name: string; readonly kind: string }[];
    readonly exports: readonly { readonly name: string; readonly kind: string }[];
  };
  instantiateSync(imports?: ImportObject, options?: InstantiateOptions): Instance;
}

/** ES and CommonJS modules are imported; a script, which only defines a global, is run as one. */
export async function importArtifact(path: string): Promise<JavaScriptArtifact> {
  const text = new TextDecoder().decode(readInput(path));
  if (!text.startsWith("// Compiled from WebAssembly ")) {
    throw new Failure("artifact", `${path}: is JavaScript, but not an artifact: it was not made by wamrc-ts compile`);
  }
  const global = /^\/\/.*\nvar ([A-Za-z_$][\w$]*)=\(function\(\)\{/.exec(text)?.[1];
  let found: unknown;
  try {
    if (global === undefined) {
      const namespace = (await import(pathToFileURL(resolve(path)).href)) as Record<string, unknown>;
      found = "instantiateSync" in namespace ? namespace : namespace["default"];
    } else {
      const { runInThisContext } = await import("node:vm");
      runInThisContext(text, { filename: path });
      found = (globalThis as Record<string, unknown>)[global];
    }
  } catch (error) {
    const hint = path.endsWith(".js") ? "; name an ES module .mjs and a CommonJS module .cjs" : "";
    throw new Failure("artifact", `${path}: cannot be loaded: ${(error as Error).message}${hint}`);
  }
  const artifact = found as JavaScriptArtifact | undefined;
  if (typeof artifact?.instantiateSync !== "function") {
    throw new Failure("artifact", `${path}: artifact is damaged: it defines no instantiateSync`);
  }
  return artifact;
}
