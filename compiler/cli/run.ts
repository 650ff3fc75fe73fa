// `wamrc-ts run`: a WASI command, or one export with --invoke. The program's exit code becomes the process's; a trap is
// told with the Wasm functions on its stack.
import { existsSync, statSync } from "node:fs";
import { basename } from "node:path";
import { ExitError, type Trap } from "../../runtime/errors.js";
import type { LoadedModule } from "../../loader/load.js";
import type { Instance } from "../../runtime/instance/instance.js";
import type { ImportObject } from "../../runtime/instance/link.js";
import type { Memory } from "../../runtime/instance/memory.js";
import { describeFrame } from "../../runtime/instance/trace.js";
import { Wasi } from "../../runtime/wasi/index.js";
import { typeOfFunc } from "../../runtime/wasm/module.js";
import { EXIT } from "./exit-codes.js";
import { asFailure, Failure } from "./failure.js";
import type { ProgramMemory } from "./memory.js";
import { needsRuntime, readMemoryOptions, type MemoryOptions } from "./memory-options.js";
import type { Invocation } from "./parse.js";
import { openProgram, readOnTheFly, type Program } from "./program.js";
import { paint } from "./terminal.js";

const MAX_FRAMES = 24;

export async function runCommand(invocation: Invocation): Promise<number> {
  const { positionals, values, lists } = invocation;
  const [file, ...words] = positionals as [string, ...string[]];
  const invoke = values.get("invoke");
  const onTheFly = readOnTheFly(invocation);
  const argv0 = values.get("argv0") ?? basename(file).replace(/\.(aot|wasm|wat|[mc]?js)$/, "");
  const settings = {
    args: invoke === undefined ? [argv0, ...words] : [argv0],
    env: readEnvironment(lists.get("env") ?? []),
    preopens: readFolders(lists.get("dir") ?? []),
  };
  const options = readMemoryOptions(invocation);
  const memory = needsRuntime(options) ? await openMemory(options, file) : undefined;
  const recording = await planProfile(values.get("record-profile"), file);
  const program = await openProgram(file, { ...onTheFly, recording: recording !== undefined }, memory);
  try {
    const wasi = makeWasi({ ...settings, ...(memory && { runtime: memory.runtime }) });
    const instance =
      memory === undefined
        ? instantiate(program, wasi.importObject, options)
        : memory.watched(memory.instantiate(file, program, wasi.importObject));
    if (invoke !== undefined) return await invokeExport(file, instance, wasi, invoke, words);
    return startCommand(file, instance, wasi);
  } catch (error) {
    if (error instanceof ExitError) return error.code;
    if (isTrap(error)) return reportTrap(error);
    throw withRemedy(asFailure(error, file));
  } finally {
    await memory?.show(process.stderr);
    await recording?.(program as LoadedModule);
  }
}

/** Writes the profile once the program has run; refused before that where it cannot be written. */
async function planProfile(
  path: string | undefined,
  file: string,
): Promise<((program: LoadedModule) => Promise<void>) | undefined> {
  if (path === undefined) return undefined;
  const [{ planOutput, writeOutput }, { formatProfile }] = await Promise.all([
    import("./files.js"),
    import("../profile.js"),
  ]);
  const output = await planOutput(path, file);
  return async (program) => {
    const functions: number[] = [];
    for (let page = 0; page < program.region.pageCount; page++) {
      if (program.isResident(page)) functions.push(...program.page(page).functions);
    }
    const text = formatProfile({ source: program.target.sourceDigest, functions });
    await writeOutput(output, [new TextEncoder().encode(text)]);
  };
}

async function openMemory(options: MemoryOptions, file: string): Promise<ProgramMemory> {
  const { ProgramMemory } = await import("./memory.js");
  return ProgramMemory.open(options, file, `${basename(file)}, when it had run`);
}

function instantiate(program: Program, imports: ImportObject, { maxMemoryPages }: MemoryOptions): Instance {
  const options = maxMemoryPages === undefined ? {} : { maxMemoryPages };
  return "instantiateSync" in program
    ? program.instantiateSync(imports, options)
    : program.instantiate(imports, options);
}

