// Which variables are alive between the statements of a function: their values may still be read. Control is structured, so
// one walk backwards does it: what is alive where a branch goes is known before the branch is met, but for those back to
// the head of a loop. There the set is what a first walk of the body finds when it takes nothing to be alive at the
// head: a second round could only add what the first has already put there.
import { Op } from "../../runtime/wasm/opcodes.js";
import { type Expr, Fx, Ir, type IrFunc, K, type Label, type Stmt } from "../ir/ir.js";
import { effectsOf, forEachRoot, forEachStmt, forEachVariable } from "../ir/walk.js";

/**
 * One bit for each variable that occurs, and one more: the results of a call that still wait in the state object.
 *
 * FAST: 32 bits in a number of a plain array. There is a set for every arm of an if, and most typed arrays have memory outside
 * of the heap, which takes longer to get and to give back than all that is done with it.
 */
export type VarSet = number[];

export function has(set: VarSet, v: number): boolean {
  return ((set[v >>> 5]! >>> (v & 31)) & 1) !== 0;
}

export function add(set: VarSet, v: number): void {
  set[v >>> 5]! |= 1 << (v & 31);
}

function remove(set: VarSet, v: number): void {
  set[v >>> 5]! &= ~(1 << (v & 31));
}

function clear(set: VarSet): void {
  for (let i = 0; i < set.length; i++) set[i] = 0;
}

function become(set: VarSet, other: VarSet): void {
  for (let i = 0; i < set.length; i++) set[i] = other[i]!;
}

export function unite(set: VarSet, other: VarSet): void {
  for (let i = 0; i < set.length; i++) set[i]! |= other[i]!;
}

/** Calls `visit` with the number of each bit that is set. */
export function forEachBit(set: VarSet, visit: (bit: number) => void): void {
  for (let i = 0; i < set.length; i++) {
    for (let bits = set[i]!; bits !== 0; bits &= bits - 1) visit(i * 32 + 31 - Math.clz32(bits & -bits));
  }
}

export function sizeOf(set: VarSet): number {
  let size = 0;
  for (let i = 0; i < set.length; i++) for (let bits = set[i]!; bits !== 0; bits &= bits - 1) size++;
  return size;
}

/** Told of every assignment once, with what is alive behind it; the set is only lent. */
export type OnAssignment = (v: number, value: Expr, live: VarSet, liveness: Liveness) => void;

export class Liveness {
  /** Alive where the function begins. */
  readonly entry: VarSet;
  /** Alive where a branch to the label goes. */
  readonly atLabel = new Map<Label, VarSet>();
  /** Number that stands for results waiting in the state object. */
  readonly slot: number;

  private readonly words: number;
  /** Sets that nobody uses any more. */
  private readonly spare: VarSet[] = [];
  /** The bit of each variable, and back. Passes leave most variables unused: a bit for each would make sets ten times as large. */
  readonly bits: Int32Array;
  readonly variables: number[] = [];
  /** Alive before each statement of the lists asked for, and behind the last. */
  private readonly before = new Map<readonly Stmt[], VarSet[]>();
  private readonly onAssignment: OnAssignment | undefined;

  /** `wanted`: the lists that `at` will be asked about. */
  constructor(func: IrFunc, wanted: Iterable<readonly Stmt[]>, onAssignment?: OnAssignment) {
    this.onAssignment = onAssignment;
    this.bits = new Int32Array(func.vars.length).fill(-1);
    const node = ({ imm }: Expr): void => this.number(imm);
    const root = (e: Expr): void => forEachVariable(e, node);
    forEachStmt(func.body, (s) => {
      if (s.kind === K.set) this.number(s.v);
      forEachRoot(s, root);
    });
    this.slot = this.variables.length;
    this.words = (this.slot >>> 5) + 1;
    for (const list of wanted) this.before.set(list, []);
    this.entry = this.list(func.body, this.none(), true);
  }

  /** Alive in front of statement `index` of a wanted list. */
  at(list: readonly Stmt[], index: number): VarSet {
    return this.before.get(list)![index]!;
  }

  /** Variables of a set. */
  members(set: VarSet): number[] {
    const members: number[] = [];
    forEachBit(set, (bit) => members.push(this.variables[bit]!));
    return members;
  }

  private number(v: number): void {
    if (this.bits[v] === -1) this.bits[v] = this.variables.push(v) - 1;
  }

  private none(): VarSet {
    return new Array<number>(this.words).fill(0);
  }

  private copy(set: VarSet): VarSet {
    if (this.spare.length === 0) return set.slice();
    const copy = this.spare.pop()!;
    become(copy, set);
    return copy;
  }

  /** Behind a label's statement, only those who look at lists ask what is alive at it. */
  private release(label: Label): void {
    if (this.before.size === 0) this.spare.push(this.atLabel.get(label)!);
  }

