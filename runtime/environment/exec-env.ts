// The execution environment: the stack on which calls between host and guest keep their frames, and its limits. Every call of the
// guest through `call`, and every native function that the guest calls, has a frame there with its arguments, so the stack
// can be read while they run, raw native functions work on it, and its high-water mark is the memory that nesting took.
//
// Compiled code itself runs on the stack of the JavaScript engine and keeps nothing here: calls within a guest have no frames,
// and their exhaustion is noticed by the engine. A frame, in little-endian 32-bit words:
//   word 0   offset of the caller's frame in the stack, -1: none
//   word 1   function index; bit 31: a native function
//   then 8 bytes for each argument, see cells.ts; for a raw native function at least 8, where its result goes
import { Trap } from "../errors.js";
import { funcName, type Func, type Named } from "../instance/func.js";
import { S } from "../instance/store.js";
import { toWasmError } from "../instance/trace.js";
import { readResults, resultsToJs, toWasm, type Scalar } from "../instance/value.js";
import type { Account, ItemUsage } from "../memory/account.js";
import { LifetimeError } from "../memory/errors.js";
import { TrapCode } from "../trap-code.js";
import type { FuncType } from "../wasm/types.js";
import { packedSize, readCell, readPacked, writeCells, writePacked } from "./cells.js";
import type { GuestFunction } from "./guest-function.js";
import type { ModuleInstance } from "./module-instance.js";

/** Bytes of stack that an execution environment has by default, WAMR's number. */
export const DEFAULT_STACK_SIZE = 16384;

const HEADER = 8;
const NATIVE = 0x8000_0000;

export interface ExecEnvOptions {
  /** Bytes of stack to take from the runtime. Default: the instance's `stackSize`. */
  readonly stackSize?: number | undefined;
  /** Use this memory of the host's as stack instead. Nobody else may write to it while the ExecEnv lives. */
  readonly stack?: ArrayBufferView | undefined;
  /** Calls between host and guest may nest this deep. Default: as deep as the stack has room. */
  readonly maxCallDepth?: number | undefined;
  /**
   * Before such a call, see that the engine's stack has room for this many more calls of a small JavaScript function, and trap if
   * not: so a native function does not fail in the middle. Such a call takes some 5 ns and, on V8, 50 bytes; making an Error
   * there takes several hundred of them. Default: 0.
   */
  readonly hostStackGuard?: number | undefined;
  /** For the host's own use: `env.userData`. */
  readonly userData?: unknown;
}

/** What is called: a function of the guest, or a native function. @internal */
export interface Callee extends Named {
  readonly type: FuncType;
  /** Of native functions. */
  readonly attachment?: unknown;
}

/** One call on the stack of an ExecEnv. */
export interface ExecFrame {
  readonly instance: ModuleInstance;
  readonly kind: "wasm" | "native";
  readonly funcIndex: number;
  readonly name: string;
  /** As JavaScript values; references as "null" or "ref". */
  readonly args: readonly unknown[];
}

// The ExecEnv whose calls are running. There is one of these for each thread, as each has its own copy of this module.
let running: ExecEnv | undefined;

/** @internal */
export function whoIsRunning(): ExecEnv | undefined {
  return running;
}

/** The ExecEnv that a native function of `instance` gets: the one that entered the guest, else the instance's own. @internal */
export function runningEnv(instance: ModuleInstance): ExecEnv {
  return running !== undefined && running.runtime === instance.runtime ? running : instance.execEnv;
}

/**
 * A stack for calls between host and guest. It belongs to the thread that made it. It may be used again after a trap, and
 * by native functions while it is in use.
 */
export class ExecEnv {
  readonly account: Account;
  /** @internal */
  readonly runtime: ModuleInstance["runtime"];
  userData: unknown;
  /** @internal */
  readonly stack: DataView;
  private readonly owner: ModuleInstance;
  private readonly maxCallDepth: number;
  private readonly guard: number;
  private disposed = false;
  // Of each frame, outermost first: where it is, and whose call it is.
  private readonly bases: number[] = [];
  private readonly instances: (ModuleInstance | undefined)[] = [];
  private readonly callees: (Callee | undefined)[] = [];
  private depth = 0;
  private top = 0;
  private high = 0;

