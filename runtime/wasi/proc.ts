// The process: how a guest ends, and what it can do to itself.

import { ExitError } from "../errors.js";
import type { Context } from "./context.js";
import { fail } from "./errno.js";

// Signals that do not end a process by default: none, CHLD, CONT, URG and WINCH do nothing; STOP, TSTP, TTIN and TTOU would
// stop it, and nobody could start it again.
const IGNORED = [0, 16, 17, 22, 27];
const STOPPING = [18, 19, 20, 21];
const SIGNAL_MAX = 30;

export function procExit(_w: Context, code: number): void {
  throw new ExitError(code);
}

// A signal to itself ends the guest, not the host's process around it: with the exit code a shell reports, 128 + signal.
export function procRaise(_w: Context, signal: number): void {
  if (signal > SIGNAL_MAX) fail("nosys");
  if (IGNORED.includes(signal)) return;
  if (STOPPING.includes(signal)) fail("nosys");
  // WASI's numbers are Linux's without STKFLT (16).
  throw new ExitError(128 + (signal > 15 ? signal + 1 : signal));
}

export function schedYield(w: Context): void {
  w.host.yield();
}
