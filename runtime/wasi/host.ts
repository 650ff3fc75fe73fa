// What the calls need of the machine below, as interfaces: clocks, random bytes, sleep, and (where there is one) a file
// system reached through open directories. node-host.ts implements them on Node, portable-host.ts without any file system.
// Nothing here, nor in any file but those named node-*, refers to Node.

import type { PathBytes } from "./memory.js";
import type { OpenFile } from "./open-file.js";

/** What `filestat` reports; times in nanoseconds since 1970. */
export interface FileStat {
  readonly dev: bigint;
  readonly ino: bigint;
  readonly filetype: number;
  readonly nlink: bigint;
  readonly size: bigint;
  readonly atim: bigint;
  readonly mtim: bigint;
  readonly ctim: bigint;
}

export interface OpenOptions {
  readonly read: boolean;
  readonly write: boolean;
  /** Oflags and Fdflags of the specification. */
  readonly oflags: number;
  readonly fdflags: number;
}

export interface DirectoryEntry {
  readonly name: PathBytes;
  readonly filetype: number;
}

/** Access and modification time to set, in nanoseconds; undefined leaves a time as it is. */
export interface FileTimes {
  readonly atim: bigint | undefined;
  readonly mtim: bigint | undefined;
}

/**
 * An open directory. `name` is always one component (never "", never "..", never with a slash; "." is the directory
 * itself), and no method follows a symbolic link in it: resolving links is path-walk.ts's business, and so is the sandbox.
 */
export interface HostDirectory {
  /** Opens the subdirectory; fails with `notdir` or `loop` when the name is a symbolic link. */
  subdirectory(name: PathBytes): HostDirectory;
  /** Opens a file or directory; fails with `loop` when the name is a symbolic link. */
  open(name: PathBytes, options: OpenOptions, depth: number): OpenFile;
  stat(name: PathBytes): FileStat;
  readlink(name: PathBytes): PathBytes;
  mkdir(name: PathBytes): void;
  rmdir(name: PathBytes): void;
  unlink(name: PathBytes): void;
  symlink(target: PathBytes, name: PathBytes): void;
  rename(name: PathBytes, toDirectory: HostDirectory, toName: PathBytes): void;
  link(name: PathBytes, toDirectory: HostDirectory, toName: PathBytes): void;
  setTimes(name: PathBytes, times: FileTimes): void;
  /** Everything but "." and "..". */
  entries(): DirectoryEntry[];
  sync(): void;
  close(): void;
}

/** The machine below. */
export interface WasiHost {
  /** Nanoseconds since 1970. */
  realtime(): bigint;
  /** Nanoseconds since an arbitrary time, never running backwards. */
  monotonic(): bigint;
  /** Nanoseconds of processor time, of the process or of the calling thread. */
  cputime(thread: boolean): bigint;
  /** Nanoseconds between two ticks of a clock (a clockid). */
  resolution(clock: number): bigint;
  random(bytes: Uint8Array): void;
  /** Blocks the calling thread. */
  sleep(nanoseconds: bigint): void;
  yield(): void;
  /** A preopened directory, by the host's path; undefined where there is no file system. */
  readonly openDirectory?: (hostPath: string) => HostDirectory;
  /** A file descriptor of the process, for stdin, stdout and stderr; undefined where there are none. */
  readonly openDescriptor?: (fd: number) => OpenFile;
}
