// Removes assignments to variables that nothing needs, and what only they needed. After splitting, this is what makes
// unneeded high halves disappear: marking starts from effects, so a chain of carries through a loop that nobody reads
// in the end does not keep itself alive.
import { type Expr, Fx, Ir, type IrFunc, K, type SetStmt, type Stmt, isDroppable, exprStmt } from "../ir/ir.js";
import { forEachList, forEachRead, forEachRoot, forEachStmt, truncate } from "../ir/walk.js";

export function removeDead(func: IrFunc): void {
  const live = new Uint8Array(func.vars.length);
  const setsOf: SetStmt[][] = [];
  const work: number[] = [];
  const need = (v: number): void => {
    if (live[v] === 1) return;
    live[v] = 1;
    work.push(v);
  };
  const root = (e: Expr): void => forEachRead(e, need);
  // A helper stays, with its operands, for a second result that the statement after it takes from the slot.
  let before: Stmt | undefined;
  forEachStmt(func.body, (s) => {
    if (s.kind === K.set && s.e.op === Ir.slot && before?.kind === K.set && writesSlot(before))
      (setsOf[s.v] ??= []).push(before);
    before = s;
    if (s.kind === K.set && isRemovable(s)) (setsOf[s.v] ??= []).push(s);
    else forEachRoot(s, root);
  });
  for (let v = work.pop(); v !== undefined; v = work.pop()) {
    setsOf[v]?.forEach((s) => forEachRead(s.e, need));
  }
  const sweepList = (list: Stmt[]): void => sweep(list, live, sweepList);
  sweepList(func.body);
  func.zeroed = func.zeroed.filter((v) => live[v] === 1);
}

/** An assignment that may go if its variable is dead. A helper's second result in the slot may be all that is wanted. */
function isRemovable(s: SetStmt): boolean {
  return isDroppable(s.e.fx & ~Fx.writeSlot) && (s.e.own & Fx.writeMemory) === 0;
}

function sweep(body: Stmt[], live: Uint8Array, nested: (list: Stmt[]) => void): void {
  let out = 0;
  for (let i = 0; i < body.length; i++) {
    const s = body[i]!;
    forEachList(s, nested);
    if (s.kind === K.set && live[s.v] === 0) {
      if (isRemovable(s) && !(writesSlot(s) && slotIsRead(body[i + 1], live))) continue;
      body[out++] = exprStmt(s.e);
      continue;
    }
    if (s.kind === K.if && s.then.length === 0 && s.else.length === 0 && isDroppable(s.cond.fx)) continue;
    body[out++] = s;
  }
  truncate(body, out);
}

function writesSlot(s: SetStmt): boolean {
  return (s.e.fx & Fx.writeSlot) !== 0;
}

function slotIsRead(next: Stmt | undefined, live: Uint8Array): boolean {
  return next?.kind === K.set && next.e.op === Ir.slot && live[next.v] === 1;
}
