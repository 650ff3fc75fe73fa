// Clocks. All times are nanoseconds; the precision a guest asks for is ignored, it gets the best there is.

import { Clockid } from "./abi.js";
import type { Context } from "./context.js";
import { fail } from "./errno.js";

/** The time of a clock; fails with `inval` for a clock that does not exist. @internal */
export function readClock(w: Context, clock: number): bigint {
  switch (clock) {
    case Clockid.realtime:
      return w.host.realtime();
    case Clockid.monotonic:
      return w.host.monotonic();
    case Clockid.processCputime:
    case Clockid.threadCputime:
      return w.host.cputime(clock === Clockid.threadCputime);
    default:
      return fail("inval");
  }
}

export function clockResGet(w: Context, clock: number, resultPtr: number): void {
  w.memory.check(resultPtr, 8);
  if (clock > Clockid.threadCputime) fail("inval");
  w.memory.setU64(resultPtr, w.host.resolution(clock));
}

export function clockTimeGet(w: Context, clock: number, _precision: bigint, resultPtr: number): void {
  w.memory.check(resultPtr, 8);
  w.memory.setU64(resultPtr, readClock(w, clock));
}
