// Turns blocks that a branch skips into ifs, as the source had them:
//   block  br_if c  X  end                        → if (!c) X
//   block  if c  A  br 1  end  X  end             → if (c) A else X
//   block  block  br_if c  X  br 1  end  Y  end   → if (c) Y else X
// and joins neighbouring conditional branches to one label into one condition. Fewer labels, fewer jumps in bytecode, and
// less text.
import { Op } from "../../runtime/wasm/opcodes.js";
import {
  type BlockStmt,
  type Expr,
  type IfStmt,
  type IrFunc,
  K,
  type Label,
  type Stmt,
  T,
  expr,
  blockStmt,
  ifStmt,
} from "../ir/ir.js";
import { condition, eqz, i32, isBoolean, orElse } from "../ir/make.js";

/** Skipping branches of one block that become nested ifs; more would nest too deep. */
const MOST_NESTED = 6;
/** Depth of the condition that joining makes. */
const MOST_DEPTH = 32;

export function restructure(func: IrFunc): void {
  func.body = list(func.body);
}

/** The list itself where nothing in it changes. */
function list(body: Stmt[]): Stmt[] {
  let out: Stmt[] | undefined;
  for (let k = 0; k < body.length; k++) {
    const s = body[k]!;
    if (s.kind === K.loop) s.body = list(s.body);
    else if (s.kind === K.if) {
      s.then = list(s.then);
      s.else = list(s.else);
    } else if (s.kind === K.block) {
      for (let i = 0; i < s.parts.length; i++) s.parts[i] = list(s.parts[i]!);
      simplifyChain(s);
      if (s.labels.length === 0) {
        (out ??= body.slice(0, k)).push(...s.parts.flat());
        continue;
      }
      // What has become of the first part may begin with a block: one chain.
      const first = s.parts[0]![0];
      if (first?.kind === K.block) {
        const rest = s.parts[0]!.slice(1);
        const merged: BlockStmt = blockStmt(
          [...first.labels, ...s.labels],
          [...first.parts, rest, ...s.parts.slice(1)],
        );
        (out ??= body.slice(0, k)).push(merged);
        continue;
      }
    }
    const last = out === undefined ? k - 1 : out.length - 1;
    if (last >= 0 && joinConditions((out ?? body)[last]!, s)) out ??= body.slice(0, k);
    else out?.push(s);
  }
  return out ?? body;
}

/** Removes labels of a chain that only skipping branches at the top of the part before them use. */
function simplifyChain(chain: BlockStmt): void {
  const { labels, parts } = chain;
  for (let i = 0; i < labels.length;) {
    const part = parts[i]!;
    const label = labels[i]!;
    // The last statement reaches the label anyway.
    const last = part[part.length - 1];
    if (last?.kind === K.br && last.label === label) {
      part.pop();
      label.uses--;
    }
    if (label.uses === 0 || nestSkips(chain, i)) {
      // No branch is left: the next part simply follows.
      labels.splice(i, 1);
      const [gone] = parts.splice(i, 1);
      if (i < parts.length) parts[i] = [...gone!, ...parts[i]!];
      else parts.push(gone!);
      if (labels.length < parts.length) {
        // The chain's last label went: what is left of it follows the chain.
        if (labels.length === 0) return;
        const tail = parts.pop()!;
        chain.labels.push({ loop: false, uses: 0 });
        chain.parts.push(tail);
        return;
      }
    } else i++;
  }
}

/** Nests what the skipping branches to label `i` skip; false, with nothing changed, where it has other branches. */
function nestSkips(chain: BlockStmt, i: number): boolean {
  const part = chain.parts[i]!;
  const label = chain.labels[i]!;
  const skips: number[] = [];
  part.forEach((s, k) => {
    if (isSkip(s, label)) skips.push(k);
  });
  if (skips.length === 0 || skips.length !== label.uses || skips.length > MOST_NESTED) return false;
  const outer = chain.labels[i + 1];
  const next = chain.parts[i + 1];
  const end = part[part.length - 1]!;
  if (
    skips.length === 1 &&
    isConditionalBranch(part[skips[0]!]!) &&
    outer !== undefined &&
    end.kind === K.br &&
    end.label === outer &&
    next !== undefined &&
    next.length > 0
  ) {
    // The skipped code leaves over the next part: the two are the arms of an if.
    const at = skips[0]!;
    const then = part.splice(at + 1, part.length - at - 1).slice(0, -1);
    outer.uses--;
    const cond = (part.pop() as IfStmt).cond;
    part.push(makeIf(eqz(cond), then, next.splice(0, next.length)));
    label.uses = 0;
    return true;
  }
  for (const at of skips.reverse()) {
    const inner = part.splice(at + 1, part.length - at - 1);
    const { cond, then } = part.pop() as IfStmt;
    const own = then.slice(0, -1);
    part.push(own.length === 0 ? makeIf(eqz(cond), inner, []) : makeIf(cond, own, inner));
  }
  label.uses = 0;
  return true;
}

function makeIf(cond: Expr, then: Stmt[], otherwise: Stmt[]): IfStmt {
  return ifStmt(condition(cond), then, otherwise);
}

/** An if whose only arm ends with a branch to the label. */
function isSkip(s: Stmt, label: Label): boolean {
  if (s.kind !== K.if || s.else.length > 0) return false;
  const last = s.then[s.then.length - 1];
  return last?.kind === K.br && last.label === label;
}

function isConditionalBranch(s: Stmt): s is IfStmt & { then: [{ kind: K.br; label: Label }] } {
  return s.kind === K.if && s.else.length === 0 && s.then.length === 1 && s.then[0]!.kind === K.br;
}

/** `if (a) br L` `if (b) br L` → `if (a || b) br L`. */
function joinConditions(a: Stmt, b: Stmt): boolean {
  if (!isConditionalBranch(a) || !isConditionalBranch(b)) return false;
  const { label } = a.then[0];
  if (b.then[0].label !== label || a.cond.depth + b.cond.depth > MOST_DEPTH) return false;
  label.uses--;
  a.cond = orElse(truth(a.cond), truth(b.cond));
  return true;
}

/** A condition as 0 or 1. */
function truth(e: Expr): Expr {
  return isBoolean(e) ? e : expr(Op.i32_ne, T.i, [e, i32(0)]);
}
