// Which variables hold only values of a kind: every assignment gives them one. Optimistic like the analysis of high halves, so that
// variables may owe it to each other, and like it as good as the webs are apart.
import { type Expr, type IrFunc, K, type T } from "../ir/ir.js";
import { forEachRead, forEachStmt } from "../ir/walk.js";

/**
 * The variables of `type`, parameters excepted, that are assigned nothing but what `test` says yes to; it is handed what is thought
 * of the variables by then. 1 for each of them.
 */
export function variablesOf(func: IrFunc, type: T, test: (e: Expr, known: Uint8Array) => boolean): Uint8Array {
  const known = new Uint8Array(func.vars.length).fill(1);
  for (const v of func.params) known[v] = 0;
  const sets: { v: number; e: Expr }[] = [];
  const readers: number[][] = [];
  const read = (v: number): number => (readers[v] ??= []).push(sets.length - 1);
  forEachStmt(func.body, (s) => {
    if (s.kind !== K.set || func.vars[s.v] !== type) return;
    sets.push(s);
    forEachRead(s.e, read);
  });
  const work = sets.map((_, i) => i);
  for (let i = work.pop(); i !== undefined; i = work.pop()) {
    const { v, e } = sets[i]!;
    if (known[v] === 0 || test(e, known)) continue;
    known[v] = 0;
    readers[v]?.forEach((reader) => work.push(reader));
  }
  return known;
}
