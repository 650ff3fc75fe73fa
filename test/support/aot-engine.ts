// Our compiler, loader and runtime as an Engine, one for each container.
import { compileSync } from "../../compiler/index.js";
import type { CompileOptions } from "../../compiler/index.js";
import type { OptLevel } from "../../compiler/options.js";
import { load } from "../../loader/index.js";
import { CompileError } from "../../compiler/errors.js";
import type { Instance as RuntimeInstance } from "../../runtime/index.js";
import { DecodeError, ValidationError } from "../../runtime/wasm/errors.js";
import type { Module } from "../../runtime/wasm/module.js";
import { AotHost, type AotCompiled } from "./aot-host.js";
import type { Compiled, Engine, Failure } from "./engine.js";
import { evaluateArtifact } from "./js-artifact.js";
import type { TestRuntime } from "./test-runtime.js";

/** "aot-pages" is "aot-file" with every function on a page of its own, so that every call crosses pages. */
export type AotMode = "aot-file" | "aot-pages" | "aot-js";

/** What the compiler executes beyond Wasm 2.0 without SIMD, by the suite's names. */
export const FEATURES: ReadonlySet<string> = new Set(["tail-call", "extended-const", "multi-memory"]);

export class AotEngine extends AotHost implements Engine {
  readonly name: string;
  readonly features = FEATURES;

  private readonly mode: AotMode;
  private readonly optLevel: OptLevel;
  /** Where instances live; undefined: nowhere, they are the engine's own objects. */
  private readonly home: TestRuntime | undefined;

  /** Further options for the compiler. */
  private readonly extra: CompileOptions;

  constructor(mode: AotMode, optLevel: OptLevel, extra: CompileOptions = {}, home?: TestRuntime) {
    super();
    this.mode = mode;
    this.extra = extra;
    this.optLevel = optLevel;
    this.home = home;
    const settings = Object.entries(extra).map(([key, value]) => ` ${key}=${String(value)}`);
    this.name = `${mode} -O${optLevel}${settings.join("")}`;
  }

  finish(): void {
    this.home?.finish();
  }

  compile(bytes: Uint8Array): AotCompiled {
    return this.compiled(compileSync(bytes, this.options()));
  }

  private options(): CompileOptions {
    const { mode, optLevel, extra } = this;
    if (mode === "aot-js") return { ...extra, format: "esm", optLevel, runtime: "external" };
    return { ...extra, format: "aot", optLevel, ...(mode === "aot-pages" && { pageSize: 1 }) };
  }

  /** What to do with an artifact. */
  protected compiled(output: Uint8Array): AotCompiled {
    const { home } = this;
    if (this.mode !== "aot-js") {
      const loaded = home === undefined ? load(output, { transfer: true }) : home.load(output);
      return { imports: importNames(loaded.module), instantiate: (imports) => this.kept(loaded.instantiate(imports)) };
    }
    const artifact = evaluateArtifact(output);
    const options = home === undefined ? undefined : { runtime: home.runtime };
    return {
      imports: artifact.module.imports,
      instantiate: (imports) => this.kept(artifact.instantiateSync(imports, options)),
    };
  }

  private kept(instance: RuntimeInstance): RuntimeInstance {
    this.home?.instances.push(instance);
    return instance;
  }

  override failureOf(error: unknown): Failure {
    if (error instanceof DecodeError) return "decode";
    if (error instanceof ValidationError) return "invalid";
    if (error instanceof CompileError) return "unsupported";
    return super.failureOf(error);
  }
}

function importNames(module: Module): Compiled["imports"] {
  return module.imports.map(({ module: from, name }) => ({ module: from, name }));
}
