// Runs one script on one engine: every command either passes, fails with a message, or is skipped with a reason.
// A module that needs a feature the engine lacks is skipped, and so is everything that depends on it: commands on its
// instance, modules importing from it, and commands on those.
import type { Compiled, Engine, Imports, Instance, Namespace, Value } from "../support/engine.js";
import { messageOf, showValues } from "../support/engine.js";
import { spectest } from "./spectest.js";
import type { Action, Command, Script, ScriptValue } from "./suite.js";
import { checkValidation } from "./validate-mode.js";
import { matches, readArgument } from "./values.js";

export interface Outcome {
  readonly line: number;
  readonly type: string;
  /** Failure message, or the reason of a skip; absent when passed. */
  readonly failed?: string;
  readonly skipped?: string;
}

class Skip extends Error {}

// What a name stands for: an instance, or the reason why there is none.
type Slot<T> = { readonly value: T } | { readonly skipped: string };

export async function runScript(engine: Engine, script: Script): Promise<Outcome[]> {
  const run = new ScriptRun(engine, groupOf(script));
  const outcomes: Outcome[] = [];
  for (const command of script.commands) outcomes.push(await outcomeOf(command, () => run.perform(command)));
  const end = { type: "end of script", line: script.commands.at(-1)?.line ?? 0 };
  const ended = await outcomeOf(end, () => engine.finish?.());
  if (ended.failed !== undefined) outcomes.push(ended);
  return outcomes;
}

/** Only decodes and validates; commands that are about anything else are skipped. */
export async function validateScript(script: Script): Promise<Outcome[]> {
  const verdicts = script.commands.map((command) =>
    outcomeOf(command, () => {
      requireFeatures(command, VALIDATED);
      const wrong = checkValidation(command, groupOf(script));
      if (typeof wrong === "string") throw new Error(wrong);
      if (wrong === undefined) return;
      if (command.outdated !== undefined) throw new Skip(`outdated: ${command.outdated}`);
      if (command.module_type === "text") throw new Skip(TEXT_FORM);
      throw new Skip(command.type.endsWith("_custom") ? CUSTOM : "validation only: nothing is run");
    }),
  );
  return Promise.all(verdicts);
}

// Features that decoder and validator know, by the suite's names.
const VALIDATED = new Set([
  "simd",
  "relaxed-simd",
  "tail-call",
  "extended-const",
  "exceptions",
  "function-references",
  "gc",
  "memory64",
  "multi-memory",
  "threads",
  "legacy-exceptions",
  "custom-page-sizes",
  "wide-arithmetic",
]);

const TEXT_FORM = "module in text form (there is no text parser to test)";
const CUSTOM = "custom section annotation (custom sections are not interpreted)";

async function outcomeOf(command: Command, act: () => void | Promise<void>): Promise<Outcome> {
  const { line, type } = command;
  try {
    await act();
    return { line, type };
  } catch (error) {
    if (error instanceof Skip) return { line, type, skipped: error.message };
    return { line, type, failed: messageOf(error) };
  }
}

function groupOf({ name }: Script): string {
  return name.split("/")[0]!;
}

function requireFeatures({ features = [] }: Command, known: ReadonlySet<string>): void {
  const missing = features.filter((feature) => !known.has(feature));
  if (missing.length > 0) throw new Skip(`needs ${missing.join(", ")}`);
}

class ScriptRun {
  private readonly definitions = new Map<string, Slot<Compiled>>();
  private readonly instances = new Map<string, Slot<Instance>>();
  private readonly registry = new Map<string, Slot<Namespace>>();
  private lastDefinition: Slot<Compiled> | undefined;
  private current: Slot<Instance> | undefined;

  private readonly engine: Engine;
  private readonly group: string;

  constructor(engine: Engine, group: string) {
    this.engine = engine;
    this.group = group;
    this.registry.set("spectest", { value: spectest(engine) });
  }

  async perform(command: Command): Promise<void> {
    switch (command.type) {
      case "module":
        return this.define(command, true);
      case "module_definition":
        return this.define(command, false);
      case "module_instance":
        return this.instantiateDefinition(command);
      case "register":
        this.registry.set(command.as!, this.register(command));
        return;
      case "action":
        this.act(command.action!);
        return;
      case "assert_return":
        return this.assertReturn(command);
      case "assert_trap":
        return this.assertFails(() => this.act(command.action!), ["trap"], command.text);
      case "assert_exhaustion":
        return this.assertFails(() => this.act(command.action!), ["exhaustion"], command.text);
      case "assert_exception":
        return this.assertFails(() => this.act(command.action!), ["exception"], undefined);
      case "assert_invalid":
        return this.assertRejected(command, "invalid");
      case "assert_malformed":
        return this.assertRejected(command, "decode");
      case "assert_unlinkable":
        return this.assertInstantiationFails(command, "link");
      case "assert_uninstantiable":
        return this.assertInstantiationFails(command, "trap");
      case "assert_malformed_custom":
      case "assert_invalid_custom":
        throw new Skip(CUSTOM);
      default:
        throw new Error(`unknown command "${command.type}"`);
    }
  }

  private async define(command: Command, instantiate: boolean): Promise<void> {
    this.lastDefinition = undefined;
    if (instantiate) this.setCurrent(command.name, undefined);
    try {
      const compiled = await this.compile(command);
      this.setDefinition(command.name, { value: compiled });
      if (instantiate) this.setCurrent(command.name, { value: this.instantiate(compiled) });
    } catch (error) {
      if (error instanceof Skip) {
        this.setDefinition(command.name, { skipped: error.message });
        if (instantiate) this.setCurrent(command.name, { skipped: error.message });
      }
      throw error;
    }
  }

