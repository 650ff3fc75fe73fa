// The filestat record, and the times a guest may set, for the calls on descriptors and those on paths.

import { Fstflags } from "./abi.js";
import type { Context } from "./context.js";
import { fail } from "./errno.js";
import type { FileStat, FileTimes } from "./host.js";

/** @internal */
export function writeFilestat(w: Context, pointer: number, stat: FileStat): void {
  const { memory } = w;
  const layout = w.layout.filestat;
  memory.bytes(pointer, layout.size).fill(0);
  memory.setU64(pointer, stat.dev);
  memory.setU64(pointer + 8, stat.ino);
  memory.setU8(pointer + 16, stat.filetype);
  if (layout.nlink64) memory.setU64(pointer + layout.nlink, stat.nlink);
  else memory.setU32(pointer + layout.nlink, Number(stat.nlink));
  memory.setU64(pointer + layout.fileSize, stat.size);
  memory.setU64(pointer + layout.times, stat.atim);
  memory.setU64(pointer + layout.times + 8, stat.mtim);
  memory.setU64(pointer + layout.times + 16, stat.ctim);
}

/** @internal */
export function fileTimes(w: Context, atim: bigint, mtim: bigint, flags: number): FileTimes {
  const bothOf = (a: number, b: number): boolean => (flags & a) !== 0 && (flags & b) !== 0;
  if (
    (flags & ~Fstflags.all) !== 0 ||
    bothOf(Fstflags.atim, Fstflags.atimNow) ||
    bothOf(Fstflags.mtim, Fstflags.mtimNow)
  )
    fail("inval");
  // One reading of the clock: a program that sets both to now expects them equal.
  const now = (flags & (Fstflags.atimNow | Fstflags.mtimNow)) !== 0 ? w.host.realtime() : 0n;
  return {
    atim: (flags & Fstflags.atim) !== 0 ? atim : (flags & Fstflags.atimNow) !== 0 ? now : undefined,
    mtim: (flags & Fstflags.mtim) !== 0 ? mtim : (flags & Fstflags.mtimNow) !== 0 ? now : undefined,
  };
}
