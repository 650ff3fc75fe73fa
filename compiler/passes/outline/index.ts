// Outlining: cuts functions that an engine would never optimize into pieces that it does. V8 interprets a function of more
// than 61,440 bytes of bytecode for ever (--max-optimized-bytecode-size): the loops of SQLite, QuickJS and CPython among them.
// What becomes a piece is chosen in choose.ts, how it does is in extract.ts.
import { type IrFunc, K, T } from "../../ir/ir.js";
import { forEachStmt } from "../../ir/walk.js";
import { chooseRegions } from "./choose.js";
import { inCells } from "./crossing.js";
import { extract } from "./extract.js";
import { isSmaller, sizeOfList, Sizes } from "./size.js";

/** What is left of a function may again be cut, this often. */
const MOST_ROUNDS = 4;
/** Variables times merges beyond which the function is left whole: liveness copies that many bits. */
const BUDGET = 2_000_000_000;

/** Cuts a function with more than `limit` bytes of bytecode, by estimate. */
export function outline(func: IrFunc, limit: number): void {
  if (isSmaller(func, limit)) return;
  let code = -1;
  for (let round = 0; round < MOST_ROUNDS; round++) {
    if (sizeOfList(func.body) <= limit || isTooLarge(func)) return;
    const choices = chooseRegions(func, new Sizes(), limit);
    if (choices.length === 0) return;
    // From the end, so that the places of those before stay what they are.
    choices.sort((a, b) => b.region.from - a.region.from);
    if (code < 0) code = func.vars.push(T.i) - 1;
    for (const { region, crossing } of choices) {
      const narrow = inCells(func, crossing);
      if (narrow !== undefined) extract(func, region, narrow, code);
    }
  }
}

function isTooLarge(func: IrFunc): boolean {
  let merges = 0;
  forEachStmt(func.body, (s) => {
    if (s.kind === K.if) merges++;
    else if (s.kind === K.block) merges += s.labels.length;
    else if (s.kind === K.switch) merges += new Set(s.targets).size;
    else if (s.kind === K.loop) merges += 2;
  });
  return merges * func.vars.length > BUDGET;
}
