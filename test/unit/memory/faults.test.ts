// Memory can run out anywhere: every single allocation in the life of guests is refused once. What was attempted fails with
// a typed error, or with the answer that the guest is to get; nothing has changed then, and another attempt succeeds.
import assert from "node:assert/strict";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { after, describe, it } from "node:test";
import { load, loadFile, type LoadedModule } from "../../../loader/index.js";
import { embed, type ExecEnv, type ModuleInstance } from "../../../runtime/environment/index.js";
import { MemoryError, Runtime, type Instance } from "../../../runtime/index.js";
import { Errno, Wasi } from "../../../runtime/wasi/index.js";
import { evaluateArtifact } from "../../support/js-artifact.js";
import { artifactOf, GUEST, IMPORTS, stateOf, type Calls } from "./guest.js";

const artifact = artifactOf(GUEST, { pageSize: 300 });
const javaScript = evaluateArtifact(artifactOf(GUEST, { format: "esm", runtime: "external" }));
const directory = mkdtempSync(join(tmpdir(), "wamrc-ts-faults-"));
const path = join(directory, "guest.aot");
writeFileSync(path, artifact);
after(() => rmSync(directory, { recursive: true }));

const WASI_GUEST = artifactOf(`(module
  (import "wasi_snapshot_preview1" "fd_write" (func $write (param i32 i32 i32 i32) (result i32)))
  (import "wasi_snapshot_preview1" "fd_read" (func $read (param i32 i32 i32 i32) (result i32)))
  (memory (export "memory") 1)
  (data (i32.const 0) "\\20\\00\\00\\00\\04\\00\\00\\00")
  (func (export "_initialize"))
  (func (export "write") (result i32) (call $write (i32.const 1) (i32.const 0) (i32.const 1) (i32.const 16)))
  (func (export "read") (result i32) (call $read (i32.const 0) (i32.const 0) (i32.const 1) (i32.const 16))))`);

/** The host's allocator, which refuses request number `refusal` and no other. */
class Refusing {
  requests = 0;
  refusal = -1;
  readonly options = {
    mode: "Alloc_With_Allocator" as const,
    malloc: (size: number): Uint8Array | undefined =>
      this.requests++ === this.refusal ? undefined : new Uint8Array(size),
    realloc: (bytes: Uint8Array, size: number): Uint8Array | undefined => {
      if (this.requests++ === this.refusal) return undefined;
      const moved = new Uint8Array(size);
      moved.set(bytes.subarray(0, size));
      return moved;
    },
    free(): void {},
  };
}

/** One thing that is done to a runtime. Returns whether it succeeded, or throws. */
type Step = (life: Life) => boolean;

/** What steps leave for later ones. */
interface Life {
  readonly runtime: Runtime;
  modules: LoadedModule[];
  instances: (Instance | ModuleInstance | ExecEnv)[];
  calls: Calls;
  wasi: Wasi | undefined;
}

function loading(load: (runtime: Runtime) => LoadedModule): Step {
  return (life) => life.modules.push(load(life.runtime)) > 0;
}

function making(make: (life: Life) => Instance | ModuleInstance | ExecEnv): Step {
  return (life) => {
    const made = make(life);
    life.instances.push(made);
    if ("exports" in made) life.calls = made.exports as Calls;
    return true;
  };
}

/** A call, and what it returns where there is no memory; by default it throws. */
function calling(name: string, args: unknown[], failure: unknown = calling): Step {
  return ({ calls }) => calls[name]!(...args) !== failure;
}

const instantiating = making(({ modules }) => modules.at(-1)!.instantiate(IMPORTS));

