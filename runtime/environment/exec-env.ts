// The execution environment: the stack on which calls between host and guest keep their frames, and its limits. Every call of the
// guest through `call`, and every native function that the guest calls, has a frame there with its arguments, so the stack
// can be read while they run, raw native functions work on it, and its high-water mark is the memory that nesting took.
//
// Compiled code itself runs on the stack of the JavaScript engine and keeps nothing here: calls within a guest have no frames,
// and their exhaustion is noticed by the engine. A frame, in little-endian 32-bit words:
//   word 0   offset of the caller's frame in the stack, -1: none
//   word 1   function index; bit 31: a native function
//   then 8 bytes for each argument: numbers as their bits, references as 0 (null) or 1
import { Trap } from "../errors.js";
import { typeLetter, type Func } from "../instance/func.js";
import { S } from "../instance/store.js";
import { toWasmError } from "../instance/trace.js";
import { resultsToJs, toWasm, type Scalar } from "../instance/value.js";
import type { Account } from "../memory/account.js";
import { LifetimeError } from "../memory/errors.js";
import { TrapCode } from "../trap-code.js";
import { readCell, writeCells } from "./cells.js";
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
   * Before such a call, see that the engine's stack has room for this many more calls of a JavaScript function, and trap if
   * not: so a native function does not fail in the middle. Costs some 14 ns for each. Default: 0.
   */
  readonly hostStackGuard?: number | undefined;
  /** For the host's own use: `env.userData`. */
  readonly userData?: unknown;
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

/** The ExecEnv that a native function of `instance` gets: the one that entered the guest, else the instance's own. @internal */
export function runningEnv(instance: ModuleInstance): ExecEnv {
  return running !== undefined && running.runtime === instance.runtime ? running : instance.execEnv;
}

function enter(env: ExecEnv): ExecEnv | undefined {
  const outer = running;
  running = env;
  return outer;
}

/**
 * A stack for calls between host and guest. It belongs to the thread that made it. It may be used again after a trap, and
 * again by a native function while it is in use.
 */
export class ExecEnv {
  readonly account: Account;
  /** @internal */
  readonly runtime: ModuleInstance["runtime"];
  userData: unknown;
  /** The attachment of the native function that is running. */
  attachment: unknown = undefined;
  /** @internal */
  readonly stack: DataView;
  private readonly owner: ModuleInstance;
  private readonly maxCallDepth: number;
  private readonly guard: number;
  /** Whose call each frame is. */
  private readonly instances: ModuleInstance[] = [];
  private frame = -1;
  private top = 0;
  private high = 0;

  /** @internal */
  constructor(owner: ModuleInstance, account: Account, options: ExecEnvOptions) {
    const { stack, stackSize = owner.stackSize, maxCallDepth = Infinity, hostStackGuard = 0, userData } = options;
    this.owner = owner;
    this.account = account;
    this.runtime = owner.runtime;
    this.userData = userData;
    this.maxCallDepth = checkNumber(maxCallDepth, "maxCallDepth");
    this.guard = checkNumber(hostStackGuard, "hostStackGuard");
    if (stack !== undefined) {
      account.refer("stack", stack.byteLength, "given by the host");
      this.stack = new DataView(stack.buffer, stack.byteOffset, stack.byteLength);
    } else {
      this.stack = account.allocate("stack", checkNumber(stackSize, "stackSize")).view();
    }
  }

  /** The instance whose function is running; when none is, the one that this ExecEnv was made for. */
  get instance(): ModuleInstance {
    return this.instances.length === 0 ? this.owner : this.instances[this.instances.length - 1]!;
  }

  /** Bytes of the stack. */
  get stackSize(): number {
    return this.stack.byteLength;
  }

  /** Bytes of the stack in use. */
  get stackUsed(): number {
    return this.top;
  }

  /** The most bytes of the stack that were ever in use. */
  get highWater(): number {
    return this.high;
  }

  /** Calls that are under way. */
  get callDepth(): number {
    return this.instances.length;
  }

  /**
   * Calls a function of the guest with JavaScript values; converts as `exports` do. Throws Trap, or what a native function
   * threw; the instance remembers it as its `exception`.
   */
  call(func: Func, args: readonly unknown[]): unknown {
    const { params, results } = func.type;
    const scalars: Scalar[] = [];
    for (let i = 0; i < params.length; i++) {
      const letter = typeLetter(params[i]!);
      scalars.push(toWasm(letter, args[i]));
      if (letter === "l") scalars.push(S.h);
    }
    const first = this.callRaw(func, scalars);
    return resultsToJs(results.map(typeLetter), first);
  }