async function invokeExport(
  file: string,
  instance: Instance,
  wasi: Wasi,
  name: string,
  words: readonly string[],
): Promise<number> {
  const entry = instance.module.exports.find((e) => e.name === name);
  if (entry?.kind !== "func") {
    const what = entry ? `export ${name} is a ${entry.kind}, not a function` : `no export ${name}`;
    throw new Failure("usage", `${file}: ${what}; ${listFunctions(instance)}`);
  }
  const { formatResult, parseArguments } = await import("./invoke.js");
  const args = parseArguments(name, typeOfFunc(instance.module, entry.index), words);
  const { memory, _initialize } = instance.exports;
  if (isMemory(memory)) wasi.bind(memory);
  if (typeof _initialize === "function") _initialize();
  const result = (instance.exports[name] as (...args: unknown[]) => unknown)(...args);
  for (const value of result === undefined ? [] : [result].flat()) console.log(formatResult(value));
  return EXIT.ok[0];
}

function startCommand(file: string, instance: Instance, wasi: Wasi): number {
  const { memory, _start } = instance.exports;
  if (typeof _start !== "function") throw nothingToStart(file, instance);
  if (isMemory(memory)) return wasi.start(instance);
  _start();
  return EXIT.ok[0];
}

function nothingToStart(file: string, instance: Instance): Failure {
  return new Failure(
    "usage",
    `${file}: no export _start, so it is no WASI command; use --invoke NAME: ${listFunctions(instance)}`,
  );
}

function listFunctions(instance: Instance): string {
  const names = instance.module.exports.filter(({ kind }) => kind === "func").map(({ name }) => name);
  if (names.length === 0) return "it exports no functions";
  const shown = names.slice(0, 12).join(", ");
  return `it exports ${shown}${names.length > 12 ? ` and ${names.length - 12} more functions` : ""}`;
}

// By shape, not by class: a self-contained JavaScript artifact brings classes of its own.
function isTrap(error: unknown): error is Trap {
  return error instanceof Error && error.name === "Trap" && Array.isArray((error as Trap).frames);
}

// Without reading the buffer: a memory that has been asked for it reserves nothing when it grows.
function isMemory(value: unknown): value is Memory {
  return typeof value === "object" && value !== null && "buffer" in value;
}

function reportTrap(trap: Trap): number {
  console.error(`${paint("red", "trap:", process.stderr)} ${trap.text}`);
  for (const frame of trap.frames.slice(0, MAX_FRAMES)) console.error(`    at ${describeFrame(frame)}`);
  if (trap.frames.length > MAX_FRAMES) console.error(`    … ${trap.frames.length - MAX_FRAMES} more`);
  return EXIT.trap[0];
}

function withRemedy(error: unknown): unknown {
  if (!(error instanceof Failure) || error.reason !== "link") return error;
  return new Failure("link", `${error.message}; run provides WASI only, other imports are given from JavaScript`);
}

function makeWasi(settings: ConstructorParameters<typeof Wasi>[0]): Wasi {
  try {
    return new Wasi(settings);
  } catch (error) {
    if ((error as Error).name === "MemoryError") throw error;
    throw new Failure("noInput", (error as Error).message);
  }
}

function readEnvironment(list: readonly string[]): Record<string, string> {
  const env: Record<string, string> = {};
  for (const item of list) {
    const [, name, value] = /^([^=]+)(?:=(.*))?$/s.exec(item) ?? [];
    if (name === undefined) throw new Failure("usage", `--env ${item}: expected NAME=VALUE`);
    const passed = value ?? process.env[name];
    if (passed !== undefined) env[name] = passed;
  }
  return env;
}

/** `guest=host`, as WAMR spells it `guest::host`, or one path for both. */
function readFolders(list: readonly string[]): Record<string, string> {
  const folders: Record<string, string> = {};
  for (const item of list) {
    const [, guest, host] = /^(.+?)(?:=|::)(.+)$/s.exec(item) ?? [undefined, item, item];
    if (guest === undefined || host === undefined || /^=|=$/.test(item)) {
      throw new Failure("usage", `--dir ${item}: expected GUEST=HOST or one folder for both`);
    }
    if (!statSync(host, { throwIfNoEntry: false })?.isDirectory()) {
      throw new Failure("noInput", `--dir ${item}: ${host} is ${existsSync(host) ? "not a folder" : "missing"}`);
    }
    folders[guest] = host;
  }
  return folders;
}
