// What crosses the border of a region, a run of statements that might become a piece: the variables that go in, where
// control goes on behind it, and the variables that are needed there. Control enters a run at its beginning only; it
// leaves by falling off the end, by branches to labels outside, and by returning from the function.
import { type IrFunc, Ir, K, type Label, type Stmt, T } from "../../ir/ir.js";
import { forEachRead, forEachRoot, forEachStmt } from "../../ir/walk.js";
import { endsAbruptly } from "../../lower/lower.js";
import { MOST_CELLS } from "../bigint.js";
import { type Liveness, has } from "../liveness.js";

/** Statements `from` to `to` (exclusive) of a list. */
export interface Region {
  readonly list: Stmt[];
  readonly from: number;
  readonly to: number;
}

export interface Exit {
  /** Where control goes on: a label outside, the next statement, or the function's caller. */
  readonly to: Label | "next" | "return";
  /** Variables assigned in the region and alive there. */
  readonly outs: readonly number[];
}

export interface Crossing {
  /** Variables alive at the region's beginning that it mentions. */
  readonly ins: readonly number[];
  /** In the order of their first use; "next" is first where there is one. */
  readonly exits: readonly Exit[];
  /** All variables that some exit hands out. */
  readonly outs: readonly number[];
}

/** Undefined where the region cannot be a piece: the result of a call would cross in the state object, or it tail-calls. */
export function crossingOf(func: IrFunc, live: Liveness, { list, from, to }: Region): Crossing | undefined {
  const entry = live.at(list, from);
  const end = live.at(list, to);
  if (has(entry, live.slot) || has(end, live.slot)) return undefined;
  const body = list.slice(from, to);
  const mentioned = new Uint8Array(func.vars.length);
  const assigned = new Uint8Array(func.vars.length);
  const inner = new Set<Label>();
  const targets = new Set<Label>();
  let returns = false;
  let tailCalls = false;
  forEachStmt(body, (s) => {
    forEachRoot(s, (e) => forEachRead(e, (v) => (mentioned[v] = 1)));
    switch (s.kind) {
      case K.set:
        mentioned[s.v] = assigned[s.v] = 1;
        break;
      case K.expr:
        if (s.e.op === Ir.return_call || s.e.op === Ir.return_call_indirect) tailCalls = true;
        break;
      case K.loop:
        inner.add(s.label);
        break;
      case K.block:
        for (const label of s.labels) inner.add(label);
        break;
      case K.br:
        targets.add(s.label);
        break;
      case K.switch:
        for (const label of s.targets) targets.add(label);
        targets.add(s.otherwise);
        break;
      case K.return:
        returns = true;
    }
  });
  if (tailCalls) return undefined;
  const exits: Exit[] = [];
  if (!endsAbruptly(body)) exits.push({ to: "next", outs: live.members(end).filter((v) => assigned[v] === 1) });
  for (const label of targets) {
    if (inner.has(label)) continue;
    const alive = live.atLabel.get(label)!;
    if (has(alive, live.slot)) return undefined;
    exits.push({ to: label, outs: live.members(alive).filter((v) => assigned[v] === 1) });
  }
  if (returns) exits.push({ to: "return", outs: [] });
  // What always traps goes nowhere, which is as good as anywhere.
  if (exits.length === 0) exits.push({ to: "next", outs: [] });
  return {
    ins: live.members(entry).filter((v) => mentioned[v] === 1),
    exits,
    outs: [...new Set(exits.flatMap(({ outs }) => outs))],
  };
}

/**
 * What crosses beside cells, which pieces share: a variable that holds a BigInt gets a cell. Undefined where there would be
 * more of them than a function may have.
 */
export function inCells({ vars }: IrFunc, { ins, outs, exits }: Crossing): Crossing | undefined {
  const wide = new Set([...ins, ...outs].filter((v) => vars[v] === T.l));
  if (wide.size > 0 && vars.filter((type) => type === T.w).length + wide.size > MOST_CELLS) return undefined;
  for (const v of wide) vars[v] = T.w;
  const others = (vs: readonly number[]): number[] => vs.filter((v) => vars[v] !== T.w);
  return {
    ins: others(ins),
    exits: exits.map((exit) => ({ to: exit.to, outs: others(exit.outs) })),
    outs: others(outs),
  };
}
