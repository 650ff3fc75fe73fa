// A file descriptor of the process as a guest's open file: regular files, pipes, terminals, devices, inherited sockets.
//
// Offsets. Node can read at an offset or at the kernel's own, but cannot seek. Files opened for the guest are read and written
// at an offset kept here. Inherited descriptors share their offset with other processes (`(a; b) > file`), so they use the
// kernel's until the guest seeks somewhere else.
//
// Waiting. Node cannot poll one descriptor synchronously either. Whether a pipe or terminal has input is found out by opening
// it a second time without blocking (Linux: /proc/self/fd) and trying to read; what comes is kept for the guest's next read.
// Where it cannot be opened again (sockets, other systems) it is reported as ready, and reading may block.

import {
  closeSync,
  constants,
  fdatasyncSync,
  fstatSync,
  fsyncSync,
  ftruncateSync,
  futimesSync,
  openSync,
  readFileSync,
  readSync,
  readvSync,
  writeSync,
  writevSync,
  type BigIntStats,
} from "node:fs";
import { Fdflags, Filetype } from "./abi.js";
import { fail, failedWith } from "./errno.js";
import type { FileStat, FileTimes } from "./host.js";
import { isatty } from "./node-modules.js";
import { toFileStat, toNodeTimes } from "./node-stat.js";
import { OpenFile, type Readiness } from "./open-file.js";
import { PortableHost } from "./portable-host.js";
import { ReadAhead } from "./room.js";
import { byteLength } from "./scatter.js";

const OFFSET_MAX = BigInt(Number.MAX_SAFE_INTEGER);
const PROBE_SIZE = 4096;
const idle = new PortableHost();

/** @internal */
export interface NodeFileOptions {
  /** Undefined: a console of Windows, which has none. */
  readonly stats: BigIntStats | undefined;
  readonly read: boolean;
  readonly write: boolean;
  readonly fdflags: number;
  /** Inherited: the kernel's offset is used, and the descriptor is not ours to close. */
  readonly inherited: boolean;
  /** Whether /proc/self/fd is there. */
  readonly procfs: boolean;
}

/** @internal */
export class NodeFile extends OpenFile {
  readonly filetype: number;
  override readonly tty: boolean;
  override readonly socket: boolean;
  override readonly readable: boolean;
  override readonly writable: boolean;
  private fd: number;
  private owned: boolean;
  /** Undefined: the kernel's own. */
  private offset: number | undefined;
  /** How far reads and writes moved the kernel's offset, for systems that do not tell it. */
  private moved = 0;
  private readonly procfs: boolean;
  private hostAppends: boolean;
  private hostBlocks: boolean;
  private probe: number | undefined;
  private readonly ahead = new ReadAhead();

  constructor(fd: number, options: NodeFileOptions) {
    super();
    this.fd = fd;
    const filetype = options.stats === undefined ? Filetype.characterDevice : toFileStat(options.stats).filetype;
    this.filetype = filetype;
    this.socket = options.stats?.isSocket() ?? false;
    this.tty = filetype === Filetype.characterDevice && isatty(fd);
    this.readable = options.read;
    this.writable = options.write;
    this.fdflags = options.fdflags;
    this.owned = !options.inherited;
    this.procfs = options.procfs;
    this.offset = options.inherited || !this.hasOffset ? undefined : 0;
    this.hostAppends = (options.fdflags & Fdflags.append) !== 0;
    this.hostBlocks = (options.fdflags & Fdflags.nonblock) === 0;
  }

  private get hasOffset(): boolean {
    return this.filetype === Filetype.regularFile || this.filetype === Filetype.blockDevice;
  }
  override get seekable(): boolean {
    return this.hasOffset || (this.filetype === Filetype.characterDevice && !this.tty);
  }
  private get nonblock(): boolean {
    return (this.fdflags & Fdflags.nonblock) !== 0;
  }

  override read(buffers: readonly Uint8Array[]): number {
    if (this.ahead.length > 0) return this.ahead.take(buffers);
    if (this.nonblock && this.hostBlocks && !this.seekable) {
      const ready = this.poll(false);
      if (ready === undefined) fail("again");
      if (this.ahead.length > 0) return this.ahead.take(buffers);
      if (ready.hangup) return 0;
    }
    const count = this.patiently(() => this.readAt(buffers, this.offset ?? null));
    if (this.offset === undefined) this.moved += count;
    else this.offset += count;
    return count;
  }

