// ems against a model: a sorted list of what is allocated, from which everything that ems may say or do follows. Random
// operations under random pressure; each answer is compared, and each batch ends with ems's own integrity check.
import assert from "node:assert/strict";
import { Ems } from "../../runtime/memory/ems.js";
import type { Profile } from "./ems-profile.js";
import type { Rng } from "./rng.js";

const HEADER = 8;
const SMALLEST = 24;

interface Live {
  /** Begin of the block, header included. */
  begin: number;
  end: number;
  /** What was asked for. */
  length: number;
  /** What every byte of it holds. */
  fill: number;
}

export class EmsModel {
  private readonly profile: Profile;
  private readonly rng: Rng;
  private buffer: ArrayBufferLike;
  private bytes: Uint8Array;
  private offset: number;
  private readonly ems: Ems;
  private readonly live: Live[] = [];
  /** Offsets of blocks that are gone, some of them. */
  private readonly gone: number[] = [];
  private used = 0;
  private highWater = 0;
  /** Filling or emptying, for a while. */
  private filling = true;
  readonly outcomes = {
    allocated: 0,
    refused: 0,
    freed: 0,
    inPlace: 0,
    moved: 0,
    slid: 0,
    "not resized": 0,
    rebound: 0,
    misused: 0,
  };

  constructor(rng: Rng, profile: Profile) {
    this.rng = rng;
    this.profile = profile;
    this.offset = profile.offset;
    this.buffer = this.newBuffer(profile.offset + profile.slice + 64);
    this.bytes = new Uint8Array(this.buffer);
    const words = Ems.CONTROL_WORDS;
    const control = profile.apart ? new Int32Array(this.newBuffer(words * 4)) : undefined;
    if (!profile.fresh) this.bytes.fill(0xa5);
    // What surrounds the slice must never change.
    this.bytes.fill(0x5a, 0, this.offset);
    this.bytes.fill(0x5a, this.offset + profile.slice);
    this.ems = new Ems(this.buffer, this.offset, profile.slice, { fresh: profile.fresh, control });
  }

  /** Runs a batch of operations and examines everything. */
  batch(operations: number): void {
    for (let i = 0; i < operations; i++) this.step();
    if (this.rng.chance(20)) this.rebind();
    this.examine();
  }

  /** Gives everything back: one free block must be left. */
  end(): void {
    while (this.live.length > 0) this.free(this.rng.below(this.live.length));
    this.examine();
    const { used, usedBlocks, freeBlocks, fragmentation } = this.ems.statistics();
    assert.deepEqual(
      { used, usedBlocks, freeBlocks, fragmentation },
      { used: 0, usedBlocks: 0, freeBlocks: 1, fragmentation: 0 },
    );
  }

  private step(): void {
    const { rng, live } = this;
    if (rng.below(500) === 0) this.filling = !this.filling;
    if (rng.below(100) === 0) this.misuse();
    if (live.length > 0 && rng.chance(this.profile.resize)) this.reallocate(rng.below(live.length));
    else if (live.length === 0 || rng.chance(this.filling ? 60 : 40)) this.allocate();
    else this.free(rng.below(live.length));
  }

  private drawLength(): number {
    const { rng, profile } = this;
    return rng.below((rng.chance(90) ? profile.usual : profile.largest) + 1);
  }

  private drawAlignment(): number {
    return this.rng.chance(this.profile.aligned) ? 2 ** this.rng.below(17) : 8;
  }

  private allocate(): void {
    const length = this.drawLength();
    const alignment = this.drawAlignment();
    // Small heaps are looked at for the best fit each time, large ones for whether anything fits.
    const best = this.live.length < 60 ? this.bestFit(length, alignment) : undefined;
    const at = this.ems.allocate(length, alignment);
    if (at === 0) {
      assert.equal(this.bestFit(length, alignment), undefined, `${length} bytes at ${alignment} refused`);
      this.outcomes.refused++;
      return;
    }
    const block = this.add(at, length, alignment);
    if (best !== undefined && alignment <= 8) assert.equal(this.gapAround(block), best, "not the best fit");
    assertAll(this.bytes, at, block.end, 0, "not zero");
    this.paint(block);
    this.outcomes.allocated++;
  }

