// What can be wrong with a heap, and how it is told: a value that says what was found where, and the error that carries it.

/** What was found; the last three are mistakes of the caller and leave the heap as it was. */
export type CorruptionKind =
  /** A block's tag, or the guard at an end of the slice, is not what was written there. */
  | "overwritten-tag"
  /** A list or tree of free blocks leads somewhere it cannot. */
  | "broken-link"
  /** What is counted does not agree with what is there. */
  | "wrong-total"
  /** Another thread took the heap's lock and never gave it back. */
  | "abandoned-lock"
  | "double-free"
  | "foreign-pointer";

/** A fault of a heap. Offsets are those of the buffer. */
export interface Corruption {
  readonly kind: CorruptionKind;
  /** Where the fault is. */
  readonly offset: number;
  /** What was found there, and what should have been. */
  readonly found: string;
}

/** A heap is corrupt, or was asked to free or resize what is no block of it. */
export class EmsError extends Error {
  override readonly name: string = "EmsError";
  readonly corruption: Corruption;

  constructor(corruption: Corruption) {
    super(`${corruption.kind.replace("-", " ")} at offset ${corruption.offset}: ${corruption.found}`);
    Object.setPrototypeOf(this, EmsError.prototype);
    this.corruption = corruption;
  }
}
