// Where the exact bits of an f32 matter, and where they may be a signalling NaN's. JavaScript's loads and stores of f32
// make signalling NaNs quiet, so a value that is only moved goes by way of its bits (compiler/emit/expression.ts). That
// costs, and hardly any code needs it: a value that arithmetic consumes may be made quiet, one that arithmetic produced
// is. One bit per variable each, over all its assignments and uses.
import { Op } from "../../runtime/wasm/opcodes.js";
import { type Expr, type IrFunc, K, type Stmt, T } from "../ir/ir.js";

export interface FloatBits {
  /** 1: the variable may hold a signalling NaN. */
  readonly maySignal: Uint8Array;
  /** 1: some use moves the variable's value instead of computing with it. */
  readonly bitsMatter: Uint8Array;
}

export function analyzeFloatBits(func: IrFunc): FloatBits {
  const analysis = new Analysis(func);
  if (func.vars.includes(T.f)) analysis.run();
  return analysis;
}

class Analysis implements FloatBits {
  readonly maySignal: Uint8Array;
  readonly bitsMatter: Uint8Array;
  /** Assignments of f32 variables. */
  private readonly sets: { v: number; e: Expr }[] = [];

  private readonly func: IrFunc;

  constructor(func: IrFunc) {
    this.func = func;
    this.maySignal = new Uint8Array(func.vars.length);
    this.bitsMatter = new Uint8Array(func.vars.length);
  }

  run(): void {
    const { func } = this;
    for (const v of func.params) if (func.vars[v] === T.f) this.maySignal[v] = 1;
    this.visit(func.body);
    for (const piece of func.pieces) this.visit(piece.body);
    // Both flow along copies; each round settles at least one variable, and copies of copies are rare.
    for (let changed = true; changed;) {
      changed = false;
      for (const { v, e } of this.sets) {
        if (this.bitsMatter[v] === 1 && this.use(e, true)) changed = true;
        if (this.maySignal[v] === 0 && maySignal(e, (w) => this.maySignal[w] === 1, this.bitsMatter[v] === 1)) {
          this.maySignal[v] = 1;
          changed = true;
        }
      }
    }
  }

  private visit(body: readonly Stmt[]): void {
    for (const s of body) {
      switch (s.kind) {
        case K.set:
          if (s.e.type === T.f) this.sets.push(s);
          this.use(s.e, false);
          break;
        case K.expr:
        case K.switch:
          this.use(s.e, true);
          break;
        case K.return:
          for (const e of s.args) this.use(e, true);
          break;
        case K.if:
          this.use(s.cond, true);
          this.visit(s.then);
          this.visit(s.else);
          break;
        case K.block:
          for (const part of s.parts) this.visit(part);
          break;
        case K.loop:
          this.visit(s.body);
          break;
      }
    }
  }

  /** Notes the variables below `e` whose bits show in its result; true if there was news. */
  private use(e: Expr, matters: boolean): boolean {
    if (e.op === Op.local_get) {
      if (!matters || this.bitsMatter[e.imm] === 1) return false;
      this.bitsMatter[e.imm] = 1;
      return true;
    }
    let news = false;
    for (let i = 0; i < e.args.length; i++) {
      if (this.use(e.args[i]!, movesBits(e.op) ? matters || e.type !== T.f : !computes(e.op))) news = true;
    }
    return news;
  }
}

/** Operators that hand on the bits of their f32 operands. */
function movesBits(op: number): boolean {
  switch (op as Op) {
    case Op.select:
    case Op.f32_neg:
    case Op.f32_abs:
    case Op.f32_copysign:
      return true;
    default:
      return false;
  }
}

/** Operators that read f32 operands as numbers. */
function computes(op: number): boolean {
  return (
    (op >= Op.f32_eq && op <= Op.f32_ge) ||
    (op >= Op.f32_ceil && op <= Op.f32_max) ||
    op === Op.f64_promote_f32 ||
    op === Op.i32_trunc_f32_s ||
    op === Op.i32_trunc_f32_u ||
    op === Op.i32_trunc_sat_f32_s ||
    op === Op.i32_trunc_sat_f32_u
  );
}

/** Whether an f32 may be a signalling NaN; `exact`: loads are printed to keep the bits. */
export function maySignal(e: Expr, variable: (v: number) => boolean, exact: boolean): boolean {
  switch (e.op as Op) {
    case Op.local_get:
      return variable(e.imm);
    case Op.f32_const:
      return (e.imm & 0x7f800000) === 0x7f800000 && (e.imm & 0x007fffff) !== 0 && (e.imm & 0x00400000) === 0;
    case Op.f32_load:
      return exact;
    case Op.f32_neg:
    case Op.f32_abs:
    case Op.f32_copysign:
      return maySignal(e.args[0]!, variable, exact);
    case Op.select:
      return maySignal(e.args[1]!, variable, exact) || maySignal(e.args[2]!, variable, exact);
    default:
      return !(
        (e.op >= Op.f32_ceil && e.op <= Op.f32_max) ||
        (e.op >= Op.f32_convert_i32_s && e.op <= Op.f32_demote_f64)
      );
  }
}