  override write(buffers: readonly Uint8Array[]): number {
    const append = (this.fdflags & Fdflags.append) !== 0;
    if (append && !this.hostAppends) this.offset = this.size();
    const count = this.patiently(() => this.writeAt(buffers, this.offset ?? null));
    if (this.offset === undefined) this.moved += count;
    // Where an appending write ended is only known afterwards: others may append too.
    else this.offset = this.hostAppends ? this.size() : this.offset + count;
    return count;
  }

  private readAt(buffers: readonly Uint8Array[], offset: number | null): number {
    const first = buffers[0]!;
    try {
      return buffers.length === 1
        ? readSync(this.fd, first, 0, first.length, offset)
        : readvSync(this.fd, buffers, offset ?? undefined);
    } catch (error) {
      // Windows ends a closed pipe this way.
      if ((error as { code?: string }).code === "EOF") return 0;
      throw error;
    }
  }

  private writeAt(buffers: readonly Uint8Array[], offset: number | null): number {
    const first = buffers[0]!;
    return buffers.length === 1
      ? writeSync(this.fd, first, 0, first.length, offset)
      : writevSync(this.fd, buffers, offset ?? undefined);
  }

  // A pipe or terminal that somebody set to non-blocking fails with `again`, which a guest that did not ask for it does not
  // expect: it waits here instead.
  private patiently(transfer: () => number): number {
    for (let pause = 250_000n; ; pause = pause < 10_000_000n ? pause * 2n : pause) {
      try {
        return transfer();
      } catch (error) {
        if (!failedWith(error, "again") || this.nonblock) throw error;
      }
      idle.sleep(pause);
    }
  }

  override pread(buffers: readonly Uint8Array[], offset: bigint): number {
    // No file reaches so far, and Node takes no larger offsets.
    return offset > OFFSET_MAX ? 0 : this.readAt(buffers, Number(offset));
  }

  override pwrite(buffers: readonly Uint8Array[], offset: bigint): number {
    if (offset + BigInt(byteLength(buffers)) > OFFSET_MAX) fail("fbig");
    return this.writeAt(buffers, Number(offset));
  }

  override seek(offset: bigint): void {
    // Devices without an offset take any and stay at 0.
    if (!this.hasOffset) return;
    if (offset > OFFSET_MAX) fail("inval");
    // As long as it only says where it is anyway, the kernel's offset, which others share, stays in use.
    if (this.offset !== undefined || offset !== this.tell()) this.offset = Number(offset);
  }

  override tell(): bigint {
    if (!this.hasOffset) return 0n;
    return this.offset !== undefined ? BigInt(this.offset) : (this.kernel("pos", 10) ?? BigInt(this.moved));
  }

  /** A number of Linux's description of the descriptor. */
  private kernel(field: string, radix: 8 | 10): bigint | undefined {
    return this.procfs ? descriptorInfo(this.fd, field, radix) : undefined;
  }

  private size(): number {
    return Number(this.stat().size);
  }

  override stat(): FileStat {
    return toFileStat(fstatSync(this.fd, { bigint: true }));
  }

  override setSize(size: bigint): void {
    if (size > OFFSET_MAX) fail("fbig");
    ftruncateSync(this.fd, Number(size));
  }

  /** Makes the file reach so far. The space is not reserved: Node cannot do that. */
  override allocate(offset: bigint, length: bigint): void {
    if (!this.hasOffset) fail("nodev");
    const end = offset + length;
    if (this.stat().size < end) this.setSize(end);
  }

  override setTimes(times: FileTimes): void {
    futimesSync(this.fd, ...toNodeTimes(times, () => this.stat()));
  }

  override sync(dataOnly: boolean): void {
    (dataOnly ? fdatasyncSync : fsyncSync)(this.fd);
  }

  // Node cannot change the flags of a descriptor. Appending and synchronous writing are had by opening the file again; where
  // that fails, appending is imitated. Not blocking is imitated always, by asking before reading.
  override setFlags(flags: number): void {
    const reopening = Fdflags.append | Fdflags.dsync | Fdflags.rsync | Fdflags.sync;
    if (this.hasOffset && ((flags ^ this.fdflags) & reopening) !== 0 && !this.reopen(flags)) {
      if (((flags ^ this.fdflags) & reopening & ~Fdflags.append) !== 0) fail("notsup");
      if (this.hostAppends) fail("notsup");
    }
    this.fdflags = flags;
  }

