// Where an instance's code comes from: the loader's page linker, an interpreter, a test. The runtime asks for raw callables by
// function index and does not care how they are made.
import type { Instance } from "./instance.js";
import type { RawCode } from "./store.js";
import type { FrameLocation, JsFrame } from "./trace.js";

/** Where a page keeps the callable of a function, which `b` rebinds. */
export interface CodeSlot {
  readonly page: { b(slot: number, value: unknown): void };
  readonly slot: number;
}

export interface CodeProvider {
  /**
   * Called once per instance, when imports, memories, tables and cells exist but no global, table or memory has its contents
   * yet. `instance.privates` has its fields; sig arrays are to be had from `instance.sig`.
   */
  link(instance: Instance): void;
  /** The instance has been disposed of: lets go of what others hold for its sake, and of its memories. */
  unlink?(): void;
  /** The raw callable of a defined function. */
  funcCode(index: number): RawCode;
  /** Rebinds the slot when the callable of a defined function, which it holds, is replaced by another; at most once. */
  awaitCode?(index: number, slot: CodeSlot): void;
  /** Where in the `.wasm` a frame of the JavaScript stack is; undefined where the frame is not of this provider's code. */
  locate?(frame: JsFrame): FrameLocation | undefined;
}
