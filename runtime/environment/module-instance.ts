// What an embedder sees of an instance that lives in a runtime: WAMR's wasm_module_inst_t. Functions to call, addresses to check,
// a heap in the guest's memory, the last exception, and what the host keeps for the instance. EMBEDDING.md lists all of it by
// the names of wasm_export.h.
import { Trap } from "../errors.js";
import type { Func } from "../instance/func.js";
import type { Exports, Instance } from "../instance/instance.js";
import type { EmsStatistics } from "../memory/ems.js";
import type { Memory } from "../instance/memory.js";
import { LifetimeError } from "../memory/errors.js";
import { TrapCode } from "../trap-code.js";
import { WasmError } from "../wasm/error.js";
import { EXTERNREF } from "../wasm/types.js";
import { AddressSpace } from "./address-space.js";
import { Contexts, type ContextKey } from "./contexts.js";
import type { InstanceArgs } from "./embedding.js";
import { DEFAULT_STACK_SIZE, ExecEnv, runningEnv, whoIsRunning, type ExecEnvOptions } from "./exec-env.js";
import { Failure } from "./failure.js";
import { GuestFunction } from "./guest-function.js";
import type { UnlinkedImport } from "./import-linking.js";
import { InstanceHeap } from "./instance-heap.js";
import type { InstanceOwner } from "./instance-owner.js";
import { parseSignature, signatureMismatch, type TypedFunction } from "./signature.js";
import type { SharedHeap } from "./shared-heap.js";
import type { Runtime } from "./runtime.js";

/** An instance in a runtime; `embed` makes one. */
export class ModuleInstance {
  readonly runtime: Runtime;
  /** For the host's own use. */
  customData: unknown;
  /** Bytes of stack of ExecEnvs for which nothing else is said. */
  readonly stackSize: number;
  /** The guest's addresses: memory 0 and the shared heaps attached to it. */
  readonly space = new AddressSpace();
  /** Imports that trap when they are called. */
  unlinkedImports: readonly UnlinkedImport[] = [];
  private readonly owner: InstanceOwner;
  /** @internal */
  readonly heap: InstanceHeap;
  private readonly contexts = new Contexts();
  /** Those that were looked up, by name. */
  private readonly functions = new Map<string, GuestFunction>();
  /** Those that the host has made, and the instance's own. */
  private readonly envs = new Set<ExecEnv>();
  private ownEnv: ExecEnv | undefined;
  /** @internal */
  readonly failure = new Failure();

  /** @internal */
  constructor(owner: InstanceOwner, args: InstanceArgs) {
    this.owner = owner;
    this.runtime = owner.module.runtime;
    this.stackSize = args.stackSize ?? DEFAULT_STACK_SIZE;
    this.heap = new InstanceHeap(args.heapSize ?? 0, this.space);
    this.customData = args.customData;
    if (args.inherit !== undefined) this.contexts.inherit(args.inherit.contexts);
  }

  /** The instance as `instantiate` makes it. */
  get instance(): Instance {
    this.owner.account.use();
    if (this.owner.instance === undefined) throw new LifetimeError("disposed", "instance is not there yet");
    return this.owner.instance;
  }

  get exports(): Exports {
    return this.instance.exports;
  }

  /** Memory 0, exported or not. */
  get memory(): Memory | undefined {
    return this.instance.memories[0];
  }

  /** Code of the instance is about to run for the first time. @internal */
  attach(instance: Instance): void {
    this.space.memory = instance.memories[0];
    this.heap.attach(instance, this.owner.account, (name, args) =>
      runningEnv(this).call(this.exportedFunction(name), args),
    );
  }

  // Functions

  /** An exported function by name, to be called in an ExecEnv; undefined where there is none. */
  lookupFunction(name: string): GuestFunction | undefined {
    this.owner.account.use();
    const known = this.functions.get(name);
    if (known !== undefined) return known;
    const found = this.owner.findExport(name);
    if (found?.kind !== "func") return undefined;
    const looked = new GuestFunction(this, this.instance.func(found.index));
    this.functions.set(name, looked);
    return looked;
  }

  /** As `lookupFunction`, but throws WasmError where there is none. */
  exportedFunction(name: string): GuestFunction {
    const found = this.lookupFunction(name);
    if (found === undefined) throw new WasmError("unknown-export", `unknown export: no function "${name}"`);
    return found;
  }

  /**
   * An exported function with the types that a signature says: `typedFunction("add", "(ii)i")` is `(a: number, b: number) => number`.
   * It runs in `env`. Throws WasmError where there is none of that name, or of another type.
   */
  typedFunction<Text extends string>(name: string, signature: Text, env: ExecEnv = this.execEnv): TypedFunction<Text> {
    const callee = this.exportedFunction(name);
    const mismatch = /[*~$]/.test(signature)
      ? `"${signature}" has letters that are for native functions only`
      : signatureMismatch(parseSignature(signature), callee.func.type);
    if (mismatch !== undefined) throw new WasmError("incompatible-export-type", `function "${name}": ${mismatch}`);
    return ((...args: unknown[]) => env.call(callee, args)) as TypedFunction<Text>;
  }

  /** The function in a table; throws the traps of call_indirect where there is none. @internal */
  tableFunction(index: number, at: number): GuestFunction {
    const table = this.instance.tables[index];
    if (table === undefined || table.elementType === EXTERNREF)
      throw new WasmError("unknown-table", `unknown table: no table ${index} of functions`);
    if (!(at >= 0 && at < table.length)) throw new Trap(TrapCode.undefinedElement);
    const ref = this.instance.table_get(index, at) as Func | null;
    if (ref === null) throw new Trap(TrapCode.uninitializedElement);
    return new GuestFunction(this, ref);
  }

