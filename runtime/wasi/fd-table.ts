// The guest's descriptors: which number refers to which open file, with which rights. New descriptors take the lowest
// free number. Checking rights happens here and nowhere else.

import { maxRights, Rights } from "./abi.js";
import { fail } from "./errno.js";
import type { OpenFile } from "./open-file.js";
import type { PathBytes } from "./memory.js";
import { plainRoom, type Kept, type Room } from "./room.js";

/** @internal */
export class Descriptor {
  readonly file: OpenFile;
  /** The guest's name of a preopened directory. */
  readonly preopen: PathBytes | undefined;
  private readonly table: FdTable;
  private readonly fd: number;

  constructor(table: FdTable, fd: number, file: OpenFile, preopen: PathBytes | undefined) {
    this.table = table;
    this.fd = fd;
    this.file = file;
    this.preopen = preopen;
  }

  /** What may be done with it; can only shrink. */
  get base(): number {
    return this.table.rights[this.fd * 2]!;
  }
  set base(rights: number) {
    this.table.rights[this.fd * 2] = rights;
  }

  /** What descriptors opened through it may be allowed; can only shrink. */
  get inheriting(): number {
    return this.table.rights[this.fd * 2 + 1]!;
  }
  set inheriting(rights: number) {
    this.table.rights[this.fd * 2 + 1] = rights;
  }
}

// Enough for any program, and a guest that opens without end fails before the host's own descriptors run out everywhere.
const FD_MAX = 65536;

const NONE: Int32Array = new Int32Array(0);

/** @internal */
export class FdTable {
  /** Two words for each descriptor: rights, and rights of what is opened through it. */
  rights: Int32Array = NONE;
  private readonly slots: (Descriptor | undefined)[] = [];
  private readonly room: Room;
  private kept: Kept | undefined;

  constructor(room: Room = plainRoom) {
    this.room = room;
  }

  /** Adds a file with the most rights it can have within the limits given; returns its number. */
  insert(file: OpenFile, base = -1, inheriting = -1, preopen?: PathBytes): number {
    let fd = 0;
    while (fd < this.slots.length && this.slots[fd] !== undefined) fd++;
    if (fd >= FD_MAX) fail("mfile");
    if (fd * 2 >= this.rights.length) this.makeRoom(fd === 0 ? 8 : fd * 2);
    file.room = this.room;
    const max = maxRights(file.filetype, file.tty);
    if (!file.readable) max.base &= ~Rights.fdRead;
    if (!file.writable) max.base &= ~Rights.fdWrite;
    const descriptor = new Descriptor(this, fd, file, preopen);
    descriptor.base = max.base & base;
    descriptor.inheriting = max.inheriting & inheriting;
    this.slots[fd] = descriptor;
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
    this.slots[to] = new Descriptor(this, to, moved.file, moved.preopen);
    this.slots[to].base = moved.base;
    this.slots[to].inheriting = moved.inheriting;
    this.slots[from] = undefined;
    replaced.file.close();
  }

  private makeRoom(count: number): void {
    const kept = this.room.keep(count * 8, "descriptors");
    const { buffer, byteOffset } = kept.bytes();
    const rights = new Int32Array(buffer, byteOffset, count * 2);
    rights.set(this.rights);
    this.kept?.free();
    this.kept = kept;
    this.rights = rights;
  }

  /** Closes all files and frees the table. */
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
    this.kept?.free();
    this.kept = undefined;
    this.rights = NONE;
  }
}
