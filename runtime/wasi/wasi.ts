// The class an embedder uses: takes the options, sets up one guest's context, hands out the imports, runs the guest. Depends on no
// platform; index.ts adds Node's host.

import type { Runtime } from "../environment/runtime.js";
import { ExitError } from "../errors.js";
import { utf8Into, utf8Length } from "../utf8.js";
import { PREVIEW0, PREVIEW1, type Layout } from "./abi.js";
import { CALLS, bindCall, type WasiImport } from "./calls.js";
import type { Context } from "./context.js";
import { Directory } from "./directory.js";
import { FdTable } from "./fd-table.js";
import type { WasiHost } from "./host.js";
import { GuestMemory, type MemoryLike, type PathBytes } from "./memory.js";
import type { OpenFile } from "./open-file.js";
import { PortableHost } from "./portable-host.js";
import { plainRoom, RuntimeRoom, type Room } from "./room.js";
import { InputStream, OutputBuffer, OutputStream, type InputCallback, type OutputCallback } from "./streams.js";

/** stdin: a descriptor of the process, the bytes or text itself, or a callback that gives the next piece. */
export type WasiInput = number | Uint8Array | string | InputCallback;
/** stdout, stderr: a descriptor of the process, a callback that takes the bytes, or anything with a `write` method. */
export type WasiOutput = number | OutputCallback | { write(bytes: Uint8Array): number | void | boolean };

export interface WasiOptions {
  /** The command line, the program's name first. */
  readonly args?: readonly string[];
  readonly env?: Readonly<Record<string, string | undefined>>;
  /** Directories the guest may use: its name for each, and the host's path. */
  readonly preopens?: Readonly<Record<string, string>>;
  /** By default the process's own, where there is one; otherwise empty. */
  readonly stdin?: WasiInput;
  readonly stdout?: WasiOutput;
  readonly stderr?: WasiOutput;
  /** Replaces the clocks: nanoseconds since 1970, and since any time. */
  readonly clock?: { realtime?: () => bigint; monotonic?: () => bigint };
  /** Replaces the source of random bytes. */
  readonly random?: (bytes: Uint8Array) => void;
  /** Take memory for the guest's context from this runtime: an instance of it is to be the guest, and frees it with itself. */
  readonly runtime?: Runtime;
  /** The machine below; by default Node's, or in a browser one without files. */
  readonly host?: WasiHost;
}

/** What is needed of an instance: WebAssembly.Instance, or anything of its shape. */
export interface InstanceLike {
  readonly exports: Readonly<Record<string, unknown>>;
}

// Each with a NUL behind it, in one piece of memory.
function encodeStrings(strings: readonly string[], what: string, room: Room): Uint8Array[] {
  for (const string of strings)
    if (string.includes("\0")) throw new TypeError(`${what} contains a NUL character: ${JSON.stringify(string)}`);
  const lengths = strings.map((string) => utf8Length(string) + 1);
  const total = lengths.reduce((sum, length) => sum + length, 0);
  if (total === 0) return [];
  const bytes = room.keep(total, `${what}s`).bytes();
  let at = 0;
  return strings.map((string, i) => {
    const place = bytes.subarray(at, (at += lengths[i]!));
    utf8Into(string, place);
    return place;
  });
}

function encodePath(path: string, room: Room): PathBytes {
  return room.with(utf8Length(path), (bytes) => {
    utf8Into(path, bytes);
    return String.fromCharCode(...bytes);
  });
}

/** WASI preview 1 (and preview 0) for one guest. */
export class Wasi {
  /** The calls, as imports of `wasi_snapshot_preview1`. */
  readonly imports: Readonly<Record<string, WasiImport>>;
  private readonly context: Context;
  private readonly room: RuntimeRoom | undefined;
  private started = false;

  constructor(options: WasiOptions = {}) {
    const host = withReplacements(options.host ?? new PortableHost(), options);
    this.room = options.runtime && new RuntimeRoom(options.runtime, () => this.end());
    const room = this.room ?? plainRoom;
    const strings = { args: [], env: [] };
    this.context = { memory: new GuestMemory(), fds: new FdTable(room), host, room, layout: PREVIEW1, ...strings };
    try {
      const { args, env } = this.context;
      args.push(...encodeStrings(options.args ?? [], "argument", room));
      env.push(...encodeStrings(environment(options), "environment variable", room));
      const inherit = host.openDescriptor !== undefined;
      this.context.fds.insert(inputFile(host, options.stdin ?? (inherit ? 0 : "")));
      this.context.fds.insert(outputFile(host, options.stdout ?? (inherit ? 1 : new OutputBuffer()), room));
      this.context.fds.insert(outputFile(host, options.stderr ?? (inherit ? 2 : new OutputBuffer()), room));
      for (const [guest, path] of Object.entries(options.preopens ?? {})) this.preopen(guest, path);
    } catch (error) {
      this.close();
      throw error;
    }
    this.imports = this.importsFor(PREVIEW1);
  }

