// An open directory: the list that fd_readdir pages through, and the few operations of descriptors that make sense on it.
// What is *in* it is reached by path-walk.ts.

import { Filetype } from "./abi.js";
import { fail, numberOf } from "./errno.js";
import type { DirectoryEntry, FileStat, FileTimes, HostDirectory } from "./host.js";
import { OpenFile } from "./open-file.js";

/** @internal */
export class Directory extends OpenFile {
  readonly filetype = Filetype.directory;
  override readonly writable = false;
  readonly host: HostDirectory;
  /** How many components below its preopened directory it was opened. */
  readonly depth: number;
  private listing: readonly DirectoryEntry[] | undefined;

  constructor(host: HostDirectory, depth: number) {
    super();
    this.host = host;
    this.depth = depth;
  }

  /**
   * The entries, with "." and ".." first. A cookie is an index into this list, which is taken when reading starts (cookie 0)
   * and then kept: entries that come or go in between move nobody's cookie, as a list read from the host each time would.
   */
  list(fromStart: boolean): readonly DirectoryEntry[] {
    if (fromStart || this.listing === undefined) {
      const own = [".", ".."].map((name) => ({ name, filetype: Filetype.directory }));
      this.listing = [...own, ...this.host.entries()];
    }
    return this.listing;
  }

  /**
   * The inode of a listed entry, or undefined if it is gone by now. The host's list has none, so each costs a stat. The
   * parent's may be none of the guest's business, and libc takes 0 for "ask again", so ".." has the directory's own.
   */
  inode({ name }: DirectoryEntry): bigint | undefined {
    try {
      return this.host.stat(name === ".." ? "." : name).ino;
    } catch (error) {
      if (numberOf(error) === undefined) throw error;
      return undefined;
    }
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
