// Where the bytes of a linear memory are: what a Memory asks of the place, and the place where nobody has said otherwise, a
// buffer of the engine's own. A runtime (runtime/environment) has others.
import { resized } from "../buffer.js";

/** @internal */
export interface MemoryStorage {
  /** The memory's bytes as they are now. */
  readonly view: DataView;
  /**
   * The view when the memory is `size` bytes long, in place or moved; `most` is what it may ever have. The same object where
   * nothing has changed. Throws RangeError, and has changed nothing, where there is no room.
   */
  resize(size: number, most: number): DataView;
  /**
   * The view when JavaScript is to see the buffer: it ends where the memory ends and is the memory's alone, and the next
   * `resize`, also to the same size, makes another. undefined: the memory is a part of a larger buffer.
   */
  whole(): DataView | undefined;
  /** Growth by `delta` pages was refused. */
  refused?(why: GrowthRefusal, delta: number): void;
}

/** The maximum that the memory declares, the limit that the host has set (2 GiB if it has not), or no room. */
export type GrowthRefusal = "maximum" | "limit" | "no room";

/** Bytes at consecutive addresses. @internal */
export interface Stretch {
  readonly start: number;
  readonly bytes: Uint8Array;
}

/** Bytes above a memory's own that belong to it for the time being: a shared heap (runtime/environment/shared-heap.ts). @internal */
export interface Beyond {
  /** Lowest address first. */
  readonly regions: readonly Stretch[];
  /** The memory cannot have more pages than this meanwhile. */
  readonly ceiling: number;
  /** The bytes of a range of addresses, if it lies in one stretch. */
  find(at: number, count: number): Uint8Array | undefined;
}

/**
 * A buffer of the memory's own.
 *
 * Growth reserves: guests that ask for a page at a time would otherwise copy the whole memory each time. The view then covers
 * the front part of a larger buffer. JavaScript must not see that buffer, so whoever asks gets one that ends where the memory
 * ends, and a memory whose buffer is looked at between growths does not reserve.
 * @internal
 */
export class BufferStorage implements MemoryStorage {
  view: DataView;
  private exposed = false;

  constructor(size: number) {
    this.view = new DataView(new ArrayBuffer(size));
  }

  resize(size: number, most: number): DataView {
    const { exposed, view } = this;
    const old = view.buffer as ArrayBuffer;
    if (!exposed && size === view.byteLength) return view;
    if (!exposed && size <= old.byteLength) return (this.view = new DataView(old, 0, size));
    let buffer;
    if (!exposed) {
      try {
        buffer = resized(old, Math.min(most, Math.max(size, old.byteLength * 1.5)));
      } catch (error) {
        if (!(error instanceof RangeError)) throw error;
      }
    }
    buffer ??= resized(old, size);
    this.exposed = false;
    return (this.view = new DataView(buffer, 0, size));
  }

  whole(): DataView {
    const { buffer, byteLength } = this.view;
    if (buffer.byteLength > byteLength) this.view = new DataView(resized(buffer as ArrayBuffer, byteLength));
    this.exposed = true;
    return this.view;
  }
}
