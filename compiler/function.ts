// One function through the whole pipeline: lower, passes, print. Depends on nothing but the module and the options, so
// functions can be compiled in any order, on any thread, with the same result.
import { cellGlobals } from "../runtime/abi.js";
import { Op } from "../runtime/wasm/opcodes.js";
import { type DecodedModule, typeOfFunc } from "../runtime/wasm/module.js";
import { isRef } from "../runtime/wasm/types.js";
import { TooWide } from "./emit/bigint.js";
import { type FunctionText, type PrintOptions, printFunction } from "./emit/function.js";
import { Dispatch } from "./emit/dispatch.js";
import type { CompiledFunction } from "./emit/page.js";
import { References } from "./emit/references.js";
import { printTwins, wantsTwin } from "./emit/twin.js";
import { inHalves } from "./emit/warm-up.js";
import { nestingTooDeep } from "./errors.js";
import { calledInLoops } from "./lower/calls.js";
import { Inliner } from "./lower/inline.js";
import { lowerFunction } from "./lower/lower.js";
import { analyzeFloatBits } from "./passes/float-bits.js";
import { Cells } from "./emit/cells.js";
import { chooseBigInt } from "./passes/bigint.js";
import type { I64Form, Target } from "./options.js";
import { outline } from "./passes/outline/index.js";
import { isEnabled, type Pass, type PassContext, PASSES, type PassOptions, runPasses } from "./passes/index.js";
import { isSmaller, Sizes } from "./passes/outline/size.js";
import { hasLoops } from "./ir/walk.js";
import { stripMine } from "./passes/strip-mining.js";
import { CHOICES } from "./targets.js";
import { PAGE } from "../runtime/instance/memory.js";
import type { IrFunc } from "./ir/ir.js";

export interface FunctionOptions extends PassOptions {
  readonly lines: boolean;
  readonly i64: I64Form;
  readonly target: Target;
  /** Print small recursive functions twice (emit/twin.ts). */
  readonly twins: boolean;
  /** What is shorter goes before what is faster. */
  readonly compact: boolean;
}

/**
 * Estimated bytes of bytecode from which a function's text is printed for an interpreter: V8 will not optimize it. Only
 * functions that outlining could not cut, or that were compiled without it, are as large.
 */
const OVERSIZED = 52_000;

/**
 * Estimated bytes of bytecode, as of a function in halves, from which one with BigInts is cut into pieces, and those of a piece: wrapped
 * operations make it two to three times as much. hash-wasm's BLAKE2b whole: 63,417 bytes, interpreted 660 times native's time, in
 * pieces 1.4 to 1.8 times, by halves 9.
 */
const MOST_WHOLE = 20_000;
const WHOLE_PIECE = 8_000;
/** Characters of a function with BigInts, or of a piece, that V8 does not optimize for certain: up to 2.5 bytes of bytecode each. */
const LONGEST_WHOLE = 22_000;

const SPLIT = PASSES.findIndex(({ name }) => name === "split-i64");
const BEFORE_SPLIT: readonly Pass[] = PASSES.slice(0, SPLIT);
const FROM_SPLIT: readonly Pass[] = PASSES.slice(SPLIT);
const BEHIND_SPLIT: readonly Pass[] = PASSES.slice(SPLIT + 1);

/** Targets without a JIT. */
export function isInterpreted(target: Target): boolean {
  return CHOICES[target].memory === "elements";
}

/** The -O level from which functions are inlined. */
const INLINES_FROM = { arithmetic: 1, small: 2 };

/** Compiles functions of one validated module. */
export class FunctionCompiler {
  private readonly context: PassContext;
  private readonly cells: readonly boolean[];
  /** For V8, unless size matters more. */
  private readonly dispatch: Dispatch | undefined;
  private readonly fixedMemories: readonly boolean[];
  private readonly inliner: Inliner | undefined;

  /** Functions called in loops, once somebody asks. */
  private inLoops: ReadonlySet<number> | undefined;

  private readonly module: DecodedModule;
  private readonly options: FunctionOptions;

  constructor(module: DecodedModule, options: FunctionOptions) {
    this.module = module;
    this.options = options;
    this.cells = cellGlobals(module);
    if (options.target === "v8" && options.twins && isEnabled("dispatch", options))
      this.dispatch = new Dispatch(module);
    const choices = CHOICES[options.target];
    const memories = module.memories.map(({ limits }) => Number(limits.min) * PAGE);
    this.context = { ...options, choices, memories };
    const onlyWide = choices.inlines === "arithmetic";
    if (
      options.level >= INLINES_FROM[choices.inlines] &&
      !(onlyWide && options.compact) &&
      isEnabled("inlining", options)
    )
      this.inliner = new Inliner(module, onlyWide);
    const fixed = choices.localArrays && isFixed(module);
    this.fixedMemories = module.memories.map(() => fixed);
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
    const func = lowerFunction(this.module, defined, this.inliner);
    runPasses(func, BEFORE_SPLIT, this.context);
    if (this.prefersBigInt(func)) return this.whole(func, defined) ?? this.halves(this.lowered(defined));
    runPasses(func, FROM_SPLIT, this.context);
    return this.halves(func);
  }

  /** A function with all passes behind it, i64 in halves. */
  private lowered(defined: number): IrFunc {
    const func = lowerFunction(this.module, defined, this.inliner);
    runPasses(func, PASSES, this.context);
    return func;
  }

