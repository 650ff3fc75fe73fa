// Damaged heaps. Whatever is written over the metadata of an ems heap, or is read from it while somebody else writes, an
// operation ends soon, with an answer within the slice or with EmsError; nothing outside the slice changes; and once damage was
// noticed the heap stays closed. Three attacks:
//   wild     words overwritten with anything, as by an overrun or a stray pointer
//   forged   tags with valid seals and links that lead where they should not, as by a guest that knows ems
//   lying    words that change between two reads, as with a thread of the guest at work
import { Ems, EmsError } from "../../runtime/memory/ems.js";
import { Control, Link, writeTag, type Heap } from "../../runtime/memory/ems/heap.js";
import { Rng } from "./rng.js";

const MARGIN = 256;
const ATTACKS = ["wild", "forged", "lying"] as const;

/** Ems's own state, which the attacks get hold of. */
function heapOf(ems: Ems): Heap {
  return (ems as unknown as { heap: Heap }).heap;
}

class Target {
  readonly rng: Rng;
  readonly attack: (typeof ATTACKS)[number];
  readonly bytes: Uint8Array;
  readonly slice: number;
  readonly ems: Ems;
  /** Blocks, as the caller knows them. */
  readonly blocks: number[] = [];
  /** How often an operation may still read a word before it counts as a hang. */
  private patience = Infinity;

  constructor(rng: Rng) {
    this.rng = rng;
    this.attack = rng.pick(ATTACKS);
    this.slice = rng.pick([600, 3000, 20_000]);
    this.bytes = new Uint8Array(this.slice + 2 * MARGIN).fill(0x5a);
    const control = rng.chance(60) ? new Int32Array(Ems.CONTROL_WORDS) : undefined;
    this.ems = new Ems(this.bytes.buffer, MARGIN, this.slice, { control });
    for (let i = rng.below(80); i > 0; i--) this.attempt();
    if (this.ems.corruption !== undefined) throw new Error(`BUG: ${this.ems.corruption.found}`);
  }

  private attempt(): string | undefined {
    try {
      return this.operate();
    } catch (error) {
      if (error instanceof EmsError) return undefined;
      return String(error instanceof Error ? error.stack : error);
    }
  }

  /** One operation with arguments that a guest could give. Returns what is wrong with the answer. */
  private operate(): string | undefined {
    const { rng, ems, blocks } = this;
    const length = rng.chance(90) ? rng.below(rng.pick([60, 300, 900])) : rng.below(this.slice * 2);
    const alignment = rng.chance(80) ? 8 : 2 ** rng.below(14);
    const index = rng.below(blocks.length);
    const pointer = rng.chance(90) ? blocks[index] : rng.below(this.slice + 4 * MARGIN);
    switch (rng.below(10)) {
      case 0:
      case 1:
        if (pointer !== undefined) ems.free(pointer);
        blocks.splice(index, 1);
        return undefined;
      case 2:
      case 3: {
        if (pointer === undefined) return undefined;
        const at = ems.reallocate(pointer, length, alignment);
        if (at !== 0) blocks[index] = at;
        return this.judge(at, length, alignment);
      }
      case 4:
        ems.check();
        return undefined;
      case 5: {
        const covered = ems.blocks().reduce((sum, block) => sum + block.length, 0);
        if (covered !== this.slice) return `the map covers ${covered} bytes of ${this.slice}`;
        const figures = Object.values(ems.statistics());
        return figures.every((figure) => Number.isFinite(figure)) ? undefined : `figures: ${figures.join()}`;
      }
      default: {
        const at = ems.allocate(length, alignment);
        if (at !== 0) blocks.push(at);
        return this.judge(at, length, alignment);
      }
    }
  }

  private judge(at: number, length: number, alignment: number): string | undefined {
    if (at === 0) return undefined;
    if (at < MARGIN + 8 || at + length > MARGIN + this.slice) return `a block of ${length} bytes at ${at} lies outside`;
    if (at % alignment !== 0) return `a block at ${at} is not aligned to ${alignment}`;
    // What the heap has written about the block, by a reader that nobody lies to.
    const size = (new Int32Array(this.bytes.buffer, at - 8, 1)[0]! >>> 2) * 8;
    if (size < length + 8 || at - 8 + size > MARGIN + this.slice) return `a block of ${size} bytes for ${length}`;
    return undefined;
  }

