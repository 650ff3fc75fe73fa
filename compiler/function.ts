// One function through the whole pipeline: lower, passes, print. Depends on nothing but the module and the options, so
// functions can be compiled in any order, on any thread, with the same result.
import { cellGlobals } from "../runtime/abi.js";
import type { DecodedModule } from "../runtime/wasm/module.js";
import { printFunction } from "./emit/function.js";
import type { CompiledFunction } from "./emit/page.js";
import { References } from "./emit/references.js";
import { nestingTooDeep } from "./errors.js";
import { lowerFunction } from "./lower/lower.js";
import { analyzeFloatBits } from "./passes/float-bits.js";
import { PASSES } from "./passes/index.js";

export interface FunctionOptions {
  /** Highest pass level to run. */
  readonly level: number;
  readonly lines: boolean;
}

/** Characters of text from which V8 will not optimize a function: about 1.4 bytes of bytecode come out of each. */
const OVERSIZED = 45_000;

/** Compiles functions of one validated module. */
export class FunctionCompiler {
  private readonly cells: readonly boolean[];

  private readonly module: DecodedModule;
  private readonly options: FunctionOptions;

  constructor(module: DecodedModule, options: FunctionOptions) {
    this.module = module;
    this.options = options;
    this.cells = cellGlobals(module);
  }

  /** Throws CompileError for what has no translation. */
  compile(defined: number): CompiledFunction {
    try {
      return this.translate(defined);
    } catch (error) {
      if (!(error instanceof RangeError)) throw error;
      const index = this.module.imported.func + defined;
      const name = this.module.funcNames.get(index);
      throw nestingTooDeep(name === undefined ? `function ${index}` : `function ${index} "${name}"`);
    }
  }

  private translate(defined: number): CompiledFunction {
    const { module, options } = this;
    const func = lowerFunction(module, defined);
    for (const pass of PASSES) if (pass.level <= options.level) pass.run(func);
    const bits = analyzeFloatBits(func);
    let refs = new References(this.cells);
    let printed = printFunction(func, refs, bits, { lines: options.lines, accessors: false });
    if (printed.text.length > OVERSIZED) {
      refs = new References(this.cells);
      printed = printFunction(func, refs, bits, { lines: options.lines, accessors: true });
    }
    const { text, offsets } = printed;
    return {
      index: func.index,
      text,
      offsets,
      relocations: [...refs.relocations],
      math: [...refs.math],
      accessors: [...refs.accessors],
      tailCalls: func.tailCalls,
    };
  }
}
