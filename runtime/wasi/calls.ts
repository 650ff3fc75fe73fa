// The one table of calls: name, signature, handler. A signature's letters are the parameters: i = i32, given to the handler as
// an unsigned number, l = i64, given as an unsigned BigInt. Every call returns an error number. Handlers return nothing; they
// fail by throwing (errno.ts), and what they throw is turned into the number here.
// https://github.com/WebAssembly/WASI/blob/main/legacy/preview1/docs.md#functions

import { argsGet, argsSizesGet, environGet, environSizesGet } from "./args.js";
import { clockResGet, clockTimeGet } from "./clock.js";
import type { Context } from "./context.js";
import { Errno, errnoOf } from "./errno.js";
import {
  fdAdvise,
  fdAllocate,
  fdClose,
  fdDatasync,
  fdFdstatGet,
  fdFdstatSetFlags,
  fdFdstatSetRights,
  fdFilestatGet,
  fdFilestatSetSize,
  fdFilestatSetTimes,
  fdPread,
  fdPrestatDirName,
  fdPrestatGet,
  fdPwrite,
  fdRead,
  fdReaddir,
  fdRenumber,
  fdSeek,
  fdSync,
  fdTell,
  fdWrite,
} from "./fd.js";
import {
  pathCreateDirectory,
  pathFilestatGet,
  pathFilestatSetTimes,
  pathLink,
  pathOpen,
  pathReadlink,
  pathRemoveDirectory,
  pathRename,
  pathSymlink,
  pathUnlinkFile,
} from "./path.js";
import { pollOneoff } from "./poll.js";
import { procExit, procRaise, schedYield } from "./proc.js";
import { randomGet } from "./random.js";
import { sockAccept, sockRecv, sockSend, sockShutdown } from "./sock.js";

type Parameter<Letter> = Letter extends "l" ? bigint : number;
type Parameters<Letters extends string> = Letters extends `${infer First}${infer Rest}`
  ? [Parameter<First>, ...Parameters<Rest>]
  : [];

export interface Call {
  readonly name: string;
  readonly signature: string;
  readonly handler: (w: Context, ...args: never[]) => void;
}

// The handler's type follows from the letters: a wrong signature does not compile.
function call<Letters extends string>(
  name: string,
  signature: `${Letters}:i`,
  handler: (w: Context, ...args: Parameters<Letters>) => void,
): Call {
  return { name, signature, handler: handler as Call["handler"] };
}

/** All calls of wasi_snapshot_preview1. Preview 0 has the same but sock_accept, with records laid out differently (abi.ts). */
export const CALLS: readonly Call[] = [
  call("args_get", "ii:i", argsGet),
  call("args_sizes_get", "ii:i", argsSizesGet),
  call("environ_get", "ii:i", environGet),
  call("environ_sizes_get", "ii:i", environSizesGet),
  call("clock_res_get", "ii:i", clockResGet),
  call("clock_time_get", "ili:i", clockTimeGet),
  call("fd_advise", "illi:i", fdAdvise),
  call("fd_allocate", "ill:i", fdAllocate),
  call("fd_close", "i:i", fdClose),
  call("fd_datasync", "i:i", fdDatasync),
  call("fd_fdstat_get", "ii:i", fdFdstatGet),
  call("fd_fdstat_set_flags", "ii:i", fdFdstatSetFlags),
  call("fd_fdstat_set_rights", "ill:i", fdFdstatSetRights),
  call("fd_filestat_get", "ii:i", fdFilestatGet),
  call("fd_filestat_set_size", "il:i", fdFilestatSetSize),
  call("fd_filestat_set_times", "illi:i", fdFilestatSetTimes),
  call("fd_pread", "iiili:i", fdPread),
  call("fd_prestat_get", "ii:i", fdPrestatGet),
  call("fd_prestat_dir_name", "iii:i", fdPrestatDirName),
  call("fd_pwrite", "iiili:i", fdPwrite),
  call("fd_read", "iiii:i", fdRead),
  call("fd_readdir", "iiili:i", fdReaddir),
  call("fd_renumber", "ii:i", fdRenumber),
  call("fd_seek", "ilii:i", fdSeek),
  call("fd_sync", "i:i", fdSync),
  call("fd_tell", "ii:i", fdTell),
  call("fd_write", "iiii:i", fdWrite),
  call("path_create_directory", "iii:i", pathCreateDirectory),
  call("path_filestat_get", "iiiii:i", pathFilestatGet),
  call("path_filestat_set_times", "iiiilli:i", pathFilestatSetTimes),
  call("path_link", "iiiiiii:i", pathLink),
  call("path_open", "iiiiillii:i", pathOpen),
  call("path_readlink", "iiiiii:i", pathReadlink),
  call("path_remove_directory", "iii:i", pathRemoveDirectory),
  call("path_rename", "iiiiii:i", pathRename),
  call("path_symlink", "iiiii:i", pathSymlink),
  call("path_unlink_file", "iii:i", pathUnlinkFile),
  call("poll_oneoff", "iiii:i", pollOneoff),
  call("proc_exit", "i:i", procExit),
  call("proc_raise", "i:i", procRaise),
  call("sched_yield", ":i", schedYield),
  call("random_get", "ii:i", randomGet),
  call("sock_accept", "iii:i", sockAccept),
  call("sock_recv", "iiiiii:i", sockRecv),
  call("sock_send", "iiiii:i", sockSend),
  call("sock_shutdown", "ii:i", sockShutdown),
];

/** A call as the host import that a module links to. */
export type WasiImport = (...args: (number | bigint)[]) => number;

/** @internal */
export function bindCall({ name, signature, handler }: Call, w: Context): WasiImport {
  const letters = signature.slice(0, signature.indexOf(":"));
  const bound = (...args: (number | bigint)[]): number => {
    const values: (number | bigint)[] = [];
    for (let i = 0; i < letters.length; i++) {
      // From Wasm come signed numbers; a pointer above 2 GiB is negative.
      values.push(letters[i] === "l" ? BigInt.asUintN(64, args[i] as bigint) : (args[i] as number) >>> 0);
    }
    try {
      (handler as (w: Context, ...args: unknown[]) => void)(w, ...values);
      return Errno.success;
    } catch (error) {
      return errnoOf(error);
    }
  };
  Object.defineProperty(bound, "name", { value: name });
  return bound;
}
