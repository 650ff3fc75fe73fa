// The part of the bench that runs on the engine under test: it is bundled into one plain script together with the code
// of every variant. It checks every answer before it times anything, then measures in rounds in which each variant runs
// once. It must work on engines without modules, classes, timers or performance.now, and without block scope.

export type Answer = number | string;
export type Run = (size: number) => Answer;

export interface Variant {
  readonly name: string;
  make(): Run | PromiseLike<Run>;
}

export interface Plan {
  readonly variants: readonly Variant[];
  /** Work per run, from full to least; a slow variant is measured at the largest size that it can finish. */
  readonly sizes: readonly number[];
  readonly expected: readonly Answer[];
  readonly rounds: number;
  readonly warmups: number;
  /** A timed run shorter than this (milliseconds) is repeated; its time is then the mean of the repetitions. */
  readonly leastTime: number;
  /** A run that would take longer than this is done with less work. */
  readonly runLimit: number;
  /** A variant that has used this much time in a level takes no part in further rounds. */
  readonly budget: number;
  /** Nothing is measured: every variant just runs so often with the least work, for those who count what the engine does meanwhile. */
  readonly justRuns?: number;
}

export interface Measured {
  readonly name: string;
  /** Why there are no times: it was refused, or its answer was wrong. */
  problem?: string;
  setup: number;
  /** The level (index into sizes) that the variant reaches. */
  level: number;
  /** Milliseconds by level, one for each round. */
  times: number[][];
}

interface Usage {
  readonly user: number;
  readonly system: number;
}
declare const performance: { now(): number } | undefined;
declare const process: { cpuUsage?(): Usage; threadCpuUsage?(): Usage } | undefined;
declare const print: ((text: string) => void) | undefined;
declare const console: { log(text: string): void };

// In Node the clock is the processor time of this thread (before Node 24: of the process), which other programs on the
// machine disturb less than they disturb wall-clock time; elsewhere it is the finest wall clock there is. Linux brings the
// account of a thread up to date only with its ticks, 4 ms apart, unless the process is asked for its time first.
function clock(): () => number {
  if (typeof process === "object" && process) {
    const ofProcess = process.cpuUsage;
    const usage = process.threadCpuUsage ?? ofProcess;
    if (usage) {
      return () => {
        ofProcess?.();
        const { user, system } = usage();
        return (user + system) / 1000;
      };
    }
  }
  return typeof performance === "object" && performance ? () => performance!.now() : () => Date.now();
}

const now = clock();
const say = typeof print === "function" ? print : (text: string) => console.log(text);

function same(a: Answer, b: Answer): boolean {
  return a === b || (a !== a && b !== b);
}

/** Milliseconds of one run, the mean of `laps`. */
function timed(run: Run, size: number, expected: Answer, laps = 1): number {
  let wrong: Answer | undefined;
  const start = now();
  for (let lap = 0; lap < laps; lap++) {
    const answer = run(size);
    if (!same(answer, expected)) wrong = answer;
  }
  const time = now() - start;
  if (wrong !== undefined) throw new Error("wrong: " + wrong + " instead of " + expected + " for " + size);
  return time / laps;
}

// Sets a variant up, checks its answers from the least work upwards and stops where a run would take too long.
function prepare(plan: Plan, variant: Variant): PromiseLike<{ run: Run | undefined; result: Measured }> {
  const least = plan.sizes.length - 1;
  const result: Measured = { name: variant.name, setup: 0, level: least, times: [] };
  const start = now();
  return Promise.resolve()
    .then(() => variant.make())
    .then((run) => {
      result.setup = now() - start;
      for (let level = least; level >= 0; level--) {
        let time = timed(run, plan.sizes[level]!, plan.expected[level]!);
        result.level = level;
        const growth = level > 0 && plan.sizes[level - 1] !== plan.sizes[level] ? 16 : 1;
        // a first run is slow: it may be compiling
        for (let again = 0; again < 3 && time * growth > plan.runLimit; again++) {
          time = Math.min(time, timed(run, plan.sizes[level]!, plan.expected[level]!));
        }
        if (level > 0 && time * growth > plan.runLimit) break;
      }
      return { run: run as Run | undefined, result };
    })
    .then(undefined, (error: unknown) => {
      result.problem = String((error as Error).message ?? error).slice(0, 300);
      return { run: undefined, result };
    });
}

function measure(plan: Plan, ready: readonly { run: Run | undefined; result: Measured }[]): void {
  const able = ready.filter((one) => one.run !== undefined);
  const levels = plan.sizes.map((_, level) => level).filter((level) => able.some((one) => one.result.level === level));
  for (const level of levels) {
    const taking = able.filter((one) => one.result.level <= level);
    const spent = taking.map(() => 0);
    const shortest = taking.map(() => plan.leastTime);
    for (let round = -plan.warmups; round < plan.rounds; round++) {
      for (let k = 0; k < taking.length; k++) {
        const at = (k + round + plan.warmups) % taking.length; // another variant begins each round
        const one = taking[at]!;
        if (one.result.problem !== undefined) continue;
        const times = (one.result.times[level] ??= []);
        if (spent[at]! > plan.budget && times.length > 1) continue;
        try {
          const laps = round < 0 ? 1 : Math.ceil(plan.leastTime / shortest[at]!) || 1;
          const time = timed(one.run!, plan.sizes[level]!, plan.expected[level]!, laps);
          spent[at] += time * laps;
          if (round < 0 && time < shortest[at]!) shortest[at] = Math.max(time, plan.leastTime / 50);
          if (round >= 0 || spent[at]! > plan.budget) times.push(time);
        } catch (error) {
          one.result.problem = String((error as Error).message).slice(0, 300);
        }
      }
    }
  }
}

function justRun({ variants, sizes, expected }: Plan, runs: number): PromiseLike<unknown> {
  const least = sizes.length - 1;
  let chain: PromiseLike<unknown> = Promise.resolve();
  variants.forEach((variant) => {
    chain = chain.then(() => variant.make()).then((run) => timed(run, sizes[least]!, expected[least]!, runs));
  });
  return chain.then(() => say("BENCH []"));
}

/** Runs the plan and prints one line of JSON: what was measured for each variant. */
export function start(plan: Plan): void {
  const failed = (error: unknown): void => say("FAILED " + String((error as Error).stack ?? error));
  if (plan.justRuns !== undefined) {
    justRun(plan, plan.justRuns).then(undefined, failed);
    return;
  }
  const ready: { run: Run | undefined; result: Measured }[] = [];
  let chain: PromiseLike<unknown> = Promise.resolve();
  // not a loop: on Hermes `const` is a `var`, so that all closures made in a loop would see the last variant
  plan.variants.forEach((variant) => {
    chain = chain.then(() => prepare(plan, variant)).then((one) => ready.push(one));
  });
  chain
    .then(() => {
      measure(plan, ready);
      say("BENCH " + JSON.stringify(ready.map((one) => one.result)));
    })
    .then(undefined, failed);
}

/** Prints the answer for each size: what a run on native WebAssembly says is what all variants are held to. */
export function answers(make: () => Run | PromiseLike<Run>, sizes: readonly number[]): void {
  Promise.resolve()
    .then(make)
    .then((run) => say("BENCH " + JSON.stringify(sizes.map((size) => run(size)))))
    .then(undefined, (error: unknown) => say("FAILED " + String((error as Error).stack ?? error)));
}
