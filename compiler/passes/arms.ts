// Sorts the parts of a chain that begins with a br_table: first those that only the br_table goes to, then those that other
// code goes to as well. The first then print as cases of one `switch` (emit/function.ts); the others, which stand in labelled
// blocks around it, are few. Compilers lay a function out by how likely its parts are, and mix the two: SQLite's loop has
// 160 cases with 20 such parts among them, and as it stands none of them could be a case.
//
// Branches in a chain only go forward. They still do: what moves to the front is entered from the br_table alone.
//
// Where a br_table becomes a tree of comparisons, its parts stand in blocks nested in each other, and only so many nest: a chain
// that is longer becomes one of groups, each a chain with a br_table of its own.
import { Op } from "../../runtime/wasm/opcodes.js";
import {
  type BlockStmt,
  Fx,
  type IrFunc,
  K,
  type Label,
  type Stmt,
  type SwitchStmt,
  T,
  blockStmt,
  brStmt,
  leaf,
  setStmt,
  switchStmt,
} from "../ir/ir.js";
import { forEachStmt } from "../ir/walk.js";
import { endsAbruptly } from "../lower/lower.js";
import type { PassContext } from "./index.js";

/** Parts that nest, and entries of all groups' br_tables. */
const MOST_ARMS = 40;
const MOST_ENTRIES = 100_000;

export function sortArms(func: IrFunc, { choices }: PassContext): void {
  forEachStmt(func.body, (s) => {
    if (s.kind !== K.block || s.labels.length <= 2) return;
    sortChain(s);
    if (choices.branches === "tree" && s.labels.length > MOST_ARMS) groupArms(func, s);
  });
}

function sortChain({ labels, parts }: BlockStmt): void {
  const head = parts[0]!;
  const last = head[head.length - 1];
  if (last?.kind !== K.switch) return;
  const uses = usesBySwitch(last);
  const isArm: boolean[] = [true];
  const arms: number[] = [];
  const others: number[] = [];
  for (let i = 1; i < parts.length; i++) {
    const label = labels[i - 1]!;
    isArm[i] = (uses.get(label) ?? 0) === label.uses && (isArm[i - 1]! || endsAbruptly(parts[i - 1]!));
    (isArm[i] ? arms : others).push(i);
  }
  if (others.length === 0 || arms.length === 0 || arms[arms.length - 1]! < others[0]!) return;
  for (const i of arms) {
    // What it falls into, unless that is an arm as well, will be elsewhere.
    if (isArm[i + 1] || endsAbruptly(parts[i]!)) continue;
    parts[i]!.push(brStmt(labels[i]!));
    labels[i]!.uses++;
  }
  const order = [...arms, ...others];
  const sortedLabels: Label[] = order.map((i) => labels[i - 1]!);
  const sortedParts: Stmt[][] = order.map((i) => parts[i]!);
  labels.splice(0, labels.length - 1, ...sortedLabels);
  parts.splice(1, parts.length - 1, ...sortedParts);
}

/** The chain of groups in the place of the chain. */
function groupArms(func: IrFunc, s: BlockStmt): void {
  const { labels, parts } = s;
  const head = parts[0]!;
  const last = head[head.length - 1];
  if (last?.kind !== K.switch) return;
  const arms = Math.min(armsOf(labels, last), parts.length - 1);
  const ends = groupEnds(parts, arms);
  if (ends.length < 2 || ends.length * last.targets.length > MOST_ENTRIES) return;
  let { e } = last;
  head.pop();
  if (e.op !== Op.local_get) {
    const v = func.vars.push(T.i) - 1;
    head.push(setStmt(v, e));
    e = leaf(Op.local_get, T.i, v, 0, Fx.readLocal);
  }
  const groups: Label[] = [];
  const groupOf = new Map<Label, Label>();
  const grouped: Stmt[][] = [];
  let from = 0;
  for (const to of ends) {
    const group: Label = { loop: false, uses: 0 };
    groups.push(group);
    const own = labels.slice(from, to);
    for (const label of own) {
      groupOf.set(label, group);
      label.uses = 0;
    }
    const inner = blockStmt(own, [[tableOf(own, last, e)], ...parts.slice(from + 1, to)]);
    grouped.push([inner, ...parts[to]!]);
    from = to;
  }
  const towards = (label: Label): Label => {
    const group = groupOf.get(label);
    if (group !== undefined) group.uses++;
    return group ?? label;
  };
  head.push(switchStmt(e, last.targets.map(towards), towards(last.otherwise)));
  labels.splice(0, arms, ...groups);
  parts.splice(1, arms, ...grouped);
}

/** The numbers of the parts that groups end with: parts that control does not fall out of, and the last. */
function groupEnds(parts: readonly (readonly Stmt[])[], arms: number): number[] {
  const ends: number[] = [];
  for (let i = 1; i <= arms; i++) {
    const size = i - (ends[ends.length - 1] ?? 0);
    if (i === arms || (size >= MOST_ARMS && endsAbruptly(parts[i]!))) ends.push(i);
  }
  return ends;
}

/** The br_table of a group, which is entered for its own labels only: for other numbers it may go to any. */
function tableOf(own: readonly Label[], { targets, otherwise }: SwitchStmt, e: SwitchStmt["e"]): SwitchStmt {
  const isOwn = new Set(own);
  let near = isOwn.has(otherwise) ? otherwise : (targets.find((label) => isOwn.has(label)) ?? own[0]!);
  const towards = (label: Label): Label => {
    if (isOwn.has(label)) near = label;
    near.uses++;
    return near;
  };
  const table = targets.map(towards);
  return switchStmt(e, table, towards(otherwise));
}

/** How many of a chain's first labels are targets of its br_table alone. */
export function armsOf(labels: readonly Label[], table: SwitchStmt): number {
  const uses = usesBySwitch(table);
  let n = 0;
  while (n < labels.length && (uses.get(labels[n]!) ?? 0) === labels[n]!.uses) n++;
  return n;
}

/** How often a br_table goes to each label. */
function usesBySwitch({ targets, otherwise }: SwitchStmt): Map<Label, number> {
  const uses = new Map<Label, number>([[otherwise, 1]]);
  for (const label of targets) uses.set(label, (uses.get(label) ?? 0) + 1);
  return uses;
}