  /** Calls with scalars; further results are in `S`. @internal */
  callRaw(func: Func, scalars: readonly Scalar[]): Scalar {
    const { owner } = this;
    owner.beforeCall(this);
    const at = this.push(owner, func.index, false, func.type.params.length);
    const outer = enter(this);
    try {
      writeCells(this.stack, at, func.type.params, scalars);
      return func.code.apply(null, scalars as Scalar[]);
    } catch (error) {
      throw owner.raised(toWasmError(error, func.instance));
    } finally {
      running = outer;
      this.pop();
    }
  }

  /** Runs a native function in a frame of its own; `at` is where its arguments are. @internal */
  runNative<T>(
    instance: ModuleInstance,
    index: number,
    attachment: unknown,
    argCount: number,
    body: (env: ExecEnv, at: number) => T,
  ): T {
    const at = this.push(instance, index, true, argCount);
    const outer = enter(this);
    const outerAttachment = this.attachment;
    this.attachment = attachment;
    try {
      return body(this, at);
    } finally {
      running = outer;
      this.attachment = outerAttachment;
      this.pop();
    }
  }

  /** The calls that are under way, innermost first. */
  frames(): ExecFrame[] {
    const found: ExecFrame[] = [];
    let frame = this.frame;
    for (let depth = this.instances.length - 1; depth >= 0; depth--) {
      const instance = this.instances[depth]!;
      const word = this.stack.getUint32(frame + 4, true);
      const funcIndex = word & ~NATIVE;
      const { name, type } = instance.describeFunction(funcIndex);
      const args = type.params.map((type, i) => readCell(this.stack, frame + HEADER + 8 * i, type));
      found.push({ instance, kind: word >= NATIVE ? "native" : "wasm", funcIndex, name, args });
      frame = this.stack.getInt32(frame, true);
    }
    return found;
  }

  /** Whether the engine's stack has room for `calls` more calls of a JavaScript function. */
  detectHostStackOverflow(calls: number): boolean {
    try {
      return probe(calls) === calls;
    } catch {
      return false;
    }
  }

  /** Gives the stack back. Throws LifetimeError while calls are under way. */
  dispose(): void {
    if (this.account.closed) return;
    if (this.instances.length > 0)
      throw new LifetimeError("in-use", `${this.account.describe()} has calls under way: let them return first`);
    this.owner.leave(this);
    this.account.close();
  }

  // Makes a frame and returns where its arguments go. Nothing has changed if this throws.
  private push(instance: ModuleInstance, index: number, native: boolean, argCount: number): number {
    if (this.account.closed) this.account.use();
    const base = this.top;
    const top = base + HEADER + 8 * argCount;
    if (top > this.stack.byteLength) {
      const { byteLength } = this.stack;
      throw exhausted(
        `wasm operand stack overflow: ${top - base} bytes wanted, ${byteLength - base} of ${byteLength} left`,
      );
    }
    const depth = this.instances.length;
    if (depth >= this.maxCallDepth) throw exhausted(`call depth ${depth} is the limit`);
    if (this.guard > 0 && !this.detectHostStackOverflow(this.guard))
      throw exhausted(`host stack has no room for ${this.guard} calls`);
    this.instances.push(instance);
    this.stack.setInt32(base, this.frame, true);
    this.stack.setInt32(base + 4, native ? index | NATIVE : index, true);
    this.frame = base;
    this.top = top;
    if (top > this.high) this.high = top;
    return base + HEADER;
  }

  private pop(): void {
    this.top = this.frame;
    this.frame = this.stack.getInt32(this.top, true);
    this.instances.pop();
  }
}

function exhausted(detail: string): Trap {
  return new Trap(TrapCode.callStackExhausted, detail);
}

function probe(calls: number): number {
  return calls === 0 ? 0 : probe(calls - 1) + 1;
}

function checkNumber(value: number, what: string): number {
  if (!(value >= 0) || Math.floor(value) !== value)
    throw new RangeError(`ExecEnv: ${what}: expected a whole number from 0, got ${String(value)}`);
  return value;
}
