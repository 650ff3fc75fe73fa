// Command line and environment: arrays of pointers to strings that end in NUL, in a buffer the guest provides.

import type { Context } from "./context.js";

function totalSize(strings: readonly Uint8Array[]): number {
  let size = 0;
  for (const string of strings) size += string.length;
  return size;
}

function writeSizes(w: Context, strings: readonly Uint8Array[], countPtr: number, sizePtr: number): void {
  w.memory.check(sizePtr, 4);
  w.memory.setU32(countPtr, strings.length);
  w.memory.setU32(sizePtr, totalSize(strings));
}

function writeStrings(w: Context, strings: readonly Uint8Array[], pointersPtr: number, bufferPtr: number): void {
  w.memory.check(pointersPtr, strings.length * 4);
  w.memory.check(bufferPtr, totalSize(strings));
  let at = bufferPtr;
  for (const [i, string] of strings.entries()) {
    w.memory.setU32(pointersPtr + i * 4, at);
    w.memory.bytes(at, string.length).set(string);
    at += string.length;
  }
}

export function argsSizesGet(w: Context, countPtr: number, sizePtr: number): void {
  writeSizes(w, w.args, countPtr, sizePtr);
}

export function argsGet(w: Context, argv: number, buffer: number): void {
  writeStrings(w, w.args, argv, buffer);
}

export function environSizesGet(w: Context, countPtr: number, sizePtr: number): void {
  writeSizes(w, w.env, countPtr, sizePtr);
}

export function environGet(w: Context, environ: number, buffer: number): void {
  writeStrings(w, w.env, environ, buffer);
}
