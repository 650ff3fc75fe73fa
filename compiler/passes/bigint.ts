// For engines that run wrapped BigInt arithmetic as 64-bit machine instructions (V8 from version 13): which functions keep
// their i64 whole instead of being split into halves, and where their variables live.
//
// TurboFan lowers `BigInt.asUintN(64, x op y)` to one instruction, but only between definitions: where a value passes a
// loop header it allocates a BigInt. So a variable that is assigned once is a JavaScript variable, and one that is assigned
// more often lives in a cell, an element of a BigUint64Array (test/bench/questions/i64-bigint-cells.js). Going between the
// two worlds has its price (parameters, results, extensions, comparisons), and BigInts are slow until V8 optimizes; so a
// function is chosen by what its operations cost in either form.
import { Op } from "../../runtime/wasm/opcodes.js";
import { type Expr, Fx, Ir, type IrFunc, K, type Stmt, T } from "../ir/ir.js";
import { forEachRoot, forEachStmt } from "../ir/walk.js";
import { isZero64 } from "../ir/make.js";
import { High, analyzeHighHalves, highOf } from "./high-halves.js";

/** Cells that one function may have; the state object has 256 of them, the first eight for what is on its way. */
export const MOST_CELLS = 120;
/** What a statement in a loop counts for. */
const LOOP_WEIGHT = 8;
const DEEPEST_LOOP = 3;
/** Below this (in rough cycles) it does not matter. */
const WORTH_A_CHOICE = 30;
/** BigInt must promise at most this share of the halves' cost. */
const PROMISE = 0.8;

/** Decides, unless told to do without deciding, and gives the variables that need a cell the type `T.w`. */
export function chooseBigInt(func: IrFunc, always: boolean): boolean {
  if (!hasI64(func) || !isPrintable(func)) return false;
  const cells = needCells(func);
  if (cells.length > MOST_CELLS) return false;
  if (!always && !isWorth(new Cost(func, cells))) return false;
  for (const v of cells) func.vars[v] = T.w;
  return true;
}

function hasI64(func: IrFunc): boolean {
  let found = func.vars.includes(T.l);
  forEachStmt(func.body, (s) =>
    forEachRoot(s, (e) => {
      if ((e.fx & Fx.wide) !== 0) found = true;
    }),
  );
  return found;
}

function isWorth({ halves, whole }: Cost): boolean {
  return halves >= WORTH_A_CHOICE && whole <= PROMISE * halves;
}

/** Several results, of the function or of a call, stay with the halves. */
function isPrintable(func: IrFunc): boolean {
  if (func.tailCalls || func.type.results.length > 1) return false;
  let printable = true;
  const visit = (e: Expr): void => {
    if (e.op === Ir.slot) printable = false;
    e.args.forEach(visit);
  };
  forEachStmt(func.body, (s) => forEachRoot(s, visit));
  return printable;
}

function needCells(func: IrFunc): number[] {
  const definitions = new Uint32Array(func.vars.length);
  for (const v of [...func.params, ...func.zeroed]) definitions[v]!++;
  forEachStmt(func.body, (s) => {
    if (s.kind === K.set) definitions[s.v]!++;
  });
  return func.vars.flatMap((type, v) => (type === T.l && definitions[v]! > 1 ? [v] : []));
}

/** Rough cycles of the i64 operations of a function in both forms, loops weighted. */
class Cost {
  halves = 0;
  whole = 0;
  private weight = 1;
  private depth = 0;
  private readonly facts: Uint8Array;
  private readonly inCell: Set<number>;

  constructor(func: IrFunc, cells: readonly number[]) {
    this.facts = analyzeHighHalves(func);
    this.inCell = new Set(cells);
    for (const v of func.params) if (func.vars[v] === T.l) this.whole += 5;
    this.list(func.body);
  }

