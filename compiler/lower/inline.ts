// Which calls are replaced by the callee's body. Optimizing engines do that themselves, with what they know of the running
// program; in an interpreter a call costs as much as twenty to forty operations. Small functions always, and functions that call
// themselves to some depth, which halves the calls of a recursive program. Frames of such calls are missing in traces.
//
// For engines with a JIT only what computes with i64 and nothing else: they inline it too, but by then i64 has become halves to be passed, or
// the caller might have been one that keeps i64 whole (`calls64`: 5.3 → 3.1 times native's time on V8, 8.0 → 4.4 on SpiderMonkey). It has no
// frames to miss, as nothing in it traps.
import { ALL_FEATURES, FeatureGate } from "../../runtime/wasm/features.js";
import { Op, isPrefix, opcodeOf, opInfo } from "../../runtime/wasm/opcodes.js";
import { type DecodedModule, typeOfFunc } from "../../runtime/wasm/module.js";
import { I64 } from "../../runtime/wasm/types.js";
import { TypeReader } from "../../runtime/wasm/type-reader.js";
import { skipImmediates } from "./immediates.js";

/** Instructions of a function that is always inlined. */
const SMALL = 12;
/** Instructions that a function may grow to by inlining itself, and how often one call may do so. */
const RECURSIVE = 200;
const DEEPEST = 3;
/** Instructions of arithmetic with i64 that is inlined. */
const SMALL_ARITHMETIC = 32;
/** Calls within calls. */
const MOST_NESTED = 4;
/** Declared locals of what is inlined: each is set to zero at every call. */
const MOST_LOCALS = 16;
/** Instructions that may be inlined into a function, and more of them for each byte of it: calls within calls multiply. */
const BUDGET = 2000;
const BUDGET_PER_BYTE = 4;

const GATE = new FeatureGate(ALL_FEATURES);

interface Shape {
  readonly size: number;
  /** Calls of the function itself. */
  readonly recursive: number;
  readonly inlinable: boolean;
  /** Arithmetic without loops, with i64 among parameters and results, and nothing that traps. */
  readonly isWideArithmetic: boolean;
}

/** Immediates of what computes and branches. */
const ARITHMETIC = /^(none|local|label|block|i32|i64|f32|f64)$/;

export class Inliner {
  private readonly shapes = new Map<number, Shape>();

  private readonly module: DecodedModule;
  /** Arithmetic with i64, and nothing else. */
  private readonly onlyWide: boolean;
  private budget = 0;

  constructor(module: DecodedModule, onlyWide: boolean) {
    this.module = module;
    this.onlyWide = onlyWide;
  }

  /** A function of so many bytes is compiled next. */
  begin(size: number): void {
    this.budget = BUDGET + BUDGET_PER_BYTE * size;
  }

  private affords(size: number): boolean {
    if (size > this.budget) return false;
    this.budget -= size;
    return true;
  }

  /** `within`: the functions whose bodies the call is in, the compiled one first. */
  inlines(index: number, within: readonly number[]): boolean {
    if (index < this.module.imported.func || within.length > MOST_NESTED) return false;
    const { size, recursive, inlinable, isWideArithmetic } = this.shapeOf(index);
    if (this.onlyWide) return isWideArithmetic && size <= SMALL_ARITHMETIC && this.affords(size);
    if (!inlinable) return false;
    const times = within.filter((i) => i === index).length;
    // A function that calls itself is inlined into itself only.
    const isWanted =
      recursive > 0 ? times > 0 && times === within.length && times <= depthOf(size, recursive) : size <= SMALL;
    return isWanted && this.affords(size);
  }

  private shapeOf(index: number): Shape {
    let shape = this.shapes.get(index);
    if (shape === undefined) this.shapes.set(index, (shape = this.measure(index)));
    return shape;
  }

  private measure(index: number): Shape {
    const { start, end, localRuns } = this.module.code[index - this.module.imported.func]!;
    const reader = new TypeReader(this.module.bytes, start, end, GATE);
    let size = 0;
    let recursive = 0;
    const locals = localRuns.reduce((sum, { count }) => sum + count, 0);
    let inlinable = locals <= MOST_LOCALS;
    const { params, results } = typeOfFunc(this.module, index);
    let isWideArithmetic = inlinable && [...params, ...results].includes(I64);
    while (reader.pos < end) {
      const byte = reader.byte();
      const op: Op = isPrefix(byte) ? opcodeOf(byte, reader.u32()) : byte;
      size++;
      if (size > RECURSIVE) return { size, recursive, inlinable: false, isWideArithmetic: false };
      const info = opInfo(op)!;
      if (info.traps || op === Op.loop || !ARITHMETIC.test(info.imms)) isWideArithmetic = false;
      if (op === Op.call) {
        if (reader.u32() === index) recursive++;
        continue;
      }
      if (op === Op.return_call || op === Op.return_call_indirect) inlinable = false;
      skipImmediates(reader, op);
    }
    return { size, recursive, inlinable, isWideArithmetic };
  }
}

/** How deep a function goes into itself: its size grows by the number of its calls each time. */
function depthOf(size: number, calls: number): number {
  let total = size;
  let bodies = 1;
  for (let depth = 0; depth < DEEPEST; depth++) {
    bodies *= calls;
    total += bodies * size;
    if (total > RECURSIVE) return depth;
  }
  return DEEPEST;
}
