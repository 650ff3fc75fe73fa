// The guest's descriptors: which number refers to which open file, with which rights. New descriptors take the lowest
// free number. Checking rights happens here and nowhere else.

import { maxRights, Rights } from "./abi.js";
import { fail } from "./errno.js";
import type { OpenFile } from "./open-file.js";
import type { PathBytes } from "./memory.js";

/** @internal */
export interface Descriptor {
  readonly file: OpenFile;
  /** What may be done with it, and what descriptors opened through it may be allowed; both can only shrink. */
  base: number;
  inheriting: number;
  /** The guest's name of a preopened directory. */
  readonly preopen: PathBytes | undefined;
}

// Enough for any program, and a guest that opens without end fails before the host's own descriptors run out everywhere.
const FD_MAX = 65536;

/** @internal */
export class FdTable {
  private readonly slots: (Descriptor | undefined)[] = [];

  /** Adds a file with the most rights it can have within the limits given; returns its number. */
  insert(file: OpenFile, base = -1, inheriting = -1, preopen?: PathBytes): number {
    let fd = 0;
    while (fd < this.slots.length && this.slots[fd] !== undefined) fd++;
    if (fd >= FD_MAX) fail("mfile");
    const max = maxRights(file.filetype, file.tty);
    if (!file.readable) max.base &= ~Rights.fdRead;
    if (!file.writable) max.base &= ~Rights.fdWrite;
    this.slots[fd] = { file, base: max.base & base, inheriting: max.inheriting & inheriting, preopen };
    return fd;
  }

  get(fd: number): Descriptor {
    return this.slots[fd] ?? fail("badf");
  }

  /** The descriptor, if it has all these rights. */
  withRights(fd: number, base: number, inheriting = 0): Descriptor {
    const descriptor = this.get(fd);
    if ((base & ~descriptor.base) !== 0 || (inheriting & ~descriptor.inheriting) !== 0) fail("notcapable");
    return descriptor;
  }

  /** The file behind a descriptor that has all these rights. */
  file(fd: number, base: number): OpenFile {
    return this.withRights(fd, base).file;
  }

  close(fd: number): void {
    const { file } = this.get(fd);
    // The number is free even if closing fails, as on Linux: a second close must not hit somebody else's file.
    this.slots[fd] = undefined;
    file.close();
  }

  renumber(from: number, to: number): void {
    const moved = this.get(from);
    const replaced = this.get(to);
    if (from === to) return;
    this.slots[to] = moved;
    this.slots[from] = undefined;
    replaced.file.close();
  }

  closeAll(): void {
    for (let fd = 0; fd < this.slots.length; fd++) {
      const file = this.slots[fd]?.file;
      this.slots[fd] = undefined;
      try {
        file?.close();
      } catch {
        // The guest is gone: nobody is left to be told, and the other files must still be closed.
      }
    }
  }
}
