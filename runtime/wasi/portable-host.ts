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

function nanoseconds(ms: number): bigint {
  return BigInt(Math.round(ms * 1e6));
}

export class PortableHost implements WasiHost {
  private last = 0n;
  private cell: Int32Array | undefined;

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
    // In pieces, because getRandomValues refuses more than 65,536 bytes, and through a copy, because it refuses shared memory.
    const piece = new Uint8Array(Math.min(bytes.length, 65536));
    for (let at = 0; at < bytes.length; at += piece.length) {
      crypto.getRandomValues(piece);
      bytes.set(piece.subarray(0, Math.min(piece.length, bytes.length - at)), at);
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
    if (globals.SharedArrayBuffer === undefined || globals.Atomics === undefined) return false;
    this.cell ??= new Int32Array(new globals.SharedArrayBuffer(4));
    try {
      globals.Atomics.wait(this.cell, 0, 0, Math.min(ms, 0x7fff_ffff));
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
