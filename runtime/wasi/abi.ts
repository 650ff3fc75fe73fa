// The numbers and record sizes of WASI preview 1, by the specification's names. No logic but the rights each kind of file
// can have at most. Errors are in errno.ts.
// https://github.com/WebAssembly/WASI/blob/main/legacy/preview1/docs.md

export const Filetype = {
  unknown: 0,
  blockDevice: 1,
  characterDevice: 2,
  directory: 3,
  regularFile: 4,
  socketDgram: 5,
  socketStream: 6,
  symbolicLink: 7,
} as const;

export const Fdflags = { append: 1, dsync: 2, nonblock: 4, rsync: 8, sync: 16, all: 31 } as const;
export const Oflags = { creat: 1, directory: 2, excl: 4, trunc: 8, all: 15 } as const;
export const Lookupflags = { symlinkFollow: 1, all: 1 } as const;
export const Fstflags = { atim: 1, atimNow: 2, mtim: 4, mtimNow: 8, all: 15 } as const;
export const Whence = { set: 0, cur: 1, end: 2 } as const;
export const Clockid = { realtime: 0, monotonic: 1, processCputime: 2, threadCputime: 3 } as const;
export const Eventtype = { clock: 0, fdRead: 1, fdWrite: 2 } as const;
export const Eventrwflags = { hangup: 1 } as const;
export const Subclockflags = { abstime: 1 } as const;
export const Riflags = { recvPeek: 1, recvWaitall: 2, all: 3 } as const;
export const Sdflags = { rd: 1, wr: 2, all: 3 } as const;
/** Advice runs from 0 (normal) to 5 (noreuse). */
export const ADVICE_MAX = 5;

export const Rights = {
  fdDatasync: 1 << 0,
  fdRead: 1 << 1,
  fdSeek: 1 << 2,
  fdFdstatSetFlags: 1 << 3,
  fdSync: 1 << 4,
  fdTell: 1 << 5,
  fdWrite: 1 << 6,
  fdAdvise: 1 << 7,
  fdAllocate: 1 << 8,
  pathCreateDirectory: 1 << 9,
  pathCreateFile: 1 << 10,
  pathLinkSource: 1 << 11,
  pathLinkTarget: 1 << 12,
  pathOpen: 1 << 13,
  fdReaddir: 1 << 14,
  pathReadlink: 1 << 15,
  pathRenameSource: 1 << 16,
  pathRenameTarget: 1 << 17,
  pathFilestatGet: 1 << 18,
  pathFilestatSetSize: 1 << 19,
  pathFilestatSetTimes: 1 << 20,
  fdFilestatGet: 1 << 21,
  fdFilestatSetSize: 1 << 22,
  fdFilestatSetTimes: 1 << 23,
  pathSymlink: 1 << 24,
  pathRemoveDirectory: 1 << 25,
  pathUnlinkFile: 1 << 26,
  pollFdReadwrite: 1 << 27,
  sockShutdown: 1 << 28,
  sockAccept: 1 << 29,
} as const;

/** Every defined right. */
export const RIGHTS_ALL = (1 << 30) - 1;

/**
 * A guest's 64-bit rights as the int32 that is used inside. Bits that no right has become bit 31, which no descriptor ever
 * holds: asking for an undefined right fails like asking for one that was not granted.
 */
export function rightsFromGuest(rights: bigint): number {
  const defined = Number(rights & 0x3fff_ffffn);
  return rights >> 30n === 0n ? defined : defined | (1 << 31);
}

const FILE =
  Rights.fdDatasync |
  Rights.fdRead |
  Rights.fdSeek |
  Rights.fdFdstatSetFlags |
  Rights.fdSync |
  Rights.fdTell |
  Rights.fdWrite |
  Rights.fdAdvise |
  Rights.fdAllocate |
  Rights.fdFilestatGet |
  Rights.fdFilestatSetSize |
  Rights.fdFilestatSetTimes |
  Rights.pollFdReadwrite;

const DIRECTORY =
  Rights.fdFdstatSetFlags |
  Rights.fdSync |
  Rights.fdAdvise |
  Rights.pathCreateDirectory |
  Rights.pathCreateFile |
  Rights.pathLinkSource |
  Rights.pathLinkTarget |
  Rights.pathOpen |
  Rights.fdReaddir |
  Rights.pathReadlink |
  Rights.pathRenameSource |
  Rights.pathRenameTarget |
  Rights.pathFilestatGet |
  Rights.pathFilestatSetSize |
  Rights.pathFilestatSetTimes |
  Rights.fdFilestatGet |
  Rights.fdFilestatSetTimes |
  Rights.pathSymlink |
  Rights.pathUnlinkFile |
  Rights.pathRemoveDirectory |
  Rights.pollFdReadwrite;

const STREAM = Rights.fdRead | Rights.fdFdstatSetFlags | Rights.fdWrite | Rights.fdFilestatGet | Rights.pollFdReadwrite;

/** The most rights a descriptor of a kind can have: its own, and those that descriptors opened through it inherit. */
export function maxRights(filetype: number, tty: boolean): { base: number; inheriting: number } {
  switch (filetype) {
    case Filetype.regularFile:
      return { base: FILE, inheriting: 0 };
    case Filetype.directory:
      return { base: DIRECTORY, inheriting: DIRECTORY | FILE };
    case Filetype.socketStream:
    case Filetype.socketDgram:
      return { base: STREAM | Rights.sockShutdown | Rights.sockAccept, inheriting: RIGHTS_ALL };
    case Filetype.characterDevice:
      // libc takes a character device that can neither seek nor tell for a terminal, so the two must differ.
      return tty ? { base: STREAM, inheriting: 0 } : { base: RIGHTS_ALL, inheriting: RIGHTS_ALL };
    case Filetype.blockDevice:
      return { base: RIGHTS_ALL, inheriting: RIGHTS_ALL };
    default:
      return { base: 0, inheriting: 0 };
  }
}

/** Byte sizes of the records that cross the boundary. */
export const Size = { fdstat: 24, prestat: 8, dirent: 24, iovec: 8, event: 32 } as const;

/**
 * The records that differ between preview 1 and preview 0 (`wasi_unstable`), by byte offset. Preview 0 counts links in 32
 * bits, gives a clock subscription an identifier of its own, and orders `whence` as cur, end, set.
 */
export interface Layout {
  readonly filestat: {
    readonly size: number;
    readonly nlink64: boolean;
    readonly nlink: number;
    readonly fileSize: number;
    readonly times: number;
  };
  readonly subscription: {
    readonly size: number;
    readonly clock: number;
    readonly timeout: number;
    readonly flags: number;
  };
  readonly whence: readonly number[];
}

export const PREVIEW1: Layout = {
  filestat: { size: 64, nlink64: true, nlink: 24, fileSize: 32, times: 40 },
  subscription: { size: 48, clock: 16, timeout: 24, flags: 40 },
  whence: [Whence.set, Whence.cur, Whence.end],
};

export const PREVIEW0: Layout = {
  filestat: { size: 56, nlink64: false, nlink: 20, fileSize: 24, times: 32 },
  subscription: { size: 56, clock: 24, timeout: 32, flags: 48 },
  whence: [Whence.cur, Whence.end, Whence.set],
};