  /** @internal */
  constructor(owner: ModuleInstance, account: Account, options: ExecEnvOptions) {
    const { stack, stackSize = owner.stackSize, maxCallDepth = Infinity, hostStackGuard = 0, userData } = options;
    this.owner = owner;
    this.account = account;
    this.runtime = owner.runtime;
    this.userData = userData;
    this.maxCallDepth = maxCallDepth === Infinity ? maxCallDepth : whole(maxCallDepth, "maxCallDepth");
    this.guard = whole(hostStackGuard, "hostStackGuard");
    const usage = (): ItemUsage => ({ used: this.top, highWater: this.high });
    if (stack !== undefined) {
      account.refer("stack", stack.byteLength, "given by the host").usage = usage;
      this.stack = new DataView(stack.buffer, stack.byteOffset, stack.byteLength);
    } else {
      const allocation = account.allocate("stack", whole(stackSize, "stackSize"));
      allocation.usage = usage;
      this.stack = allocation.view();
    }
  }

  /** The instance whose function is running; when none is, the one that this ExecEnv was made for. */
  get instance(): ModuleInstance {
    return this.depth === 0 ? this.owner : this.instances[this.depth - 1]!;
  }

  /** What the native function that is running was registered with. */
  get attachment(): unknown {
    return this.depth === 0 ? undefined : this.callees[this.depth - 1]!.attachment;
  }

  /** In bytes, as `stackUsed`, what is in use now, and `highWater`, the most that ever was. */
  get stackSize(): number {
    return this.stack.byteLength;
  }

  get stackUsed(): number {
    return this.top;
  }

  get highWater(): number {
    return this.high;
  }

  /** Calls between host and guest that are under way. */
  get callDepth(): number {
    return this.depth;
  }

  /**
   * Calls a function of a guest, or the export of that name of `this.instance`, with JavaScript values, which are converted as
   * those of `exports` are. Throws Trap, or what a native function threw; the instance remembers it as its `exception`.
   */
  call(callee: GuestFunction | string, args: readonly unknown[] = []): unknown {
    return this.callFunction(typeof callee === "string" ? this.instance.exportedFunction(callee) : callee, args);
  }

  /**
   * As `call`, with numbers packed in memory: 4 bytes for an i32 or f32, 8 for an i64 or f64, little-endian. Results take the
   * place of the arguments. Bits of NaNs are kept as far as the engine keeps any.
   */
  callCells(callee: GuestFunction, argv: ArrayBufferView): void {
    const { params, results } = callee.func.type;
    const view = new DataView(argv.buffer, argv.byteOffset, argv.byteLength);
    const needed = Math.max(packedSize(params), packedSize(results));
    if (needed > view.byteLength)
      throw new RangeError(`callCells: arguments and results need ${needed} bytes, got ${view.byteLength}`);
    const first = this.callRaw(callee.instance, callee.func, readPacked(view, params));
    writePacked(view, results, readResults(callee.resultLetters, first));
  }

  /** Calls the function in a table of `this.instance`, as `call_indirect` does but for the check of its type. */
  callIndirect(table: number, index: number, args: readonly unknown[] = []): unknown {
    return this.callFunction(this.instance.tableFunction(table, index), args);
  }

  private callFunction(
    { instance, func, paramLetters, resultLetters }: GuestFunction,
    args: readonly unknown[],
  ): unknown {
    const scalars: Scalar[] = [];
    for (let i = 0; i < paramLetters.length; i++) {
      scalars.push(toWasm(paramLetters[i]!, args[i]));
      if (paramLetters[i] === "l") scalars.push(S.h);
    }
    return resultsToJs(resultLetters, this.callRaw(instance, func, scalars));
  }

