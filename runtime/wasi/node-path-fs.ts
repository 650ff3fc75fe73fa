// Directories where they cannot be opened and used (macOS, Windows, Linux without /proc): a canonical path, and the identity
// the directory had when it was found there. Before each operation the path is checked to still lead, without any link, to
// that directory; after opening a file, that what was opened is what is there. Between check and use another process could
// exchange a directory for a link: that race cannot be closed with what Node offers here, and path-walk.ts says so. The guest
// cannot run it, its calls are synchronous. Windows: names that mean something else there than in a guest are refused.

import {
  closeSync,
  constants,
  fstatSync,
  fsyncSync,
  ftruncateSync,
  linkSync,
  lstatSync,
  lutimesSync,
  mkdirSync,
  openSync,
  readdirSync,
  readlinkSync,
  realpathSync,
  renameSync,
  rmdirSync,
  symlinkSync,
  unlinkSync,
  type BigIntStats,
} from "node:fs";
import { Oflags } from "./abi.js";
import { Directory } from "./directory.js";
import { fail, failedWith } from "./errno.js";
import type { DirectoryEntry, FileStat, FileTimes, HostDirectory, OpenOptions } from "./host.js";
import type { PathBytes } from "./memory.js";
import { NodeFile, hostFlags } from "./node-file.js";
import { direntFiletype, toFileStat, toNodePath, toNodeTimes } from "./node-stat.js";
import type { OpenFile } from "./open-file.js";

const WINDOWS = process.platform === "win32";
// Separators, drives, streams, wildcards, and the devices that exist in every directory; trailing dots and spaces are dropped.
const WINDOWS_FORBIDDEN = /[\\:*?"<>|\x00-\x1f]|[. ]$|^(?:con|prn|aux|nul|com\d|lpt\d|conin\$|conout\$)(?:$|[. ])/i;

function realpath(path: PathBytes): PathBytes {
  return realpathSync.native(toNodePath(path), { encoding: "buffer" }).toString("latin1");
}

function join(directory: PathBytes, name: PathBytes): PathBytes {
  return directory.endsWith("/") ? directory + name : `${directory}/${name}`;
}

/** @internal */
export class PathDirectory implements HostDirectory {
  private readonly path: PathBytes;
  private readonly identity: BigIntStats;

  private constructor(path: PathBytes) {
    this.path = path;
    this.identity = lstatSync(toNodePath(path), { bigint: true });
    if (!this.identity.isDirectory()) fail("notdir");
  }

  static openRoot(hostPath: string): PathDirectory {
    return new PathDirectory(realpath(Buffer.from(hostPath, "utf8").toString("latin1")));
  }

  private at(name: PathBytes): string | Buffer {
    if (
      realpath(this.path) !== this.path ||
      !sameFile(lstatSync(toNodePath(this.path), { bigint: true }), this.identity)
    )
      fail("noent");
    if (name === ".") return toNodePath(this.path);
    if (WINDOWS && WINDOWS_FORBIDDEN.test(name)) fail("inval");
    return toNodePath(join(this.path, name));
  }

  subdirectory(name: PathBytes): HostDirectory {
    if (!lstatSync(this.at(name), { bigint: true }).isDirectory()) fail("notdir");
    // The canonical spelling may differ (case), the parent may not.
    const path = realpath(join(this.path, name));
    if (realpath(join(path, "..")) !== this.path) fail("notcapable");
    return new PathDirectory(path);
  }

  open(name: PathBytes, { read, write, oflags, fdflags }: OpenOptions, depth: number): OpenFile {
    const path = this.at(name);
    const found = lstatSync(path, { bigint: true, throwIfNoEntry: false });
    const exclusive = (oflags & Oflags.creat) !== 0 && (oflags & Oflags.excl) !== 0;
    if (found !== undefined && exclusive) fail("exist");
    if (found?.isSymbolicLink() === true) fail("loop");
    if (found?.isDirectory() === true) {
      if (write || (oflags & (Oflags.creat | Oflags.trunc)) !== 0) fail("isdir");
      return new Directory(name === "." ? new PathDirectory(this.path) : this.subdirectory(name), depth);
    }
    if (found !== undefined && (oflags & Oflags.directory) !== 0) fail("notdir");
    const access = write ? (read ? constants.O_RDWR : constants.O_WRONLY) : constants.O_RDONLY;
    // Truncating waits until it is sure that this is the right file.
    const flags =
      access |
      ((oflags & Oflags.creat) !== 0 ? constants.O_CREAT : 0) |
      ((oflags & Oflags.excl) !== 0 ? constants.O_EXCL : 0) |
      hostFlags(fdflags) |
      (constants.O_NOFOLLOW ?? 0) |
      (constants.O_NOCTTY ?? 0);
    const fd = openSync(path, flags, 0o666);
    try {
      const opened = fstatSync(fd, { bigint: true });
      if (!sameFile(opened, lstatSync(this.at(name), { bigint: true }))) fail("notcapable");
      if ((oflags & Oflags.trunc) !== 0 && opened.size > 0n) ftruncateSync(fd, 0);
      return new NodeFile(fd, { stats: opened, read: read || !write, write, fdflags, inherited: false, procfs: false });
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
    const path = this.at(name);
    if (!lstatSync(path).isSymbolicLink()) fail("inval");
    const target = readlinkSync(path, { encoding: "buffer" }).toString("latin1");
    return WINDOWS ? target.replace(/\\/g, "/") : target;
  }
  mkdir(name: PathBytes): void {
    mkdirSync(this.at(name), 0o777);
  }
  rmdir(name: PathBytes): void {
    if (name === ".") fail("inval");
    rmdirSync(this.at(name));
  }
  unlink(name: PathBytes): void {
    const path = this.at(name);
    try {
      unlinkSync(path);
    } catch (error) {
      // Systems but Linux say `perm` here.
      if (failedWith(error, "perm") && lstatSync(path).isDirectory()) fail("isdir");
      throw error;
    }
  }
  symlink(target: PathBytes, name: PathBytes): void {
    if (name === ".") fail("exist");
    symlinkSync(toNodePath(target), this.at(name));
  }
  rename(name: PathBytes, toDirectory: HostDirectory, toName: PathBytes): void {
    if (name === "." || toName === ".") fail("busy");
    renameSync(this.at(name), (toDirectory as PathDirectory).at(toName));
  }
  link(name: PathBytes, toDirectory: HostDirectory, toName: PathBytes): void {
    const path = this.at(name);
    // BSDs and macOS would follow it, past the sandbox.
    if (process.platform !== "linux" && !WINDOWS && lstatSync(path).isSymbolicLink()) fail("notsup");
    linkSync(path, (toDirectory as PathDirectory).at(toName));
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
    // Windows cannot open a directory, and needs no such thing.
    if (WINDOWS) return;
    const fd = openSync(this.at("."), constants.O_RDONLY);
    try {
      fsyncSync(fd);
    } finally {
      closeSync(fd);
    }
  }
  close(): void {}
}

function sameFile(a: BigIntStats, b: BigIntStats): boolean {
  return a.dev === b.dev && a.ino === b.ino;
}
