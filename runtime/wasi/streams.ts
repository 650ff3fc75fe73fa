// stdin, stdout and stderr that are not descriptors of the host: bytes held in memory, or callbacks. To the guest they are
// pipes. Nothing here depends on a platform; in a browser these are all the files there are.

import { Filetype } from "./abi.js";
import { OpenFile, type Readiness } from "./open-file.js";
import { ReadAhead } from "./room.js";
import { byteLength, gather } from "./scatter.js";

/** Gives the next bytes of stdin, at most `max` of them are wanted; empty or null is the end of the input. */
export type InputCallback = (max: number) => Uint8Array | string | null | undefined;
/**
 * Takes bytes written to stdout or stderr. A number returned says how many were taken; otherwise all were. For a guest whose WASI
 * is in a runtime, the bytes are gone when the callback returns.
 */
export type OutputCallback = (bytes: Uint8Array) => number | void;

/** Collects what a program writes. */
export class OutputBuffer {
  private chunks: Uint8Array[] = [];

  write(bytes: Uint8Array): void {
    this.chunks.push(bytes);
  }

  /** Everything written so far. */
  get bytes(): Uint8Array {
    const all = gather(this.chunks, new Uint8Array(byteLength(this.chunks)));
    this.chunks = [all];
    return all;
  }

  /** Everything written so far, decoded as UTF-8. */
  get text(): string {
    return new TextDecoder().decode(this.bytes);
  }
}

/** @internal */
export class InputStream extends OpenFile {
  readonly filetype = Filetype.socketStream;
  private readonly rest = new ReadAhead();
  private ended = false;
  private readonly next: InputCallback;

  constructor(next: InputCallback) {
    super();
    this.next = next;
  }

  static of(input: Uint8Array | string): InputStream {
    let at = 0;
    if (typeof input !== "string") return new InputStream((max) => input.subarray(at, (at += max)));
    return new InputStream(() => (at++ === 0 ? input : null));
  }

  override read(buffers: readonly Uint8Array[]): number {
    return this.rest.take(buffers);
  }

  override peek(buffers: readonly Uint8Array[]): number {
    return this.rest.peek(buffers);
  }

  // An end that was announced stays: a program that reads on after it must not wake the callback again.
  override fill(max: number): boolean {
    if (max === 0 || this.rest.length > 0 || this.ended) return false;
    const given = this.next(max);
    if (given === null || given === undefined || given.length === 0) this.ended = true;
    else this.rest.put(this.room, given);
    return true;
  }

  override poll(write: boolean): Readiness {
    return { nbytes: write ? 0 : this.rest.length, hangup: this.ended && this.rest.length === 0 };
  }
}

/** @internal */
export class OutputStream extends OpenFile {
  readonly filetype = Filetype.socketStream;
  private readonly take: OutputCallback;

  constructor(take: OutputCallback) {
    super();
    this.take = take;
  }

  override write(buffers: readonly Uint8Array[]): number {
    return this.room.with(byteLength(buffers), (bytes) => {
      const taken = this.take(gather(buffers, bytes));
      return typeof taken === "number" ? Math.max(0, Math.min(bytes.length, Math.trunc(taken))) : bytes.length;
    });
  }
}
