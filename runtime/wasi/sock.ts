// Sockets. Preview 1 can only use sockets it was given, and here these are inherited descriptors (a service started with a
// connection as stdin): they are received from and sent to like any stream. Accepting and shutting down need system calls
// that no JavaScript engine offers synchronously, and say so.

import { Fdflags, Riflags, Rights, Sdflags } from "./abi.js";
import type { Context } from "./context.js";
import { fail } from "./errno.js";
import type { OpenFile } from "./open-file.js";
import { byteLength } from "./scatter.js";

function socket(w: Context, fd: number, rights: number): OpenFile {
  if (!w.fds.get(fd).file.socket) fail("notsock");
  return w.fds.file(fd, rights);
}

export function sockRecv(
  w: Context,
  fd: number,
  iovs: number,
  iovsLen: number,
  flags: number,
  readPtr: number,
  flagsPtr: number,
): void {
  w.memory.check(readPtr, 4);
  w.memory.check(flagsPtr, 2);
  let buffers = w.memory.vectors(iovs, iovsLen);
  const file = socket(w, fd, Rights.fdRead);
  if ((flags & ~Riflags.all) !== 0) fail("inval");
  if (file.fill(byteLength(buffers))) buffers = w.memory.vectors(iovs, iovsLen);
  let count = 0;
  if (buffers.length > 0) {
    if ((flags & Riflags.recvPeek) !== 0) count = file.peek(buffers);
    else {
      const all = byteLength(buffers);
      do {
        const part = file.read(skip(buffers, count));
        if (part === 0) break;
        count += part;
      } while ((flags & Riflags.recvWaitall) !== 0 && count < all);
    }
  }
  w.memory.setU32(readPtr, count);
  w.memory.setU16(flagsPtr, 0); // a stream never truncates
}

function skip(buffers: readonly Uint8Array[], count: number): Uint8Array[] {
  const rest: Uint8Array[] = [];
  for (const buffer of buffers) {
    if (count < buffer.length) rest.push(buffer.subarray(count));
    count = Math.max(0, count - buffer.length);
  }
  return rest;
}

export function sockSend(
  w: Context,
  fd: number,
  iovs: number,
  iovsLen: number,
  flags: number,
  writtenPtr: number,
): void {
  w.memory.check(writtenPtr, 4);
  const buffers = w.memory.vectors(iovs, iovsLen);
  const file = socket(w, fd, Rights.fdWrite);
  if (flags !== 0) fail("inval");
  w.memory.setU32(writtenPtr, buffers.length === 0 ? 0 : file.write(buffers));
}

export function sockShutdown(w: Context, fd: number, how: number): void {
  socket(w, fd, Rights.sockShutdown);
  if (how === 0 || (how & ~Sdflags.all) !== 0) fail("inval");
  fail("notsup");
}

export function sockAccept(w: Context, fd: number, flags: number, resultPtr: number): void {
  w.memory.check(resultPtr, 4);
  socket(w, fd, Rights.sockAccept);
  if ((flags & ~Fdflags.nonblock) !== 0) fail("inval");
  fail("notsup");
}