  private free(index: number): void {
    const [block] = this.live.splice(index, 1);
    this.assertKept(block!, block!.length);
    this.ems.free(block!.begin + HEADER);
    this.remember(block!);
    this.used -= block!.end - block!.begin;
    this.outcomes.freed++;
  }

  private reallocate(index: number): void {
    const block = this.live[index]!;
    const length = this.rng.chance(30) ? block.length + this.rng.below(64) : this.drawLength();
    const alignment = this.drawAlignment();
    const offset = block.begin + HEADER;
    const size = sizeFor(length);
    const next = this.live[index + 1]?.begin ?? this.heapEnd;
    const previous = index > 0 ? this.live[index - 1]!.end : this.heapBegin;
    const stays = offset % Math.max(alignment, 8) === 0 && block.begin + size <= next;
    const elsewhere = stays ? undefined : this.bestFit(length, alignment);
    const at = this.ems.reallocate(offset, length, alignment);
    if (at === 0) {
      assert.ok(!stays && elsewhere === undefined, `${block.length} to ${length} bytes refused`);
      assert.ok(
        !fits(previous, next, size, alignment),
        `${block.length} to ${length} bytes refused, though there is room around`,
      );
      this.assertKept(block, block.length);
      this.outcomes["not resized"]++;
      return;
    }
    const kept = Math.min(block.length, length);
    assert.ok(!stays || at === offset, "moved, though it could have stayed");
    this.live.splice(index, 1);
    if (!stays) this.remember(block);
    this.used -= block.end - block.begin;
    const moved = !stays && elsewhere !== undefined;
    this.outcomes[stays ? "inPlace" : moved ? "moved" : "slid"]++;
    const begin = at - HEADER;
    if (moved)
      this.highWater = Math.max(this.highWater, this.used + block.end - block.begin + this.ems.sizeOf(at) + HEADER);
    const now = this.add(begin + HEADER, length, alignment);
    now.fill = block.fill;
    this.assertKept(now, kept);
    assertAll(this.bytes, at + kept, now.end, 0, "new bytes are not zero");
    this.paint(now);
  }

  /** What is no block's offset, above all what was one, is told from blocks. */
  private misuse(): void {
    const { rng, gone } = this;
    const at = rng.chance(80) ? (gone[rng.below(gone.length)] ?? -8) : this.offset + rng.below(this.profile.slice);
    if (at === 0 || this.live[this.indexOf(at - HEADER)]?.begin === at - HEADER) return;
    assert.throws(() => this.ems.free(at), { name: "EmsError" }, `free(${at})`);
    assert.equal(this.ems.corruption, undefined);
    this.outcomes.misused++;
  }

  private remember(block: Live): void {
    this.gone[this.rng.below(200)] = block.begin + HEADER;
  }

  /** Enters a new block into the model, having checked that it may lie there. */
  private add(at: number, length: number, alignment: number): Live {
    assert.equal(at % Math.max(alignment, 8), 0, "not aligned");
    const capacity = this.ems.sizeOf(at);
    const least = sizeFor(length) - HEADER;
    assert.ok(capacity >= least && capacity < least + SMALLEST, `${capacity} bytes for ${length}`);
    const block = { begin: at - HEADER, end: at + capacity, length, fill: 1 + this.rng.below(255) };
    const index = this.indexOf(block.begin);
    assert.ok(block.begin >= (this.live[index - 1]?.end ?? this.heapBegin), "overlaps the block before");
    assert.ok(block.end <= (this.live[index]?.begin ?? this.heapEnd), "overlaps the block behind");
    this.live.splice(index, 0, block);
    this.used += block.end - block.begin;
    this.highWater = Math.max(this.highWater, this.used);
    return block;
  }

  /** The index of the first live block that begins at or behind `begin`. */
  private indexOf(begin: number): number {
    let low = 0;
    for (let high = this.live.length; low < high;) {
      const middle = (low + high) >> 1;
      if (this.live[middle]!.begin < begin) low = middle + 1;
      else high = middle;
    }
    return low;
  }

  /** The size of the smallest gap that has room; undefined: there is none. */
  private bestFit(length: number, alignment: number): number | undefined {
    let best: number | undefined;
    let from = this.heapBegin;
    for (let i = 0; i <= this.live.length; i++) {
      const to = this.live[i]?.begin ?? this.heapEnd;
      if ((best === undefined || to - from < best) && fits(from, to, sizeFor(length), alignment)) best = to - from;
      from = this.live[i]?.end ?? to;
    }
    return best;
  }

