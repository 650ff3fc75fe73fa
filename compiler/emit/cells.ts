// The cells (emit/bigint.ts) of a function in BigInt form: which variable lives in which. Its pieces use the same.
import { type IrFunc, T } from "../ir/ir.js";
import { countUses } from "../ir/walk.js";

/** Cells for values on their way, by depth of nesting. */
export const SCRATCH_CELLS = 8;

export class Cells {
  private readonly numbers = new Map<number, number>();
  private used: readonly number[] | undefined;

  private readonly func: IrFunc;

  /** `func`: with its pieces. */
  constructor(func: IrFunc) {
    this.func = func;
  }

  /** Of a variable; undefined where it lives elsewhere. */
  of(v: number): number | undefined {
    if (this.func.vars[v] !== T.w) return undefined;
    let cell = this.numbers.get(v);
    if (cell === undefined) this.numbers.set(v, (cell = SCRATCH_CELLS + this.numbers.size));
    return cell;
  }

  /** The variables in cells that function or pieces mention. */
  get variables(): readonly number[] {
    return (this.used ??= this.mentioned());
  }

  private mentioned(): number[] {
    const { vars, params, pieces } = this.func;
    if (!vars.includes(T.w)) return [];
    const uses = [this.func, ...pieces].map(countUses);
    const isUsed = (v: number): boolean => params.includes(v) || uses.some((count) => count[v]! > 0);
    return vars.flatMap((type, v) => (type === T.w && isUsed(v) ? [v] : []));
  }
}
