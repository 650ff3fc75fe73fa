// The calls that take paths. Each finds its directory descriptor with the rights it needs, walks (path-walk.ts) and does one
// thing at the end of the walk.

import { Fdflags, Filetype, Lookupflags, Oflags, Rights, rightsFromGuest } from "./abi.js";
import type { Context } from "./context.js";
import { Directory } from "./directory.js";
import { fail, failedWith } from "./errno.js";
import { fileTimes, writeFilestat } from "./filestat.js";
import type { FileStat } from "./host.js";
import type { PathBytes } from "./memory.js";
import type { OpenFile } from "./open-file.js";
import { FOLLOW, walk, type Place } from "./path-walk.js";

function directory(w: Context, fd: number, base: number, inheriting = 0): Directory {
  const { file } = w.fds.withRights(fd, base, inheriting);
  return file instanceof Directory ? file : fail("notdir");
}

function followsLast(lookupflags: number): boolean {
  if ((lookupflags & ~Lookupflags.all) !== 0) fail("inval");
  return (lookupflags & Lookupflags.symlinkFollow) !== 0;
}

/** The status of a place, following a link there if asked to; a trailing slash follows too, and demands a directory. */
function statPlace({ directory, name, slash }: Place, follow: boolean): FileStat | typeof FOLLOW {
  const stat = directory.stat(name);
  if (stat.filetype === Filetype.symbolicLink && (follow || slash)) return FOLLOW;
  if (slash && stat.filetype !== Filetype.directory) fail("notdir");
  return stat;
}

/** A trailing slash demands an existing directory, not a link to one: for calls that change the directory entry itself. */
function demandDirectory({ directory, name, slash }: Place): void {
  if (slash && directory.stat(name).filetype !== Filetype.directory) fail("notdir");
}

export function pathOpen(
  w: Context,
  dirfd: number,
  lookupflags: number,
  pathPtr: number,
  pathLen: number,
  oflags: number,
  rightsBase: bigint,
  rightsInheriting: bigint,
  fdflags: number,
  resultPtr: number,
): void {
  w.memory.check(resultPtr, 4);
  const path = w.memory.path(pathPtr, pathLen);
  if ((oflags & ~Oflags.all) !== 0 || (fdflags & ~Fdflags.all) !== 0) fail("inval");
  const create = (oflags & Oflags.creat) !== 0;
  // Linux before 6.4 made a regular file of this.
  if (create && (oflags & Oflags.directory) !== 0) fail("inval");

  const base = rightsFromGuest(rightsBase);
  const inheriting = rightsFromGuest(rightsInheriting);
  const read = (base & (Rights.fdRead | Rights.fdReaddir)) !== 0;
  const write = (base & (Rights.fdDatasync | Rights.fdWrite | Rights.fdAllocate | Rights.fdFilestatSetSize)) !== 0;
  const truncate = (oflags & Oflags.trunc) !== 0;
  let needed = Rights.pathOpen;
  if (create) needed |= Rights.pathCreateFile;
  if (truncate) needed |= Rights.pathFilestatSetSize;
  let inherited = base | inheriting;
  if ((fdflags & Fdflags.dsync) !== 0) inherited |= Rights.fdDatasync;
  if ((fdflags & (Fdflags.rsync | Fdflags.sync)) !== 0) inherited |= Rights.fdSync;
  if (write && !truncate && (fdflags & Fdflags.append) === 0) inherited |= Rights.fdSeek;
  const parent = directory(w, dirfd, needed, inherited);

  // An exclusively created file must not be there, not even as a link.
  const follow = followsLast(lookupflags) && !(create && (oflags & Oflags.excl) !== 0);
  const file = walk<OpenFile>(parent.host, path, ({ directory, name, slash, parents }) => {
    if (slash && create) fail("isdir");
    const wanted = slash ? oflags | Oflags.directory : oflags;
    try {
      return directory.open(
        name,
        { read, write, oflags: wanted, fdflags },
        parent.depth + parents.length + (name === "." ? 0 : 1),
      );
    } catch (error) {
      // A link fails with `loop`, or with `notdir` where a directory was demanded.
      const maybeLink = failedWith(error, "loop") || (failedWith(error, "notdir") && (wanted & Oflags.directory) !== 0);
      if (!maybeLink || directory.stat(name).filetype !== Filetype.symbolicLink) throw error;
      return follow || slash ? FOLLOW : fail("loop");
    }
  });
  try {
    w.memory.setU32(resultPtr, w.fds.insert(file, base, inheriting));
  } catch (error) {
    file.close();
    throw error;
  }
}

export function pathCreateDirectory(w: Context, fd: number, pathPtr: number, pathLen: number): void {
  const path = w.memory.path(pathPtr, pathLen);
  walk(directory(w, fd, Rights.pathCreateDirectory).host, path, ({ directory, name }) => directory.mkdir(name));
}

export function pathRemoveDirectory(w: Context, fd: number, pathPtr: number, pathLen: number): void {
  const path = w.memory.path(pathPtr, pathLen);
  walk(directory(w, fd, Rights.pathRemoveDirectory).host, path, (place) => {
    demandDirectory(place);
    place.directory.rmdir(place.name);
  });
}

