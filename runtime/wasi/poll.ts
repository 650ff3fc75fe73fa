// poll_oneoff: waits until a clock has run out or a descriptor is ready. A host that cannot wait for descriptors and clocks at
// once (no JavaScript engine can, synchronously) is asked about the descriptors again and again, with pauses that grow to
// ten milliseconds; clocks alone are slept for in one piece.

import { Clockid, Eventrwflags, Eventtype, Rights, Size, Subclockflags } from "./abi.js";
import { readClock } from "./clock.js";
import type { Context } from "./context.js";
import { Errno, errnoOf, fail } from "./errno.js";
import type { OpenFile } from "./open-file.js";

interface Subscription {
  readonly userdata: bigint;
  readonly type: number;
}
interface ClockSubscription extends Subscription {
  readonly clock: number;
  /** When it runs out, by its clock. */
  readonly deadline: bigint;
}
interface FileSubscription extends Subscription {
  readonly file: OpenFile;
}
interface Event extends Subscription {
  readonly errno: number;
  readonly nbytes: number;
  readonly flags: number;
}

const PAUSE_MIN = 500_000n;
const PAUSE_MAX = 10_000_000n;

export function pollOneoff(w: Context, inPtr: number, outPtr: number, count: number, resultPtr: number): void {
  const { memory, layout } = w;
  memory.check(inPtr, count * layout.subscription.size);
  memory.check(outPtr, count * Size.event);
  memory.check(resultPtr, 4);
  if (count === 0) fail("inval");

  const clocks: ClockSubscription[] = [];
  const files: FileSubscription[] = [];
  const events: Event[] = [];
  for (let i = 0; i < count; i++) {
    const at = inPtr + i * layout.subscription.size;
    const userdata = memory.u64At(at);
    const type = memory.u8At(at + 8);
    if (type > Eventtype.fdWrite) fail("inval");
    try {
      if (type === Eventtype.clock) clocks.push(readClockSubscription(w, at, userdata));
      else files.push({ userdata, type, file: pollable(w, memory.u32At(at + 16), type) });
    } catch (error) {
      // What is wrong with one subscription is reported as its event, the others are still served.
      events.push({ userdata, type, errno: errnoOf(error), nbytes: 0, flags: 0 });
    }
  }

  wait(w, clocks, files, events);
  for (const [i, event] of events.entries()) writeEvent(w, outPtr + i * Size.event, event);
  memory.setU32(resultPtr, events.length);
}

function readClockSubscription(w: Context, at: number, userdata: bigint): ClockSubscription {
  const { memory } = w;
  const layout = w.layout.subscription;
  const clock = memory.u32At(at + layout.clock);
  const timeout = memory.u64At(at + layout.timeout);
  const flags = memory.u16At(at + layout.flags);
  if ((flags & ~Subclockflags.abstime) !== 0 || clock > Clockid.threadCputime) fail("inval");
  // Processor time stands still while the thread sleeps: waiting for it would never end.
  if (clock > Clockid.monotonic) fail("notsup");
  const deadline = (flags & Subclockflags.abstime) !== 0 ? timeout : readClock(w, clock) + timeout;
  return { userdata, type: Eventtype.clock, clock, deadline };
}

function pollable(w: Context, fd: number, type: number): OpenFile {
  return w.fds.file(fd, Rights.pollFdReadwrite | (type === Eventtype.fdRead ? Rights.fdRead : Rights.fdWrite));
}

/** Adds what is ready to `events`, waiting until there is something. */
function wait(
  w: Context,
  clocks: readonly ClockSubscription[],
  files: readonly FileSubscription[],
  events: Event[],
): void {
  let pause = PAUSE_MIN;
  for (;;) {
    for (const { userdata, type, file } of files) {
      const ready = file.poll(type === Eventtype.fdWrite);
      if (ready !== undefined) {
        events.push({
          userdata,
          type,
          errno: Errno.success,
          nbytes: ready.nbytes,
          flags: ready.hangup ? Eventrwflags.hangup : 0,
        });
      }
    }
    let left: bigint | undefined;
    for (const { userdata, type, clock, deadline } of clocks) {
      const rest = deadline - readClock(w, clock);
      if (rest <= 0n) events.push({ userdata, type, errno: Errno.success, nbytes: 0, flags: 0 });
      else if (left === undefined || rest < left) left = rest;
    }
    if (events.length > 0) return;
    if (files.length === 0) w.host.sleep(left!);
    else {
      w.host.sleep(left !== undefined && left < pause ? left : pause);
      if (pause < PAUSE_MAX) pause *= 2n;
    }
  }
}

function writeEvent(w: Context, at: number, event: Event): void {
  w.memory.bytes(at, Size.event).fill(0);
  w.memory.setU64(at, event.userdata);
  w.memory.setU16(at + 8, event.errno);
  w.memory.setU8(at + 10, event.type);
  w.memory.setU64(at + 16, BigInt(event.nbytes));
  w.memory.setU16(at + 24, event.flags);
}
