// The guest's linear memory as the calls see it. Every access is checked first and fails with `fault`, so that no pointer
// or length of the guest ever becomes a JavaScript exception. Pointers are u32 as numbers (calls.ts sees to it), so
// `pointer + length` is exact. The buffer is looked up at each access: it changes when the memory grows, which a callback
// of the embedder may cause in the middle of a call.

import { fail } from "./errno.js";

/** What is needed of a memory: WebAssembly.Memory, or anything of its shape. */
export interface MemoryLike {
  readonly buffer: ArrayBufferLike;
  /**
   * The memory within a larger buffer, if it has a view of its own, as this runtime's memories do: used instead of `buffer`,
   * which they would have to cut to size at every growth.
   */
  readonly view?: DataView;
}

/** A path as the guest gave it: one char per byte, never decoded, so that any name the host has can be reached. */
export type PathBytes = string;

// Longer paths fail as they do on Linux (PATH_MAX), and bound the work of resolving one.
const PATH_MAX = 4096;
// Vectors beyond this many are left for the guest's next call: reading and writing may always be partial.
const IOV_MAX = 1024;
const MAX_TRANSFER = 0x7fff_f000; // what Linux moves at most in one call, and below the limit of node:fs

/** @internal */
export class GuestMemory {
  private memory: MemoryLike | undefined;
  private hasView = false;
  private buffer: ArrayBufferLike | undefined;
  private u8: Uint8Array = new Uint8Array(0);
  private view: DataView = new DataView(this.u8.buffer);

  attach(memory: MemoryLike): void {
    this.memory = memory;
    this.hasView = memory.view instanceof DataView;
    this.buffer = undefined;
  }
  get attached(): boolean {
    return this.memory !== undefined;
  }

  /** Fails with `fault` unless the range lies within the memory. */
  check(pointer: number, length: number): void {
    const { memory } = this;
    if (memory === undefined)
      throw new Error("wasi call before the memory is known (call start, initialize or bind first)");
    if (this.hasView) {
      if (memory.view !== this.view) this.use(memory.view!);
    } else if (memory.buffer !== this.buffer) {
      this.buffer = memory.buffer;
      this.use(new DataView(this.buffer));
    }
    if (pointer + length > this.u8.length) fail("fault");
  }

  private use(view: DataView): void {
    this.view = view;
    this.u8 = new Uint8Array(view.buffer, view.byteOffset, view.byteLength);
  }

  /** A live view of the range; it must not be kept, nor handed to foreign code. */
  bytes(pointer: number, length: number): Uint8Array {
    this.check(pointer, length);
    return this.u8.subarray(pointer, pointer + length);
  }

  u8At(pointer: number): number {
    this.check(pointer, 1);
    return this.view.getUint8(pointer);
  }

  u16At(pointer: number): number {
    this.check(pointer, 2);
    return this.view.getUint16(pointer, true);
  }

  u32At(pointer: number): number {
    this.check(pointer, 4);
    return this.view.getUint32(pointer, true);
  }

  u64At(pointer: number): bigint {
    this.check(pointer, 8);
    return this.view.getBigUint64(pointer, true);
  }

  setU8(pointer: number, value: number): void {
    this.check(pointer, 1);
    this.view.setUint8(pointer, value);
  }

  setU16(pointer: number, value: number): void {
    this.check(pointer, 2);
    this.view.setUint16(pointer, value, true);
  }

  setU32(pointer: number, value: number): void {
    this.check(pointer, 4);
    this.view.setUint32(pointer, value, true);
  }

  setU64(pointer: number, value: bigint): void {
    this.check(pointer, 8);
    this.view.setBigUint64(pointer, value, true);
  }

  /** The buffers of an iovec or ciovec array that are not empty, all checked. */
  vectors(pointer: number, count: number): Uint8Array[] {
    this.check(pointer, count * 8);
    const vectors: Uint8Array[] = [];
    let room = MAX_TRANSFER;
    for (let i = 0; i < count && vectors.length < IOV_MAX && room > 0; i++) {
      const base = this.view.getUint32(pointer + i * 8, true);
      const length = this.view.getUint32(pointer + i * 8 + 4, true);
      this.check(base, length);
      if (length === 0) continue;
      const taken = Math.min(length, room);
      vectors.push(this.u8.subarray(base, base + taken));
      room -= taken;
    }
    return vectors;
  }

  /** Writes the bytes of a path, at most `length` of them; returns their number. */
  setPath(pointer: number, path: PathBytes, length = path.length): number {
    const bytes = this.bytes(pointer, Math.min(length, path.length));
    pathToBytes(path, bytes);
    return bytes.length;
  }

  path(pointer: number, length: number): PathBytes {
    this.check(pointer, length);
    if (length > PATH_MAX) fail("nametoolong");
    let path = "";
    for (let i = pointer; i < pointer + length; i++) {
      const byte = this.view.getUint8(i);
      if (byte === 0) fail("inval");
      path += String.fromCharCode(byte);
    }
    return path;
  }
}

/** Writes the bytes of a path, as many as fit. @internal */
export function pathToBytes(path: PathBytes, target: Uint8Array): void {
  const count = Math.min(path.length, target.length);
  for (let i = 0; i < count; i++) target[i] = path.charCodeAt(i);
}