  /** The size of the gap that there was before `block` was placed in it. */
  private gapAround(block: Live): number {
    const index = this.indexOf(block.begin);
    return (this.live[index + 1]?.begin ?? this.heapEnd) - (this.live[index - 1]?.end ?? this.heapBegin);
  }

  private paint(block: Live): void {
    this.bytes.fill(block.fill, block.begin + HEADER, block.begin + HEADER + block.length);
  }

  private assertKept(block: Live, length: number): void {
    assertAll(this.bytes, block.begin + HEADER, block.begin + HEADER + length, block.fill, "contents changed");
  }

  private get heapBegin(): number {
    const control = this.profile.apart ? 0 : Ems.CONTROL_WORDS * 4;
    return Math.ceil(this.offset / 8) * 8 + 8 + control;
  }

  private get heapEnd(): number {
    return Math.floor((this.offset + this.profile.slice) / 8) * 8 - 8;
  }

  private newBuffer(length: number): ArrayBufferLike {
    return this.profile.shared ? new SharedArrayBuffer(length) : new ArrayBuffer(length);
  }

  /** As when a guest's memory grows or moves. */
  private rebind(): void {
    const distance = 8 * this.rng.between(-Math.floor(this.offset / 8), 20);
    const length = this.offset + distance + this.profile.slice + this.rng.below(100_000);
    const buffer = this.newBuffer(length);
    const bytes = new Uint8Array(buffer).fill(0x5a);
    bytes.set(this.bytes.subarray(this.offset, this.offset + this.profile.slice), this.offset + distance);
    this.offset += distance;
    this.buffer = buffer;
    this.bytes = bytes;
    for (const block of this.live) {
      block.begin += distance;
      block.end += distance;
    }
    this.gone.length = 0;
    this.ems.rebind(buffer, this.offset);
    this.outcomes.rebound++;
  }

  private examine(): void {
    const { ems, profile, live, offset, bytes } = this;
    assert.equal(ems.check(), undefined);
    const expected = [{ kind: "overhead", offset, length: this.heapBegin - offset }];
    let [free, largest, freeBlocks, from] = [0, 0, 0, this.heapBegin];
    const gap = (to: number): void => {
      if (to === from) return;
      expected.push({ kind: "free", offset: from, length: to - from });
      free += to - from;
      largest = Math.max(largest, to - from);
      freeBlocks++;
    };
    for (const { begin, end } of live) {
      gap(begin);
      const block = { kind: "used", offset: begin, length: end - begin, payload: begin + HEADER };
      expected.push(block);
      from = end;
    }
    gap(this.heapEnd);
    expected.push({ kind: "overhead", offset: this.heapEnd, length: offset + profile.slice - this.heapEnd });
    assert.deepEqual(ems.blocks(), expected);
    const { touched, ...statistics } = ems.statistics();
    assert.deepEqual(statistics, {
      total: profile.slice,
      overhead: profile.slice - free - this.used,
      free,
      used: this.used,
      highWater: this.highWater,
      largestFree: Math.max(0, largest - HEADER),
      fragmentation: free === 0 ? 0 : 1 - largest / free,
      usedBlocks: live.length,
      freeBlocks,
    });
    assert.ok(touched <= profile.slice && touched >= (live[live.length - 1]?.end ?? 0) - offset);
    assertAll(bytes, 0, offset, 0x5a, "changed before the slice");
    assertAll(bytes, offset + profile.slice, bytes.length, 0x5a, "changed behind the slice");
  }
}

function sizeFor(length: number): number {
  return Math.max(SMALLEST, Math.ceil((length + HEADER) / 8) * 8);
}

/** Whether a block fits between two positions, if what is left before an aligned one must be a block as well. */
function fits(from: number, to: number, size: number, alignment: number): boolean {
  const step = Math.max(alignment, 8);
  let begin = Math.ceil((from + HEADER) / step) * step - HEADER;
  while (begin > from && begin - from < SMALLEST) begin += step;
  return begin + size <= to;
}

function assertAll(bytes: Uint8Array, from: number, to: number, value: number, what: string): void {
  for (let i = from; i < to; i++) if (bytes[i] !== value) assert.fail(`${what}: ${bytes[i]} at ${i}`);
}
