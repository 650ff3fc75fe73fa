// The calls on descriptors. Output pointers are checked before anything is done, so that a call that fails with `fault` has
// had no effect.

import { ADVICE_MAX, Fdflags, Filetype, Rights, Size, Whence, rightsFromGuest } from "./abi.js";
import type { Context } from "./context.js";
import { Directory } from "./directory.js";
import { fail } from "./errno.js";
import { fileTimes, writeFilestat } from "./filestat.js";
import type { OpenFile } from "./open-file.js";
import { byteLength } from "./scatter.js";
import { pathToBytes, type PathBytes } from "./memory.js";

const INT64_MAX = (1n << 63n) - 1n;

/** Pipes, sockets and terminals have no offsets, whatever their rights: programs tell them by `spipe`, as everywhere else. */
function seekableFile(w: Context, fd: number, rights: number): OpenFile {
  const { file } = w.fds.get(fd);
  if (!file.seekable && file.filetype !== Filetype.directory) fail("spipe");
  return w.fds.file(fd, rights);
}

export function fdAdvise(w: Context, fd: number, offset: bigint, length: bigint, advice: number): void {
  if (advice > ADVICE_MAX) fail("inval");
  const file = w.fds.file(fd, Rights.fdAdvise);
  if (file.filetype === Filetype.directory) fail("badf");
  if (offset > INT64_MAX || length > INT64_MAX) fail("inval");
  // Advice may be ignored, and Node has no way to pass it on.
}

export function fdAllocate(w: Context, fd: number, offset: bigint, length: bigint): void {
  const file = w.fds.file(fd, Rights.fdAllocate);
  if (offset > INT64_MAX || length > INT64_MAX || offset + length > INT64_MAX) fail("inval");
  if (length > 0n) file.allocate(offset, length);
}

export function fdClose(w: Context, fd: number): void {
  w.fds.close(fd);
}

export function fdDatasync(w: Context, fd: number): void {
  w.fds.file(fd, Rights.fdDatasync).sync(true);
}

export function fdSync(w: Context, fd: number): void {
  w.fds.file(fd, Rights.fdSync).sync(false);
}

export function fdFdstatGet(w: Context, fd: number, resultPtr: number): void {
  w.memory.check(resultPtr, Size.fdstat);
  const { file, base, inheriting } = w.fds.get(fd);
  w.memory.bytes(resultPtr, Size.fdstat).fill(0);
  w.memory.setU8(resultPtr, file.filetype);
  w.memory.setU16(resultPtr + 2, file.fdflags);
  w.memory.setU64(resultPtr + 8, BigInt(base));
  w.memory.setU64(resultPtr + 16, BigInt(inheriting));
}

export function fdFdstatSetFlags(w: Context, fd: number, flags: number): void {
  const file = w.fds.file(fd, Rights.fdFdstatSetFlags);
  if ((flags & ~Fdflags.all) !== 0) fail("inval");
  file.setFlags(flags);
}

export function fdFdstatSetRights(w: Context, fd: number, rightsBase: bigint, rightsInheriting: bigint): void {
  const base = rightsFromGuest(rightsBase);
  const inheriting = rightsFromGuest(rightsInheriting);
  // Requiring what is asked for: rights can be given up, never gained.
  const descriptor = w.fds.withRights(fd, base, inheriting);
  descriptor.base = base;
  descriptor.inheriting = inheriting;
}

export function fdFilestatGet(w: Context, fd: number, resultPtr: number): void {
  w.memory.check(resultPtr, w.layout.filestat.size);
  writeFilestat(w, resultPtr, w.fds.file(fd, Rights.fdFilestatGet).stat());
}

export function fdFilestatSetSize(w: Context, fd: number, size: bigint): void {
  const file = w.fds.file(fd, Rights.fdFilestatSetSize);
  if (size > INT64_MAX) fail("inval");
  file.setSize(size);
}

export function fdFilestatSetTimes(w: Context, fd: number, atim: bigint, mtim: bigint, flags: number): void {
  const times = fileTimes(w, atim, mtim, flags);
  w.fds.file(fd, Rights.fdFilestatSetTimes).setTimes(times);
}

export function fdRead(w: Context, fd: number, iovs: number, iovsLen: number, readPtr: number): void {
  w.memory.check(readPtr, 4);
  let buffers = w.memory.vectors(iovs, iovsLen);
  const file = w.fds.file(fd, Rights.fdRead);
  if (file.fill(byteLength(buffers))) buffers = w.memory.vectors(iovs, iovsLen);
  w.memory.setU32(readPtr, buffers.length === 0 ? 0 : file.read(buffers));
}

