// The machine below with nothing but what every JavaScript engine may have: Date, performance, crypto, Atomics, each used
// only where it exists. No file system and no descriptors. node-host.ts builds on it.

import { Clockid } from "./abi.js";
import { fail } from "./errno.js";
import type { WasiHost } from "./host.js";

// Looked up by name, because this file must load on engines that lack some of them.
const globals = globalThis as {
  performance?: { now(): number };
  crypto?: { getRandomValues(bytes: Uint8Array): unknown };
  SharedArrayBuffer?: typeof SharedArrayBuffer;
  Atomics?: typeof Atomics;
};

const MS = 1_000_000n;

// Nobody notifies it: it is for sleeping on.
const CELL = globals.SharedArrayBuffer && new Int32Array(new globals.SharedArrayBuffer(4));
// Random bytes on their way to shared memory, which engines refuse to fill.
const PIECE = new Uint8Array(256);

function nanoseconds(ms: number): bigint {
  return BigInt(Math.round(ms * 1e6));
}

export class PortableHost implements WasiHost {
  private last = 0n;

  realtime(): bigint {
    return BigInt(Date.now()) * MS;
  }

  monotonic(): bigint {
    const now = nanoseconds(globals.performance?.now() ?? Date.now());
    // Without performance.now this is the wall clock, which can be set back.
    return (this.last = now > this.last ? now : this.last);
  }

  /** No engine tells; the time that has passed is an upper bound. */
  cputime(_thread: boolean): bigint {
    return this.monotonic();
  }

  resolution(clock: number): bigint {
    return clock === Clockid.realtime || globals.performance === undefined ? MS : 1000n;
  }

  random(bytes: Uint8Array): void {
    const crypto = globals.crypto;
    // Never Math.random: a guest makes keys of this.
    if (crypto === undefined) fail("nosys");
    const shared = Object.prototype.toString.call(bytes.buffer) === "[object SharedArrayBuffer]";
    // In pieces, because getRandomValues refuses more than 65,536 bytes.
    for (let at = 0; at < bytes.length;) {
      const part = bytes.subarray(at, at + (shared ? PIECE.length : 65536));
      crypto.getRandomValues(shared ? PIECE : part);
      if (shared) part.set(PIECE.subarray(0, part.length));
      at += part.length;
    }
  }

  sleep(duration: bigint): void {
    const until = this.monotonic() + duration;
    for (let left = duration; left > 0n; left = until - this.monotonic()) {
      if (!this.wait(Number(left) / 1e6)) {
        // A browser's main thread may not block, so it spins.
        while (this.monotonic() < until);
        return;
      }
    }
  }

  // Blocks the thread on a cell that nobody notifies. A timeout may end early by a fraction, so the caller looks at the clock.
  private wait(ms: number): boolean {
    if (CELL === undefined || globals.Atomics === undefined) return false;
    try {
      globals.Atomics.wait(CELL, 0, 0, Math.min(ms, 0x7fff_ffff));
      return true;
    } catch {
      return false;
    }
  }

  /** Gives the processor away for as short a time as the engine knows. */
  yield(): void {
    this.wait(0);
  }
}
