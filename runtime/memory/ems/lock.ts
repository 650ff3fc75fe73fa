// One operation at a time. An operation that did not come to its end, because the host's stack was exhausted in the middle,
// leaves its mark, and the next one rebuilds the lists first.
import { CORRUPTION_KINDS, EmsError, type Corruption } from "./corruption.js";
import { assertAttached, Control, fail, offsetOf, type Heap } from "./heap.js";
import { rebuild } from "./rebuild.js";

/** How long another thread may hold the lock, in milliseconds. Moving the largest block takes about one second. */
const PATIENCE = 10_000;

/** Begins an operation. Throws EmsError where the heap is damaged. */
export function enter(heap: Heap): void {
  const { control, owner } = heap;
  if (heap.corruption !== undefined || control[Control.fault] !== 0) refuse(heap);
  if (owner !== 0) acquire(heap);
  if (control[Control.busy] !== 0) rebuild(heap);
  control[Control.busy] = 1;
  heap.settled = false;
}

/** Ends an operation. */
export function leave(heap: Heap): void {
  heap.control[Control.busy] = 0;
  unlock(heap);
}

/** Lets others go on, be the operation complete or not. */
export function unlock(heap: Heap): void {
  if (heap.owner !== 0) Atomics.store(heap.control, Control.lock, 0);
}

/** Ends an operation that threw; what is not an error of ours has come from the host in the middle of it. */
export function abandon(heap: Heap, error: unknown): unknown {
  if (error instanceof EmsError) heap.control[Control.busy] = 0;
  unlock(heap);
  return error;
}

/** What damaged the heap, if anything did, on whichever thread it was found. */
export function faultOf(heap: Heap): Corruption | undefined {
  const { [Control.fault]: fault, [Control.faultAt]: at } = heap.control;
  if (heap.corruption !== undefined || !fault) return heap.corruption;
  const kind = CORRUPTION_KINDS[fault - 1] ?? "overwritten-tag";
  return (heap.corruption = { kind, offset: offsetOf(heap, at!), found: "another thread found the heap damaged" });
}

function refuse(heap: Heap): never {
  assertAttached(heap);
  throw new EmsError(faultOf(heap)!);
}

function acquire(heap: Heap): void {
  const { control, owner } = heap;
  let deadline = 0;
  for (let tries = 0; ; tries++) {
    const holder = Atomics.compareExchange(control, Control.lock, 0, owner);
    // Its own number, if its last operation could not even say that it was over.
    if (holder === 0 || holder === owner) break;
    if (control[Control.fault] !== 0) refuse(heap);
    // Operations take less than a microsecond as a rule; nobody is told when one ends.
    if (tries > 100) pause(control, holder);
    deadline ||= Date.now() + PATIENCE;
    if (Date.now() > deadline) fail(heap, "interrupted", 0, `thread ${holder} has not ended its operation`);
  }
  if (control[Control.fault] === 0) return;
  unlock(heap);
  refuse(heap);
}

function pause(control: Int32Array, holder: number): void {
  try {
    Atomics.wait(control, Control.lock, holder, 1);
  } catch (error) {
    // The main thread of a browser must not wait; it goes on asking.
    if (!(error instanceof TypeError)) throw error;
  }
}
