// What commands of a script mean, once their modules are compiled: every command either passes, fails with a message, or is
// skipped with a reason. A module that needs a feature the engine lacks is skipped, and so is everything that depends on it:
// commands on its instance, modules importing from it, and commands on those. Runs in any engine's shell as well, down-levelled
// to ES5, so nothing here waits, and `for` goes over arrays only.
import type { Compiled, Failure, Host, Imports, Instance, Namespace, Value } from "../support/engine.js";
import { showValues } from "../support/engine.js";
import { checkFailure, nothingFailed, Skip, valueOf, type Slot } from "./outcome.js";
import { spectest } from "./spectest.js";
import type { Action, Command, ScriptValue } from "./suite.js";
import { matches, readArgument } from "./values.js";

export class ScriptRun {
  private readonly definitions = new Map<string, Slot<Compiled>>();
  private readonly instances = new Map<string, Slot<Instance>>();
  private readonly registry = new Map<string, Slot<Namespace>>();
  private lastDefinition: Slot<Compiled> | undefined;
  private current: Slot<Instance> | undefined;

  private readonly host: Host;

  constructor(host: Host) {
    this.host = host;
    this.registry.set("spectest", { value: spectest(host) });
  }

  /** Throws where the command fails, a `Skip` where it cannot be told. `module`: what became of the command's module. */
  perform(command: Command, module?: Slot<Compiled>): void {
    switch (command.type) {
      case "module":
        return this.define(command, module!, true);
      case "module_definition":
        return this.define(command, module!, false);
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
        return this.assertFails(() => this.act(command.action!), "trap", command.text);
      case "assert_exhaustion":
        return this.assertFails(() => this.act(command.action!), "exhaustion", command.text);
      case "assert_exception":
        return this.assertFails(() => this.act(command.action!), "exception", undefined);
      case "assert_unlinkable":
        return this.assertInstantiationFails(command, module!, "link");
      case "assert_uninstantiable":
        return this.assertInstantiationFails(command, module!, "trap");
      default:
        throw new Error(`unknown command "${command.type}"`);
    }
  }

  private define(command: Command, module: Slot<Compiled>, instantiate: boolean): void {
    this.lastDefinition = undefined;
    if (instantiate) this.setCurrent(command.name, undefined);
    try {
      const compiled = valueOf(module);
      this.setDefinition(command.name, module);
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

  private assertFails(act: () => unknown, kind: Failure, text: string | undefined): void {
    try {
      act();
    } catch (error) {
      if (error instanceof Skip) throw error;
      checkFailure(this.host, error, [kind], text);
      return;
    }
    throw nothingFailed([kind], text);
  }

  private assertInstantiationFails(command: Command, module: Slot<Compiled>, kind: "link" | "trap"): void {
    const compiled = valueOf(module);
    this.assertFails(() => this.instantiate(compiled), kind, command.text);
  }

  private act(action: Action, expected: readonly ScriptValue[] = []): Value[] {
    const instance = valueOf(this.instance(action.module));
    if (action.type === "get") return [instance.getGlobal(action.field, expected[0]?.type ?? "i32")];
    const results = expected.map((value) => (value.type === "either" ? value.values![0]!.type : value.type));
    return instance.invoke(action.field, (action.args ?? []).map(readArgument), results);
  }

  private instantiate(compiled: Compiled): Instance {
    const imports: Record<string, Imports[string]> = {};
    for (const { module } of compiled.imports) {
      const slot = this.registry.get(module);
      if (slot !== undefined) imports[module] = valueOf(slot);
    }
    return this.host.instantiate(compiled, imports);
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
