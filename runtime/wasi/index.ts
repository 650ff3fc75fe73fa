// WASI's public names on Node: those of browser.ts, with Node's host as the default.

import { NodeHost } from "./node-host.js";
import { Wasi as PortableWasi, type WasiOptions } from "./wasi.js";

export { Errno, type ErrnoName } from "./errno.js";
export type { DirectoryEntry, FileStat, FileTimes, HostDirectory, OpenOptions, WasiHost } from "./host.js";
export type { MemoryLike } from "./memory.js";
export { PortableHost } from "./portable-host.js";
export { NodeHost, type NodeHostOptions } from "./node-host.js";
export { OutputBuffer, type InputCallback, type OutputCallback } from "./streams.js";
export type { InstanceLike, WasiInput, WasiOptions, WasiOutput } from "./wasi.js";
export { CALLS as WASI_CALLS, type WasiImport } from "./calls.js";
export { ExitError } from "../errors.js";

/** WASI preview 1 (and preview 0) for one guest, on Node's file system, descriptors, clocks and random source. */
export class Wasi extends PortableWasi {
  constructor(options: WasiOptions = {}) {
    super({ ...options, host: options.host ?? new NodeHost() });
  }
}
