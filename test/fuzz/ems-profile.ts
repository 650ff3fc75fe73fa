// The circumstances under which ems-model.ts compares: pools of several sizes and kinds, requests of several shapes.
import type { Rng } from "./rng.js";

/** How a run is set up; drawn from the seed, so that it need not be told. */
export interface Profile {
  readonly slice: number;
  readonly shared: boolean;
  readonly fresh: boolean;
  /** The control block lies outside the slice. */
  readonly apart: boolean;
  /** The slice begins at this offset of its buffer. */
  readonly offset: number;
  /** The largest length that is asked for often, and the largest that is asked for at all. */
  readonly usual: number;
  readonly largest: number;
  /** Percentage of requests with an alignment above 8. */
  readonly aligned: number;
  /** Percentage of resizing among the operations. */
  readonly resize: number;
}

export function drawProfile(rng: Rng): Profile {
  const slice = rng.pick([600, 2000, 16_384, 65_536, 262_144, 1 << 20]) + rng.below(16);
  return {
    slice,
    shared: rng.chance(30),
    fresh: rng.chance(50),
    apart: rng.chance(30),
    offset: rng.pick([0, 8, 40, 4096, rng.below(100)]),
    usual: rng.pick([16, 60, 250, 600]),
    largest: rng.pick([300, 5000, slice >> 2, slice]),
    aligned: rng.pick([0, 5, 50]),
    resize: rng.pick([0, 10, 40]),
  };
}
