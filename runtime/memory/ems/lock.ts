// One operation at a time. An operation that threw something unexpected (when the host's stack was exhausted in the middle) leaves
// the lock behind; whoever has it next finds its own name there and rebuilds the lists.
import { CORRUPTION_KINDS, EmsError } from "./corruption.js";
import { assertAttached, Control, fail, offsetOf, type Heap } from "./heap.js";
import { rebuild } from "./rebuild.js";

/** How long another thread may hold the lock, in milliseconds. Moving the largest block takes about one second. */
const PATIENCE = 10_000;

/** Begins an operation. Throws EmsError where the heap is damaged. */
export function enter(heap: Heap): void {
  const { control, owner } = heap;
  if (heap.corruption !== undefined || control[Control.fault] !== 0) refuse(heap);
  const holder = owner === 0 ? control[Control.lock]! : Atomics.compareExchange(control, Control.lock, 0, owner);
  if (holder !== 0) contend(heap, holder);
  if (owner === 0) control[Control.lock] = 1;
}

/** Ends an operation. */
export function leave(heap: Heap): void {
  if (heap.owner === 0) heap.control[Control.lock] = 0;
  else Atomics.store(heap.control, Control.lock, 0);
}

/** Ends an operation that threw. The lock stays where the error is not ours: then the operation may have been half done. */
export function abandon(heap: Heap, error: unknown): unknown {
  if (error instanceof EmsError) leave(heap);
  return error;
}

/** What damaged the heap, if anything did, on whichever thread it was found. */
export function faultOf(heap: Heap): EmsError["corruption"] | undefined {
  const { [Control.fault]: fault, [Control.faultAt]: at } = heap.control;
  if (heap.corruption !== undefined || !fault) return heap.corruption;
  const kind = CORRUPTION_KINDS[fault - 1] ?? "overwritten-tag";
  return (heap.corruption = { kind, offset: offsetOf(heap, at!), found: "another thread found the heap damaged" });
}

function refuse(heap: Heap): never {
  assertAttached(heap);
  throw new EmsError(faultOf(heap)!);
}

function contend(heap: Heap, holder: number): void {
  const { control, owner } = heap;
  if (owner === 0 || holder === owner) return rebuild(heap);
  const deadline = Date.now() + PATIENCE;
  for (let tries = 0; holder !== 0; tries++) {
    // Operations take less than a microsecond as a rule; nobody is told when one ends.
    if (tries > 100) pause(control, holder);
    if (Date.now() > deadline) fail(heap, "interrupted", 0, `thread ${holder} has not ended its operation`);
    holder = Atomics.compareExchange(control, Control.lock, 0, owner);
  }
}

function pause(control: Int32Array, holder: number): void {
  try {
    Atomics.wait(control, Control.lock, holder, 1);
  } catch (error) {
    // The main thread of a browser must not wait; it goes on asking.
    if (!(error instanceof TypeError)) throw error;
  }
}
