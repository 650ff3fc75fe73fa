// The one list of engine shells that tests and benches know, how they are found, and how one is run on a script.
import { spawn } from "node:child_process";
import { accessSync, constants } from "node:fs";
import { delimiter, join } from "node:path";
import type { Target } from "../../compiler/index.js";
import type { JsEngine } from "./js-engine.js";

export interface Shell {
  /** Its command. */
  readonly name: string;
  readonly engine: JsEngine;
  /** What it is compiled for. */
  readonly target: Target;
  readonly jit: boolean;
  /** The package that brings it. */
  readonly source: string;
  /** Runs what the language has had since ES2022, and `eval`. */
  readonly modern: boolean;
}

function shell(name: string, engine: JsEngine, target: Target, source: string, lacks = ""): Shell {
  return { name, engine, target, source, jit: !lacks.includes("jit"), modern: !lacks.includes("modern") };
}

const NPM_NODE = "npm: node";
const JSC = "Debian: libjavascriptcoregtk-bin";
const MOZ_102 = "Debian: libmozjs-102-dev";
const MOZ = "Mozilla: jsshell";
const IN_A_WORKER = "a command that runs a script in a worker of it and prints what that logs";

export const SHELLS: readonly Shell[] = [
  shell("hermes", "hermes", "hermes", "npm: hermes-engine", "jit modern"),
  shell("qjs", "quickjs", "quickjs", "Debian: quickjs", "jit"),
  shell("qjs-ng", "quickjs", "quickjs", "Debian: quickjs-ng", "jit"),
  shell("jsc", "jsc", "jsc", JSC),
  shell("jsc-nojit", "jsc", "jsc-nojit", `${JSC}, with JSC_useJIT=0`, "jit"),
  shell("bun", "jsc", "jsc", "npm: bun"),
  shell("sm140", "spidermonkey", "spidermonkey", MOZ),
  shell("js", "spidermonkey", "spidermonkey", MOZ),
  shell("sm102", "spidermonkey", "spidermonkey", MOZ_102),
  shell("js102", "spidermonkey", "spidermonkey", MOZ_102),
  shell("node", "v8", "v8", "Node"),
  shell("node20", "v8", "v8", NPM_NODE),
  shell("node22", "v8", "v8", NPM_NODE),
  shell("node24", "v8", "v8", NPM_NODE),
  shell("node26", "v8", "v8", NPM_NODE),
  shell("node24-jitless", "v8", "quickjs", `${NPM_NODE}, with --jitless`, "jit"),
  shell("chromium-worker", "v8", "v8", `Debian: chromium, and ${IN_A_WORKER}`),
  shell("firefox-worker", "spidermonkey", "spidermonkey", `Debian: firefox-esr, and ${IN_A_WORKER}`),
];

/** The path of a shell in a folder, or in those of PATH; undefined where it is not installed. */
export function findShell({ name }: Shell, folder?: string): string | undefined {
  const folders = folder === undefined ? (process.env["PATH"] ?? "").split(delimiter) : [folder];
  return folders.map((at) => join(at, name)).find(isExecutable);
}

function isExecutable(path: string): boolean {
  try {
    accessSync(path, constants.X_OK);
    return true;
  } catch {
    return false;
  }
}

export interface ShellRun {
  /** All that was printed, on either channel. */
  readonly output: string;
  /** Why it did not end well: the exit status, a signal, or that it took too long. */
  readonly problem?: string;
}

/** Runs a command until it ends, or kills it after `timeout` milliseconds. */
export function runShell([command, ...args]: readonly string[], timeout: number): Promise<ShellRun> {
  return new Promise((resolve) => {
    const child = spawn(command!, args, { stdio: ["ignore", "pipe", "pipe"] });
    let output = "";
    let late = false;
    const timer = setTimeout(() => {
      late = true;
      child.kill("SIGKILL");
    }, timeout);
    child.stdout.setEncoding("utf8").on("data", (text: string) => (output += text));
    child.stderr.setEncoding("utf8").on("data", (text: string) => (output += text));
    child.on("error", (error) => (output += error.message));
    child.on("close", (status, signal) => {
      clearTimeout(timer);
      if (late) resolve({ output, problem: `timed out after ${timeout / 1000} s` });
      else if (status !== 0)
        resolve({ output, problem: signal === null ? `exit status ${status}` : `killed by ${signal}` });
      else resolve({ output });
    });
  });
}
