// What a conformance case is, and how it is run: cases are functions of an engine, so that the same ones hold native
// WebAssembly (which keeps the cases honest) and ours in every container to the same behaviour.
import assert from "node:assert/strict";
import type { Engine, Failure, Imports } from "../support/engine.js";
import { messageOf } from "../support/engine.js";
import { ModuleBuilder } from "../support/module-builder.js";

/** Exports of an instance, for cases that know what they exported. */
// eslint-disable-next-line @typescript-eslint/no-explicit-any
export type Exports = Record<string, any>;

export class Bench {
  readonly engine: Engine;

  constructor(engine: Engine) {
    this.engine = engine;
  }

  /** Builds a module, compiles and instantiates it, and returns its exports. */
  run(build: (m: ModuleBuilder) => void, imports: Imports = {}): Exports {
    const m = new ModuleBuilder();
    build(m);
    return this.engine.instantiate(this.engine.compile(m.toBytes()), imports).exports as Exports;
  }

  fails(act: () => unknown, kind: Failure): void {
    try {
      act();
    } catch (error) {
      const got = this.engine.failureOf(error);
      assert.equal(got, kind, `expected a failure of kind ${kind}, got ${got}: ${messageOf(error)}`);
      return;
    }
    assert.fail(`expected a failure of kind ${kind}, but nothing failed`);
  }
}

export interface Case {
  readonly name: string;
  /** Why this case is not run on an engine, by the engine's name. */
  readonly skip?: Readonly<Record<string, string>>;
  readonly run: (bench: Bench) => void;
}
