// Lists, trees and totals are an index of the tags and can be made anew from them. Tags cover the slice without a gap at every
// moment, because each operation comes into force by writing one tag. So an operation that was interrupted has either
// happened or not, and all it can leave behind is a wrong index.
import { Control, FREE, PREV_FREE, readNextTag, sizeOf, wipeTag, writeTag, type Heap } from "./heap.js";
import { count, makeFree } from "./place.js";

/** Makes everything but the tags anew. O(blocks). Throws EmsError where the tags are damaged, too. */
export function rebuild(heap: Heap): void {
  const { control, first, end } = heap;
  control.fill(0, Control.smallMap, Control.words);
  control[Control.used] = control[Control.usedBlocks] = control[Control.freeBlocks] = 0;
  // Free blocks that an interrupted operation left side by side become one.
  let run: number[] = [];
  for (let at = first; at <= end;) {
    const tag = readNextTag(heap, at);
    if ((tag & FREE) !== 0) run.push(at);
    else {
      writeTag(heap, at, run.length > 0 ? tag | PREV_FREE : tag & ~PREV_FREE);
      if (run.length > 0) {
        writeTag(heap, run[0]!, ((at - run[0]!) << 1) | FREE);
        for (let i = 1; i < run.length; i++) wipeTag(heap, run[i]!);
        makeFree(heap, run[0]!, at - run[0]!);
        run = [];
      }
      if (at === end) return;
      count(heap, sizeOf(tag));
      control[Control.usedBlocks]!++;
    }
    at += sizeOf(tag);
  }
}