  private prefersBigInt(func: IrFunc): boolean {
    const { options } = this;
    if (options.i64 === "bigint") return chooseBigInt(func, true);
    const mayChoose = options.i64 === "auto" && options.target === "v8" && options.level > 0;
    return mayChoose && isEnabled("bigint", options) && chooseBigInt(func, false);
  }

  /** The rest of the way with i64 as BigInt; undefined where that does not fit, and the function has to be made anew. */
  private whole(func: IrFunc, defined: number): CompiledFunction | undefined {
    const { options } = this;
    runPasses(func, BEHIND_SPLIT, { ...this.context, outlineLimit: Infinity });
    const isLarge = new Sizes().list(func.body) > MOST_WHOLE;
    if (isLarge) {
      if (options.compact || options.disabled.has("outline")) return undefined;
      outline(func, WHOLE_PIECE);
    }
    if (this.runsInStrips(func)) for (const part of [func, ...func.pieces]) stripMine(part);
    const refs = this.references();
    try {
      const parts = this.printedParts(func, refs, { takesTurns: isLarge, cells: new Cells(func) });
      if (parts.some(({ text }) => text.length > LONGEST_WHOLE)) return undefined;
      if (isLarge) {
        const names = { name: inHalves(func.index), pieces: "0" };
        parts.push(...this.printedParts(this.lowered(defined), refs, names));
      }
      return this.compiled(func, joined(func, parts, refs, options.lines), refs);
    } catch (error) {
      if (error instanceof TooWide) return undefined;
      throw error;
    }
  }

  private runsInStrips({ index, body }: IrFunc): boolean {
    if (!isEnabled("strip-mining", this.options) || !hasLoops(body)) return false;
    this.inLoops ??= calledInLoops(this.module);
    return !this.inLoops.has(index);
  }

  private halves(func: IrFunc): CompiledFunction {
    const { lines, twins } = this.options;
    const refs = this.references();
    const parts = this.printedParts(func, refs);
    if (parts.length > 1) return this.compiled(func, joined(func, parts, refs, lines), refs);
    const [whole] = parts as [FunctionText];
    if (!twins || !isEnabled("twins", this.options) || !wantsTwin(func, whole.text)) {
      return this.compiled(func, whole, refs);
    }
    return this.compiled(func, printTwins(func, refs, analyzeFloatBits(func), this.printOptions(false)), refs);
  }

  /** A function and its pieces. */
  private printedParts(func: IrFunc, refs: References, more: Partial<PrintOptions> = {}): FunctionText[] {
    const bits = analyzeFloatBits(func);
    const mayBeOversized = !isInterpreted(this.options.target) && !isSmaller(func, OVERSIZED);
    return [func, ...func.pieces].map((part) => {
      const oversized = mayBeOversized && more.cells === undefined && new Sizes().list(part.body) > OVERSIZED;
      return printFunction(part, refs, bits, { ...this.printOptions(oversized), ...more });
    });
  }

  private references(): References {
    return new References(this.cells, isInterpreted(this.options.target), this.dispatch);
  }

  private printOptions(oversized: boolean): PrintOptions {
    const { context, fixedMemories } = this;
    const accessors = oversized || this.options.compact;
    const { choices } = context;
    // Where accesses are elements, the view is only for what they do not reach.
    const heldViews = !accessors && choices.memory === "view" && isEnabled("held-views", context);
    const { lines, compact } = this.options;
    return { lines, accessors, compact, heldViews, choices, fixedMemories };
  }

  private compiled(func: IrFunc, { text, offsets }: FunctionText, refs: References): CompiledFunction {
    return {
      index: func.index,
      text,
      offsets,
      relocations: [...refs.relocations],
      bindings: [...refs.bindings],
      parts: [...refs.parts],
      accessors: [...refs.accessors],
      tailCalls: func.tailCalls,
      namesSegments: refs.namesSegments,
    };
  }
}

/** A function and its pieces, with the object in which pieces leave values. */
function joined(func: IrFunc, parts: FunctionText[], refs: References, lines: boolean): FunctionText {
  const outs = refs.outsDeclaration(func.index);
  if (outs !== "") parts.unshift({ text: outs, offsets: lines ? [0] : [] });
  return {
    text: parts.map(({ text }) => text).join(lines ? "\n" : ""),
    offsets: parts.flatMap(({ offsets }) => offsets),
  };
}

/**
 * Whether no memory of a module can grow while its code runs: there is no memory.grow, and it calls nothing of others, who might
 * grow a memory that is imported or exported. Functions of others come as imports, in tables that others have, or as
 * references in parameters and globals. Bytes that only look like memory.grow and an index count, too.
 */
function isFixed(module: DecodedModule): boolean {
  const { bytes, code, imported, memories, globals, exports, funcTypes } = module;
  if (imported.func > 0 || imported.table > 0 || exports.some(({ kind }) => kind === "table")) return false;
  if (globals.some(({ type }, i) => isRef(type.type) && (i < imported.global || type.mutable))) return false;
  for (let i = 0; i < funcTypes.length; i++) if (typeOfFunc(module, i).params.some(isRef)) return false;
  for (const { start, end } of code) {
    for (let at = start; at < end; at++) {
      if (bytes[at] === (Op.memory_grow as number) && bytes[at + 1]! < memories.length) return false;
    }
  }
  return true;
}
