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
    // Nothing else that is printed has this character: every second part is a label.
    const parts = text.split("\0");
    if (parts.length === 1) return text;
    const { outer } = this;
    const printed = new Uint8Array(outer.length);
    for (let i = 1; i < parts.length; i += 2) printed[Number(parts[i])] = 1;
    for (let i = 1; i < parts.length; i += 2) {
      let depth = 0;
      for (let label = outer[Number(parts[i])]!; label >= 0; label = outer[label]!) depth += printed[label]!;
      parts[i] = word(depth);
    }
    return parts.join("");
  }
}
