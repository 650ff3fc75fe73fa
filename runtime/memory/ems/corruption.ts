// What can be wrong with a heap, and how it is told: a value that says what was found where, and the error that carries it.

/**
 * The first four mean that the heap is damaged; from then on it refuses everything. The last two are mistakes of a caller, of
 * which the heap took no harm.
 */
export const CORRUPTION_KINDS = [
  /** The tag of a block, or a guard of the slice, is not what was written there. */
  "overwritten-tag",
  /** A list or tree of free blocks leads somewhere it cannot. */
  "broken-link",
  /** What is counted does not agree with what is there. */
  "wrong-total",
  /** An operation ended half done: the host's stack was exhausted, or a thread was ended. */
  "interrupted",
  /** A block was freed that is free already. */
  "double-free",
  /** Something was freed or resized that is no block of this heap. */
  "foreign-pointer",
] as const;

export type CorruptionKind = (typeof CORRUPTION_KINDS)[number];

/** A fault of a heap. Offsets are those of the buffer. */
export interface Corruption {
  readonly kind: CorruptionKind;
  /** Where the fault is. */
  readonly offset: number;
  /** What was found there, in words. */
  readonly found: string;
}

/** A heap is damaged, or was asked to free or resize what is no block of it. */
export class EmsError extends Error {
  override readonly name: string = "EmsError";
  readonly corruption: Corruption;

  constructor(corruption: Corruption) {
    super(`${corruption.kind.replace("-", " ")} at offset ${corruption.offset}: ${corruption.found}`);
    Object.setPrototypeOf(this, EmsError.prototype);
    this.corruption = corruption;
  }
}
