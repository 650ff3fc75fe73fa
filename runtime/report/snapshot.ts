// What the faces of the memory report show: the report, and what lies where at the moment. Plain data, so its JSON is a face, too.
import type { InstanceOwner } from "../environment/instance-owner.js";
import type { CodePage } from "../environment/module-owner.js";
import type { Runtime } from "../environment/runtime.js";
import { PAGE, type Memory } from "../instance/memory.js";
import type { PoolMap } from "../memory/allocator.js";
import type { MemoryReport } from "../memory/report.js";

export interface MemorySnapshot extends MemoryReport {
  /** What was looked at, and when: "app.aot, when it had run". */
  readonly title: string;
  readonly pool?: PoolMap;
  readonly code: readonly CodeMap[];
  readonly memories: readonly LinearMemoryMap[];
  /** What else there is to say, in sentences. */
  readonly remarks: readonly string[];
  readonly engine?: EngineEstimate;
}

/** The pages of one module's code. */
export interface CodeMap {
  /** The module's name in the report. */
  readonly module: string;
  readonly pages: readonly CodePage[];
}

/** One linear memory that an instance defines. In bytes. */
export interface LinearMemoryMap {
  /** The instance's name in the report. */
  readonly instance: string;
  /** Index of the memory. */
  readonly memory: number;
  readonly bytes: number;
  /** What it may have at most, by its own maximum and the host's limit. */
  readonly most: number;
  /** The host's heap in it. */
  readonly heap?: { readonly at: number; readonly bytes: number };
  /** Ranges of whole granules (4 KiB) that hold anything but zeros, as beginning and length. */
  readonly written: readonly (readonly [at: number, bytes: number])[];
}

/** What the JavaScript engine holds besides, as far as it tells: never exact, and in no sum of the report. */
export interface EngineEstimate {
  /** How the figures were come by. */
  readonly how: string;
  readonly parts: readonly { readonly what: string; readonly bytes: number }[];
}

export interface SnapshotOptions {
  /** Default: the runtime's name. */
  readonly title?: string | undefined;
  readonly remarks?: readonly string[] | undefined;
  readonly engine?: EngineEstimate | undefined;
}

/** Bytes of a linear memory that are looked at together. */
export const GRANULE = 4096;

/** Looks at a runtime as it is now. Reads all of its linear memories. */
export function takeSnapshot(runtime: Runtime, options: SnapshotOptions = {}): MemorySnapshot {
  const { title = runtime.account.name, remarks = [], engine } = options;
  const pool = runtime.allocator.map?.();
  const code: CodeMap[] = [];
  const memories: LinearMemoryMap[] = [];
  for (const { account, codePages, instances } of runtime.modules) {
    if (codePages !== undefined) code.push({ module: account.name, pages: codePages() });
    for (const instance of instances) memories.push(...memoriesOf(instance));
  }
  return {
    title,
    ...runtime.memoryReport(),
    ...(pool && { pool }),
    code,
    memories,
    remarks,
    ...(engine && { engine }),
  };
}

function memoriesOf({ account, instance }: InstanceOwner): LinearMemoryMap[] {
  if (instance === undefined) return [];
  const heap = [...account.references].find(({ item }) => item === "app heap");
  const first = instance.module.imported.memory;
  return instance.memories.slice(first).map((memory, i) => ({
    instance: account.name,
    memory: first + i,
    bytes: memory.bytes.length,
    most: Math.max(memory.bytes.length, mostOf(memory)),
    ...(heap?.offset !== undefined && first + i === 0 && { heap: { at: heap.offset, bytes: heap.bytes } }),
    written: writtenRanges(memory.bytes),
  }));
}

function mostOf({ maximum, pageLimit }: Memory): number {
  return Math.min(maximum ?? pageLimit, pageLimit) * PAGE;
}

/** Ranges of whole granules that are not all zero. @internal */
export function writtenRanges(bytes: Uint8Array): [number, number][] {
  const ranges: [number, number][] = [];
  const words = new Int32Array(bytes.buffer, bytes.byteOffset, bytes.length >>> 2);
  for (let at = 0; at < bytes.length; at += GRANULE) {
    const end = Math.min(at + GRANULE, bytes.length);
    if (isZero(words, at >>> 2, end >>> 2)) continue;
    const last = ranges[ranges.length - 1];
    if (last !== undefined && last[0] + last[1] === at) last[1] += end - at;
    else ranges.push([at, end - at]);
  }
  return ranges;
}

function isZero(words: Int32Array, from: number, to: number): boolean {
  for (let i = from; i < to; i++) if (words[i] !== 0) return false;
  return true;
}
