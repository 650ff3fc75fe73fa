// Where our answers deliberately differ from node:wasi's (uvwasi 0.0.23): the reasons, and the steps of the scenario that show
// them. scenario.test.ts fails on a difference that is not listed, on a listed one that is none, and when the table in
// runtime/wasi/DIFFERENCES.md does not name these reasons.

export const REASONS: Readonly<Record<string, readonly string[]>> = {
  "bad pointers are `fault`": [
    "args_get out of bounds",
    "environ_get buffer out of bounds",
    "args_sizes_get out of bounds",
    "clock_time_get out of bounds",
    "random_get out of bounds",
    "open with result out of bounds",
    "open with path out of bounds",
    "stat with result out of bounds",
    "read with vectors out of bounds",
    "read with a huge count of vectors",
    "read with result out of bounds",
    "read into a buffer out of bounds",
    "fdstat out of bounds",
    "list with a buffer out of bounds",
    "poll out of bounds",
  ],
  "links in the middle of a path stay inside": [
    "open through a link out",
    "create through a link out",
    "stat through a link to a directory outside",
    "symlink through a link out",
    "mkdir through a link out",
    "unlink through a link out",
    "rename out through a link",
    "rename in through a link",
    "link through a link out",
  ],
  "a last link is followed only if asked for": [
    "open a link, not following",
    "open a link out, not following",
    "open O_CREAT|O_EXCL of a dangling link",
  ],
  "`..` is walked, not cut out of the text": ["open missing/../b", "open file/../b", "open ../w/hello"],
  "an empty path is no path": [
    "open an empty path",
    "stat an empty path",
    "mkdir an empty path",
    "symlink with an empty target",
  ],
  "undefined flags are `inval`": [
    "open with undefined oflags",
    "open with undefined fdflags",
    "stat with undefined lookup flags",
    "set undefined flags",
  ],
  "flags are WASI's, not the host's": ["flags of a file opened for appending", "flags of a pipe"],
  "links may go up inside the preopen": ["symlink going up inside"],
  "readlink cuts off": ["readlink with a short buffer", "readlink with an exact buffer"],
  "times keep their fractions": ["set times with a fraction"],
  "directories list `.`, `..` and inodes": ["list . and ..", "list with inodes", "list a pipe's type"],
  "`.` is passed to the host": ["rmdir .", "rename ."],
  "preopens end with `badf`": ["fd_prestat_get of stdin", "fd_prestat_dir_name short buffer"],
  "streams have no offset": ["seek a pipe", "tell a pipe", "pwrite a pipe"],
  "only sockets are sockets": ["accept on a file", "receive on a file", "send on a file", "shut down a file"],
  "poll_oneoff reports each subscription": ["poll a clock", "poll two clocks", "poll a file", "poll a bad descriptor"],
  "renumber needs descriptors": ["renumber a bad descriptor to itself"],
};

/** Differences that cannot be a step of the scenario: they end a process, need a terminal, or node:wasi does not return. */
export const UNTESTED_REASONS: readonly string[] = [
  "signals end the guest, not the host",
  "descriptors of the embedder stay open",
  "streams that do not block are waited for",
  "calls of node:wasi that never return",
];
