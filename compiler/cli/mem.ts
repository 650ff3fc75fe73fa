// `wamrc-ts mem`: what a module takes when it is loaded and instantiated, without being run.
import { basename } from "node:path";
import { Wasi } from "../../runtime/wasi/index.js";
import { EXIT } from "./exit-codes.js";
import { asFailure, Failure } from "./failure.js";
import { ProgramMemory } from "./memory.js";
import { readMemoryOptions } from "./memory-options.js";
import type { Invocation } from "./parse.js";
import { openProgram, readOnTheFly, type Program } from "./program.js";
import { standIns } from "./stand-ins.js";
import { plural } from "./terminal.js";

export async function memCommand(invocation: Invocation): Promise<number> {
  const file = invocation.positionals[0]!;
  const memory = await ProgramMemory.open(
    readMemoryOptions(invocation),
    file,
    `${basename(file)}, loaded and instantiated`,
  );
  const program = await openProgram(file, readOnTheFly(invocation), memory);
  try {
    instantiate(file, program, memory);
  } catch (error) {
    if (error instanceof Error && error.name === "Trap")
      throw new Failure("trap", `${file}: cannot be instantiated: ${error.message}`);
    throw asFailure(error, file);
  }
  memory.look();
  await memory.show(process.stdout);
  return EXIT.ok[0];
}

/** With an ExecEnv, as the first call would make one, and with WASI's context, as `_start` would find it. */
function instantiate(file: string, program: Program, memory: ProgramMemory): void {
  const usesWasi = program.module.imports.some((wanted) => wanted.module.startsWith("wasi_"));
  const wasi = usesWasi ? new Wasi({ runtime: memory.runtime, args: [basename(file)] }) : undefined;
  // The face of a JavaScript artifact does not tell the types of what it imports.
  const hosts = "owner" in program ? standIns(program.module) : { imports: {}, names: [] };
  const missing: string[] = [];
  const instance = memory.instantiate(
    file,
    program,
    { ...hosts.imports, ...wasi?.importObject },
    { unlinkedImports: "trap", warn: (message) => missing.push(message) },
  );
  void instance.execEnv;
  if (instance.memory !== undefined)
    wasi?.initialize(Object.create(instance.instance, { exports: { value: { memory: instance.memory } } }));
  for (const name of hosts.names) memory.remarks.push(`The ${name} is the host's: a stand-in here, and in no sum.`);
  if (missing.length > 0) memory.remarks.push(`${plural(missing.length, "imported function")} stood in for.`);
}
