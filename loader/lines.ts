// From a line of generated code to the place in the `.wasm` it stems from. Shared by both containers.
import type { LineTable } from "./image.js";

/** The Wasm offset of the last entry at or before `line`; undefined before the first. @internal */
export function findOffset({ lines, offsets }: LineTable, line: number): number | undefined {
  let low = 0;
  let high = lines.length;
  while (low < high) {
    const middle = (low + high) >> 1;
    if (lines[middle]! <= line) low = middle + 1;
    else high = middle;
  }
  return low === 0 ? undefined : offsets[low - 1];
}