  private reopen(flags: number): boolean {
    if (!this.procfs) return false;
    const access = this.kernel("flags", 8);
    if (access === undefined) return false;
    const mode = Number(access) & (constants.O_WRONLY | constants.O_RDWR);
    let fd: number;
    try {
      fd = openSync(`/proc/self/fd/${this.fd}`, mode | hostFlags(flags));
    } catch {
      return false;
    }
    const offset = Number(this.tell());
    if (this.owned) closeSync(this.fd);
    this.fd = fd;
    this.owned = true;
    this.offset = offset;
    this.hostAppends = (flags & Fdflags.append) !== 0;
    return true;
  }

  override poll(write: boolean): Readiness | undefined {
    if (write || (this.filetype === Filetype.characterDevice && !this.tty)) return { nbytes: 0, hangup: false };
    if (this.hasOffset) return { nbytes: Math.max(0, this.size() - Number(this.tell())), hangup: false };
    if (this.ahead.length > 0) return { nbytes: this.ahead.length, hangup: false };
    const probe = this.openProbe();
    if (probe < 0) return { nbytes: 0, hangup: false };
    try {
      const count = this.readAhead(PROBE_SIZE, (bytes) => readSync(probe, bytes, 0, bytes.length, null));
      return { nbytes: count, hangup: count === 0 };
    } catch (error) {
      if (failedWith(error, "again")) return undefined;
      throw error;
    }
  }

  /** A descriptor of the same pipe or terminal that does not block, or -1. */
  private openProbe(): number {
    if (!this.hostBlocks) return this.fd;
    if (this.probe === undefined) {
      this.probe = -1;
      try {
        const path = `/proc/self/fd/${this.fd}`;
        if (this.procfs) this.probe = openSync(path, constants.O_RDONLY | constants.O_NONBLOCK | constants.O_NOCTTY);
      } catch {
        // A socket: it cannot be opened again.
      }
    }
    return this.probe;
  }

  override peek(buffers: readonly Uint8Array[]): number {
    if (this.ahead.length === 0) this.readAhead(byteLength(buffers), (bytes) => this.read([bytes]));
    return this.ahead.peek(buffers);
  }

  private readAhead(most: number, read: (bytes: Uint8Array) => number): number {
    return this.room.with(most, (bytes) => {
      const count = read(bytes);
      this.ahead.put(this.room, bytes.subarray(0, count));
      return count;
    });
  }

  override close(): void {
    if (this.probe !== undefined && this.probe >= 0) closeSync(this.probe);
    if (this.owned) closeSync(this.fd);
    this.ahead.clear();
  }
}

/** Fdflags as flags of open. @internal */
export function hostFlags(fdflags: number): number {
  // Windows lacks some of them.
  const flag = (bit: number, value: number | undefined): number => ((fdflags & bit) !== 0 ? (value ?? 0) : 0);
  return (
    flag(Fdflags.append, constants.O_APPEND) |
    flag(Fdflags.nonblock, constants.O_NONBLOCK) |
    flag(Fdflags.dsync, constants.O_DSYNC) |
    flag(Fdflags.sync | Fdflags.rsync, constants.O_SYNC)
  );
}

/** A number of /proc/self/fdinfo. @internal */
export function descriptorInfo(fd: number, field: string, radix: 8 | 10): bigint | undefined {
  try {
    const found = new RegExp(`^${field}:\\s*(\\d+)`, "m").exec(readFileSync(`/proc/self/fdinfo/${fd}`, "latin1"));
    return found === null ? undefined : BigInt((radix === 8 ? "0o" : "") + found[1]!);
  } catch {
    return undefined;
  }
}

/** A descriptor the process was started with or the embedder opened. @internal */
export function inheritedFile(fd: number, procfs: boolean): NodeFile {
  let stats: BigIntStats | undefined;
  try {
    stats = fstatSync(fd, { bigint: true });
  } catch (error) {
    if (!isatty(fd)) throw error;
  }
  const flags = procfs ? Number(descriptorInfo(fd, "flags", 8) ?? 0n) : 0;
  const has = (flag: number): boolean => flag !== 0 && (flags & flag) === flag;
  const fdflags =
    (has(constants.O_APPEND ?? 0) ? Fdflags.append : 0) |
    (has(constants.O_SYNC ?? 0) ? Fdflags.sync : has(constants.O_DSYNC ?? 0) ? Fdflags.dsync : 0);
  // Not blocking is left out: that is between the host and whoever set it, the guest waits. Both rights are given, the kernel
  // knows which of them it has.
  return new NodeFile(fd, { stats, read: true, write: true, fdflags, inherited: true, procfs });
}
