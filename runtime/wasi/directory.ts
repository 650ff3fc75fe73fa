// An open directory: the list that fd_readdir pages through, and the few operations of descriptors that make sense on it.
// What is *in* it is reached by path-walk.ts.

import { Filetype } from "./abi.js";
import { fail, numberOf } from "./errno.js";
import type { FileStat, FileTimes, HostDirectory } from "./host.js";
import type { PathBytes } from "./memory.js";
import { OpenFile } from "./open-file.js";

/** @internal */
export interface ListedEntry {
  readonly name: PathBytes;
  readonly filetype: number;
  /** Known once asked for; undefined once the entry is found to be gone. */
  ino: bigint | undefined;
  asked: boolean;
}

/** @internal */
export class Directory extends OpenFile {
  readonly filetype = Filetype.directory;
  override readonly writable = false;
  readonly host: HostDirectory;
  /** How many components below its preopened directory it was opened. */
  readonly depth: number;
  private listing: ListedEntry[] | undefined;

  constructor(host: HostDirectory, depth: number) {
    super();
    this.host = host;
    this.depth = depth;
  }

  /**
   * The entries, with "." and ".." first. A cookie is an index into this list, which is taken when reading starts (cookie 0)
   * and then kept: entries that come or go in between move nobody's cookie, as a list read from the host each time would.
   */
  list(fromStart: boolean): ListedEntry[] {
    if (fromStart || this.listing === undefined) {
      // The parent's inode may be none of the guest's business, and libc takes 0 for "ask again", so ".." has the directory's own.
      const ino = this.host.stat(".").ino;
      this.listing = [
        { name: ".", filetype: Filetype.directory, ino, asked: true },
        { name: "..", filetype: Filetype.directory, ino, asked: true },
        ...this.host.entries().map(({ name, filetype }) => ({ name, filetype, ino: undefined, asked: false })),
      ];
    }
    return this.listing;
  }

  /** The inode of a listed entry, or undefined if it is gone. The host's list has none, so each costs a stat, made when needed. */
  inode(entry: ListedEntry): bigint | undefined {
    if (!entry.asked) {
      entry.asked = true;
      try {
        entry.ino = this.host.stat(entry.name).ino;
      } catch (error) {
        if (numberOf(error) === undefined) throw error;
      }
    }
    return entry.ino;
  }

  override stat(): FileStat {
    return this.host.stat(".");
  }
  override setTimes(times: FileTimes): void {
    this.host.setTimes(".", times);
  }
  override sync(): void {
    this.host.sync();
  }
  // Flags change nothing about a directory, and programs set them on whatever they hold.
  override setFlags(flags: number): void {
    this.fdflags = flags;
  }
  override seek(): void {
    fail("badf");
  }
  override tell(): bigint {
    return fail("badf");
  }
  override allocate(): void {
    fail("badf");
  }
  override close(): void {
    this.host.close();
  }
}
