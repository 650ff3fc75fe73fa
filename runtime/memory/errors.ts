// The errors of the memory model: no memory left, and using or disposing of something at the wrong time.
import { WasmError } from "../wasm/error.js";
import type { Category, Item } from "./items.js";

/** An allocation was refused. Nothing has changed: what was begun for the sake of it has been undone. */
export class MemoryError extends WasmError {
  override readonly name: string = "MemoryError";
  readonly category: Category;
  /** The module, instance, … that the memory was for. */
  readonly owner: string;
  readonly item: Item;
  /** Bytes asked for. */
  readonly wanted: number;
  /** Bytes of the largest block that could have been had, where the allocator knows. */
  readonly largestFree: number | undefined;

  constructor(category: Category, owner: string, item: Item, wanted: number, largestFree: number | undefined) {
    const had = largestFree === undefined ? "the allocator refused" : `the largest free block has ${largestFree}`;
    const text = `out of memory: ${wanted} bytes for ${item} of ${category} "${owner}", ${had}`;
    super("out-of-memory", `${text}: dispose of what is no longer needed, or give the runtime more memory`);
    Object.setPrototypeOf(this, MemoryError.prototype);
    this.category = category;
    this.owner = owner;
    this.item = item;
    this.wanted = wanted;
    this.largestFree = largestFree;
  }
}

/** Something was used after its end, or was to end while others need it. */
export class LifetimeError extends WasmError {
  override readonly name: string = "LifetimeError";

  constructor(code: "disposed" | "in-use" | "wrong-runtime", message: string) {
    super(code, message);
    Object.setPrototypeOf(this, LifetimeError.prototype);
  }
}
