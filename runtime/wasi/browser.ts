// WASI's public names without Node: standard streams, clocks and random bytes, no files. Bundlers for browsers find this file
// by the package's export conditions.

export { Errno, type ErrnoName } from "./errno.js";
export type { DirectoryEntry, FileStat, FileTimes, HostDirectory, OpenOptions, WasiHost } from "./host.js";
export type { MemoryLike } from "./memory.js";
export { PortableHost } from "./portable-host.js";
export { OutputBuffer, type InputCallback, type OutputCallback } from "./streams.js";
export { Wasi, type InstanceLike, type WasiInput, type WasiOptions, type WasiOutput } from "./wasi.js";
export { CALLS as WASI_CALLS, type WasiImport } from "./calls.js";
export { ExitError } from "../errors.js";
