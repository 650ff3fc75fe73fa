#!/usr/bin/env node
// The program `wamrc-ts`: reads the command line, loads the one command that was asked for, and turns whatever goes
// wrong into one line and an exit code. Commands are imported when called, so that running an artifact loads neither the
// compiler nor what it needs.
import { readFileSync } from "node:fs";
import { EXIT } from "./cli/exit-codes.js";
import { report } from "./cli/failure.js";
import { COMMANDS } from "./cli/options.js";
import { parseCommandLine, type Invocation } from "./cli/parse.js";

async function main(argv: readonly string[]): Promise<number> {
  const own = argv.slice(0, argv.includes("--") ? argv.indexOf("--") : undefined);
  const command = COMMANDS.find(({ name }) => name === own[0]);
  if (own.includes("--help") || own.includes("-h") || own[0] === "help" || own.length === 0) {
    const { overview, commandHelp } = await import("./cli/help.js");
    const asked = command ?? COMMANDS.find(({ name }) => own[0] === "help" && name === own[1]);
    const text = asked ? commandHelp(asked) : overview(version());
    if (own.length > 0) {
      process.stdout.write(text);
      return EXIT.ok[0];
    }
    process.stderr.write(text);
    return EXIT.usage[0];
  }
  if (own[0] === "--version" || own[0] === "-V") {
    console.log(version());
    return EXIT.ok[0];
  }
  return dispatch(await parseCommandLine(argv));
}

async function dispatch(invocation: Invocation): Promise<number> {
  switch (invocation.command) {
    case "compile":
      return (await import("./cli/compile.js")).compileCommand(invocation);
    case "run":
      return (await import("./cli/run.js")).runCommand(invocation);
    case "inspect":
      return (await import("./cli/inspect.js")).inspectCommand(invocation);
    default:
      return (await import("./cli/validate.js")).validateCommand(invocation);
  }
}

function version(): string {
  const manifest = new URL("../../package.json", import.meta.url);
  return (JSON.parse(readFileSync(manifest, "utf8")) as { version: string }).version;
}

// A reader that has seen enough (`wamrc-ts inspect x | head`) is no failure.
process.stdout.on("error", (error: NodeJS.ErrnoException) => {
  if (error.code !== "EPIPE") throw error;
  process.exit();
});

try {
  process.exitCode = await main(process.argv.slice(2));
} catch (error) {
  process.exitCode = report(error);
}