  // Memory of the guest

  /**
   * The address of `size` bytes of the guest's memory, from the allocator it exports, else from the heap of `heapSize` bytes; 0: there
   * is no room. May grow the memory, whereupon views of it are stale. Throws WasmError where there is no heap or it is damaged.
   */
  malloc(size: number): number {
    this.owner.account.use();
    return this.heap.malloc(size);
  }

  /** Frees what `malloc` has returned. Address 0 is nothing. */
  free(address: number): void {
    this.owner.account.use();
    this.heap.free(address);
  }

  /** The address of a copy of `data` in the guest's memory, of a string in UTF-8 with a NUL byte; 0: there is no room. */
  dupData(data: Uint8Array | string): number {
    this.owner.account.use();
    return this.heap.dupData(data);
  }

  /** Figures of the heap of `heapSize` bytes; undefined where the guest has its own, or none. */
  heapStatistics(): EmsStatistics | undefined {
    this.owner.account.use();
    return this.heap.statistics();
  }

  // Shared heaps

  /**
   * Gives the instance a heap, and those chained to it, at the top of its addresses. Whoever shares its memory 0 has it too. Throws
   * WasmError where that cannot be, LifetimeError.
   */
  attachSharedHeap(heap: SharedHeap): void {
    const { memory } = this;
    if (memory === undefined) throw new WasmError("shared-heap", "shared heap: there is no memory to attach it to");
    heap.attach(memory, this.runtime.account);
  }

  /** Takes the shared heap away, if there is one: its addresses are out of bounds from then on. */
  detachSharedHeap(): void {
    this.sharedHeap?.detach(this.memory!);
  }

  get sharedHeap(): SharedHeap | undefined {
    return this.memory?.beyond as SharedHeap | undefined;
  }

  /** The address of `size` bytes of the shared heap; 0: there is no room, or no such heap. */
  sharedHeapMalloc(size: number): number {
    return this.sharedHeap?.malloc(size) ?? 0;
  }

  /** Frees what `sharedHeapMalloc` has returned, in this instance or another. */
  sharedHeapFree(address: number): void {
    this.sharedHeap?.free(address);
  }

  // Execution environments

  /** The instance's own ExecEnv, made when it is first needed. */
  get execEnv(): ExecEnv {
    return (this.ownEnv ??= this.makeEnv("own", {}));
  }

  /** Makes an ExecEnv; it is to be disposed of before the instance. Throws MemoryError. */
  createExecEnv(options: ExecEnvOptions = {}): ExecEnv {
    return this.makeEnv(`env ${this.envs.size + 1}`, options);
  }

  private makeEnv(name: string, options: ExecEnvOptions): ExecEnv {
    const account = this.owner.account.open("execution environment", name);
    try {
      const env = new ExecEnv(this, account, options);
      this.envs.add(env);
      return env;
    } catch (error) {
      account.close();
      throw error;
    }
  }

  /** @internal */
  leave(env: ExecEnv): void {
    this.envs.delete(env);
    if (this.ownEnv === env) this.ownEnv = undefined;
  }

  // Exceptions

  /** What the last call through an ExecEnv failed with, as WAMR words it: "Exception: unreachable". */
  get exception(): string | undefined {
    return this.failure.error === undefined ? undefined : `Exception: ${this.failure.error.message}`;
  }

  /** Called by a native function: makes the guest's call of it fail with HostException as soon as it returns. */
  setException(message: string): void {
    this.failure.set(message);
  }

  clearException(): void {
    this.failure.clear();
  }

  /**
   * Stops the guest, for good until `clearException`: calls into it and calls out of it trap with "interrupted". Code that does
   * neither runs on, as nothing in it looks whether it should stop.
   */
  terminate(): void {
    this.failure.terminate();
  }

  /** A call is about to begin, of the host's or by a native function. @internal */
  beforeCall(): void {
    this.owner.account.use();
    if (whoIsRunning() === undefined) this.failure.begin();
    else this.failure.checkTerminated();
  }

  /** A native function is about to be called, perhaps by an instance that this one has handed it to. @internal */
  beforeNative(): void {
    this.owner.account.use();
    this.failure.checkTerminated();
  }

  // What the host keeps for the instance

  getContext<Context>(key: ContextKey<Context>): Context | undefined {
    return this.contexts.get(key);
  }

  /** undefined takes a context away without destroying it. */
  setContext<Context>(key: ContextKey<Context>, context: Context | undefined): void {
    this.owner.account.use();
    this.contexts.set(key, context);
  }

  // The end

  /** Frees what the instance holds. Throws LifetimeError, and frees nothing, where others still need it. */
  dispose(): void {
    this.owner.dispose();
  }

  /** `dispose`, for `using`. */
  [Symbol.dispose](): void {
    this.dispose();
  }

  /** Throws LifetimeError where the instance may not go yet. @internal */
  checkDisposable(): void {
    for (const env of this.envs) {
      if (env.callDepth > 0)
        throw new LifetimeError(
          "in-use",
          `${this.owner.account.describe()} has calls under way: let them return first`,
        );
      if (env !== this.ownEnv)
        throw new LifetimeError(
          "in-use",
          `${this.owner.account.describe()} still has ${env.account.describe()}: dispose of it first`,
        );
    }
  }

  /** The instance is about to be disposed of. @internal */
  close(): void {
    try {
      this.contexts.destroy(this);
    } finally {
      this.ownEnv?.dispose();
      // An imported memory goes on.
      if (this.owner.instance?.module.imported.memory === 0) this.detachSharedHeap();
      this.space.close();
    }
  }
}
