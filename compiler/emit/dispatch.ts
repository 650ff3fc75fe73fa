// Calls through a table as a switch over the functions that its active segments put there:
//   function t0_5_(i,a){var c=t0_5[i];switch(i){case 1:if(c===f7)return f7(a);break;…}return(c||I.bad_call(0,i,5))(a)}
// V8 reaches a function that it knows, or inlines it, where it would go through its general call. What the table holds is
// compared first, so that nothing need be known about who writes to it: the segments are only a guess.
import { Op } from "../../runtime/wasm/opcodes.js";
import { funcTypeAt, type Module, typeOfFunc } from "../../runtime/wasm/module.js";
import { type FuncType, I64, type ValType } from "../../runtime/wasm/types.js";

/** Functions in a switch: one is what V8 inlines by itself, and a case that is new to V8 costs an optimization. */
const FEWEST = 2;
const MOST = 24;
/** V8 makes a jump table of cases that are no sparser than one in three; the others it compares one by one. */
const SPARSEST = 3;
const MOST_SPARSE = 8;

/** An element of a table and the function that a segment puts there. */
export type Candidate = readonly [element: number, func: number];

export class Dispatch {
  private readonly module: Module;
  /** Functions by element, by table. */
  private readonly tables = new Map<number, Map<number, number>>();

  constructor(module: Module) {
    this.module = module;
    for (const { mode, table, offset, funcs } of module.elements) {
      if (mode !== "active" || funcs === undefined || offset.length !== 2 || offset[0] !== Op.i32_const) continue;
      const elements = this.tables.get(table) ?? new Map<number, number>();
      funcs.forEach((func, i) => elements.set((offset[1]! >>> 0) + i, func));
      this.tables.set(table, elements);
    }
  }

  /** The functions of a type in a table, by element; undefined where a switch over them is not worth it. */
  candidates(table: number, typeIndex: number): readonly Candidate[] | undefined {
    const type = funcTypeAt(this.module, typeIndex);
    const found: Candidate[] = [];
    for (const candidate of this.tables.get(table) ?? []) {
      if (!sameType(typeOfFunc(this.module, candidate[1]), type)) continue;
      if (found.push(candidate) > MOST) return undefined;
    }
    if (found.length < FEWEST) return undefined;
    found.sort(([a], [b]) => a - b);
    const spread = found[found.length - 1]![0] - found[0]![0];
    return spread > SPARSEST * found.length && found.length > MOST_SPARSE ? undefined : found;
  }

  /** Names of a type's parameters, one for each scalar. */
  parameters(typeIndex: number): string {
    let count = 0;
    for (const type of funcTypeAt(this.module, typeIndex).params) count += type === I64 ? 2 : 1;
    return Array.from({ length: count }, (_, k) => `p${k}`).join();
  }
}

function sameType(a: FuncType, b: FuncType): boolean {
  const same = (x: ArrayLike<ValType>, y: ArrayLike<ValType>): boolean =>
    x.length === y.length && Array.from(x).every((type, i) => type === y[i]);
  return same(a.params, b.params) && same(a.results, b.results);
}
