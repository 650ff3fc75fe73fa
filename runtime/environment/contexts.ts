// Module instance contexts: what a library of the host keeps for each instance, under a key of its own, with a destructor that runs
// when the instance goes. WAMR's wasm_runtime_set_context and its kin.
import type { ModuleInstance } from "./module-instance.js";

/** Under which a library of the host keeps its context of each instance. */
export class ContextKey<Context> {
  /** Called with an instance's context before the instance is disposed of. @internal */
  readonly destructor: ((instance: ModuleInstance, context: Context) => void) | undefined;

  constructor(destructor?: (instance: ModuleInstance, context: Context) => void) {
    this.destructor = destructor;
  }
}

interface Entry {
  readonly context: unknown;
  /** false: inherited, the instance that it was set for destroys it. */
  readonly own: boolean;
}

/** The contexts of one instance. @internal */
export class Contexts {
  // eslint-disable-next-line @typescript-eslint/no-explicit-any -- of different libraries, each under its own key
  private readonly entries = new Map<ContextKey<any>, Entry>();

  get<Context>(key: ContextKey<Context>): Context | undefined {
    return this.entries.get(key)?.context as Context | undefined;
  }

  set<Context>(key: ContextKey<Context>, context: Context | undefined): void {
    if (context === undefined) this.entries.delete(key);
    else this.entries.set(key, { context, own: true });
  }

  inherit(from: Contexts): void {
    from.entries.forEach(({ context }, key) => this.entries.set(key, { context, own: false }));
  }

  /** Runs the destructors, newest context first, all of them; then throws what the first of them threw. */
  destroy(instance: ModuleInstance): void {
    const entries = [...this.entries].reverse();
    this.entries.clear();
    const errors: unknown[] = [];
    for (const [key, { context, own }] of entries) {
      try {
        if (own) key.destructor?.(instance, context);
      } catch (error) {
        errors.push(error);
      }
    }
    if (errors.length > 0) throw errors[0];
  }
}
