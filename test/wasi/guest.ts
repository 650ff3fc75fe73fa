// A guest without a program: makes the calls of WASI by hand on a memory it owns, so that a test reads as a list of calls.
// Takes anybody's imports, ours or node:wasi's.

export type Imports = Readonly<Record<string, (...args: (number | bigint)[]) => number>>;

const FILE_WRITING = (1n << 0n) | (1n << 6n) | (1n << 8n) | (1n << 22n);
/** What a preopened directory may hand on: all rights of directories and files. */
export const ALL = 0x0fff_ffffn;
/** All of them but those that make a file be opened for writing. */
export const READING = ALL & ~FILE_WRITING;

export interface OpenArguments {
  readonly oflags?: number;
  readonly base?: bigint;
  readonly inheriting?: bigint;
  readonly fdflags?: number;
  readonly follow?: boolean;
}

export interface Stat {
  readonly errno: number;
  readonly filetype: number;
  readonly size: bigint;
  readonly nlink: bigint;
  readonly dev: bigint;
  readonly ino: bigint;
  readonly times: readonly bigint[];
}

export interface Entry {
  readonly next: bigint;
  readonly ino: bigint;
  readonly type: number;
  readonly name: string;
}

export interface PollEvent {
  readonly userdata: bigint;
  readonly errno: number;
  readonly type: number;
  readonly nbytes: bigint;
  readonly flags: number;
}

// Results are written below 4096, arguments are put above, from 8192 on; both are forgotten between calls.
const OUT = 1024;
const BUFFER = 0x10000;

export class Guest {
  readonly imports: Imports;
  readonly memory: { readonly buffer: ArrayBufferLike };
  private top = 8192;

  constructor(imports: Imports, memory: { readonly buffer: ArrayBufferLike }) {
    this.imports = imports;
    this.memory = memory;
  }

  get view(): DataView {
    return new DataView(this.memory.buffer);
  }
  get bytes(): Uint8Array {
    return new Uint8Array(this.memory.buffer);
  }

  call(name: string, ...args: (number | bigint)[]): number {
    this.top = 8192;
    return this.imports[name]!(...args);
  }

  /** Puts bytes into the memory; returns pointer and length, as most calls take them. */
  put(data: string | Uint8Array): [number, number] {
    const bytes = typeof data === "string" ? Buffer.from(data) : data;
    const at = this.top;
    this.bytes.set(bytes, at);
    this.top = (at + bytes.length + 8) & ~7;
    return [at, bytes.length];
  }

  text(pointer: number, length: number): string {
    return Buffer.from(this.bytes.slice(pointer, pointer + length)).toString();
  }

  private iovs(...parts: readonly [number, number][]): [number, number] {
    const at = this.top;
    for (const [i, [pointer, length]] of parts.entries()) {
      this.view.setUint32(at + i * 8, pointer, true);
      this.view.setUint32(at + i * 8 + 4, length, true);
    }
    this.top = at + parts.length * 8;
    return [at, parts.length];
  }