  private instantiateDefinition(command: Command): void {
    const slot = command.module === undefined ? this.lastDefinition : this.definitions.get(command.module);
    if (slot === undefined) throw new Error(`no module definition ${command.module ?? ""} (an earlier command failed)`);
    this.setCurrent(command.instance, undefined);
    try {
      this.setCurrent(command.instance, { value: this.instantiate(valueOf(slot)) });
    } catch (error) {
      if (error instanceof Skip) this.setCurrent(command.instance, { skipped: error.message });
      throw error;
    }
  }

  private register(command: Command): Slot<Namespace> {
    const slot = this.instance(command.name);
    return "value" in slot ? { value: slot.value.exports } : slot;
  }

  private assertReturn(command: Command): void {
    const expected = command.expected!;
    const got = this.act(command.action!, expected);
    if (got.length !== expected.length || !expected.every((value, i) => matches(value, got[i]!))) {
      throw new Error(`expected ${JSON.stringify(expected)}, got ${showValues(got)}`);
    }
  }

  private async assertFails(act: () => unknown, kinds: readonly string[], text: string | undefined): Promise<void> {
    try {
      await act();
    } catch (error) {
      if (error instanceof Skip) throw error;
      this.checkFailure(error, kinds, text);
      return;
    }
    throw new Error(`expected ${wanted(kinds, text)}, but nothing failed`);
  }

  private checkFailure(error: unknown, kinds: readonly string[], text: string | undefined): void {
    const kind = this.engine.failureOf(error);
    const message = messageOf(error);
    if (!kinds.includes(kind)) throw new Error(`expected ${wanted(kinds, text)}, got ${kind}: ${message}`);
    // Some scripts append an element's index to the message; ours say it in their own words after the same beginning.
    const wording = text?.replace(/ \d+$/, "");
    if (wording !== undefined && this.engine.specMessages && !message.startsWith(wording)) {
      throw new Error(`expected the message to begin "${wording}", got "${message}"`);
    }
  }

  private async assertRejected(command: Command, kind: "invalid" | "decode"): Promise<void> {
    if (command.outdated !== undefined) throw new Skip(`outdated: ${command.outdated}`);
    const bytes = this.bytesOf(command);
    requireFeatures(command, this.engine.features);
    // Native engines draw the line between malformed and invalid elsewhere: they only have to reject. Ours is held to the
    // specification's line and wording, and must not compile such a module either.
    if (!this.engine.specMessages)
      return this.assertFails(() => this.compileBytes(bytes), ["invalid", "decode"], undefined);
    const wrong = checkValidation(command, this.group);
    if (typeof wrong === "string") throw new Error(wrong);
    return this.assertFails(() => this.compileBytes(bytes), [kind], undefined);
  }

  private async assertInstantiationFails(command: Command, kind: "link" | "trap"): Promise<void> {
    const compiled = await this.compile(command);
    return this.assertFails(() => this.instantiate(compiled), [kind], command.text);
  }

  private act(action: Action, expected: readonly ScriptValue[] = []): Value[] {
    const instance = valueOf(this.instance(action.module));
    if (action.type === "get") return [instance.getGlobal(action.field, expected[0]?.type ?? "i32")];
    const results = expected.map((value) => (value.type === "either" ? value.values![0]!.type : value.type));
    return instance.invoke(action.field, (action.args ?? []).map(readArgument), results);
  }

  private async compile(command: Command): Promise<Compiled> {
    const bytes = this.bytesOf(command);
    requireFeatures(command, this.engine.features);
    return this.compileBytes(bytes);
  }

  private async compileBytes(bytes: Uint8Array): Promise<Compiled> {
    return this.engine.compileAsync?.(bytes) ?? this.engine.compile(bytes);
  }

  private instantiate(compiled: Compiled): Instance {
    const imports: Record<string, Imports[string]> = {};
    for (const { module } of compiled.imports) {
      const slot = this.registry.get(module);
      if (slot !== undefined) imports[module] = valueOf(slot);
    }
    return this.engine.instantiate(compiled, imports);
  }

  private bytesOf(command: Command): Uint8Array {
    if (command.binary === undefined) throw new Skip(TEXT_FORM);
    return Buffer.from(command.binary, "base64");
  }

  private instance(name: string | undefined): Slot<Instance> {
    const slot = name === undefined ? this.current : this.instances.get(name);
    if (slot === undefined) throw new Error(`no instance ${name ?? ""} (an earlier command failed)`);
    return slot;
  }

  private setDefinition(name: string | undefined, slot: Slot<Compiled>): void {
    this.lastDefinition = slot;
    if (name !== undefined) this.definitions.set(name, slot);
  }

  private setCurrent(name: string | undefined, slot: Slot<Instance> | undefined): void {
    this.current = slot;
    if (name === undefined) return;
    if (slot === undefined) this.instances.delete(name);
    else this.instances.set(name, slot);
  }
}

function wanted(kinds: readonly string[], text: string | undefined): string {
  return `${kinds.join(" or ")}${text === undefined ? "" : ` "${text}"`}`;
}

function valueOf<T>(slot: Slot<T>): T {
  if ("skipped" in slot) throw new Skip(slot.skipped);
  return slot.value;
}