  damage(): void {
    const heap = heapOf(this.ems);
    const { rng } = this;
    const { words, control } = heap;
    const inside = control.buffer === words.buffer;
    for (let i = rng.between(1, 5); i > 0; i--) {
      const { at, to, kind } = this.someBlock();
      if (this.attack === "wild") {
        const where =
          inside && rng.chance(20) ? 2 + rng.below(Control.words) : rng.chance(80) ? at + rng.below(7) : to - 1;
        words[where] = rng.chance(50) ? this.someValue() : words[where]! ^ (1 << rng.below(32));
      } else if (rng.chance(50)) {
        const size = rng.chance(50)
          ? to - at
          : rng.pick([0, 2, 4, 6, 62, 64, 66, heap.end - at, rng.below(heap.end), rng.bits() >>> 2]);
        const begin = rng.chance(70) ? at : rng.below(heap.end) & ~1;
        writeTag(heap, begin, (size << 1) | rng.below(4));
        if (rng.chance(50)) words[begin + size - 1] = size;
      } else if (kind === "free") words[at + rng.between(Link.next, Link.parent)] = this.someValue();
      else if (inside) control[rng.below(Control.words)] = this.someValue();
    }
    if (this.attack === "lying") heap.words = this.liar(words);
  }

  private someBlock(): { at: number; to: number; kind: string } {
    const { base } = heapOf(this.ems);
    const { offset, length, kind } = this.rng.pick(this.ems.blocks());
    const at = Math.max(0, Math.ceil((offset - base) / 8) * 2);
    return { at, to: at + Math.ceil(length / 8) * 2, kind };
  }

  private someValue(): number {
    const { rng } = this;
    if (rng.chance(50)) return this.someBlock().at;
    return rng.pick([
      0,
      1,
      2,
      -1,
      0x7fffffff,
      -0x80000000,
      64,
      heapOf(this.ems).end,
      rng.below(this.slice),
      rng.bits() | 0,
    ]);
  }

  /** Memory in which one word in a hundred reads as something else than it is. */
  private liar(words: Int32Array): Int32Array {
    const { rng } = this;
    const lies = rng.pick([3, 30, 300]);
    return new Proxy(words, {
      get: (target, name) => {
        if (typeof name === "symbol" || !/^\d+$/.test(name)) {
          const value: unknown = Reflect.get(target, name, target);
          return typeof value === "function" ? (value.bind(target) as unknown) : value;
        }
        if (--this.patience < 0) throw new Error("hangs");
        return rng.below(lies) === 0 ? this.someWord() : target[Number(name)];
      },
      set: (target, name, value: number) => Reflect.set(target, name, value, target),
    });
  }

  private someWord(): number {
    const { rng } = this;
    return rng.chance(50) ? rng.bits() | 0 : rng.below(this.slice / 2);
  }

  /** Operates on the damaged heap; returns the first thing that must not be, and how it ended. */
  attacked(operations: number): { problem?: string; end: string } {
    let closed = false;
    for (let i = 0; i < operations; i++) {
      this.patience = 1000 * (this.slice + 1000);
      const started = performance.now();
      const problem = this.attempt();
      if (problem !== undefined) return { problem, end: "wrong" };
      const ms = performance.now() - started;
      if (ms > 2000) return { problem: `took ${ms.toFixed()} ms`, end: "slow" };
      if (closed && this.ems.corruption === undefined) return { problem: "damage was forgotten", end: "reopened" };
      closed = this.ems.corruption !== undefined;
      if (closed && this.opens()) return { problem: "a damaged heap gave a block", end: "open" };
    }
    const { bytes, slice } = this;
    for (let i = 0; i < MARGIN; i++) {
      if (bytes[i] !== 0x5a || bytes[MARGIN + slice + i] !== 0x5a)
        return { problem: "wrote outside the slice", end: "wild" };
    }
    return { end: this.ems.corruption?.kind ?? "unnoticed" };
  }

  private opens(): boolean {
    try {
      return this.ems.allocate(8) !== 0;
    } catch (error) {
      return !(error instanceof EmsError);
    }
  }
}

export interface DamageReport {
  readonly cases: number;
  /** How cases ended: by the kind of corruption that was reported, by attack. */
  readonly outcomes: Record<string, number>;
  readonly failures: readonly string[];
}

/** Damages `count` heaps; the same seed and count make the same cases. */
export function fuzzDamage(seed: number, count: number): DamageReport {
  const outcomes: Record<string, number> = {};
  const failures: string[] = [];
  for (let i = 0; i < count; i++) {
    const target = new Target(new Rng(seed + i));
    target.damage();
    const { problem, end } = target.attacked(60);
    if (problem !== undefined) failures.push(`damage seed ${seed + i} (${target.attack}): ${problem}`);
    const outcome = `${target.attack}, ${end}`;
    outcomes[outcome] = (outcomes[outcome] ?? 0) + 1;
  }
  return { cases: count, outcomes, failures };
}