  open(
    dirfd: number,
    path: string | Uint8Array,
    { oflags = 0, base = READING, inheriting = ALL, fdflags = 0, follow = true }: OpenArguments = {},
  ): { errno: number; fd: number } {
    this.view.setUint32(OUT, 0xffff_ffff, true);
    const errno = this.call(
      "path_open",
      dirfd,
      follow ? 1 : 0,
      ...this.put(path),
      oflags,
      base,
      inheriting,
      fdflags,
      OUT,
    );
    return { errno, fd: this.view.getInt32(OUT, true) };
  }
  close(fd: number): number {
    return this.call("fd_close", fd);
  }
  write(fd: number, ...texts: string[]): { errno: number; count: number } {
    const errno = this.call("fd_write", fd, ...this.iovs(...texts.map((text) => this.put(text))), OUT);
    return { errno, count: errno === 0 ? this.view.getUint32(OUT, true) : -1 };
  }
  pwrite(fd: number, text: string, offset: bigint): { errno: number; count: number } {
    const errno = this.call("fd_pwrite", fd, ...this.iovs(this.put(text)), offset, OUT);
    return { errno, count: errno === 0 ? this.view.getUint32(OUT, true) : -1 };
  }
  read(fd: number, ...lengths: number[]): { errno: number; text: string } {
    let at = BUFFER;
    const parts = lengths.map((length): [number, number] => [(at += length) - length, length]);
    const errno = this.call("fd_read", fd, ...this.iovs(...parts), OUT);
    return { errno, text: errno === 0 ? this.text(BUFFER, this.view.getUint32(OUT, true)) : "" };
  }
  pread(fd: number, length: number, offset: bigint): { errno: number; text: string } {
    const errno = this.call("fd_pread", fd, ...this.iovs([BUFFER, length]), offset, OUT);
    return { errno, text: errno === 0 ? this.text(BUFFER, this.view.getUint32(OUT, true)) : "" };
  }
  recv(fd: number, length: number, flags = 0): { errno: number; text: string } {
    const errno = this.call("sock_recv", fd, ...this.iovs([BUFFER, length]), flags, OUT, OUT + 4);
    return { errno, text: errno === 0 ? this.text(BUFFER, this.view.getUint32(OUT, true)) : "" };
  }
  send(fd: number, text: string): { errno: number; count: number } {
    const errno = this.call("sock_send", fd, ...this.iovs(this.put(text)), 0, OUT);
    return { errno, count: errno === 0 ? this.view.getUint32(OUT, true) : -1 };
  }
  seek(fd: number, offset: bigint, whence: number): { errno: number; at: bigint } {
    const errno = this.call("fd_seek", fd, offset, whence, OUT);
    return { errno, at: errno === 0 ? this.view.getBigUint64(OUT, true) : -1n };
  }
  tell(fd: number): { errno: number; at: bigint } {
    const errno = this.call("fd_tell", fd, OUT);
    return { errno, at: errno === 0 ? this.view.getBigUint64(OUT, true) : -1n };
  }
  private stat(errno: number): Stat {
    const view = this.view;
    const u64 = (offset: number): bigint => (errno === 0 ? view.getBigUint64(OUT + offset, true) : 0n);
    return {
      errno,
      dev: u64(0),
      ino: u64(8),
      filetype: errno === 0 ? view.getUint8(OUT + 16) : -1,
      nlink: u64(24),
      size: u64(32),
      times: [u64(40), u64(48), u64(56)],
    };
  }
  fdstat(fd: number): { errno: number; filetype: number; flags: number; base: bigint; inheriting: bigint } {
    const errno = this.call("fd_fdstat_get", fd, OUT);
    const { view } = this;
    return {
      errno,
      filetype: view.getUint8(OUT),
      flags: view.getUint16(OUT + 2, true),
      base: view.getBigUint64(OUT + 8, true),
      inheriting: view.getBigUint64(OUT + 16, true),
    };
  }
  fdStat(fd: number): Stat {
    return this.stat(this.call("fd_filestat_get", fd, OUT));
  }
  pathStat(dirfd: number, path: string, follow = true): Stat {
    return this.stat(this.call("path_filestat_get", dirfd, follow ? 1 : 0, ...this.put(path), OUT));
  }
  mkdir(dirfd: number, path: string): number {
    return this.call("path_create_directory", dirfd, ...this.put(path));
  }
  rmdir(dirfd: number, path: string): number {
    return this.call("path_remove_directory", dirfd, ...this.put(path));
  }
  unlink(dirfd: number, path: string): number {
    return this.call("path_unlink_file", dirfd, ...this.put(path));
  }
  rename(from: number, path: string, to: number, target: string): number {
    return this.call("path_rename", from, ...this.put(path), to, ...this.put(target));
  }
  link(from: number, path: string, to: number, target: string, follow = false): number {
    return this.call("path_link", from, follow ? 1 : 0, ...this.put(path), to, ...this.put(target));
  }
  symlink(target: string, dirfd: number, path: string): number {
    return this.call("path_symlink", ...this.put(target), dirfd, ...this.put(path));
  }
  readlink(dirfd: number, path: string, room = 256): { errno: number; target: string } {
    const errno = this.call("path_readlink", dirfd, ...this.put(path), BUFFER, room, OUT);
    return { errno, target: errno === 0 ? this.text(BUFFER, this.view.getUint32(OUT, true)) : "" };
  }
  setTimes(dirfd: number, path: string, atim: bigint, mtim: bigint, flags: number, follow = true): number {
    return this.call("path_filestat_set_times", dirfd, follow ? 1 : 0, ...this.put(path), atim, mtim, flags);
  }

