// Which calls are replaced by the callee's body. Optimizing engines do that themselves, with what they know of the running
// program; in an interpreter a call costs as much as twenty to forty operations. Small functions always, and functions that call
// themselves to some depth, which halves the calls of a recursive program. Frames of such calls are missing in traces.
import { ALL_FEATURES, FeatureGate } from "../../runtime/wasm/features.js";
import { Op, isPrefix, opcodeOf } from "../../runtime/wasm/opcodes.js";
import type { DecodedModule } from "../../runtime/wasm/module.js";
import { TypeReader } from "../../runtime/wasm/type-reader.js";
import { skipImmediates } from "./immediates.js";

/** Instructions of a function that is always inlined. */
const SMALL = 12;
/** Instructions that a function may grow to by inlining itself, and how often one call may do so. */
const RECURSIVE = 200;
const DEEPEST = 3;
/** Calls within calls. */
const MOST_NESTED = 4;

const GATE = new FeatureGate(ALL_FEATURES);

interface Shape {
  readonly size: number;
  /** Calls of the function itself. */
  readonly recursive: number;
  readonly inlinable: boolean;
}

export class Inliner {
  private readonly shapes = new Map<number, Shape>();

  private readonly module: DecodedModule;

  constructor(module: DecodedModule) {
    this.module = module;
  }

  /** `within`: the functions whose bodies the call is in, the compiled one first. */
  inlines(index: number, within: readonly number[]): boolean {
    if (index < this.module.imported.func || within.length > MOST_NESTED) return false;
    const { size, recursive, inlinable } = this.shapeOf(index);
    if (!inlinable) return false;
    const times = within.filter((i) => i === index).length;
    // A function that calls itself is inlined into itself only.
    if (recursive > 0) return times > 0 && times === within.length && times <= depthOf(size, recursive);
    return size <= SMALL;
  }

  private shapeOf(index: number): Shape {
    let shape = this.shapes.get(index);
    if (shape === undefined) this.shapes.set(index, (shape = this.measure(index)));
    return shape;
  }

  private measure(index: number): Shape {
    const { start, end } = this.module.code[index - this.module.imported.func]!;
    const reader = new TypeReader(this.module.bytes, start, end, GATE);
    let size = 0;
    let recursive = 0;
    let inlinable = true;
    while (reader.pos < end) {
      const byte = reader.byte();
      const op: Op = isPrefix(byte) ? opcodeOf(byte, reader.u32()) : byte;
      size++;
      if (size > RECURSIVE) return { size, recursive, inlinable: false };
      if (op === Op.call) {
        if (reader.u32() === index) recursive++;
        continue;
      }
      if (op === Op.return_call || op === Op.return_call_indirect) inlinable = false;
      skipImmediates(reader, op);
    }
    return { size, recursive, inlinable };
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
