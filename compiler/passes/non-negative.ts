// Marks reads of variables that never hold a negative i32 (imm2 = 1 on the read): every assignment gives them a byte, a
// masked value, a comparison … Unsigned comparisons, conversions and address arithmetic on them then need no `>>> 0`.
// Optimistic like the analysis of high halves, and like it as good as the webs are apart.
import { type Expr, type IrFunc, K, T } from "../ir/ir.js";
import { isNonNegative } from "../ir/make.js";
import { forEachGet, forEachRead, forEachRoot, forEachStmt } from "../ir/walk.js";

export function markNonNegative(func: IrFunc): void {
  const known = new Uint8Array(func.vars.length).fill(1);
  for (const v of func.params) known[v] = 0;
  const sets: { v: number; e: Expr }[] = [];
  const readers: number[][] = [];
  const read = (v: number): number => (readers[v] ??= []).push(sets.length - 1);
  forEachStmt(func.body, (s) => {
    if (s.kind !== K.set || func.vars[s.v] !== T.i) return;
    sets.push(s);
    forEachRead(s.e, read);
  });
  const work = sets.map((_, i) => i);
  for (let i = work.pop(); i !== undefined; i = work.pop()) {
    const { v, e } = sets[i]!;
    if (known[v] === 0 || isNonNegative(e, known)) continue;
    known[v] = 0;
    readers[v]?.forEach((reader) => work.push(reader));
  }
  // FAST: in place. What is known holds for every read of a variable, so trees may share one.
  const mark = (get: Expr): void => {
    if (get.type === T.i && known[get.imm] === 1) get.imm2 = 1;
  };
  const root = (e: Expr): void => forEachGet(e, mark);
  forEachStmt(func.body, (s) => forEachRoot(s, root));
}
