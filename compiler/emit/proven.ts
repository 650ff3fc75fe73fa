// Which variables are known to hold an address below 2^31, because a memory access through them was executed and did not
// trap: memories end at 2^31. Behind such an access `p + 8` is the exact effective address and needs no `p >>> 0`, which
// costs up to a fifth of the tightest loops (findings on address forms in RATIONALE.md).
//
// Follows the printer through the function. A fact is a variable and its version, which every assignment raises, so a
// fact from before a branch is stale where the branch assigned the variable.
import { type IrFunc, K, type Stmt } from "../ir/ir.js";

/** Facts kept at a time: they are copied at every branch. */
const MOST = 12;
/** Loops nested deeper start without facts, which keeps the search for assignments linear. */
const MOST_LOOPS = 12;

/** Pairs of variable and version, flattened. */
export type Facts = readonly number[];

const NO_FACTS: Facts = [];

// FAST: arrays and no Map: there are few, and nearly every access asks for one and adds one.
export class Proven {
  private facts: number[] = [];
  private readonly version: Uint32Array;
  private loops = 0;

  constructor(func: IrFunc) {
    this.version = new Uint32Array(func.vars.length);
  }

  has(v: number): boolean {
    const i = this.find(v);
    return i >= 0 && this.facts[i + 1] === this.version[v];
  }

  add(v: number): void {
    this.forget(v);
    this.facts.push(v, this.version[v]!);
    if (this.facts.length > 2 * MOST) this.remove(0);
  }

  assign(v: number): void {
    this.version[v]!++;
    this.forget(v);
  }

  private find(v: number): number {
    const { facts } = this;
    for (let i = 0; i < facts.length; i += 2) if (facts[i] === v) return i;
    return -1;
  }

  private forget(v: number): void {
    const i = this.find(v);
    if (i >= 0) this.remove(i);
  }

  private remove(at: number): void {
    const { facts } = this;
    for (let i = at + 2; i < facts.length; i++) facts[i - 2] = facts[i]!;
    facts.pop();
    facts.pop();
  }

  /** The facts here, to return to. */
  mark(): Facts {
    return this.facts.length === 0 ? NO_FACTS : this.facts.slice();
  }

  /** Control comes from where the facts were `facts`, possibly over assignments since. */
  reset(facts: Facts): void {
    const own = this.facts;
    let count = 0;
    for (let i = 0; i < facts.length; i += 2) {
      const v = facts[i]!;
      if (this.version[v] !== facts[i + 1]) continue;
      own[count++] = v;
      own[count++] = facts[i + 1]!;
    }
    while (own.length > count) own.pop();
  }

  /** Ends the first arm of an if: goes back to `before`, returns the arm's own facts unless it does not fall through. */
  close(before: Facts, abrupt: boolean): Facts | undefined {
    const own = abrupt ? undefined : this.mark();
    this.reset(before);
    return own;
  }

  /** Ends an if whose first arm ended with `first`: what both arms know, or the one that falls through. */
  join(before: Facts, first: Facts | undefined, secondAbrupt: boolean): void {
    if (first === undefined) return;
    if (secondAbrupt) return this.reset(first);
    const second = this.mark();
    this.reset(before);
    for (let i = 0; i < first.length; i += 2) {
      const v = first[i]!;
      const version = first[i + 1]!;
      if (this.version[v] !== version) continue;
      for (let k = 0; k < second.length; k += 2) {
        if (second[k] === v && second[k + 1] === version) this.learn(v, version);
      }
    }
  }

  private learn(v: number, version: number): void {
    const i = this.find(v);
    if (i >= 0) this.facts[i + 1] = version;
    else this.facts.push(v, version);
  }

  /** Facts about variables that the loop assigns end where it begins: control comes back there. */
  enterLoop(body: readonly Stmt[]): void {
    if (++this.loops > MOST_LOOPS) this.facts = [];
    else if (this.facts.length > 0) this.forgetAssigned(body);
  }

  exitLoop(): void {
    this.loops--;
  }

  private forgetAssigned(body: readonly Stmt[]): void {
    for (let i = 0; i < body.length; i++) {
      const s = body[i]!;
      switch (s.kind) {
        case K.set:
          this.forget(s.v);
          break;
        case K.loop:
          this.forgetAssigned(s.body);
          break;
        case K.block:
          for (let k = 0; k < s.parts.length; k++) this.forgetAssigned(s.parts[k]!);
          break;
        case K.if:
          this.forgetAssigned(s.then);
          this.forgetAssigned(s.else);
          break;
      }
    }
  }
}
