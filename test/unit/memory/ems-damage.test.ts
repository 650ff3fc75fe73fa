// How ems reports damage and misuse, and that no word of its metadata can change unnoticed.
import assert from "node:assert/strict";
import { describe, it } from "node:test";
import { Ems, EmsError, type CorruptionKind } from "../../../runtime/memory/ems.js";
import { Control, Link, type Heap } from "../../../runtime/memory/ems/heap.js";
import { fuzzDamage } from "../../fuzz/ems-damage.js";

const SLICE = 8192;

interface Fixture {
  readonly ems: Ems;
  readonly words: Int32Array;
  readonly used: number[];
  readonly freed: number[];
}

/** A heap with used and free blocks of many sizes, several free ones of the same size among them. */
function fixture(): Fixture {
  const buffer = new ArrayBuffer(SLICE);
  const ems = new Ems(buffer, 0, SLICE);
  const used: number[] = [];
  const freed: number[] = [];
  for (const length of [16, 40, 16, 40, 300, 320, 300, 300, 600, 340, 16, 24, 310, 320, 300]) {
    freed.push(ems.allocate(length));
    used.push(ems.allocate(length));
  }
  freed.forEach((at) => ems.free(at));
  return { ems, words: new Int32Array(buffer), used, freed };
}

function kindOf(run: () => unknown): CorruptionKind | undefined {
  try {
    run();
    return undefined;
  } catch (error) {
    assert.ok(error instanceof EmsError, String(error));
    return error.corruption.kind;
  }
}

describe("misuse is reported and does no harm", () => {
  const cases: [string, CorruptionKind, (fixture: Fixture) => number, RegExp][] = [
    ["a block freed twice", "double-free", ({ freed }) => freed[5]!, /block of 328 bytes at offset \d+, which is free/],
    [
      "a pointer into a block",
      "foreign-pointer",
      ({ used }) => used[4]! + 8,
      /into the middle of the block of 312 bytes/,
    ],
    ["a pointer that is not aligned", "foreign-pointer", ({ used }) => used[4]! + 1, /into the middle/],
    ["a pointer out of the heap", "foreign-pointer", () => SLICE + 800, /out of the heap/],
    ["a negative pointer", "foreign-pointer", () => -64, /out of the heap/],
    ["no pointer at all", "foreign-pointer", () => NaN, /out of the heap/],
    ["the heap's own control block", "foreign-pointer", () => 64, /out of the heap/],
  ];
  for (const [name, kind, pointer, found] of cases) {
    it(name, () => {
      const made = fixture();
      const { ems } = made;
      const before = ems.blocks();
      for (const operation of [
        () => ems.free(pointer(made)),
        () => ems.reallocate(pointer(made), 8),
        () => ems.sizeOf(pointer(made)),
      ]) {
        assert.throws(operation, (error: EmsError) => error.corruption.kind === kind && found.test(error.message));
      }
      assert.equal(ems.corruption, undefined);
      assert.equal(ems.check(), undefined);
      assert.deepEqual(ems.blocks(), before);
    });
  }

  it("a block freed twice that has become part of a larger free block", () => {
    const ems = new Ems(new ArrayBuffer(SLICE), 0, SLICE);
    const [a, b, c] = [ems.allocate(100), ems.allocate(100), ems.allocate(100)];
    for (const at of [b, a, c]) ems.free(at);
    for (const at of [a, b, c])
      assert.equal(
        kindOf(() => ems.free(at)),
        "double-free",
      );
    assert.equal(ems.check(), undefined);
  });
});

