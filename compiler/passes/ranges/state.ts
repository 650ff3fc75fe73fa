// What is known of all variables at one place. Every branch needs a copy and every meeting point a join, and functions have
// thousands of variables: so states share their parts until they are written to, and parts that are shared need no joining.
import { type Environment, type Range, equal, forget, isTop, join } from "./range.js";

type Part = readonly (Range | undefined)[];

const SHIFT = 5;
const SIZE = 1 << SHIFT;

export class State implements Environment {
  private readonly parts: Part[];
  /** Which parts no other state has. */
  private readonly own: boolean[];

  private constructor(parts: Part[]) {
    this.parts = parts;
    this.own = new Array<boolean>(parts.length).fill(false);
  }

  /** Nothing is known of any of `variables`. */
  static unknown(variables: number): State {
    const nothing: Part = new Array<Range | undefined>(SIZE).fill(undefined);
    return new State(new Array<Part>((variables + SIZE - 1) >> SHIFT).fill(nothing));
  }

  /** The range of a variable, undefined where nothing is known. */
  get(v: number): Range | undefined {
    return this.parts[v >> SHIFT]![v & (SIZE - 1)];
  }

  set(v: number, r: Range | undefined): void {
    const p = v >> SHIFT;
    const at = v & (SIZE - 1);
    if (this.parts[p]![at] === r) return;
    if (!this.own[p]) {
      this.parts[p] = this.parts[p]!.slice();
      this.own[p] = true;
    }
    (this.parts[p] as (Range | undefined)[])[at] = r;
  }

  /** A state of its own with the same contents. */
  copy(): State {
    this.own.fill(false);
    return new State(this.parts.slice());
  }

  /** What is known where control comes from here or from where `other` holds. */
  joined(other: State): State {
    const out = this.copy();
    this.forEachDifference(other, (v, a, b) => {
      // A bound of one side only may follow from the intervals of the other, but not where nothing at all is known there.
      const r = a === undefined || b === undefined ? undefined : join(a, b, this, other);
      out.set(v, r === undefined || (isTop(r) && r.extent === -Infinity) ? undefined : r);
      return true;
    });
    return out;
  }

  equals(other: State): boolean {
    return this.forEachDifference(other, (_, a, b) => a !== undefined && b !== undefined && equal(a, b));
  }

  /** Calls `visit` for variables of which not the same is noted, until it returns false; returns whether it never did. */
  forEachDifference(
    other: State,
    visit: (v: number, own: Range | undefined, other: Range | undefined) => boolean,
  ): boolean {
    for (let p = 0; p < this.parts.length; p++) {
      const [a, b] = [this.parts[p]!, other.parts[p]!];
      if (a === b) continue;
      for (let i = 0; i < SIZE; i++) if (a[i] !== b[i] && !visit((p << SHIFT) + i, a[i], b[i])) return false;
    }
    return true;
  }

  /** Takes back what is said about other variables in relation to those for which `changed` is true. */
  forgetBounds(changed: (v: number) => boolean): void {
    this.parts.forEach((part, p) => {
      for (let i = 0; i < SIZE; i++) {
        const r = part[i];
        if (r !== undefined && r.below >= 0 && changed(r.below)) this.set((p << SHIFT) + i, forget(r, r.below));
      }
    });
  }
}
