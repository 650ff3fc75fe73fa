// The functions of a module in ranges, which threads take one after the other, from a counter that they share: so none waits
// for another that is busy.
import type { DecodedModule } from "../runtime/wasm/module.js";
import { type Validator, createValidator } from "../runtime/wasm/validate.js";
import { decodeOptions, functionOptions } from "./compile.js";
import type { CompiledFunction } from "./emit/page.js";
import { FunctionCompiler } from "./function.js";
import type { CompileOptions } from "./options.js";

/** Bytes of code a thread takes at a time: small enough to end together, large enough to be rarely idle. */
export const TASK_SIZE = 100_000;

/** A range of defined functions: [start, end). */
export interface FunctionRange {
  readonly start: number;
  readonly end: number;
}

const NEXT = 0;
const FAILED = 1;
const NONE = 0x7fffffff;

export class Tasks {
  /** In shared memory: the number of the next range, the first function that failed. */
  readonly state: Int32Array;

  constructor(state?: Int32Array) {
    this.state = state ?? new Int32Array(new SharedArrayBuffer(8));
    if (state === undefined) this.state[FAILED] = NONE;
  }

  /** Index of the first function that is known to fail; larger than any where there is none. */
  get failed(): number {
    return Atomics.load(this.state, FAILED);
  }

  /** Ends the work behind a function. */
  fail(index: number): void {
    for (let known = this.failed; index < known; known = this.failed) {
      Atomics.compareExchange(this.state, FAILED, known, index);
    }
  }

  /** Those that no other thread takes. Nothing behind a failure matters, but what lies before it may fail earlier. */
  *take(module: DecodedModule): Iterable<FunctionRange> {
    const ranges = rangesOf(module);
    for (;;) {
      const range = ranges[Atomics.add(this.state, NEXT, 1)];
      if (range === undefined || range.start > this.failed) return;
      yield range;
    }
  }
}

function rangesOf(module: DecodedModule): FunctionRange[] {
  const ranges: FunctionRange[] = [];
  let start = 0;
  let size = 0;
  module.code.forEach((body, i) => {
    size += body.end - body.at;
    if (size < TASK_SIZE && i + 1 < module.code.length) return;
    ranges.push({ start, end: i + 1 });
    start = i + 1;
    size = 0;
  });
  return ranges;
}

/** What compiles functions in a thread. */
export interface RangeCompiler {
  readonly validator: Validator;
  readonly compiler: FunctionCompiler;
}

export interface Compiled {
  readonly functions: CompiledFunction[];
  /** Index of the first that failed, or the range's end. */
  readonly end: number;
}

/** For the functions of a decoded module, of which all else is valid. */
export function rangeCompiler(module: DecodedModule, options: CompileOptions): RangeCompiler {
  const validator = createValidator(module, decodeOptions(options));
  return { validator, compiler: new FunctionCompiler(module, functionOptions(options)) };
}

/** Throws ValidationError or CompileError. */
export function compileOne({ validator, compiler }: RangeCompiler, index: number): CompiledFunction {
  validator.func(index);
  return compiler.compile(index);
}

export function compileRange(own: RangeCompiler, { start, end }: FunctionRange): Compiled {
  const functions: CompiledFunction[] = [];
  for (let i = start; i < end; i++) {
    try {
      functions.push(compileOne(own, i));
    } catch {
      return { functions, end: i };
    }
  }
  return { functions, end };
}
