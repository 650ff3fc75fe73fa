// The regression check: today's ratios against those of an earlier run, kept with `--json`. Ratios to native, not times, so
// that the two runs may be of different days; but they should be of the same machine and engine.
import { readFileSync } from "node:fs";
import type { SpeedResult } from "./speed.js";
import { geomean, textTable, type Row } from "./table.js";

/** A kernel may be this much slower by noise, and all together this much. */
const WORSE_ONE = 1.2;
const WORSE_ALL = 1.05;

type Compared = Pick<SpeedResult, "base" | "rows">;

/** Prints the comparison; true if nothing got worse than noise explains. */
export function compareWith(file: string, now: readonly Compared[]): boolean {
  const before = JSON.parse(readFileSync(file, "utf8")) as { commit?: string; speed?: Compared[] };
  if (!before.speed?.length) throw new Error(`${file}: holds no speed table; make one with --json`);
  let good = true;
  now.forEach((result, i) => {
    const old = before.speed![Math.min(i, before.speed!.length - 1)]!;
    const changes: number[] = [];
    const lines: string[][] = [["kernel", `before (${before.commit ?? "?"})`, "now", "now / before"]];
    for (const row of result.rows) {
      const [was, is] = [ratioOf(old.rows.find(({ name }) => name === row.name)), ratioOf(row)];
      if (was === undefined || is === undefined) continue;
      const change = is / was;
      changes.push(change);
      if (change > WORSE_ONE) good = false;
      lines.push([row.name, was.toFixed(2), is.toFixed(2), change.toFixed(2) + (change > WORSE_ONE ? "  worse" : "")]);
    }
    if (changes.length === 0) throw new Error(`${file}: has no kernel of this run`);
    const all = geomean(changes);
    if (all > WORSE_ALL) good = false;
    lines.push(["geomean", "", "", all.toFixed(3) + (all > WORSE_ALL ? "  worse" : "")]);
    console.log(`\nours × ${result.base}, against ${file}:\n${textTable(lines, 1)}`);
  });
  return good;
}

/** Of the minimums, which noise disturbs least. */
function ratioOf(row: Row | undefined): number | undefined {
  return row?.cells.find(({ variant }) => variant.startsWith("ours"))?.minRatio;
}
