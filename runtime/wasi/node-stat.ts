// Node's idea of a file's status and times, and ours.

import { constants, type BigIntStats, type Dirent } from "node:fs";
import { Filetype } from "./abi.js";
import type { FileStat, FileTimes } from "./host.js";
import type { PathBytes } from "./memory.js";

// Preview 1 has no number for a named pipe; a stream socket is what behaves like one.
const FILETYPES = new Map<number, number>([
  [constants.S_IFREG, Filetype.regularFile],
  [constants.S_IFDIR, Filetype.directory],
  [constants.S_IFCHR, Filetype.characterDevice],
  [constants.S_IFLNK, Filetype.symbolicLink],
  [constants.S_IFSOCK, Filetype.socketStream],
  [constants.S_IFIFO, Filetype.socketStream],
  [constants.S_IFBLK, Filetype.blockDevice],
]);

/** @internal */
export function toFileStat(stats: BigIntStats): FileStat {
  return {
    dev: stats.dev,
    ino: stats.ino,
    filetype: FILETYPES.get(Number(stats.mode) & constants.S_IFMT) ?? Filetype.unknown,
    nlink: stats.nlink,
    size: stats.size,
    atim: stats.atimeNs,
    mtim: stats.mtimeNs,
    ctim: stats.ctimeNs,
  };
}

/** @internal */
export function direntFiletype(entry: Dirent): number {
  if (entry.isFile()) return Filetype.regularFile;
  if (entry.isDirectory()) return Filetype.directory;
  if (entry.isSymbolicLink()) return Filetype.symbolicLink;
  if (entry.isCharacterDevice()) return Filetype.characterDevice;
  if (entry.isBlockDevice()) return Filetype.blockDevice;
  if (entry.isFIFO() || entry.isSocket()) return Filetype.socketStream;
  return Filetype.unknown;
}

/**
 * The two times as Node takes them: seconds in a double. That and the system libraries below keep microseconds, not
 * nanoseconds. A time that is to stay must be set to what it was, for Node has no way to leave one out.
 * @internal
 */
export function toNodeTimes(times: FileTimes, current: () => FileStat): [number, number] {
  const now = times.atim === undefined || times.mtim === undefined ? current() : undefined;
  return [seconds(times.atim ?? now!.atim), seconds(times.mtim ?? now!.mtim)];
}

function seconds(time: bigint): number {
  const micros = Number(time / 1000n);
  const nearest = micros / 1e6;
  // The system libraries cut at the microsecond, and the double may lie a hair below it: then the next one up.
  let value = nearest;
  if (nearest % 1 < (micros % 1e6) / 1e6) for (let step = 2 ** -22; value === nearest; step *= 2) value += step;
  return value;
}

/** A path of one char per byte as Node takes it: plain ASCII as it is, anything else as the bytes themselves. @internal */
export function toNodePath(path: PathBytes): string | Buffer {
  return /^[\x00-\x7f]*$/.test(path) ? path : Buffer.from(path, "latin1");
}
