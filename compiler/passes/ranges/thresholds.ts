// Where growing intervals stop: around the constants that a variable is compared with, which is where loops end.
import { Op } from "../../../runtime/wasm/opcodes.js";
import { type Expr, type IrFunc, K } from "../../ir/ir.js";
import { forEachRoot, forEachStmt } from "../../ir/walk.js";

/** What comparisons with zero, and of what is only tested for it, amount to. */
const USUAL = [-1, 0, 1];

export class Thresholds {
  private readonly all: readonly number[];
  private readonly byVariable = new Map<number, Set<number>>();
  private readonly compared = new Set<number>();
  private readonly sorted = new Map<number, readonly number[]>();

  constructor(func: IrFunc) {
    const all = new Set(USUAL);
    const note = (e: Expr, c: number): void => {
      let offset = 0;
      if (e.op === Op.i32_add && e.args[1]!.op === Op.i32_const) {
        offset = e.args[1]!.imm;
        e = e.args[0]!;
      }
      for (let t = c - offset - 1; t <= c - offset + 1; t++) {
        all.add(t);
        if (e.op !== Op.local_get) continue;
        let own = this.byVariable.get(e.imm);
        if (own === undefined) this.byVariable.set(e.imm, (own = new Set(USUAL)));
        own.add(t);
      }
    };
    const visit = (e: Expr): void => {
      if (e.op >= Op.i32_eq && e.op <= Op.i32_ge_u) {
        const [a, b] = e.args as [Expr, Expr];
        for (const { op, imm } of e.args) if (op === Op.local_get) this.compared.add(imm);
        if (b.op === Op.i32_const) note(a, b.imm);
        else if (a.op === Op.i32_const) note(b, a.imm);
      } else if (e.op === Op.i32_eqz) note(e.args[0]!, 0);
      e.args.forEach(visit);
    };
    forEachStmt(func.body, (s) => {
      forEachRoot(s, visit);
      if (s.kind === K.if) note(s.cond, 0);
    });
    this.all = [...all].sort((a, b) => a - b);
  }

  /** Whether a comparison has a variable alone on one side, so that others may be known to be below it. */
  isCompared(v: number): boolean {
    return this.compared.has(v);
  }

  /** Those of variable `v`, in order; if it is compared with no constant itself, those of all variables. */
  of(v: number): readonly number[] {
    const own = this.byVariable.get(v);
    if (own === undefined) return this.all;
    let list = this.sorted.get(v);
    if (list === undefined) this.sorted.set(v, (list = [...own].sort((a, b) => a - b)));
    return list;
  }
}
