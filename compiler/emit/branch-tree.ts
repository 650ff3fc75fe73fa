// A br_table as a tree of comparisons. QuickJS compares what a `switch` is about with one case after the other: 3,800
// instructions for one of 64 cases, 750 by a tree. Other interpreters have tables of jumps.
import type { Label, SwitchStmt } from "../ir/ir.js";
import { isNonNegative } from "../ir/make.js";
import type { TargetChoices } from "../targets.js";

/** Cases from which a tree takes less than comparing with one after the other. */
const FEWEST_CASES = 4;

/** Numbers from `from` on, up to the next range, and where they go. */
export interface BranchRange {
  readonly from: number;
  readonly label: Label;
}

export function isTreeOf(s: SwitchStmt, choices: TargetChoices): boolean {
  if (choices.branches !== "tree") return false;
  return s.targets.filter((label) => label !== s.otherwise).length >= FEWEST_CASES;
}

/** The ranges of signed numbers that a br_table tells apart; its operand is unsigned, so negative ones are too large. */
export function rangesOf({ e, targets, otherwise }: SwitchStmt): BranchRange[] {
  const ranges: BranchRange[] = isNonNegative(e) ? [] : [{ from: -Infinity, label: otherwise }];
  const add = (from: number, label: Label): void => {
    if (ranges[ranges.length - 1]?.label !== label) ranges.push({ from, label });
  };
  targets.forEach((label, i) => add(i, label));
  add(targets.length, otherwise);
  return ranges;
}

/** Statements that go where variable `name` says; `jump` prints one that goes to a label. */
export function branchTree(name: string, ranges: readonly BranchRange[], jump: (label: Label) => string): string {
  const print = (lo: number, hi: number): string => {
    const first = ranges[lo]!;
    if (hi - lo === 1) return single(jump(first.label));
    const [second, third] = [ranges[lo + 1]!, ranges[lo + 2]];
    if (hi - lo === 3 && first.label === third!.label && third!.from === second.from + 1) {
      return `if(${name}===${second.from})${single(jump(second.label))}else ${single(jump(first.label))}`;
    }
    const middle = (lo + hi) >> 1;
    return `if(${name}<${ranges[middle]!.from})${print(lo, middle)}else ${print(middle, hi)}`;
  };
  return print(0, ranges.length);
}

/** What may be several statements as one. */
function single(text: string): string {
  return text.indexOf(";") === text.length - 1 ? text : `{${text}}`;
}