  private list(body: readonly Stmt[]): void {
    for (const s of body) {
      forEachRoot(s, (e) => this.visit(e));
      if (s.kind === K.set && this.inCell.has(s.v)) this.add(0, 1);
      else if (s.kind === K.return) for (const e of s.args) if (e.type === T.l) this.add(0, 3);
      if (s.kind === K.if) {
        this.list(s.then);
        this.list(s.else);
      } else if (s.kind === K.block) s.parts.forEach((part) => this.list(part));
      else if (s.kind === K.loop) this.loop(s.body);
    }
  }

  private loop(body: readonly Stmt[]): void {
    const { weight } = this;
    if (++this.depth <= DEEPEST_LOOP) this.weight *= LOOP_WEIGHT;
    this.list(body);
    this.depth--;
    this.weight = weight;
  }

  private add(halves: number, whole: number): void {
    this.halves += halves * this.weight;
    this.whole += whole * this.weight;
  }

  private visit(e: Expr): void {
    if ((e.fx & Fx.wide) === 0 && (e.own & Fx.call) !== Fx.call) return;
    for (const a of e.args) this.visit(a);
    if ((e.own & Fx.call) === Fx.call) {
      this.add(0, 2 * this.inCell.size);
      for (const a of e.args) if (a.type === T.l) this.add(0, 3);
      if (e.type === T.l) this.add(0, 6);
      return;
    }
    const [halves, whole] = this.operation(e);
    // With a known high half, most of the halves' work folds away.
    this.add(e.type === T.l && highOf(e, this.facts) !== High.unknown ? halves * 0.4 : halves, whole);
  }

  private operation(e: Expr): readonly [number, number] {
    const constant = e.args[1]?.op === Op.i64_const;
    switch (e.op as Op | Ir) {
      case Op.i64_const:
        return NOTHING;
      case Op.local_get:
        return [0, this.inCell.has(e.imm) ? 0.5 : 0];
      case Op.i64_add:
      case Op.i64_sub:
        return [4, 1];
      case Op.i64_and:
      case Op.i64_or:
      case Op.i64_xor:
        return [2, 1];
      case Op.i64_mul:
        return isSmall(e.args[1]!) ? [10, 3] : [16, 3];
      case Op.i64_shl:
      case Op.i64_shr_u:
        if (!constant) return e.op === Op.i64_shl ? [14, 7] : [14, 16];
        return (e.args[1]!.imm & 63) >= 32 ? [1, 1] : [3, 1];
      case Op.i64_shr_s:
        return constant ? [3, 1.5] : [14, 16];
      case Op.i64_rotl:
      case Op.i64_rotr:
        return constant ? [5, 3] : [14, 16];
      case Op.i64_load:
        return [2.5, 1];
      case Op.i64_store:
        return [3, 1];
      case Op.i64_div_s:
      case Op.i64_div_u:
      case Op.i64_rem_s:
      case Op.i64_rem_u:
        return constant ? [35, 12] : [35, 25];
      case Op.i32_wrap_i64:
      case Op.i64_store8:
      case Op.i64_store16:
      case Op.i64_store32:
        return [0, 1.5];
      case Op.i64_eqz:
      case Op.i64_eq:
      case Op.i64_ne:
        return [2, 2.5];
      case Op.i64_lt_s:
      case Op.i64_gt_s:
      case Op.i64_le_s:
      case Op.i64_ge_s:
        return [constant ? 4 : 5, 1.5];
      case Op.i64_lt_u:
      case Op.i64_gt_u:
      case Op.i64_le_u:
      case Op.i64_ge_u:
        // Halves branch, which processors guess wrong now and then.
        return [constant ? 4 : 6, 3];
      case Op.select:
        if (e.type !== T.l) return NOTHING;
        return isZero64(e.args[1]!) || isZero64(e.args[2]!) ? [3, 3] : [2, 7];
      default:
        if (e.type === T.l) return [1, 5];
        return e.args.some((a) => a.type === T.l) ? [4, 5] : NOTHING;
    }
  }
}

/** A constant whose product with a half is exact in a double. */
function isSmall({ op, imm, imm2 }: Expr): boolean {
  return op === Op.i64_const && imm2 === 0 && imm >>> 0 < 2 ** 21;
}

const NOTHING = [0, 0] as const;
