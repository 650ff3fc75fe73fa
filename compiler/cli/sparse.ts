// A module's file in memory without its debug information, which compiling needs for the source's digest only and which is often
// most of the file: where it would stand are pages that were never written to, and take no memory.
import { createHash } from "node:crypto";
import { closeSync, openSync, readSync, statSync } from "node:fs";
import { Section } from "../../runtime/wasm/decode.js";
import { Reader } from "../../runtime/wasm/reader.js";
import type { Source } from "../compile.js";

/** Bytes of magic number and version. */
const HEADER = 8;
/** Bytes that the file is read in. */
const CHUNK = 1 << 18;
/** Id, size and name of a debug section take less. */
const MOST_HEAD = 64;
/** Bytes of a section below which it is not worth the while. */
const LEAST = 1 << 16;

interface Range {
  readonly start: number;
  readonly end: number;
}

/** The file with zeros where debug information is, in shared memory, and what it was with it; undefined for what is no plain file. */
export function readSparse(path: string): { readonly bytes: Uint8Array; readonly source: Source } | undefined {
  const { size } = statSync(path);
  if (size === 0) return undefined;
  const fd = openSync(path, "r");
  try {
    const left = debugRanges(fd, size);
    const bytes = new Uint8Array(new SharedArrayBuffer(size));
    const hash = createHash("sha256");
    const chunk = new Uint8Array(CHUNK);
    let at = 0;
    for (let count; at < size && (count = readSync(fd, chunk, 0, Math.min(CHUNK, size - at), at)) > 0; at += count) {
      hash.update(chunk.subarray(0, count));
      copyOutside(left, chunk.subarray(0, count), bytes, at);
    }
    return { bytes: bytes.subarray(0, at), source: { size: at, digest: hash.digest("hex") } };
  } finally {
    closeSync(fd);
  }
}

/** Where the contents of debug sections are; as far as the file is a module, which others check. */
function debugRanges(fd: number, size: number): Range[] {
  const ranges: Range[] = [];
  const head = new Uint8Array(MOST_HEAD);
  for (let at = HEADER; at < size;) {
    const reader = new Reader(head, 0, readSync(fd, head, 0, MOST_HEAD, at));
    try {
      const id = reader.byte();
      const end = reader.u32() + reader.pos + at;
      if (id === (Section.custom as number)) {
        const nameEnd = reader.byte() + reader.pos;
        const isDebug = Buffer.from(head.subarray(reader.pos, nameEnd)).toString("latin1").startsWith(".debug_");
        if (isDebug && end - at >= LEAST) ranges.push({ start: at + nameEnd, end: Math.min(end, size) });
      }
      at = end;
    } catch {
      break;
    }
  }
  return ranges;
}

/** Copies what is outside of the ranges, which are in order, of a part of the file that begins at `at`. */
function copyOutside(ranges: readonly Range[], part: Uint8Array, target: Uint8Array, at: number): void {
  let from = at;
  const end = at + part.length;
  for (const range of [...ranges, { start: end, end }]) {
    const to = Math.min(range.start, end);
    if (to > from) target.set(part.subarray(from - at, to - at), from);
    from = Math.max(from, range.end);
  }
}