  /** Every module of imports that a guest of either preview may ask for. */
  get importObject(): {
    wasi_snapshot_preview1: Readonly<Record<string, WasiImport>>;
    wasi_unstable: Readonly<Record<string, WasiImport>>;
  } {
    return { wasi_snapshot_preview1: this.imports, wasi_unstable: this.importsFor(PREVIEW0) };
  }

  private importsFor(layout: Layout): Readonly<Record<string, WasiImport>> {
    const context = { ...this.context, layout };
    return Object.freeze(Object.fromEntries(CALLS.map((call) => [call.name, bindCall(call, context)])));
  }

  private preopen(guest: string, path: string): void {
    const { host, fds, room } = this.context;
    if (host.openDirectory === undefined)
      throw new TypeError(`preopened directory not supported: this host has no file system (given for "${guest}")`);
    try {
      fds.insert(new Directory(host.openDirectory(path), 0), -1, -1, encodePath(guest, room));
    } catch (error) {
      const reason = error instanceof Error ? error.message : "not a directory";
      throw new Error(`preopened directory cannot be opened: ${path} (given for "${guest}"): ${reason}`, {
        cause: error,
      });
    }
  }

  /** Gives the calls their memory: for a guest that imports it. `start` and `initialize` take the exported one. */
  bind(memory: MemoryLike): void {
    this.context.memory.attach(memory);
  }

  /** Runs a command to its end and returns its exit code. What the guest left open is closed. */
  start(instance: InstanceLike): number {
    this.begin(instance);
    const { _start, _initialize } = instance.exports;
    if (typeof _start !== "function") throw new TypeError("not a command: it exports no function _start");
    if (_initialize !== undefined)
      throw new TypeError("neither command nor reactor: it exports both _start and _initialize");
    try {
      _start();
      return 0;
    } catch (error) {
      if (error instanceof ExitError) return error.code;
      throw error;
    } finally {
      this.close();
    }
  }

  /** Prepares a reactor: its exports can be called afterwards, until `close`. */
  initialize(instance: InstanceLike): void {
    this.begin(instance);
    const { _start, _initialize } = instance.exports;
    if (_start !== undefined) throw new TypeError("not a reactor: it exports _start");
    if (_initialize === undefined) return;
    if (typeof _initialize !== "function")
      throw new TypeError("not a reactor: its export _initialize is not a function");
    _initialize();
  }

  private begin(instance: InstanceLike): void {
    const { exports } = instance;
    if (this.started) throw new Error("already started: make a new Wasi for each instance");
    this.room?.moveTo(instance);
    const { memory } = exports;
    if (isMemory(memory)) this.bind(memory);
    else if (!this.context.memory.attached)
      throw new TypeError("no memory: it exports none by the name memory; call bind with the one it imports");
    this.started = true;
  }

  /** Closes everything the guest has open, except descriptors that the embedder gave, and frees the context's memory. */
  close(): void {
    if (this.room === undefined) this.end();
    else this.room.close();
  }

  private end(): void {
    this.context.fds.closeAll();
    this.context.args.length = this.context.env.length = 0;
  }
}

function environment({ env = {} }: WasiOptions): string[] {
  return Object.entries(env).flatMap(([name, value]) => (value === undefined ? [] : [`${name}=${value}`]));
}

// Without reading the buffer: memories make one when it is asked for.
function isMemory(value: unknown): value is MemoryLike {
  return typeof value === "object" && value !== null && "buffer" in value;
}

function withReplacements(host: WasiHost, { clock, random }: WasiOptions): WasiHost {
  if (clock === undefined && random === undefined) return host;
  const replaced = Object.create(host) as { -readonly [K in keyof WasiHost]: WasiHost[K] };
  if (clock?.realtime !== undefined) replaced.realtime = clock.realtime;
  if (clock?.monotonic !== undefined) replaced.monotonic = clock.monotonic;
  if (random !== undefined) replaced.random = random;
  return replaced;
}

function descriptor(host: WasiHost, fd: number): OpenFile {
  if (host.openDescriptor === undefined) throw new TypeError(`descriptor ${fd} not supported: this host has none`);
  return host.openDescriptor(fd);
}

function inputFile(host: WasiHost, input: WasiInput): OpenFile {
  if (typeof input === "number") return descriptor(host, input);
  if (typeof input === "function") return new InputStream(input);
  return InputStream.of(input);
}

function outputFile(host: WasiHost, output: WasiOutput, room: Room): OpenFile {
  if (typeof output === "number") return descriptor(host, output);
  if (typeof output === "function") return new OutputStream(output);
  return new OutputStream((bytes) => {
    // A stream may keep the bytes until it has written them, and is given a copy of what would be gone by then.
    const taken = output.write(room === plainRoom ? bytes : bytes.slice());
    return typeof taken === "number" ? taken : bytes.length;
  });
}
