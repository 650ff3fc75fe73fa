// Sorts the parts of a chain that begins with a br_table: first those that only the br_table goes to, then those that other
// code goes to as well. The first then print as cases of one `switch` (emit/function.ts); the others, which stand in labelled
// blocks around it, are few. Compilers lay a function out by how likely its parts are, and mix the two: SQLite's loop has
// 160 cases with 20 such parts among them, and as it stands none of them could be a case.
//
// Branches in a chain only go forward. They still do: what moves to the front is entered from the br_table alone.
import { type BlockStmt, type IrFunc, K, type Label, type Stmt, type SwitchStmt, brStmt } from "../ir/ir.js";
import { forEachStmt } from "../ir/walk.js";
import { endsAbruptly } from "../lower/lower.js";

export function sortArms(func: IrFunc): void {
  forEachStmt(func.body, (s) => {
    if (s.kind === K.block && s.labels.length > 2) sortChain(s);
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

/** How often a br_table goes to each label. */
export function usesBySwitch({ targets, otherwise }: SwitchStmt): Map<Label, number> {
  const uses = new Map<Label, number>([[otherwise, 1]]);
  for (const label of targets) uses.set(label, (uses.get(label) ?? 0) + 1);
  return uses;
}