  // Further scalars of the result are in `S`.
  private callRaw(instance: ModuleInstance, func: Func, scalars: readonly Scalar[]): Scalar {
    instance.beforeCall();
    const { depth } = this;
    const outer = running;
    try {
      const at = this.push(instance, func, 0, func.type.params.length);
      writeCells(this.stack, at, func.type.params, scalars);
      return func.code.apply(null, scalars as Scalar[]);
    } catch (error) {
      throw instance.failure.raised(toWasmError(error, func.instance));
    } finally {
      this.leave(depth, outer);
    }
  }

  /** Makes the frame of a native function that is about to run, with `cells` arguments, and returns where they go. @internal */
  enterNative(instance: ModuleInstance, callee: Callee, cells: number): number {
    instance.beforeNative();
    return this.push(instance, callee, NATIVE, cells);
  }

  /**
   * Goes back to where the stack had `depth` frames and `outer` was running. Where the engine's stack is exhausted this cannot be
   * called; then a call further out does it, which is why it says what is to be left and not what is to be taken off.
   * @internal
   */
  leave(depth: number, outer: ExecEnv | undefined): void {
    running = outer;
    if (this.depth === depth) return;
    this.top = this.bases[depth]!;
    while (this.depth > depth) this.instances[--this.depth] = this.callees[this.depth] = undefined;
  }

  /** The calls that are under way, innermost first. */
  frames(): ExecFrame[] {
    const found: ExecFrame[] = [];
    for (let depth = this.depth - 1; depth >= 0; depth--) {
      const callee = this.callees[depth]!;
      const base = this.bases[depth]!;
      const word = this.stack.getUint32(base + 4, true);
      found.push({
        instance: this.instances[depth]!,
        kind: word >= NATIVE ? "native" : "wasm",
        funcIndex: word & ~NATIVE,
        name: funcName(callee),
        args: callee.type.params.map((param, i) => readCell(this.stack, base + HEADER + 8 * i, param)),
      });
    }
    return found;
  }

  /** Whether the engine's stack has no room for `calls` more calls of a JavaScript function. */
  detectHostStackOverflow(calls: number): boolean {
    try {
      return probe(calls) !== calls;
    } catch {
      return true;
    }
  }

  /** Gives the stack back. Throws LifetimeError while calls are under way. */
  dispose(): void {
    if (this.disposed) return;
    if (this.depth > 0)
      throw new LifetimeError("in-use", `${this.account.describe()} has calls under way: let them return first`);
    this.disposed = true;
    this.owner.leave(this);
    this.account.close();
  }

  /** `dispose`, for `using`. */
  [Symbol.dispose](): void {
    this.dispose();
  }

  // Makes a frame and returns where its arguments go.
  private push(instance: ModuleInstance, callee: Callee, kind: number, cells: number): number {
    if (this.disposed) this.account.use();
    const base = this.top;
    const top = base + HEADER + 8 * cells;
    const { depth } = this;
    const { byteLength } = this.stack;
    if (top > byteLength)
      throw exhausted(
        `wasm operand stack overflow: ${top - base} bytes wanted, ${byteLength - base} of ${byteLength} left`,
      );
    if (depth >= this.maxCallDepth) throw exhausted(`calls nest ${this.maxCallDepth} deep at most`);
    if (this.guard > 0 && this.detectHostStackOverflow(this.guard))
      throw exhausted(`the host's stack has no room for ${this.guard} calls`);
    this.stack.setInt32(base, depth === 0 ? -1 : this.bases[depth - 1]!, true);
    this.stack.setInt32(base + 4, callee.index | kind, true);
    this.bases[depth] = base;
    this.instances[depth] = instance;
    this.callees[depth] = callee;
    this.depth = depth + 1;
    this.top = top;
    if (top > this.high) this.high = top;
    // eslint-disable-next-line @typescript-eslint/no-this-alias -- it is the one that is running
    running = this;
    return base + HEADER;
  }
}

function exhausted(detail: string): Trap {
  return new Trap(TrapCode.callStackExhausted, detail);
}

function probe(calls: number): number {
  return calls === 0 ? 0 : probe(calls - 1) + 1;
}

function whole(value: number, what: string): number {
  if (!(value >= 0) || Math.floor(value) !== value)
    throw new RangeError(`ExecEnv: ${what}: expected a whole number from 0, got ${String(value)}`);
  return value;
}