  /** What is alive before a list, given (and changing) what is behind it. */
  private list(body: readonly Stmt[], live: VarSet, record: boolean): VarSet {
    const sets = record && this.before.size > 0 ? this.before.get(body) : undefined;
    if (sets !== undefined) sets.push(live.slice());
    for (let i = body.length; --i >= 0;) {
      live = this.statement(body[i]!, live, record);
      if (sets !== undefined) sets.push(live.slice());
    }
    if (sets !== undefined) sets.reverse();
    return live;
  }

  private statement(s: Stmt, live: VarSet, record: boolean): VarSet {
    switch (s.kind) {
      case K.set:
        if (record) this.onAssignment?.(s.v, s.e, live, this);
        remove(live, this.bits[s.v]!);
        break;
      case K.expr:
        if (s.e.op === Ir.trap || s.e.op === Ir.return_call || s.e.op === Ir.return_call_indirect) clear(live);
        break;
      case K.br:
        become(live, this.atLabel.get(s.label)!);
        return live;
      case K.switch:
        become(live, this.atLabel.get(s.otherwise)!);
        for (const label of new Set(s.targets)) unite(live, this.atLabel.get(label)!);
        break;
      case K.return:
        clear(live);
        break;
      case K.if: {
        const otherwise = this.list(s.else, this.copy(live), record);
        live = this.list(s.then, live, record);
        unite(live, otherwise);
        this.spare.push(otherwise);
        break;
      }
      case K.block:
        for (let i = s.parts.length; --i >= 0;) {
          this.atLabel.set(s.labels[i]!, this.copy(live));
          live = this.list(s.parts[i]!, live, record);
        }
        for (let i = 0; i < s.labels.length; i++) this.release(s.labels[i]!);
        return live;
      case K.loop: {
        this.atLabel.set(s.label, this.none());
        const head = this.list(s.body, this.copy(live), false);
        this.atLabel.set(s.label, head);
        if (record) live = this.list(s.body, live, true);
        become(live, head);
        this.release(s.label);
        return live;
      }
    }
    this.evaluated(s, live);
    const fx = effectsOf(s);
    if ((fx & (Fx.readSlot | Fx.writeSlot)) !== 0) this.slots(s, live);
    if ((fx & Fx.writeLocal) !== 0) this.assigned(s, live, record);
    return live;
  }

  private assigned(s: Stmt, live: VarSet, record: boolean): void {
    forEachRoot(s, (e) => this.tees(e, live, record));
  }

  /** Whether results wait in the state object. */
  private slots(s: Stmt, live: VarSet): void {
    // Returned values are evaluated in another order than they stand, but nothing they hold reads what another leaves.
    let waiting = has(live, this.slot);
    forEachRoot(s, (e) => (waiting = waitsBefore(e, waiting)));
    if (waiting) add(live, this.slot);
    else remove(live, this.slot);
  }

  /** Adds what a statement itself reads. FAST: not by `forEachRoot`, whose visitor would be made for every statement. */
  private evaluated(s: Stmt, live: VarSet): void {
    switch (s.kind) {
      case K.set:
      case K.expr:
      case K.switch:
        return this.addReads(s.e, live);
      case K.if:
        return this.addReads(s.cond, live);
      case K.return:
        for (let i = 0; i < s.args.length; i++) this.addReads(s.args[i]!, live);
    }
  }

  private addReads(e: Expr, live: VarSet): void {
    if (e.op === Op.local_get) return add(live, this.bits[e.imm]!);
    for (let i = 0; i < e.args.length; i++) this.addReads(e.args[i]!, live);
  }

  /** Variables that are assigned and read in the same statement: while that is done, all that it reads is taken to be alive. */
  private tees(e: Expr, live: VarSet, record: boolean): void {
    const assigned: Expr[] = [];
    forEachVariable(e, (node) => {
      if (node.op === (Ir.tee as number)) assigned.push(node);
    });
    if (record) for (const tee of assigned) this.onAssignment?.(tee.imm, tee, live, this);
    for (const { imm } of assigned) remove(live, this.bits[imm]!);
  }
}

/** Whether results wait in the state object before an expression that reads or replaces them, given whether they do behind it. */
function waitsBefore(e: Expr, behind: boolean): boolean {
  if ((e.fx & (Fx.readSlot | Fx.writeSlot)) === 0) return behind;
  let waiting = behind;
  if (e.op === Ir.slot || e.op === Ir.out_get) waiting = true;
  else if ((e.own & Fx.writeSlot) !== 0) waiting = false;
  for (let i = e.args.length; --i >= 0;) waiting = waitsBefore(e.args[i]!, waiting);
  return waiting;
}