export function pathUnlinkFile(w: Context, fd: number, pathPtr: number, pathLen: number): void {
  const path = w.memory.path(pathPtr, pathLen);
  walk(directory(w, fd, Rights.pathUnlinkFile).host, path, (place) => {
    demandDirectory(place);
    if (place.slash) fail("isdir");
    place.directory.unlink(place.name);
  });
}

export function pathFilestatGet(
  w: Context,
  fd: number,
  lookupflags: number,
  pathPtr: number,
  pathLen: number,
  resultPtr: number,
): void {
  w.memory.check(resultPtr, w.layout.filestat.size);
  const path = w.memory.path(pathPtr, pathLen);
  const follow = followsLast(lookupflags);
  const stat = walk(directory(w, fd, Rights.pathFilestatGet).host, path, (place) => statPlace(place, follow));
  writeFilestat(w, resultPtr, stat);
}

export function pathFilestatSetTimes(
  w: Context,
  fd: number,
  lookupflags: number,
  pathPtr: number,
  pathLen: number,
  atim: bigint,
  mtim: bigint,
  fstflags: number,
): void {
  const path = w.memory.path(pathPtr, pathLen);
  const follow = followsLast(lookupflags);
  const times = fileTimes(w, atim, mtim, fstflags);
  walk(directory(w, fd, Rights.pathFilestatSetTimes).host, path, (place) => {
    const stat = statPlace(place, follow);
    return stat === FOLLOW ? FOLLOW : place.directory.setTimes(place.name, times);
  });
}

export function pathReadlink(
  w: Context,
  fd: number,
  pathPtr: number,
  pathLen: number,
  buffer: number,
  bufferLen: number,
  usedPtr: number,
): void {
  w.memory.check(buffer, bufferLen);
  w.memory.check(usedPtr, 4);
  const path = w.memory.path(pathPtr, pathLen);
  const target = walk(directory(w, fd, Rights.pathReadlink).host, path, (place) => {
    demandDirectory(place);
    return place.directory.readlink(place.name);
  });
  // What does not fit is cut off, as readlink does everywhere.
  w.memory.setU32(usedPtr, w.memory.setPath(buffer, target, bufferLen));
}

export function pathSymlink(
  w: Context,
  targetPtr: number,
  targetLen: number,
  fd: number,
  pathPtr: number,
  pathLen: number,
): void {
  const target = w.memory.path(targetPtr, targetLen);
  const path = w.memory.path(pathPtr, pathLen);
  const parent = directory(w, fd, Rights.pathSymlink);
  if (target.startsWith("/")) fail("perm");
  walk(parent.host, path, ({ directory, name, slash, parents }) => {
    // Nothing in here would follow a link that leads out, but a program of the host might: do not let a guest lay it.
    if (leadsOut(target, parent.depth + parents.length)) fail("notcapable");
    // A link is not a directory: the slash asks for one that exists.
    if (slash) fail(exists({ directory, name, slash, parents }) ? "exist" : "noent");
    directory.symlink(target, name);
  });
}

function exists({ directory, name }: Place): boolean {
  try {
    directory.stat(name);
    return true;
  } catch (error) {
    if (failedWith(error, "noent")) return false;
    throw error;
  }
}

/** Whether a relative path, taken literally, leaves a tree when used `depth` directories below its root. */
function leadsOut(path: PathBytes, depth: number): boolean {
  for (const component of path.split("/")) {
    if (component === "..") depth--;
    else if (component !== "" && component !== ".") depth++;
    if (depth < 0) return true;
  }
  return false;
}

export function pathRename(
  w: Context,
  oldFd: number,
  oldPtr: number,
  oldLen: number,
  newFd: number,
  newPtr: number,
  newLen: number,
): void {
  const oldPath = w.memory.path(oldPtr, oldLen);
  const newPath = w.memory.path(newPtr, newLen);
  const from = directory(w, oldFd, Rights.pathRenameSource);
  const to = directory(w, newFd, Rights.pathRenameTarget);
  walk(from.host, oldPath, (source) => {
    demandDirectory(source);
    walk(to.host, newPath, (target) => {
      // The target may be missing, but a slash says that a directory is being renamed.
      if (target.slash && source.directory.stat(source.name).filetype !== Filetype.directory) fail("notdir");
      source.directory.rename(source.name, target.directory, target.name);
    });
  });
}

export function pathLink(
  w: Context,
  oldFd: number,
  lookupflags: number,
  oldPtr: number,
  oldLen: number,
  newFd: number,
  newPtr: number,
  newLen: number,
): void {
  const oldPath = w.memory.path(oldPtr, oldLen);
  const newPath = w.memory.path(newPtr, newLen);
  const follow = followsLast(lookupflags);
  const from = directory(w, oldFd, Rights.pathLinkSource);
  const to = directory(w, newFd, Rights.pathLinkTarget);
  walk(from.host, oldPath, (source) => {
    if (statPlace(source, follow) === FOLLOW) return FOLLOW;
    return walk(to.host, newPath, (target) => {
      if (target.slash) fail(exists(target) ? "exist" : "noent");
      source.directory.link(source.name, target.directory, target.name);
    });
  });
}
