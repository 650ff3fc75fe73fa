// Memory for one guest's context: its strings, its table of descriptors, what was read ahead for it, and what calls need while
// they run. It is the engine's, or comes from a runtime and is charged there: to the runtime at first, to the guest's instance
// once that is known.

import type { Runtime } from "../environment/runtime.js";
import type { Account } from "../memory/account.js";
import { utf8Into, utf8Length } from "../utf8.js";
import { scatter } from "./scatter.js";

/** Memory that is kept until it is freed. */
export interface Kept {
  bytes(): Uint8Array;
  free(): void;
}

export interface Room {
  /** Zeroed memory at a multiple of 8. Throws MemoryError, which a call answers with `nomem`. */
  keep(length: number, what: string): Kept;
  /** Calls `use` with memory of any contents, which is gone when `use` returns. */
  with<T>(length: number, use: (bytes: Uint8Array) => T): T;
}

/** The engine's memory. */
export const plainRoom: Room = {
  keep(length) {
    const bytes = new Uint8Array(length);
    return { bytes: () => bytes, free() {} };
  },
  with: (length, use) => use(new Uint8Array(length)),
};

/** Memory of a runtime. */
export class RuntimeRoom implements Room {
  private readonly runtime: Runtime;
  private readonly account: Account;

  /** `closed` is called when the memory has gone, with the guest's instance or by `close`. */
  constructor(runtime: Runtime, closed: () => void) {
    this.runtime = runtime;
    this.account = runtime.account.open("instance", "WASI");
    this.account.whenClosed = closed;
  }

  keep(length: number, what: string): Kept {
    return this.account.allocate("WASI context", length, what);
  }

  with<T>(length: number, use: (bytes: Uint8Array) => T): T {
    return this.runtime.nativeStack.with(length, use);
  }

  /** The guest is this instance: the memory is freed with it. */
  moveTo(instance: object): void {
    const { storage } = instance as { storage?: { account?: Account } };
    if (storage?.account !== undefined) this.account.moveTo(storage.account);
  }

  close(): void {
    this.account.close();
  }
}

/** Input that has been read before the guest asked for it. */
export class ReadAhead {
  private kept: Kept | undefined;
  private rest: Uint8Array = NOTHING;

  get length(): number {
    return this.rest.length;
  }

  /** Keeps a copy of the bytes, or the text as UTF-8; what was there has been taken. */
  put(room: Room, input: Uint8Array | string): void {
    const length = typeof input === "string" ? utf8Length(input) : input.length;
    if (length === 0) return;
    this.kept = room.keep(length, "input read ahead");
    this.rest = this.kept.bytes();
    if (typeof input === "string") utf8Into(input, this.rest);
    else this.rest.set(input);
  }

  /** Copies to the buffers, as far as both reach; returns the number of bytes. */
  peek(buffers: readonly Uint8Array[]): number {
    return scatter(this.rest, buffers);
  }

  /** As `peek`; what was copied is no longer there. */
  take(buffers: readonly Uint8Array[]): number {
    const count = scatter(this.rest, buffers);
    this.rest = this.rest.subarray(count);
    if (this.rest.length === 0) this.clear();
    return count;
  }

  clear(): void {
    this.kept?.free();
    this.kept = undefined;
    this.rest = NOTHING;
  }
}

const NOTHING = new Uint8Array(0);
