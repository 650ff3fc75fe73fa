// The fuzzer of ems, the pool allocator. Two parts, each of which runs the same cases for the same seed:
//   --operations N   random operations compared with a model (ems-model.ts), in runs of 20,000 with a pool of their own
//   --damaged N      heaps whose metadata is overwritten (ems-damage.ts)
//   node dist/test/fuzz/ems.js --seed N --operations N --damaged N
import { fileURLToPath } from "node:url";
import { parseArgs } from "node:util";
import { fuzzDamage } from "./ems-damage.js";
import { EmsModel } from "./ems-model.js";
import { drawProfile } from "./ems-profile.js";
import { Rng } from "./rng.js";

const RUN = 20_000;
const BATCH = 500;

export interface ModelReport {
  readonly operations: number;
  readonly outcomes: Record<string, number>;
  readonly failures: readonly string[];
}

/** Runs at least `operations` operations; seed and count determine all of them. */
export function fuzzModel(seed: number, operations: number, progress: (done: number) => void = () => {}): ModelReport {
  const outcomes: Record<string, number> = {};
  const failures: string[] = [];
  let done = 0;
  for (let run = 0; done < operations; run++) {
    const rng = new Rng(seed + run);
    const profile = drawProfile(rng);
    const model = new EmsModel(rng, profile);
    let step = 0;
    try {
      for (; step < RUN; step += BATCH) model.batch(BATCH);
      model.end();
    } catch (error) {
      const where = `seed ${seed + run}, batch ${step / BATCH}, ${JSON.stringify(profile)}`;
      failures.push(`${where}: ${error instanceof Error ? error.stack : String(error)}`);
    }
    for (const [name, count] of Object.entries(model.outcomes)) outcomes[name] = (outcomes[name] ?? 0) + count;
    done += RUN;
    progress(done);
  }
  return { operations: done, outcomes, failures };
}

if (process.argv[1] === fileURLToPath(import.meta.url)) {
  const options = { seed: { type: "string" }, operations: { type: "string" }, damaged: { type: "string" } } as const;
  const { values } = parseArgs({ options });
  const seed = Number(values.seed ?? Date.now() % 1_000_000_000);
  const operations = Number(values.operations ?? 1_000_000);
  const damaged = Number(values.damaged ?? operations / 200);
  if (![seed, operations, damaged].every(Number.isInteger)) {
    throw new TypeError("usage: ems.js [--seed N] [--operations N] [--damaged N]");
  }
  console.log(`seed ${seed}, ${operations} operations, ${damaged} damaged heaps`);
  const started = performance.now();
  const model = fuzzModel(seed, operations, (done) => {
    if (done % 1_000_000 === 0) console.log(`${done} … ${((performance.now() - started) / 1000).toFixed()} s`);
  });
  const damage = fuzzDamage(seed, damaged);
  const failures = [...model.failures, ...damage.failures];
  for (const failure of failures.slice(0, 20)) console.log(failure);
  console.log(JSON.stringify(model.outcomes));
  console.log(JSON.stringify(damage.outcomes));
  console.log(
    `${model.operations / RUN + damage.cases - failures.length} passed, ${failures.length} failed, 0 skipped`,
  );
  process.exitCode = failures.length > 0 ? 1 : 0;
}
