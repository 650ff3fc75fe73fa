// The code cache: what V8 made of a page's text last time, kept beside the artifact so that loading it again costs no
// parse. It is only ever an accelerator: a file that is stale (another engine, other flags, another artifact), damaged,
// unreadable or unwritable is as good as none, and says nothing. V8 itself checks its version, flags and the length of the
// source, not the source and not its own bytes; so an entry is bound to the digest of its page, and checked by a digest.
import type { Account, Allocation } from "../runtime/memory/account.js";
import { ByteReader, ByteWriter, bytes, digest, list, name, read, record, u32, write } from "./codec.js";
import { builtin, sha256Of } from "./host.js";
import type { CompiledPage } from "./host.js";
import { fileSource } from "./source.js";

/** Where a code cache is kept. Both functions may throw; nothing comes of it. */
export interface CacheStore {
  /** `room` gives memory to read into, where the caller wants to have the bytes there. */
  read(room?: (length: number) => Uint8Array): Uint8Array | undefined;
  write(bytes: Uint8Array): void;
}

interface Entry {
  readonly page: number;
  /** Over the page's own digest and `data`. */
  readonly check: string;
  readonly data: Uint8Array;
}

interface CacheFile {
  readonly magic: string;
  readonly engine: string;
  readonly artifact: string;
  readonly entries: readonly Entry[];
}

const MAGIC = "wamrc-ts code cache 2";

// More than header and one entry need besides the entry's data.
const HEADER_SIZE = 256;
const ENTRY_SIZE = 64;

const cacheFile = record<CacheFile>({
  magic: name,
  engine: name,
  artifact: digest,
  entries: list(record<Entry>({ page: u32, check: digest, data: bytes })),
});

// Flags are not in it: V8 itself rejects what was made with others, and node:v8, which could tell, takes milliseconds to load.
function engineName(): string {
  const { arch, version, versions } = process;
  return `${version} ${arch} ${versions.v8}`;
}

function checkOf(pageDigest: string, data: Uint8Array): string {
  return sha256Of(pageDigest, data);
}

/** The cached pages of one artifact. @internal */
export class CodeCache {
  private readonly store: CacheStore;
  private readonly artifact: string;
  private readonly pageDigest: (page: number) => string;
  private readonly kept = new Map<number, Entry>();
  private readonly compiled = new Map<number, CompiledPage>();
  private readonly atExit: boolean;
  /** Of the module, where it has one: what was read is charged to it. */
  private readonly account: Account | undefined;
  private held: Allocation | undefined;
  private dirty = false;

  constructor(
    store: CacheStore,
    artifact: string,
    pageDigest: (page: number) => string,
    pageCount: number,
    atExit: boolean,
    account?: Account,
  ) {
    this.atExit = atExit;
    this.account = account;
    this.store = store;
    this.artifact = artifact;
    this.pageDigest = pageDigest;
    try {
      const stored = store.read(account === undefined ? undefined : (length) => this.room(account, length));
      if (stored === undefined) return;
      const file = read(cacheFile, new ByteReader(stored, "code cache", 0));
      if (file.magic !== MAGIC || file.engine !== engineName() || file.artifact !== artifact) return;
      for (const entry of file.entries) if (entry.page < pageCount) this.kept.set(entry.page, entry);
    } catch {
      this.kept.clear();
    }
    if (this.kept.size === 0) this.held?.free();
  }

  private room(account: Account, length: number): Uint8Array {
    this.held = account.allocate("code cache", length);
    return this.held.bytes();
  }

  /** The cached data of a page, undamaged. */
  data(page: number): Uint8Array | undefined {
    const entry = this.kept.get(page);
    if (entry === undefined || checkOf(this.pageDigest(page), entry.data) !== entry.check) return undefined;
    return entry.data;
  }

  /** Remembers a page that the engine has compiled. */
  add(page: number, compiled: CompiledPage): void {
    this.compiled.set(page, compiled);
    if (compiled.fromCache || this.dirty) return;
    this.dirty = true;
    if (this.atExit) saveAtExit(this);
  }

  /** Stores what has been compiled, if the store has not got it. Returns whether anything was written. */
  save(): boolean {
    if (!this.dirty) return false;
    let temporary: Allocation | undefined;
    try {
      for (const [page, compiled] of this.compiled) {
        if (compiled.fromCache) continue;
        const data = compiled.createCache!();
        this.kept.set(page, { page, check: checkOf(this.pageDigest(page), data), data });
      }
      const entries = [...this.kept.values()].sort((a, b) => a.page - b.page);
      const size = entries.reduce((sum, { data }) => sum + data.length + ENTRY_SIZE, HEADER_SIZE);
      temporary = this.account?.allocate("temporary buffer", size);
      const out = new ByteWriter(temporary?.bytes());
      write(cacheFile, { magic: MAGIC, engine: engineName(), artifact: this.artifact, entries }, out);
      this.store.write(out.written());
      this.dirty = false;
      return true;
    } catch {
      return false;
    } finally {
      temporary?.free();
    }
  }

  /** The module goes: last chance to store what would be stored when the process ends. */
  close(): void {
    if (this.atExit) this.save();
    this.kept.clear();
    this.dirty = false;
  }
}

// The later a page is asked for its compiled form, the more of it has run and is in there; so it happens when the process
// ends. Weakly held: a program may load any number of artifacts, and one that nobody uses any more is not worth keeping.
const unsaved = new Set<WeakRef<CodeCache>>();
let collected: FinalizationRegistry<WeakRef<CodeCache>> | undefined;

function saveAtExit(cache: CodeCache): void {
  if (collected === undefined) {
    collected = new FinalizationRegistry((reference) => unsaved.delete(reference));
    process.once("exit", () => unsaved.forEach((reference) => reference.deref()?.save()));
  }
  const reference = new WeakRef(cache);
  unsaved.add(reference);
  collected.register(cache, reference);
}

/** Keeps a code cache in a file, written whole or not at all. */
export function fileCache(path: string): CacheStore {
  const fs = builtin("node:fs");
  if (fs === undefined) throw new TypeError("fileCache: this host has no file system");
  return {
    read(room) {
      if (!fs.existsSync(path)) return undefined;
      if (room === undefined) return fs.readFileSync(path);
      const source = fileSource(path);
      try {
        const bytes = room(source.size);
        source.read(0, bytes);
        return bytes;
      } finally {
        source.close();
      }
    },
    write(bytes) {
      const temporary = `${path}.${process.pid}.${Math.random().toString(36).slice(2)}.tmp`;
      try {
        fs.writeFileSync(temporary, bytes, { flag: "wx" });
        fs.renameSync(temporary, path);
      } catch (error) {
        fs.rmSync(temporary, { force: true });
        throw error;
      }
    },
  };
}

/** Keeps the code cache of any artifact in a directory, under the artifact's digest. @internal */
export function directoryCache(directory: string, artifact: string): CacheStore {
  const file = fileCache(builtin("node:path")!.join(directory, `${artifact.slice(0, 32)}.v8cache`));
  return {
    read: file.read,
    write(bytes) {
      builtin("node:fs")!.mkdirSync(directory, { recursive: true });
      file.write(bytes);
    },
  };
}
