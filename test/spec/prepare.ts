// What happens to a command before anything runs: its module is compiled, or it is settled, since it is about decoding and
// validation only.
import type { Compiled, Engine } from "../support/engine.js";
import { checkFailure, nothingFailed, outcomeOf, reasonOf, Skip, skipped, type Outcome, type Slot } from "./outcome.js";
import { groupOf, type Command, type Script } from "./suite.js";
import { checkValidation } from "./validate-mode.js";

/** What of an engine compiles. */
export type Compiler = Pick<Engine, "compile" | "failureOf" | "features" | "specMessages">;

export type Prepared =
  | { readonly settled: Outcome }
  /** `module` is there where the command has one. */
  | { readonly module?: Slot<Compiled> };

export const TEXT_FORM = "module in text form (there is no text parser to test)";
export const CUSTOM = "custom section annotation (custom sections are not interpreted)";

export async function prepare(compiler: Compiler, script: Script, command: Command): Promise<Prepared> {
  switch (command.type) {
    case "assert_invalid":
      return { settled: await rejection(compiler, command, groupOf(script), "invalid") };
    case "assert_malformed":
      return { settled: await rejection(compiler, command, groupOf(script), "decode") };
    case "assert_malformed_custom":
    case "assert_invalid_custom":
      return { settled: skipped(command, CUSTOM) };
    case "module":
    case "module_definition":
    case "assert_unlinkable":
    case "assert_uninstantiable":
      return { module: await compile(compiler, command).then((value) => ({ value }), reasonOf) };
    default:
      return {};
  }
}

export function requireFeatures({ features = [] }: Command, known: ReadonlySet<string>): void {
  const missing = features.filter((feature) => !known.has(feature));
  if (missing.length > 0) throw new Skip(`needs ${missing.join(", ")}`);
}

async function compile(compiler: Compiler, command: Command): Promise<Compiled> {
  if (command.binary === undefined) throw new Skip(TEXT_FORM);
  requireFeatures(command, compiler.features);
  const bytes = Buffer.from(command.binary, "base64");
  return compiler.compile(bytes);
}

async function rejection(
  compiler: Compiler,
  command: Command,
  group: string,
  kind: "invalid" | "decode",
): Promise<Outcome> {
  if (command.outdated !== undefined) return skipped(command, `outdated: ${command.outdated}`);
  const error = await compile(compiler, command).then(
    () => undefined,
    (reason: unknown) => reason,
  );
  return outcomeOf(command, () => checkRejection(compiler, command, group, kind, error));
}

// Native engines draw the line between malformed and invalid elsewhere: they only have to reject. Ours is held to the
// specification's line and wording, and must not compile such a module either.
function checkRejection(
  compiler: Compiler,
  command: Command,
  group: string,
  kind: "invalid" | "decode",
  error: unknown,
): void {
  const kinds = compiler.specMessages ? [kind] : (["invalid", "decode"] as const);
  if (error instanceof Skip) throw error;
  const wrong = compiler.specMessages ? checkValidation(command, group) : undefined;
  if (typeof wrong === "string") throw new Error(wrong);
  if (error === undefined) throw nothingFailed(kinds, undefined);
  checkFailure(compiler, error, kinds, undefined);
}
