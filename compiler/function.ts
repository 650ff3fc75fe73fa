// One function through the whole pipeline: lower, passes, print. Depends on nothing but the module and the options, so
// functions can be compiled in any order, on any thread, with the same result.
import { cellGlobals } from "../runtime/abi.js";
import type { DecodedModule } from "../runtime/wasm/module.js";
import { TooWide } from "./emit/bigint.js";
import { type FunctionText, printFunction } from "./emit/function.js";
import type { CompiledFunction } from "./emit/page.js";
import { References } from "./emit/references.js";
import { printTwins, wantsTwin } from "./emit/twin.js";
import { nestingTooDeep } from "./errors.js";
import { lowerFunction } from "./lower/lower.js";
import { analyzeFloatBits } from "./passes/float-bits.js";
import { chooseBigInt } from "./passes/bigint.js";
import type { I64Form, Target } from "./options.js";
import { PASSES } from "./passes/index.js";
import type { IrFunc } from "./ir/ir.js";

export interface FunctionOptions {
  /** Highest pass level to run. */
  readonly level: number;
  readonly lines: boolean;
  readonly i64: I64Form;
  readonly target: Target;
  /** Print small recursive functions twice (emit/twin.ts). */
  readonly twins: boolean;
}

/** Characters of text from which V8 will not optimize a function: about 1.4 bytes of bytecode come out of each. */
const OVERSIZED = 45_000;

/** Targets without a JIT. */
export function isInterpreted(target: Target): boolean {
  return target === "hermes" || target === "quickjs";
}

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
    const { options } = this;
    const mayChoose = options.i64 === "auto" && options.target === "v8" && options.level > 0;
    const func = lowerFunction(this.module, defined);
    for (const pass of PASSES) {
      if (pass.name === "split-i64" && (mayChoose || options.i64 === "bigint")) {
        if (chooseBigInt(func, options.i64 === "bigint")) return this.whole(func) ?? this.split(defined);
      }
      if (pass.level <= options.level) pass.run(func);
    }
    return this.printed(func);
  }

  /** The rest of the way with i64 as BigInt; undefined where that does not fit, and the function has to be made anew. */
  private whole(func: IrFunc): CompiledFunction | undefined {
    const split = PASSES.findIndex(({ name }) => name === "split-i64");
    for (const pass of PASSES.slice(split + 1)) if (pass.level <= this.options.level) pass.run(func);
    const refs = this.references();
    try {
      const printed = this.print(func, refs, false);
      return printed.text.length > OVERSIZED ? undefined : this.compiled(func, printed, refs);
    } catch (error) {
      if (error instanceof TooWide) return undefined;
      throw error;
    }
  }

  private split(defined: number): CompiledFunction {
    const func = lowerFunction(this.module, defined);
    for (const pass of PASSES) if (pass.level <= this.options.level) pass.run(func);
    return this.printed(func);
  }

  private printed(func: IrFunc): CompiledFunction {
    let refs = this.references();
    let printed = this.print(func, refs, false);
    if (printed.text.length > OVERSIZED) {
      refs = this.references();
      printed = this.print(func, refs, true);
    } else if (this.options.twins && wantsTwin(func, printed.text, refs)) {
      printed = printTwins(func, refs, analyzeFloatBits(func), { lines: this.options.lines, accessors: false });
    }
    return this.compiled(func, printed, refs);
  }

  private references(): References {
    return new References(this.cells, isInterpreted(this.options.target));
  }

  private print(func: IrFunc, refs: References, accessors: boolean): FunctionText {
    return printFunction(func, refs, analyzeFloatBits(func), { lines: this.options.lines, accessors });
  }

  private compiled(func: IrFunc, { text, offsets }: FunctionText, refs: References): CompiledFunction {
    return {
      index: func.index,
      text,
      offsets,
      relocations: [...refs.relocations],
      bindings: [...refs.bindings],
      accessors: [...refs.accessors],
      tailCalls: func.tailCalls,
    };
  }
}
