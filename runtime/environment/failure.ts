// What a call in an instance ended with other than results: an error that its host is told once more, and termination. WAMR keeps
// it as a string in the instance; here it is the error itself, which has been thrown as well.
import { Trap } from "../errors.js";
import { TrapCode } from "../trap-code.js";
import { WasmError } from "../wasm/error.js";

/** What a call throws in which a native function has called `setException`. */
export class HostException extends WasmError {
  override readonly name: string = "HostException";

  constructor(message: string) {
    super("host-exception", message);
    Object.setPrototypeOf(this, HostException.prototype);
  }
}

/** @internal */
export class Failure {
  /** What the last call failed with. */
  error: Error | undefined;
  /** `error` is to be thrown when the native function that is running returns. */
  private pending = false;
  private terminated = false;

  set(message: string): void {
    this.error = new HostException(message);
    this.pending = true;
  }

  clear(): void {
    this.error = undefined;
    this.pending = this.terminated = false;
  }

  terminate(): void {
    this.error = new Trap(TrapCode.interrupted, "terminated by user");
    this.pending = this.terminated = true;
  }

  /** A call from the host begins: what the one before it failed with is forgotten. */
  begin(): void {
    this.checkTerminated();
    this.error = undefined;
    this.pending = false;
  }

  checkTerminated(): void {
    if (this.terminated) throw this.error!;
  }

  /** A native function has returned. */
  afterNative(): void {
    if (!this.pending) return;
    this.pending = this.terminated;
    throw this.error!;
  }

  /** A call ends by throwing `error`. */
  raised(error: unknown): unknown {
    if (error instanceof Error) this.error = error;
    return error;
  }
}
