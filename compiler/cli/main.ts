// From arguments to an exit code: answers --help and --version, reads the command line, loads the one command that was
// asked for. Commands are imported when called, so that running an artifact loads neither the compiler nor what it needs.
import { EXIT } from "./exit-codes.js";
import { report } from "./failure.js";
import { COMMANDS } from "./options.js";
import { parseCommandLine, type Invocation } from "./parse.js";

/** Never throws: what goes wrong becomes one line on stderr and an exit code. */
export async function main(argv: readonly string[]): Promise<number> {
  try {
    return (await answerQuestions(argv)) ?? (await dispatch(await parseCommandLine(argv)));
  } catch (error) {
    return report(error);
  }
}

/** Help and version; undefined where a command is to be run. */
async function answerQuestions(argv: readonly string[]): Promise<number | undefined> {
  const own = argv.slice(0, argv.includes("--") ? argv.indexOf("--") : undefined);
  const command = COMMANDS.find(({ name }) => name === own[0]);
  if (own.includes("--help") || own.includes("-h") || own[0] === "help" || own.length === 0) {
    const { overview, commandHelp } = await import("./help.js");
    const asked = command ?? COMMANDS.find(({ name }) => own[0] === "help" && name === own[1]);
    const text = asked ? commandHelp(asked) : overview(await version());
    if (own.length > 0) {
      process.stdout.write(text);
      return EXIT.ok[0];
    }
    process.stderr.write(text);
    return EXIT.usage[0];
  }
  if (own[0] === "--version" || own[0] === "-V") {
    console.log(await version());
    return EXIT.ok[0];
  }
  return undefined;
}

async function dispatch(invocation: Invocation): Promise<number> {
  switch (invocation.command) {
    case "compile":
      return (await import("./compile.js")).compileCommand(invocation);
    case "run":
      return (await import("./run.js")).runCommand(invocation);
    case "inspect":
      return (await import("./inspect.js")).inspectCommand(invocation);
    case "mem":
      return (await import("./mem.js")).memCommand(invocation);
    default:
      return (await import("./validate.js")).validateCommand(invocation);
  }
}

async function version(): Promise<string> {
  return (await import("../version.js")).VERSION;
}
