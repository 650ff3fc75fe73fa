// Which regions of an oversized function become pieces.
//
// Candidates are runs of statements that fit into a piece, in the lists of statements that do not fit: arms of a dispatch
// loop, the stretches between large statements, parts of long straight-line code. A loop that fits is never cut. Each
// saves its size and costs a call, with what crosses, as often as its list is executed: eight times for each loop around.
// The best are taken until the rest fits.
import { type IrFunc, K, type Stmt } from "../../ir/ir.js";
import { nestedLists } from "../../ir/walk.js";
import { type Crossing, type Region, crossingOf } from "./crossing.js";
import { Liveness, has, sizeOf } from "../liveness.js";
import type { Sizes } from "./size.js";

export interface Choice {
  readonly region: Region;
  readonly crossing: Crossing;
}

/** Bytes of bytecode below which a call saves too little; V8 inlines what has less than 460. */
const LEAST = 250;
/** Parameters, results and exits of a piece. */
const MOST_CROSSING = 200;
const MOST_EXITS = 24;
/** Times that a loop's body is taken to run, and nested loops that count. */
const ROUNDS = 8;
const MOST_LOOPS = 4;

interface Run extends Region {
  readonly size: number;
  /** Loops around it. */
  readonly loops: number;
}

interface Candidate extends Choice {
  readonly saved: number;
  readonly cost: number;
}

/** Regions to extract so that the rest of the function, and each of them, is below `limit`; fewer where there are none. */
export function chooseRegions(func: IrFunc, sizes: Sizes, limit: number): Choice[] {
  const least = Math.min(LEAST, limit / 4);
  const runs: Run[] = [];
  collect(func.body, 0, sizes, limit, runs);
  const worthwhile = runs.filter(({ size }) => size >= least);
  const live = new Liveness(func, new Set(worthwhile.map(({ list }) => list)));
  const candidates: Candidate[] = [];
  for (const run of worthwhile) {
    for (const region of divide(run, sizes, live, limit)) {
      const crossing = crossingOf(func, live, region);
      if (crossing === undefined) continue;
      const { ins, outs, exits } = crossing;
      if (ins.length + outs.length > MOST_CROSSING || exits.length > MOST_EXITS) continue;
      const crossed = 10 + ins.length + 2 * outs.length + exits.length;
      const saved = sizes.list(region.list.slice(region.from, region.to)) - 6 * crossed;
      const cost = crossed * ROUNDS ** Math.min(run.loops, MOST_LOOPS);
      if (saved >= least) candidates.push({ region, crossing, saved, cost });
    }
  }
  // Sorting is stable: among equals the first in the function comes first.
  candidates.sort((a, b) => b.saved / b.cost - a.saved / a.cost);
  let excess = sizes.list(func.body) - limit;
  const chosen: Choice[] = [];
  for (const candidate of candidates) {
    if (excess <= 0) break;
    excess -= candidate.saved;
    chosen.push(candidate);
  }
  return chosen;
}

/** Finds the longest runs of statements that fit, in every list that holds statements which do not, and in theirs. */
function collect(list: Stmt[], loops: number, sizes: Sizes, limit: number, runs: Run[]): void {
  let from = 0;
  let size = 0;
  const close = (to: number): void => {
    if (to > from) runs.push({ list, from, to, size, loops });
  };
  list.forEach((s, i) => {
    const own = sizes.of(s);
    if (own <= limit) {
      size += own;
      return;
    }
    close(i);
    from = i + 1;
    size = 0;
    for (const nested of nestedLists(s)) collect(nested, s.kind === K.loop ? loops + 1 : loops, sizes, limit, runs);
  });
  close(list.length);
}

/** Divides a run into parts that fit, about equally large, where the fewest variables are alive. */
function divide(run: Run, sizes: Sizes, live: Liveness, limit: number): Region[] {
  const { list, from, to, size } = run;
  const count = Math.ceil(size / limit);
  if (count === 1) return [run];
  const share = size / count;
  const regions: Region[] = [];
  let start = from;
  let sum = 0;
  let best = -1;
  let fewest = Infinity;
  for (let i = from; i < to; i++) {
    const own = sizes.of(list[i]!);
    if (sum + own > limit) {
      if (best < 0) best = i;
      regions.push({ list, from: start, to: best });
      start = best;
      sum = sizes.list(list.slice(start, i));
      best = -1;
      fewest = Infinity;
    }
    sum += own;
    const set = live.at(list, i + 1);
    const count = sizeOf(set);
    if (sum >= 0.7 * share && count <= fewest && !has(set, live.slot)) {
      best = i + 1;
      fewest = count;
    }
  }
  regions.push({ list, from: start, to });
  return regions;
}
