// The addresses of one instance as its host sees them: memory 0, and the shared heaps attached above it. Every access of a native
// function or of the embedding API goes through here and is checked.
//
// "Native address" is WAMR's word for a pointer of the host. A JavaScript host has none; its counterpart is a view (a typed array
// or DataView) of the bytes, which like a pointer is stale once the memory has moved.
import { Trap } from "../errors.js";
import type { Memory } from "../instance/memory.js";
import { LifetimeError } from "../memory/errors.js";
import { TrapCode } from "../trap-code.js";
import { utf8Text } from "../utf8.js";

/** Addresses without a gap: those of memory 0 or of one shared heap. */
export interface Region {
  /** The first address. */
  readonly start: number;
  /** Its bytes as they are now; memory 0 has others after it has grown. */
  readonly bytes: Uint8Array;
}

/** Addresses are unsigned: 0 to 2^32-1. Whatever else a host asks for (negative, fractional, NaN) is out of bounds. */
export class AddressSpace {
  /** @internal */
  memory: Memory | undefined;
  private closed = false;

  /** The region that holds all of [address, address + length), if one does. An empty range may lie at a region's end. */
  find(address: number, length: number): Region | undefined {
    if (this.closed) throw new LifetimeError("disposed", "address of an instance that has been disposed of");
    if (!isAddress(address) || !isAddress(length)) return undefined;
    if (this.memory === undefined) return undefined;
    const { bytes, beyond } = this.memory;
    if (address + length <= bytes.length) return { start: 0, bytes };
    return beyond?.regions.find(({ start, bytes }) => address >= start && address - start + length <= bytes.length);
  }

  /** A view of [address, address + length); stale once the memory grows. Throws the trap of an access out of bounds. */
  bytes(address: number, length: number): Uint8Array {
    const region = this.find(address, length);
    if (region === undefined) throw outOfBounds(address, length);
    return region.bytes.subarray(address - region.start, address - region.start + length);
  }

  /** Bytes from `address`, which must be one, to the end of its region. */
  reach(address: number): number {
    const region = this.find(address, 1);
    if (region === undefined) throw outOfBounds(address, 1);
    return region.bytes.length - (address - region.start);
  }

  /** Length of the string at `address` without the NUL byte that ends it; undefined where none does within the region. */
  stringLength(address: number): number | undefined {
    const region = this.find(address, 1);
    if (region === undefined) return undefined;
    const end = region.bytes.indexOf(0, address - region.start);
    return end < 0 ? undefined : end - (address - region.start);
  }

  /** The string at `address`, as UTF-8; what is none becomes U+FFFD. Throws Trap where no NUL byte ends it. */
  string(address: number): string {
    const length = this.stringLength(address);
    if (length === undefined) throw new Trap(TrapCode.outOfBoundsMemoryAccess, `string at ${hex(address)}`);
    return utf8Text(this.bytes(address, length));
  }

  /** The address of what a view shows, if all of it belongs to this instance. */
  addressOf(view: ArrayBufferView): number | undefined {
    const { memory } = this;
    if (memory === undefined) return undefined;
    for (const { start, bytes } of [{ start: 0, bytes: memory.bytes }, ...(memory.beyond?.regions ?? [])]) {
      const offset = view.byteOffset - bytes.byteOffset;
      if (view.buffer === bytes.buffer && offset >= 0 && offset + view.byteLength <= bytes.length)
        return start + offset;
    }
    return undefined;
  }

  /** @internal */
  close(): void {
    this.memory = undefined;
    this.closed = true;
  }
}

function isAddress(value: number): boolean {
  return value >= 0 && value <= 4294967296 && Math.floor(value) === value;
}

function hex(address: number): string {
  return isAddress(address) ? `0x${address.toString(16)}` : String(address);
}

function outOfBounds(address: number, length: number): Trap {
  return new Trap(TrapCode.outOfBoundsMemoryAccess, `${length} bytes at ${hex(address)}`);
}
