// Runs a script in this process.
import type { Engine } from "../support/engine.js";
import { outcomeOf, type Outcome } from "./outcome.js";
import { prepare } from "./prepare.js";
import { ScriptRun } from "./script.js";
import type { Script } from "./suite.js";

export async function runScript(engine: Engine, script: Script): Promise<Outcome[]> {
  const run = new ScriptRun(engine);
  const outcomes: Outcome[] = [];
  for (const command of script.commands) {
    const prepared = await prepare(engine, script, command);
    if ("settled" in prepared) outcomes.push(prepared.settled);
    else outcomes.push(outcomeOf(command, () => run.perform(command, prepared.module)));
  }
  const end = { type: "end of script", line: script.commands.at(-1)?.line ?? 0 };
  const ended = outcomeOf(end, () => engine.finish?.());
  if (ended.failed !== undefined) outcomes.push(ended);
  return outcomes;
}