describe("damage is reported and closes the heap", () => {
  it("an overrun into the next block, when either is freed", () => {
    for (const victim of [0, 1]) {
      const bytes = new Uint8Array(SLICE);
      const ems = new Ems(bytes.buffer, 0, SLICE);
      const blocks = [ems.allocate(24), ems.allocate(24)];
      bytes[blocks[0]! + 24] = 0x41;
      assert.throws(() => ems.free(blocks[victim]!), {
        message: `overwritten tag at offset ${blocks[1]! - 8}: 0x00000041 0x${word(bytes, blocks[1]! - 4)}, which the heap cannot have written`,
      });
      const corruption = ems.corruption;
      assert.deepEqual([corruption?.kind, corruption?.offset], ["overwritten-tag", blocks[1]! - 8]);
      const operations = [
        () => ems.allocate(8),
        () => ems.free(blocks[0]!),
        () => ems.reallocate(blocks[0]!, 8),
        () => ems.sizeOf(blocks[0]!),
      ];
      for (const operation of operations)
        assert.throws(operation, (error: EmsError) => error.corruption === corruption);
      assert.equal(ems.check(), corruption);
    }
  });

  it("an overrun behind the last block, or from before the slice", () => {
    const bytes = new Uint8Array(SLICE);
    const ems = new Ems(bytes.buffer, 0, SLICE);
    bytes[SLICE - 3] = 1;
    assert.equal(ems.check()?.offset, SLICE - 8);
    const under = new Ems(bytes.buffer, 0, SLICE);
    bytes[0] = 1;
    assert.equal(under.check()?.offset, 0);
  });

  it("a write after free, when the block is needed", () => {
    const { ems, words, freed } = fixture();
    words[freed[4]! / 4] = 0x41414141;
    assert.equal(
      kindOf(() => ems.check() && ems.allocate(8)),
      "broken-link",
    );
  });

  it("figures and map remain, as far as they can be read", () => {
    const { ems, words, used } = fixture();
    const before = ems.statistics();
    const map = ems.blocks();
    const broken = used[7]! - 8;
    words[broken / 4] = 77;
    assert.ok(ems.check());
    assert.deepEqual(ems.statistics(), { ...before, largestFree: 0, fragmentation: 1 });
    const blocks = ems.blocks();
    const intact = map.filter(({ offset }) => offset < broken);
    assert.deepEqual(blocks.slice(0, intact.length), intact);
    const rest = { kind: "damaged", offset: broken, length: SLICE - 8 - broken };
    assert.deepEqual(blocks.slice(intact.length), [rest, { kind: "overhead", offset: SLICE - 8, length: 8 }]);
  });
});

describe("the integrity check", () => {
  it("notices every changed word of the metadata", () => {
    const { ems, words } = fixture();
    const saved = words.slice();
    let changes = 0;
    metadata(ems, words).forEach((what, at) => {
      const old = saved[at]!;
      for (const value of [old ^ 1, old ^ 0x100, old + 8, -1, 0, 0x7fffffff, 260, SLICE]) {
        if (value === old || isHarmless(ems, at - 2, value)) continue;
        words[at] = value;
        assert.ok(ems.check(), `${what}: ${old} changed to ${value}`);
        words.set(saved);
        heapOf(ems).corruption = undefined;
        changes++;
      }
    });
    assert.equal(ems.check(), undefined);
    assert.ok(changes > 1000);
  });
});

describe("a heap with one changed word of metadata", () => {
  it("never hands out what is in use, nor loses contents", () => {
    const fresh = fixture();
    const places = metadata(fresh.ems, fresh.words);
    let noticed = 0;
    let cases = 0;
    places.forEach((what, at) => {
      const old = fresh.words[at]!;
      const others = [0, -1, old + 2, old + 12, old ^ 2, fresh.freed[5]! / 4 - 2, fresh.used[5]! / 4 - 2];
      for (const value of new Set(others)) {
        const { ems, words, used } = fixture();
        words[at] = value;
        cases++;
        if (usesUp(ems, used, `${what}: ${old} changed to ${value}`)) noticed++;
      }
    });
    assert.ok(noticed > cases / 2, `${noticed} of ${cases} noticed`);
  });
});

