// What is asked of the allocators: traces of operations, made beforehand, the same for all. Sizes in bytes.
import { Rng } from "../../fuzz/rng.js";

/** Three numbers an operation: what, which block, how long. */
export interface Trace {
  readonly name: string;
  readonly what: string;
  readonly operations: Int32Array;
  /** Number of blocks that have names; a name is used again when its block is gone. */
  readonly names: number;
  /** The most bytes that were asked for and not yet given back at any time. */
  readonly mostLive: number;
}

export const ALLOCATE = 0;
export const REALLOCATE = 1;
export const FREE = 2;

class Recorder {
  readonly rng: Rng;
  /** Length by name; -1: gone. */
  readonly live: number[] = [];
  private readonly operations: number[] = [];
  private readonly unused: number[] = [];
  private bytes = 0;
  private most = 0;

  constructor(seed: number) {
    this.rng = new Rng(seed);
  }

  get count(): number {
    return this.operations.length / 3;
  }

  allocate(length: number): number {
    const name = this.unused.pop() ?? this.live.length;
    this.live[name] = 0;
    this.record(ALLOCATE, name, length);
    return name;
  }

  reallocate(name: number, length: number): void {
    this.record(REALLOCATE, name, length);
  }

  free(name: number): void {
    this.record(FREE, name, 0);
    this.live[name] = -1;
    this.unused.push(name);
  }

  private record(what: number, name: number, length: number): void {
    this.operations.push(what, name, length);
    this.bytes += length - this.live[name]!;
    this.live[name] = length;
    this.most = Math.max(this.most, this.bytes);
  }

  trace(name: string, what: string): Trace {
    const operations = Int32Array.from(this.operations);
    return { name, what, operations, names: this.live.length, mostLive: this.most };
  }

  /** Log-uniform between two sizes. */
  size(low: number, high: number): number {
    return Math.floor(low * Math.exp((this.rng.bits() / 2 ** 32) * Math.log(high / low)));
  }
}

/** A number of live blocks, each replaced at random. */
function steady(name: string, what: string, blocks: number, low: number, high: number, operations: number): Trace {
  const recorder = new Recorder(1);
  const live: number[] = [];
  while (recorder.count < operations) {
    if (live.length < blocks || recorder.rng.chance(50)) live.push(recorder.allocate(recorder.size(low, high)));
    if (live.length < blocks) continue;
    const index = recorder.rng.below(live.length);
    recorder.free(live[index]!);
    live[index] = live[live.length - 1]!;
    live.pop();
  }
  return recorder.trace(name, what);
}

/** Modules come with their structures and code, get instances with memories, tables and globals, and go again. */
function modules(operations: number): Trace {
  const recorder = new Recorder(2);
  const { rng } = recorder;
  const loaded: number[][] = [];
  while (recorder.count < operations) {
    if (loaded.length >= 12 || (loaded.length > 4 && rng.chance(50))) {
      for (const name of loaded.splice(rng.below(loaded.length), 1)[0]!.reverse()) recorder.free(name);
      continue;
    }
    const blocks = [recorder.allocate(recorder.size(10_000, 500_000))];
    for (let i = rng.between(8, 40); i > 0; i--) blocks.push(recorder.allocate(recorder.size(24, 8000)));
    for (let instance = rng.between(1, 3); instance > 0; instance--) {
      blocks.push(recorder.allocate(65_536 * rng.between(1, 8)));
      for (let i = rng.between(3, 8); i > 0; i--) blocks.push(recorder.allocate(recorder.size(16, 4000)));
    }
    loaded.push(blocks);
  }
  return recorder.trace("modules", "structures, code and instances come and go together");
}

/** Blocks of ascending sizes are freed in that order: the worst for a tree that is not balanced. */
function ascending(blocks: number): Trace {
  const recorder = new Recorder(3);
  for (let round = 0; round < 4; round++) {
    const names: number[] = [];
    const walls: number[] = [];
    for (let i = 0; i < blocks; i++) {
      names.push(recorder.allocate(400 + i * 8));
      walls.push(recorder.allocate(8));
    }
    names.forEach((name) => recorder.free(name));
    walls.forEach((name) => recorder.free(name));
  }
  return recorder.trace("ascending", "free blocks of ascending sizes, between walls");
}

/** Memories grow a page at a time among small blocks, and are given back. */
function growth(operations: number): Trace {
  const recorder = new Recorder(4);
  const { rng, live } = recorder;
  const memories: number[] = [];
  const small: number[] = [];
  while (recorder.count < operations) {
    if (rng.chance(70)) {
      if (small.length < 300 || rng.chance(50)) small.push(recorder.allocate(recorder.size(16, 2000)));
      else recorder.free(small.splice(rng.below(small.length), 1)[0]!);
    } else if (memories.length < 6) memories.push(recorder.allocate(65_536));
    else {
      const index = rng.below(memories.length);
      const length = live[memories[index]!]!;
      if (length < 20 * 65_536) recorder.reallocate(memories[index]!, length + 65_536);
      else recorder.free(memories.splice(index, 1)[0]!);
    }
  }
  return recorder.trace("growth", "memories grow by 64 KiB, small blocks between them");
}

/** As a call stack or a parser: what came last goes first; now and then everything goes. */
function phases(operations: number): Trace {
  const recorder = new Recorder(5);
  const { rng } = recorder;
  const stack: number[] = [];
  while (recorder.count < operations) {
    const up = rng.between(50, 2000);
    for (let i = 0; i < up; i++) stack.push(recorder.allocate(recorder.size(16, 600)));
    for (let down = rng.chance(20) ? stack.length : rng.below(up); down > 0 && stack.length > 0; down--)
      recorder.free(stack.pop()!);
  }
  return recorder.trace("phases", "last in, first out, in waves");
}

/** What came first goes first. */
function queue(operations: number): Trace {
  const recorder = new Recorder(6);
  const live: number[] = [];
  let head = 0;
  while (recorder.count < operations) {
    live.push(recorder.allocate(recorder.size(32, 16_384)));
    if (live.length - head > 1000) recorder.free(live[head++]!);
  }
  return recorder.trace("queue", "first in, first out, 1,000 live");
}

export const TRACES: readonly (() => Trace)[] = [
  () => steady("small", "5,000 live blocks of 8 to 256 bytes", 5000, 8, 256, 200_000),
  () => steady("mixed", "2,000 live blocks of 16 bytes to 64 KiB", 2000, 16, 65_536, 100_000),
  () => modules(60_000),
  () => growth(40_000),
  () => phases(200_000),
  () => queue(100_000),
  () => ascending(4000),
];
