// References as numbers. A pool holds bytes, and what a reference stands for (a function record, a value of the host's) is the
// engine's; so tables and globals in a runtime hold the number under which it is entered here, counted by how often it is held.
// Numbers are above 0; 0 is null.
import type { Account, Allocation } from "../memory/account.js";

const FIRST_ROOM = 32;

/** The references that tables and globals of a runtime hold. @internal */
export class ReferenceTable {
  private readonly account: Account;
  /** How often each number is held; made when there is a first one. */
  private counts: Allocation | undefined;
  private words: Int32Array = NONE;
  /** What each number stands for; the engine's side. */
  private readonly values: unknown[] = [null];
  private readonly numbers = new Map<unknown, number>();
  private readonly unused: number[] = [];

  constructor(account: Account) {
    this.account = account;
  }

  /** The number of a reference, held once (or `times`) more. Throws MemoryError, having changed nothing. */
  hold(ref: unknown, times = 1): number {
    if (ref === null || times === 0) return 0;
    const number = this.numbers.get(ref) ?? this.enter(ref);
    this.words[number]! += times;
    return number;
  }

  /** A number is held once less; when nobody holds it any more it stands for nothing. */
  release(number: number): void {
    if (number === 0 || --this.words[number]! > 0) return;
    this.numbers.delete(this.values[number]);
    this.values[number] = undefined;
    this.unused.push(number);
    this.trim();
  }

  get(number: number): unknown {
    return this.values[number];
  }

  has(ref: unknown): boolean {
    return this.numbers.has(ref);
  }

  /** References that are held. */
  get size(): number {
    return this.values.length - 1 - this.unused.length;
  }

  /** Sees to it that `count` more references have room. Throws MemoryError. */
  reserve(count: number): void {
    const needed = this.values.length - this.unused.length + count;
    if (needed > this.words.length) this.resize(Math.max(FIRST_ROOM, needed));
  }

  /** Gives memory back that nothing is held in. */
  trim(): void {
    if (this.size === 0) this.clear();
  }

  private clear(): void {
    this.counts?.free();
    this.counts = undefined;
    this.words = NONE;
    this.values.length = 1;
    this.unused.length = 0;
  }

  private enter(ref: unknown): number {
    if (this.unused.length === 0 && this.values.length >= this.words.length)
      this.resize(Math.max(FIRST_ROOM, this.words.length * 2));
    const number = this.unused.pop() ?? this.values.length;
    this.values[number] = ref;
    // A map takes -0 for 0, so a -0 is entered each time anew.
    if (!Object.is(ref, -0)) this.numbers.set(ref, number);
    return number;
  }

  private resize(length: number): void {
    if (this.counts === undefined) this.counts = this.account.allocate("reference table", length * 4);
    else if (!this.counts.resize(length * 4)) throw this.account.outOfMemory("reference table", length * 4);
    this.words = this.counts.words();
  }
}

const NONE = new Int32Array(0);
