// The errors of running code: a module that cannot be linked, a trap, an exit. All but ExitError extend WasmError. Prototypes
// are set by hand, because a subclass of Error that is down-levelled to ES5 is otherwise a plain Error.
import { TRAP_MESSAGES, type TrapMessage } from "./trap.js";
import type { TrapCode } from "./trap-code.js";
import { WasmError } from "./wasm/error.js";

/** An import that is missing or does not fit; nothing has been instantiated. */
export class LinkError extends WasmError {
  override readonly name: string = "LinkError";

  constructor(code: "unknown-import" | "incompatible-import-type", message: string) {
    super(code, message);
    Object.setPrototypeOf(this, LinkError.prototype);
  }
}

/** One Wasm function on the stack when a trap was raised, innermost first. */
export interface TrapFrame {
  readonly funcIndex: number;
  /** From the module's name section. */
  readonly name?: string | undefined;
  /** Byte offset into the `.wasm` file. */
  readonly offset?: number | undefined;
}

/** A Wasm program did what the specification answers with a trap; `message` is the specification suite's wording. */
export class Trap extends WasmError {
  override readonly name: string = "Trap";
  readonly trapCode: TrapCode;
  /** The Wasm functions on the stack, as far as the host's stack trace tells. */
  readonly frames: readonly TrapFrame[] = [];

  constructor(trapCode: TrapCode, detail?: string) {
    const message: TrapMessage = TRAP_MESSAGES[trapCode];
    super(message, detail === undefined ? message : `${message}: ${detail}`);
    Object.setPrototypeOf(this, Trap.prototype);
    this.trapCode = trapCode;
  }
}

/** The program asked to end, by WASI's `proc_exit`. Neither a trap nor a failure of the runtime. */
export class ExitError extends Error {
  override readonly name: string = "ExitError";
  /** The exit status. */
  readonly code: number;

  constructor(code: number) {
    super(`exit with code ${code}`);
    Object.setPrototypeOf(this, ExitError.prototype);
    this.code = code;
  }
}

/** A broken invariant of this project; never caught. @internal */
export function bug(what: string): never {
  throw new Error("BUG: " + what);
}