/** Frees, resizes and allocates, and watches the contents of all blocks; true if the heap noticed that it is damaged. */
function usesUp(ems: Ems, used: readonly number[], what: string): boolean {
  const bytes = new Uint8Array(heapOf(ems).words.buffer);
  const live = new Map<number, { length: number; fill: number }>();
  let fill = 1;
  const paint = (at: number, length: number): void => {
    fill = (fill % 255) + 1;
    bytes.fill(fill, at, at + length);
    live.set(at, { length, fill });
  };
  const painted = (at: number): boolean => {
    const { length, fill } = live.get(at)!;
    return bytes.subarray(at, at + length).every((byte) => byte === fill);
  };
  const free = (at: number): void => {
    assert.ok(painted(at), `${what}: contents lost`);
    live.delete(at);
    ems.free(at);
  };
  used.forEach((at) => paint(at, 16));
  try {
    for (let i = 0; i < used.length; i += 3) free(used[i]!);
    for (const length of [16, 300, 40, 16, 310, 1000, 24, 100, 320, 300, 2000]) {
      const at = ems.allocate(length);
      if (at !== 0) paint(at, length);
      const grown = ems.reallocate(used[1]!, 16) === 0 ? 0 : ems.allocate(16, 64);
      if (grown !== 0) paint(grown, 16);
    }
    for (const at of live.keys()) free(at);
  } catch (error) {
    assert.ok(error instanceof EmsError, `${what}: ${String(error)}`);
    assert.equal(ems.corruption, error.corruption, what);
  }
  for (const at of live.keys()) assert.ok(painted(at), `${what}: contents lost`);
  return ems.check() !== undefined;
}

/** What stands in every word that is not payload or unused, by its position. */
function metadata(ems: Ems, words: Int32Array): Map<number, string> {
  const found = new Map<number, string>([
    [0, "first guard"],
    [1, "first guard"],
    [SLICE / 4 - 2, "last guard"],
    [SLICE / 4 - 1, "last guard"],
  ]);
  for (let i = 0; i < Control.words - 1; i++) found.set(2 + i, `control word ${i}`);
  for (const { kind, offset, length } of ems.blocks()) {
    if (kind === "overhead") continue;
    const at = offset / 4;
    const links: number[] = [];
    if (kind === "free") {
      links.push(Link.next, Link.prev);
      if (length >= 256) links.push(Link.parent);
      // Blocks that hang in the list of one of their size have no children.
      if (length >= 256 && words[at + Link.parent] !== -1) links.push(Link.left, Link.right);
      found.set(at + length / 4 - 1, `size at the end of the block at ${offset}`);
    }
    for (const i of [0, 1, ...links]) found.set(at + i, `word ${i} of the ${kind} block at ${offset}`);
  }
  return found;
}

/** The lock of an operation that was cut off, one thread more or less, where a fault is if there is none, and marks that could have been reached. */
function isHarmless(ems: Ems, index: number, value: number): boolean {
  const { first, end } = heapOf(ems);
  if (index === Control.touched) return value >= first && value <= end;
  if (index === Control.highWater) return value * 4 >= ems.statistics().used && value <= end - first;
  return [Control.busy, Control.lock, Control.threads, Control.faultAt].includes(index);
}

function heapOf(ems: Ems): Heap {
  return (ems as unknown as { heap: Heap }).heap;
}

it("damaged heaps answer within the slice or with EmsError, and never hang", () => {
  const { cases, failures, outcomes } = fuzzDamage(7, 300);
  assert.deepEqual(failures, []);
  assert.equal(cases, 300);
  for (const attack of ["wild", "forged", "lying"]) {
    for (const end of ["overwritten-tag", "broken-link"])
      assert.ok(outcomes[`${attack}, ${end}`]! > 0, `${attack}, ${end}`);
  }
});

function word(bytes: Uint8Array, at: number): string {
  return (new Int32Array(bytes.buffer, at, 1)[0]! >>> 0).toString(16).padStart(8, "0");
}