  /** One call of fd_readdir; only entries that are there as a whole. */
  readdir(fd: number, room = 4096, cookie = 0n): { errno: number; used: number; entries: Entry[] } {
    const errno = this.call("fd_readdir", fd, BUFFER, room, cookie, OUT);
    const entries: Entry[] = [];
    if (errno !== 0) return { errno, used: 0, entries };
    const used = this.view.getUint32(OUT, true);
    for (let at = BUFFER; at + 24 <= BUFFER + used;) {
      const { view } = this;
      const length = view.getUint32(at + 16, true);
      if (at + 24 + length > BUFFER + used) break;
      entries.push({
        next: view.getBigUint64(at, true),
        ino: view.getBigUint64(at + 8, true),
        type: view.getUint8(at + 20),
        name: this.text(at + 24, length),
      });
      at += 24 + length;
    }
    return { errno, used, entries };
  }
  /** The whole directory, through buffers of this size. */
  list(fd: number, room = 4096): Entry[] {
    const all: Entry[] = [];
    for (let cookie = 0n; ; cookie = all.at(-1)!.next) {
      const { errno, used, entries } = this.readdir(fd, room, cookie);
      if (errno !== 0) throw new Error(`fd_readdir failed with ${errno}`);
      all.push(...entries);
      if (used < room) return all;
      if (entries.length === 0) throw new Error("fd_readdir makes no progress");
    }
  }

  /** Subscriptions: a clock's [id, timeout, flags], or a descriptor to read or write. Their userdata is 100, 101, … */
  poll(
    ...subscriptions: ({ clock: number; timeout: bigint; flags?: number } | { read: number } | { write: number })[]
  ): { errno: number; events: PollEvent[] } {
    const at = 4096;
    this.bytes.fill(0, at, at + 48 * subscriptions.length);
    const { view } = this;
    for (const [i, subscription] of subscriptions.entries()) {
      const base = at + i * 48;
      view.setBigUint64(base, BigInt(100 + i), true);
      if ("clock" in subscription) {
        view.setUint32(base + 16, subscription.clock, true);
        view.setBigUint64(base + 24, subscription.timeout, true);
        view.setUint16(base + 40, subscription.flags ?? 0, true);
      } else {
        view.setUint8(base + 8, "read" in subscription ? 1 : 2);
        view.setUint32(base + 16, "read" in subscription ? subscription.read : subscription.write, true);
      }
    }
    const errno = this.call("poll_oneoff", at, BUFFER, subscriptions.length, OUT);
    const events: PollEvent[] = [];
    for (let i = 0; errno === 0 && i < view.getUint32(OUT, true); i++) {
      const base = BUFFER + i * 32;
      events.push({
        userdata: view.getBigUint64(base, true),
        errno: view.getUint16(base + 8, true),
        type: view.getUint8(base + 10),
        nbytes: view.getBigUint64(base + 16, true),
        flags: view.getUint16(base + 24, true),
      });
    }
    return { errno, events };
  }
}