const LIVES: Readonly<Record<string, readonly Step[]>> = {
  "load, instantiate, grow, call": [
    loading((runtime) => load(artifact, { runtime })),
    instantiating,
    calling("grow", [2], -1),
    calling("growTable", [10], -1),
    calling("keep", [0, {}]),
    calling("init", []),
    calling("countUp", []),
    calling("indirect", [10, 1, 2]),
    instantiating,
    ...Array.from({ length: 40 }, (_, i) => calling("keep", [i % 2, { i }])),
  ],
  "load a file": [loading((runtime) => loadFile(path, { runtime, codeCache: false })), instantiating],
  "load by reference, and give the file buffer back": [
    loading((runtime) => load(artifact, { runtime, reference: true, releasePages: true })),
    instantiating,
    calling("add", [1, 2]),
    ({ modules }) => {
      modules[0]!.freeFileBuffer();
      return true;
    },
    calling("countUp", []),
  ],
  "run a JavaScript artifact": [
    making(({ runtime }) => javaScript.instantiateSync(IMPORTS, { runtime })),
    calling("init", []),
    calling("grow", [1], -1),
    making(({ runtime }) => javaScript.instantiateSync(IMPORTS, { runtime })),
  ],
  "embed, with an execution environment": [
    loading((runtime) => load(artifact, { runtime })),
    making(({ modules }) => embed(modules[0]!, { imports: IMPORTS })),
    making(({ instances }) => (instances[0] as ModuleInstance).createExecEnv()),
  ],
  "run WASI": [
    loading((runtime) => load(WASI_GUEST, { runtime })),
    (life) => {
      const streams = { stdin: "input", stdout: (bytes: Uint8Array) => bytes.length, stderr() {} };
      life.wasi = new Wasi({ runtime: life.runtime, args: ["a", "b"], env: { C: "d" }, ...streams });
      return true;
    },
    making(({ modules, wasi }) => modules[0]!.instantiate(wasi!.importObject)),
    (life) => {
      life.wasi!.initialize(life.instances[0] as Instance);
      return true;
    },
    calling("write", [], Errno.nomem),
    calling("read", [], Errno.nomem),
  ],
};

/** Lives a life in which request `refusal` is refused; returns how many requests there were and whether it was one of them. */
function live(steps: readonly Step[], refusal: number): { requests: number; refused: boolean } {
  const host = new Refusing();
  const runtime = Runtime.init({ allocator: host.options, nativeStackSize: 0 });
  const life: Life = { runtime, modules: [], instances: [], calls: {}, wasi: undefined };
  const began = host.requests;
  host.refusal = refusal < 0 ? -1 : began + refusal;
  let refused = false;
  for (const [i, step] of steps.entries()) {
    const before = stateOf(runtime.memoryReport());
    const requests = host.requests;
    let done = false;
    let error: unknown;
    try {
      done = step(life);
    } catch (thrown) {
      error = thrown;
    }
    const inThisStep = requests <= host.refusal && host.refusal < host.requests;
    if (done) {
      assert.ok(!inThisStep || host.requests - requests > 1, `step ${i} did not notice`);
    } else {
      if (error !== undefined) assert.ok(error instanceof MemoryError, `step ${i}: ${(error as Error)?.stack}`);
      assert.ok(inThisStep, `step ${i} failed without a reason`);
      assert.deepEqual(stateOf(runtime.memoryReport()), before, `step ${i} has left something`);
      assert.ok(step(life), `step ${i} must succeed the second time`);
    }
    refused ||= inThisStep;
  }
  for (const instance of life.instances.reverse()) instance.dispose();
  for (const module of life.modules) module.dispose();
  assert.deepEqual(runtime.dispose(), []);
  assert.equal(runtime.allocator.statistics().allocated, 0);
  return { requests: host.requests - began, refused };
}

describe("every allocation, refused once", () => {
  for (const [name, steps] of Object.entries(LIVES)) {
    it(name, () => {
      const { requests } = live(steps, -1);
      assert.ok(requests > 4);
      for (let refusal = 0; refusal < requests; refusal++)
        assert.ok(live(steps, refusal).refused, `request ${refusal}`);
    });
  }

  it("of a runtime's own beginning", () => {
    for (const refusal of [0, 1]) {
      const host = new Refusing();
      host.refusal = refusal;
      assert.throws(() => Runtime.init({ allocator: host.options }), MemoryError);
    }
  });
});
