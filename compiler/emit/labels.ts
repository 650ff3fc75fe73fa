// Names of labels: those that stand inside no other are `a`, those one deeper `b`, and so on. Which of them are in the text at
// all is known only when it is complete, since a branch may need no label; so stand-ins are printed, and named in the end.
import { word } from "./names.js";

export class Labels {
  /** By label: the one around it, or -1. */
  private readonly outer: number[] = [];
  private inner = -1;

  /** A label inside those that are open: the stand-in for its name. */
  open(): string {
    this.inner = this.outer.push(this.inner) - 1;
    return `\0${this.inner}\0`;
  }

  /** Ends the one opened last. */
  close(): void {
    this.inner = this.outer[this.inner]!;
  }

  /** The text with names in the place of stand-ins. */
  resolve(text: string): string {
    if (!text.includes("\0")) return text;
    const printed = new Set<number>();
    for (const [, label] of text.matchAll(STAND_IN)) printed.add(Number(label));
    const names = new Map<number, string>();
    for (const label of printed) {
      let depth = 0;
      for (let outer = this.outer[label]!; outer >= 0; outer = this.outer[outer]!) if (printed.has(outer)) depth++;
      names.set(label, word(depth));
    }
    return text.replace(STAND_IN, (_, label: string) => names.get(Number(label))!);
  }
}

// Nothing else that is printed has this character.
const STAND_IN = /\0(\d+)\0/g;
