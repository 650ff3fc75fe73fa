// What a descriptor refers to, as the calls see it. The base class fails every operation the way a file that cannot do it
// fails; a kind of file overrides what it can do: streams.ts, directory.ts, node-file.ts. Rights are not checked here
// (fd-table.ts does), nor pointers (memory.ts).

import { Fdflags } from "./abi.js";
import { fail } from "./errno.js";
import type { FileStat, FileTimes } from "./host.js";
import { plainRoom, type Room } from "./room.js";

/** A descriptor that is ready, for poll_oneoff. */
export interface Readiness {
  readonly nbytes: number;
  readonly hangup: boolean;
}

export abstract class OpenFile {
  abstract readonly filetype: number;
  /** A terminal: a character device whose rights must not include seek and tell. */
  readonly tty: boolean = false;
  /** Whether the host's descriptor can be read and written; refines the rights. */
  readonly readable: boolean = true;
  readonly writable: boolean = true;
  /** The current Fdflags. */
  fdflags = 0;
  /** Memory of the guest's context for buffers; set when the file gets its descriptor. */
  room: Room = plainRoom;

  /** Whether offsets mean anything: pipes, sockets and terminals answer `spipe` to whatever uses one. */
  get seekable(): boolean {
    return false;
  }
  /**
   * Fetches input that comes from foreign code, which may grow the guest's memory: called before buffers in that memory
   * are used. True when foreign code ran.
   */
  fill(_max: number): boolean {
    return false;
  }
  read(_buffers: readonly Uint8Array[]): number {
    return fail("badf");
  }
  write(_buffers: readonly Uint8Array[]): number {
    return fail("badf");
  }
  pread(_buffers: readonly Uint8Array[], _offset: bigint): number {
    return fail("spipe");
  }
  pwrite(_buffers: readonly Uint8Array[], _offset: bigint): number {
    return fail("spipe");
  }
  /** Moves to an absolute offset >= 0. */
  seek(_offset: bigint): void {
    fail("spipe");
  }
  tell(): bigint {
    return fail("spipe");
  }
  stat(): FileStat {
    return { dev: 0n, ino: 0n, filetype: this.filetype, nlink: 1n, size: 0n, atim: 0n, mtim: 0n, ctim: 0n };
  }
  setSize(_size: bigint): void {
    fail("inval");
  }
  allocate(_offset: bigint, _length: bigint): void {
    fail("spipe");
  }
  setTimes(_times: FileTimes): void {
    fail("inval");
  }
  sync(_dataOnly: boolean): void {
    fail("inval");
  }
  setFlags(flags: number): void {
    if ((flags & ~Fdflags.nonblock) !== 0) fail("notsup");
    this.fdflags = flags;
  }
  /** Ready for reading (or writing), or undefined when a read would block. */
  poll(_write: boolean): Readiness | undefined {
    return { nbytes: 0, hangup: false };
  }
  /** Reads without consuming, for sock_recv's peek. */
  peek(_buffers: readonly Uint8Array[]): number {
    return fail("notsup");
  }
  /** Not told by the filetype: named pipes share that of sockets. */
  readonly socket: boolean = false;
  close(): void {}
}
