// Runs a script in the shell of another engine: compiles its modules here, writes one plain script with the artifacts and the
// commands, and reads what the shell prints. What commands mean is script.ts, in the shell as anywhere else.
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { fileURLToPath } from "node:url";
import { build, type Plugin } from "esbuild";
import type { CompileOptions, OptLevel } from "../../compiler/index.js";
import { downLevel, LANGUAGE_HELPERS } from "../../compiler/write/down-level.js";
import { AotEngine } from "../support/aot-engine.js";
import type { AotCompiled } from "../support/aot-host.js";
import { artifactFunction } from "../support/js-artifact.js";
import { runShell } from "../support/shells.js";
import type { Outcome } from "./outcome.js";
import { prepare } from "./prepare.js";
import { MARK, type Step } from "./shell-main.js";
import type { Script } from "./suite.js";

/** A file takes seconds at most where there is no JIT. */
const TIMEOUT_MS = 150_000;

interface TextModule extends AotCompiled {
  /** What js-artifact.ts makes of it. */
  readonly text: string;
}

/** Our compiler, for modules that run elsewhere. */
class TextCompiler extends AotEngine {
  constructor(optLevel: OptLevel, options: CompileOptions) {
    super("aot-js", optLevel, options);
  }

  protected override compiled(output: Uint8Array): TextModule {
    const elsewhere = (): never => {
      throw new Error("BUG: this module runs in another engine");
    };
    return { imports: [], text: artifactFunction(output), instantiate: elsewhere };
  }
}

export class ShellRunner {
  private readonly shell: string;
  private readonly compiler: TextCompiler;
  private readonly library: Promise<string>;

  /** `shell`: path of its command. */
  constructor(shell: string, optLevel: OptLevel, options: CompileOptions) {
    this.shell = shell;
    this.compiler = new TextCompiler(optLevel, options);
    this.library = libraryText();
  }

  async run(script: Script): Promise<Outcome[]> {
    const outcomes: (Outcome | undefined)[] = [];
    const steps: Step[] = [];
    const modules: string[] = [];
    for (const [at, command] of script.commands.entries()) {
      const prepared = await prepare(this.compiler, script, command);
      if ("settled" in prepared) {
        outcomes[at] = prepared.settled;
        continue;
      }
      const { binary: _, ...told } = command;
      const { module } = prepared;
      if (module === undefined) steps.push({ at, command: told });
      else if (!("value" in module)) steps.push({ at, command: told, module });
      else steps.push({ at, command: told, module: { value: modules.push((module.value as TextModule).text) - 1 } });
    }
    // As JSON, because Hermes takes 11 s to compile 2,500 commands as object literals.
    const json = JSON.stringify(JSON.stringify(steps));
    // In strict mode, as the modules that all of it is made of.
    const text = `"use strict";\n${await this.library}\nspec.run(${json},[\n${modules.join(",\n")}\n]);\n`;
    const { output, problem } = await inFile(text, (file) => runShell([this.shell, file], TIMEOUT_MS));
    const said = output.split("\n").filter((line) => !line.startsWith(MARK));
    for (const line of output.split("\n").filter((line) => line.startsWith(MARK))) {
      const { at, ...reason } = JSON.parse(line.slice(MARK.length)) as { at: number };
      const { line: number, type } = script.commands[at]!;
      outcomes[at] = { line: number, type, ...reason };
    }
    return complete(script, outcomes, problem, said.join("\n").trim());
  }
}

// Where lines are missing, the first command without one is what the shell did not survive.
function complete(
  { commands }: Script,
  outcomes: readonly (Outcome | undefined)[],
  problem: string | undefined,
  said: string,
): Outcome[] {
  const all = commands.map(({ line, type }, at) => outcomes[at] ?? { line, type, failed: "not run" });
  const missing = commands.findIndex((_, at) => outcomes[at] === undefined);
  if (missing < 0 && problem === undefined) return all;
  const at = missing < 0 ? all.length - 1 : missing;
  const what = [problem ?? "the shell ended early", said.slice(-500)].filter((part) => part !== "").join(": ");
  all[at] = { line: all[at]!.line, type: all[at]!.type, failed: what };
  return all;
}

async function inFile<T>(text: string, use: (file: string) => Promise<T>): Promise<T> {
  const folder = mkdtempSync(join(tmpdir(), "wamrc-ts-spec-"));
  try {
    const file = join(folder, "script.js");
    writeFileSync(file, text);
    return await use(file);
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}

// shell-main.ts and all below it as a statement that defines `spec`, made as the prelude of artifacts is.
async function libraryText(): Promise<string> {
  const here = dirname(fileURLToPath(import.meta.url));
  const language = join(here, "language.js");
  const plugin: Plugin = {
    name: "down-level",
    setup({ onLoad, onResolve }) {
      onResolve({ filter: /\/language\.js$/ }, ({ path }) => ({ path, sideEffects: false }));
      onLoad({ filter: /\.js$/ }, ({ path }) => ({
        contents: path === language ? LANGUAGE_HELPERS : downLevel(readFileSync(path, "utf8"), path),
      }));
    },
  };
  const { outputFiles } = await build({
    entryPoints: [join(here, "shell-main.js")],
    bundle: true,
    write: false,
    format: "iife",
    globalName: "spec",
    target: "es5",
    // Engines that this is for have BigInt, whatever they lack otherwise.
    supported: { bigint: true },
    minify: true,
    inject: [language],
    plugins: [plugin],
  });
  return outputFiles[0]!.text;
}
