// The native stack: memory of the runtime that functions of the host, WASI's among them, use while they run. Taken and given back
// in the manner of a stack; what does not fit is allocated for the time of its use.
import type { Account, Allocation } from "../memory/account.js";

/** @internal */
export class NativeStack {
  private readonly account: Account;
  private readonly stack: Allocation;
  private top = 0;
  private high = 0;

  /** Throws MemoryError. */
  constructor(account: Account, size: number) {
    this.account = account;
    this.stack = account.allocate("native stack", size);
    this.stack.usage = () => ({ used: this.top, highWater: this.high });
  }

  /** The most bytes of the stack that were ever in use. */
  get highWater(): number {
    return this.high;
  }

  /** @internal */
  close(): void {
    this.stack.free();
  }

  /**
   * Calls `use` with `length` bytes whose contents are anything, at an address that is a multiple of 8, and returns what it
   * returns; the bytes are gone then. Throws MemoryError where there are none.
   */
  with<T>(length: number, use: (bytes: Uint8Array) => T): T {
    const base = this.top;
    const top = base + Math.ceil(length / 8) * 8;
    if (top > this.stack.length) return this.withBuffer(length, use);
    this.top = top;
    if (top > this.high) this.high = top;
    try {
      const { buffer, offset } = this.stack.block;
      return use(new Uint8Array(buffer, offset + base, length));
    } finally {
      this.top = base;
    }
  }

  private withBuffer<T>(length: number, use: (bytes: Uint8Array) => T): T {
    const temporary = this.account.allocate("temporary buffer", length);
    try {
      return use(temporary.bytes());
    } finally {
      temporary.free();
    }
  }
}