export function fdWrite(w: Context, fd: number, iovs: number, iovsLen: number, writtenPtr: number): void {
  w.memory.check(writtenPtr, 4);
  const buffers = w.memory.vectors(iovs, iovsLen);
  const file = w.fds.file(fd, Rights.fdWrite);
  w.memory.setU32(writtenPtr, buffers.length === 0 ? 0 : file.write(buffers));
}

export function fdPread(w: Context, fd: number, iovs: number, iovsLen: number, offset: bigint, readPtr: number): void {
  w.memory.check(readPtr, 4);
  const buffers = w.memory.vectors(iovs, iovsLen);
  const file = seekableFile(w, fd, Rights.fdRead | Rights.fdSeek);
  if (offset > INT64_MAX) fail("inval");
  w.memory.setU32(readPtr, buffers.length === 0 ? 0 : file.pread(buffers, offset));
}

export function fdPwrite(
  w: Context,
  fd: number,
  iovs: number,
  iovsLen: number,
  offset: bigint,
  writtenPtr: number,
): void {
  w.memory.check(writtenPtr, 4);
  const buffers = w.memory.vectors(iovs, iovsLen);
  const file = seekableFile(w, fd, Rights.fdWrite | Rights.fdSeek);
  if (offset > INT64_MAX) fail("inval");
  w.memory.setU32(writtenPtr, buffers.length === 0 ? 0 : file.pwrite(buffers, offset));
}

// The right to seek includes that to tell, and seeking by nothing is telling.
function offsetOf(w: Context, fd: number): bigint {
  const file = seekableFile(w, fd, 0);
  if ((w.fds.get(fd).base & (Rights.fdSeek | Rights.fdTell)) === 0) fail("notcapable");
  return file.tell();
}

export function fdSeek(w: Context, fd: number, delta: bigint, whenceCode: number, resultPtr: number): void {
  w.memory.check(resultPtr, 8);
  const whence = w.layout.whence[whenceCode];
  if (whence === Whence.cur && delta === 0n) {
    w.memory.setU64(resultPtr, offsetOf(w, fd));
    return;
  }
  const file = seekableFile(w, fd, Rights.fdSeek);
  if (whence === undefined) fail("inval");
  const origin = whence === Whence.set ? 0n : whence === Whence.cur ? file.tell() : file.stat().size;
  const target = origin + BigInt.asIntN(64, delta);
  if (target < 0n || target > INT64_MAX) fail("inval");
  file.seek(target);
  w.memory.setU64(resultPtr, file.tell());
}

export function fdTell(w: Context, fd: number, resultPtr: number): void {
  w.memory.check(resultPtr, 8);
  w.memory.setU64(resultPtr, offsetOf(w, fd));
}

export function fdRenumber(w: Context, from: number, to: number): void {
  w.fds.renumber(from, to);
}

function preopenName(w: Context, fd: number): PathBytes {
  return w.fds.get(fd).preopen ?? fail("badf");
}

export function fdPrestatGet(w: Context, fd: number, resultPtr: number): void {
  w.memory.check(resultPtr, Size.prestat);
  const name = preopenName(w, fd);
  w.memory.setU32(resultPtr, 0); // the only type there is: a directory
  w.memory.setU32(resultPtr + 4, name.length);
}

export function fdPrestatDirName(w: Context, fd: number, buffer: number, length: number): void {
  w.memory.check(buffer, length);
  const name = preopenName(w, fd);
  if (name.length > length) fail("nametoolong");
  w.memory.setPath(buffer, name);
}

/**
 * Entries are written until the buffer is full, the last one cut off in the middle: a buffer that is not full says that the
 * directory has ended.
 */
export function fdReaddir(
  w: Context,
  fd: number,
  buffer: number,
  length: number,
  cookie: bigint,
  usedPtr: number,
): void {
  w.memory.check(buffer, length);
  w.memory.check(usedPtr, 4);
  const directory = w.fds.file(fd, Rights.fdReaddir);
  if (!(directory instanceof Directory)) fail("notdir");
  const entries = directory.list(cookie === 0n);
  let used = 0;
  for (
    let i = cookie < BigInt(entries.length) ? Number(cookie) : entries.length;
    i < entries.length && used < length;
    i++
  ) {
    const entry = entries[i]!;
    const ino = directory.inode(entry);
    if (ino === undefined) continue;
    used += w.room.with(Size.dirent + entry.name.length, (record) => {
      const view = new DataView(record.buffer, record.byteOffset, record.length);
      record.fill(0);
      view.setBigUint64(0, BigInt(i + 1), true);
      view.setBigUint64(8, ino, true);
      view.setUint32(16, entry.name.length, true);
      view.setUint8(20, entry.filetype);
      pathToBytes(entry.name, record.subarray(Size.dirent));
      const part = record.subarray(0, length - used);
      w.memory.bytes(buffer + used, part.length).set(part);
      return part.length;
    });
  }
  w.memory.setU32(usedPtr, used);
}
