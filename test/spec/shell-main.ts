// The part of the suite that runs in an engine's shell, down-levelled to ES5: performs the commands of one script whose modules
// are compiled already, and prints a line for each (shell-script.ts makes the text around it and reads the lines).
import { AotHost, type AotCompiled } from "../support/aot-host.js";
import { messageOf } from "../support/engine.js";
import { runtimeModule, type MakeArtifact } from "../support/runtime-modules.js";
import { outcomeOf, type Slot } from "./outcome.js";
import { ScriptRun } from "./script.js";
import type { Command } from "./suite.js";

/** A command that cannot be settled without running it. */
export interface Step {
  /** Its number in the script. */
  readonly at: number;
  readonly command: Command;
  /** Which of the modules is the command's. */
  readonly module?: Slot<number>;
}

declare const print: ((text: string) => void) | undefined;
declare const console: { log(text: string): void };

const say = typeof print === "function" ? print : (text: string) => console.log(text);

/** What each printed line begins with; what follows is `{"at", "failed"?, "skipped"?}`. */
export const MARK = "SPEC ";

/** `json`: an array of `Step`. */
export function run(json: string, modules: readonly MakeArtifact[]): void {
  const script = new ScriptRun(new AotHost());
  for (const { at, command, module } of JSON.parse(json) as readonly Step[]) {
    const { failed, skipped } = outcomeOf(command, () => script.perform(command, module && compiled(module, modules)));
    say(MARK + JSON.stringify({ at, failed, skipped }));
  }
}

function compiled(slot: Slot<number>, modules: readonly MakeArtifact[]): Slot<AotCompiled> {
  if (!("value" in slot)) return slot;
  try {
    const artifact = modules[slot.value]!(runtimeModule);
    return {
      value: { imports: artifact.module.imports, instantiate: (imports) => artifact.instantiateSync(imports) },
    };
  } catch (error) {
    return { failed: `the artifact cannot be evaluated: ${messageOf(error)}` };
  }
}
