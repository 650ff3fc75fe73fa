// How large functions with BigInts get through the time before V8 optimizes them, in which a BigInt operation takes 100 to 200 ns.
//
// They are there in halves as well, under another name, and for their first calls run so: all but a few, from which V8 learns
// types. And as V8 counts bytes of bytecode that a function jumps back over, and compiles it when they are some thousand times
// its length, a piece's body stands in a loop whose first rounds are empty and jump back over all of it. A round takes less
// than a nanosecond and counts like a call (test/bench/questions/i64-warm-up.js).
import type { IrFunc } from "../ir/ir.js";
import { hasLoops } from "../ir/walk.js";
import type { References } from "./references.js";

/** Calls of a function until it is optimized, for certain. */
const FIRST_CALLS = 8192;
/** One of so many of them runs with BigInts. */
const TURN = 32;
/** Empty rounds at first, where each stands for several calls, and later, should V8 have forgotten its code. */
const FIRST_ROUNDS = 100;
const LATER_ROUNDS = 16;
/** Characters of a body below which empty rounds are not worth it. */
const LEAST = 1500;

/** The name of a function in halves that is there with BigInts too, and what the names of its pieces begin with. */
export function inHalves(index: number): string {
  return `f${index}_0`;
}

/** The number of empty rounds. */
export function emptyRounds(index: number, refs: References): string {
  return `${refs.calls(index)}<${FIRST_CALLS}?${FIRST_ROUNDS}:${LATER_ROUNDS}`;
}

/** The statement that hands over to the halves while it is their turn. */
export function takeTurns(index: number, params: string, refs: References): string {
  const calls = refs.calls(index);
  return `if(${calls}<${FIRST_CALLS}&&${calls}++&${TURN - 1})return ${inHalves(index)}(${params});`;
}

/** Whether a function's body, printed as `text`, is one for empty rounds. */
export function wantsRounds(func: IrFunc, text: string): boolean {
  return text.length >= LEAST && !hasLoops(func.body);
}
