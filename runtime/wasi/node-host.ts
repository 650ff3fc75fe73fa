// Node as the machine below: its file system, descriptors, clocks and random source.

import { Clockid } from "./abi.js";
import type { HostDirectory, WasiHost } from "./host.js";
import { inheritedFile } from "./node-file.js";
import { randomFillSync } from "./node-modules.js";
import { PathDirectory } from "./node-path-fs.js";
import { ProcDirectory, hasProcfs } from "./node-proc-fs.js";
import type { OpenFile } from "./open-file.js";
import { PortableHost } from "./portable-host.js";

export interface NodeHostOptions {
  /** Whether to use Linux's /proc/self/fd; by default where there is one. Without it the sandbox guarantees less. */
  readonly procfs?: boolean;
}

const DRIFT_MAX = 2_000_000n;

export class NodeHost extends PortableHost implements WasiHost {
  private readonly procfs: boolean;
  /** What to add to the monotonic clock for the time of day. */
  private epoch = 0n;

  constructor(options: NodeHostOptions = {}) {
    super();
    this.procfs = options.procfs ?? hasProcfs();
  }

  override monotonic(): bigint {
    return process.hrtime.bigint();
  }

  // Date.now has milliseconds only. The digits below come from the monotonic clock, as long as the two agree: the time of day
  // can be set.
  override realtime(): bigint {
    const monotonic = this.monotonic();
    const coarse = BigInt(Date.now()) * 1_000_000n;
    let now = monotonic + this.epoch;
    const drift = now - coarse;
    if (drift < -DRIFT_MAX || drift > DRIFT_MAX) {
      const fine = BigInt(Math.round((performance.timeOrigin + performance.now()) * 1000)) * 1000n;
      now = fine - coarse < DRIFT_MAX && coarse - fine < DRIFT_MAX ? fine : coarse;
      this.epoch = now - monotonic;
    }
    return now;
  }

  override cputime(thread: boolean): bigint {
    const own = thread ? (process as { threadCpuUsage?: () => NodeJS.CpuUsage }).threadCpuUsage : undefined;
    const { user, system } = own === undefined ? process.cpuUsage() : own.call(process);
    return BigInt(user + system) * 1000n;
  }

  override resolution(clock: number): bigint {
    return clock <= Clockid.monotonic ? 1n : 1000n;
  }

  override random(bytes: Uint8Array): void {
    // In pieces: Node refuses 2 GiB at once.
    for (let at = 0; at < bytes.length; at += 1 << 30) randomFillSync(bytes.subarray(at, at + (1 << 30)));
  }

  readonly openDirectory = (hostPath: string): HostDirectory =>
    (this.procfs ? ProcDirectory : PathDirectory).openRoot(hostPath);

  readonly openDescriptor = (fd: number): OpenFile => inheritedFile(fd, this.procfs);
}
