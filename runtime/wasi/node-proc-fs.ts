// Directories on Linux: really opened, and every operation relative to the open directory, through /proc/self/fd/N/name, which
// the kernel resolves from the directory itself, wherever it may have been moved. This is openat and its kin by other means,
// and gives path-walk.ts the guarantee described there.

import {
  closeSync,
  constants,
  fstatSync,
  fsyncSync,
  linkSync,
  lstatSync,
  lutimesSync,
  mkdirSync,
  openSync,
  readdirSync,
  readlinkSync,
  renameSync,
  rmdirSync,
  symlinkSync,
  unlinkSync,
} from "node:fs";
import { Oflags } from "./abi.js";
import { Directory } from "./directory.js";
import { fail } from "./errno.js";
import type { DirectoryEntry, FileStat, FileTimes, HostDirectory, OpenOptions } from "./host.js";
import type { PathBytes } from "./memory.js";
import { NodeFile, hostFlags } from "./node-file.js";
import { direntFiletype, toFileStat, toNodePath, toNodeTimes } from "./node-stat.js";
import type { OpenFile } from "./open-file.js";

// Not in Node's constants. The same on every architecture Node runs on: opens a directory that may be searched but not read.
const O_PATH = 0o10000000;

/** Whether this is a Linux with a /proc that shows this process's descriptors. @internal */
export function hasProcfs(): boolean {
  if (process.platform !== "linux") return false;
  let fd: number | undefined;
  try {
    fd = openSync("/", O_PATH | constants.O_DIRECTORY);
    const real = fstatSync(fd, { bigint: true });
    const seen = lstatSync(`/proc/self/fd/${fd}/.`, { bigint: true });
    return real.dev === seen.dev && real.ino === seen.ino;
  } catch {
    return false;
  } finally {
    if (fd !== undefined) closeSync(fd);
  }
}

/** @internal */
export class ProcDirectory implements HostDirectory {
  private readonly fd: number;

  constructor(fd: number) {
    this.fd = fd;
  }

  static openRoot(hostPath: string): ProcDirectory {
    return new ProcDirectory(openSync(hostPath, constants.O_RDONLY | constants.O_DIRECTORY));
  }

  private at(name: PathBytes): string | Buffer {
    return toNodePath(`/proc/self/fd/${this.fd}/${name}`);
  }

  subdirectory(name: PathBytes): HostDirectory {
    return new ProcDirectory(openSync(this.at(name), O_PATH | constants.O_DIRECTORY | constants.O_NOFOLLOW));
  }

  open(name: PathBytes, { read, write, oflags, fdflags }: OpenOptions, depth: number): OpenFile {
    const access = write ? (read ? constants.O_RDWR : constants.O_WRONLY) : constants.O_RDONLY;
    const flags =
      access |
      ((oflags & Oflags.creat) !== 0 ? constants.O_CREAT : 0) |
      ((oflags & Oflags.excl) !== 0 ? constants.O_EXCL : 0) |
      ((oflags & Oflags.trunc) !== 0 ? constants.O_TRUNC : 0) |
      ((oflags & Oflags.directory) !== 0 ? constants.O_DIRECTORY : 0) |
      hostFlags(fdflags) |
      constants.O_NOFOLLOW |
      constants.O_NOCTTY;
    const fd = openSync(this.at(name), flags, 0o666);
    try {
      const stats = fstatSync(fd, { bigint: true });
      if (stats.isDirectory()) return new Directory(new ProcDirectory(fd), depth);
      return new NodeFile(fd, { stats, read: read || !write, write, fdflags, inherited: false, procfs: true });
    } catch (error) {
      closeSync(fd);
      throw error;
    }
  }

  // FAST: programs look for files that are not there by the thousand, and an Error with its stack takes five times the call.
  stat(name: PathBytes): FileStat {
    const stats = lstatSync(this.at(name), { bigint: true, throwIfNoEntry: false });
    return stats === undefined ? fail("noent") : toFileStat(stats);
  }
  readlink(name: PathBytes): PathBytes {
    return readlinkSync(this.at(name), { encoding: "buffer" }).toString("latin1");
  }
  mkdir(name: PathBytes): void {
    mkdirSync(this.at(name), 0o777);
  }
  rmdir(name: PathBytes): void {
    rmdirSync(this.at(name));
  }
  unlink(name: PathBytes): void {
    unlinkSync(this.at(name));
  }
  symlink(target: PathBytes, name: PathBytes): void {
    symlinkSync(toNodePath(target), this.at(name));
  }
  rename(name: PathBytes, toDirectory: HostDirectory, toName: PathBytes): void {
    renameSync(this.at(name), (toDirectory as ProcDirectory).at(toName));
  }
  // Linux's link does not follow a link given as its source.
  link(name: PathBytes, toDirectory: HostDirectory, toName: PathBytes): void {
    linkSync(this.at(name), (toDirectory as ProcDirectory).at(toName));
  }
  setTimes(name: PathBytes, times: FileTimes): void {
    lutimesSync(this.at(name), ...toNodeTimes(times, () => this.stat(name)));
  }
  entries(): DirectoryEntry[] {
    const entries = readdirSync(this.at("."), { withFileTypes: true, encoding: "buffer" as "utf8" });
    return entries.map((entry) => ({
      name: (entry.name as unknown as Buffer).toString("latin1"),
      filetype: direntFiletype(entry),
    }));
  }
  sync(): void {
    fsyncSync(this.fd);
  }
  close(): void {
    closeSync(this.fd);
  }
}
