// WASI's error numbers, the one place that knows them, and how a host's error becomes one. Inside this folder a call
// fails by throwing a WasiFailure; `errnoOf` at the import boundary turns it, or a system error of the host's file system,
// into the number the guest sees. Anything else (a bug, an exception of the embedder's own callback) is passed on.
// https://github.com/WebAssembly/WASI/blob/main/legacy/preview1/docs.md#errno

/** Error numbers by the specification's names. */
export const Errno = {
  success: 0,
  "2big": 1,
  acces: 2,
  addrinuse: 3,
  addrnotavail: 4,
  afnosupport: 5,
  again: 6,
  already: 7,
  badf: 8,
  badmsg: 9,
  busy: 10,
  canceled: 11,
  child: 12,
  connaborted: 13,
  connrefused: 14,
  connreset: 15,
  deadlk: 16,
  destaddrreq: 17,
  dom: 18,
  dquot: 19,
  exist: 20,
  fault: 21,
  fbig: 22,
  hostunreach: 23,
  idrm: 24,
  ilseq: 25,
  inprogress: 26,
  intr: 27,
  inval: 28,
  io: 29,
  isconn: 30,
  isdir: 31,
  loop: 32,
  mfile: 33,
  mlink: 34,
  msgsize: 35,
  multihop: 36,
  nametoolong: 37,
  netdown: 38,
  netreset: 39,
  netunreach: 40,
  nfile: 41,
  nobufs: 42,
  nodev: 43,
  noent: 44,
  noexec: 45,
  nolck: 46,
  nolink: 47,
  nomem: 48,
  nomsg: 49,
  noprotoopt: 50,
  nospc: 51,
  nosys: 52,
  notconn: 53,
  notdir: 54,
  notempty: 55,
  notrecoverable: 56,
  notsock: 57,
  notsup: 58,
  notty: 59,
  nxio: 60,
  overflow: 61,
  ownerdead: 62,
  perm: 63,
  pipe: 64,
  proto: 65,
  protonosupport: 66,
  prototype: 67,
  range: 68,
  rofs: 69,
  spipe: 70,
  srch: 71,
  stale: 72,
  timedout: 73,
  txtbsy: 74,
  xdev: 75,
  notcapable: 76,
} as const;

export type ErrnoName = keyof typeof Errno;

// The host's codes are POSIX names, and so are the specification's: "ENOENT" is noent. Only the codes that differ are listed.
const HOST_CODES = new Map<string, number>([
  ...Object.entries(Errno).map(([name, number]): [string, number] => ["E" + name.toUpperCase(), number]),
  ["EWOULDBLOCK", Errno.again],
  ["EOPNOTSUPP", Errno.notsup],
  ["ESHUTDOWN", Errno.pipe],
  ["ECHARSET", Errno.ilseq],
  ["ENONET", Errno.netunreach],
  ["EFTYPE", Errno.inval],
  ["EREMOTEIO", Errno.io],
  ["ENODATA", Errno.io],
  ["UNKNOWN", Errno.io],
  ["EOF", Errno.io],
]);

/**
 * A call's failure on its way to the import boundary. Not an Error: no stack is wanted, and one shared object per number
 * makes a failing call (an interpreter looking for its modules makes thousands) ten times cheaper.
 * @internal
 */
export class WasiFailure {
  readonly errno: number;
  constructor(errno: number) {
    this.errno = errno;
  }
}

const FAILURES = Object.values(Errno).map((errno) => new WasiFailure(errno));

/** Throws the failure; typed `never` so that callers read as branches. @internal */
export function fail(name: ErrnoName): never {
  throw FAILURES[Errno[name]];
}

/**
 * The number of a failure, or of a system error thrown by the host's file system; undefined for anything else, which is not
 * the guest's business.
 * @internal
 */
export function numberOf(error: unknown): number | undefined {
  if (error instanceof WasiFailure) return error.errno;
  if (typeof error !== "object" || error === null) return undefined;
  const { code, syscall } = error as { code?: unknown; syscall?: unknown };
  // A MemoryError: the guest's runtime has no memory left.
  if (code === "out-of-memory") return Errno.nomem;
  if (typeof code !== "string" || typeof syscall !== "string") return undefined;
  return HOST_CODES.get(code) ?? Errno.io;
}

/** Whether a call failed for this reason. @internal */
export function failedWith(error: unknown, name: ErrnoName): boolean {
  return numberOf(error) === Errno[name];
}

/** The number for what a call threw; rethrows anything that is no failure of a call. @internal */
export function errnoOf(error: unknown): number {
  const errno = numberOf(error);
  if (errno === undefined) throw error;
  return errno;
}
