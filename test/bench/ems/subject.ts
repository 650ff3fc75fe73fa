// What the bench compares: allocators over a region of their own. Offsets and lengths in bytes; 0: no room.

export interface Subject {
  allocate(length: number): number;
  reallocate(offset: number, length: number): number;
  free(offset: number): void;
}

export interface Variant {
  readonly name: string;
  /** An empty allocator over `length` bytes. */
  readonly make: (length: number) => Subject;
}
