// Resolves a guest's path inside a directory it holds, and is the sandbox: there is no other way from a path to a file.
//
// How it is kept. The path is taken apart and walked one component at a time, each step opening a directory by a single name
// relative to the open directory before it, never through a symbolic link (HostDirectory's contract). Links are read and
// their text is walked like the rest of the path. "." and ".." never reach the host: ".." walks again from the start along
// the names resolved so far but the last, and where there is no last one fails with `notcapable`; so do absolute paths and
// absolute link targets. Comparing strings (normalize, then test for a prefix) is what fails here: "link/.." is not ".".
//
// What is guaranteed. With directories that are really opened relative to each other (node-proc-fs.ts, Linux): whatever
// the guest, or another process, does to the tree in the meantime, no step leaves the directory, because none is made by a
// path that somebody could have changed. A directory that another process moves out of the tree while a walk stands in it
// can still be used by that walk: it was inside when it was opened, like any open descriptor. Without them (node-path-fs.ts)
// the guest alone cannot escape, since its calls are synchronous and links are never followed by the host; a *cooperating
// process* outside could win a race. A hard link that the host's user put into the tree is a file of the tree: no file system
// can tell it from the original. A guest can only link files it can reach by path.

import { fail, failedWith } from "./errno.js";
import type { HostDirectory } from "./host.js";
import type { PathBytes } from "./memory.js";

/** Answer of a {@link Use} that found a symbolic link and wants it followed. @internal */
export const FOLLOW = Symbol("follow");

/** Where a path led: the last component, in an open directory. `slash`: the path demands that it is a directory. @internal */
export interface Place {
  readonly directory: HostDirectory;
  readonly name: PathBytes;
  readonly slash: boolean;
  /** Names from the start of the walk to `directory`. */
  readonly parents: readonly PathBytes[];
}

export type Use<T> = (place: Place) => T | typeof FOLLOW;

const LINKS_MAX = 40; // as on Linux

/**
 * Walks to the last component and gives it to `use`, whose host directory is valid only during that call. When `use` answers
 * FOLLOW the last component is followed as a link, and `use` is called again with what it leads to.
 * @internal
 */
export function walk<T>(start: HostDirectory, path: PathBytes, use: Use<T>): T {
  if (path === "") fail("noent");
  const walker = new Walker(start);
  try {
    return walker.run(path, use);
  } finally {
    walker.leave();
  }
}

class Walker {
  private readonly start: HostDirectory;
  private directory: HostDirectory;
  private parents: PathBytes[] = [];
  /** Components still to walk, the next one last. */
  private pending: PathBytes[] = [];
  private links = 0;

  constructor(start: HostDirectory) {
    this.start = start;
    this.directory = start;
  }

  run<T>(path: PathBytes, use: Use<T>): T {
    let slash = this.push(path);
    for (;;) {
      const name = this.pending.pop() ?? ".";
      if (this.pending.length === 0 && name !== "..") {
        const result = use({ directory: this.directory, name, slash, parents: this.parents });
        if (result !== FOLLOW) return result;
        slash = this.follow(name) || slash;
      } else if (name === "..") this.up();
      else if (name !== ".") this.down(name);
    }
  }

  /** Puts a path in front of what is pending. True if it ends in a slash, or in what can only be a directory. */
  private push(path: PathBytes): boolean {
    if (path.startsWith("/")) fail("notcapable");
    const components = path.split("/").filter((component) => component !== "");
    for (let i = components.length - 1; i >= 0; i--) this.pending.push(components[i]!);
    return path.endsWith("/");
  }

  private down(name: PathBytes): void {
    let next: HostDirectory;
    try {
      next = this.directory.subdirectory(name);
    } catch (error) {
      if (!failedWith(error, "notdir") && !failedWith(error, "loop")) throw error;
      this.follow(name);
      return;
    }
    this.enter(next);
    this.parents.push(name);
  }

  private up(): void {
    if (this.parents.length === 0) fail("notcapable");
    const names = this.parents.slice(0, -1);
    this.enter(this.start);
    this.parents = [];
    for (const name of names) {
      this.enter(this.directory.subdirectory(name));
      this.parents.push(name);
    }
  }

  /** Replaces a link that was just taken from the pending components by its target. */
  private follow(name: PathBytes): boolean {
    if (++this.links > LINKS_MAX) fail("loop");
    let target: PathBytes;
    try {
      target = this.directory.readlink(name);
    } catch (error) {
      // Not a link: then it is not a directory either (or was replaced this moment, which looks the same to the guest).
      if (failedWith(error, "inval")) fail("notdir");
      throw error;
    }
    if (target === "") fail("noent");
    return this.push(target);
  }

  private enter(directory: HostDirectory): void {
    const left = this.directory;
    this.directory = directory;
    if (left !== this.start) left.close();
  }

  leave(): void {
    this.enter(this.start);
  }
}
