// What the compiler chooses for each engine, as one table. Every choice changes how code is written, never what it does:
// the code for one target runs on all the others. Each was made by measuring with `npm run bench:engines`; RATIONALE.md,
// "What is different where there is no JIT?", has the figures.
import type { Target } from "./options.js";

export interface TargetChoices {
  /**
   * How linear memory is reached (test/bench/questions/interpreter-memory.js). "view": methods of a DataView, which optimizing
   * engines make one instruction. "elements": elements of typed arrays with the DataView as slow path, which is fewer and
   * cheaper bytecodes where there is no JIT.
   */
  readonly memory: "view" | "elements";
  /**
   * For elements, how an address that may be unaligned becomes an index that is none if it is: "divide" `p/4`, "multiply"
   * `p*.25`. And one that is aligned: `p>>2`, or the product where shifts have to convert doubles.
   */
  readonly index: "divide" | "multiply";
  /**
   * How a store finds out that its address is aligned and in bounds, where that is not known: "element", by reading the element;
   * "bounds", by comparing it with where the memory ends.
   */
  readonly stores: "element" | "bounds";
  /** Whether a function copies the arrays that it uses more than once to local variables, where memory cannot grow meanwhile. */
  readonly localArrays: boolean;
  /**
   * How the carry of a sum of halves is written: "boolean" `sum>>>0<addend>>>0` added as it is, "conditional" `…?1:0`, "bits" by the
   * top bits of sum, addend and difference.
   */
  readonly carry: "boolean" | "conditional" | "bits";
  /**
   * Whether what is int32 is never more in between: every sum is made int32 at once, `(a+b|0)+c|0`, and numbers from 2^31 on are compared
   * with by sign. JavaScriptCore's optimized code gives up where a sum or an unsigned number leaves int32, and learns it for one place at a time.
   */
  readonly staysInt32: boolean;
  /** How the high half of a product is computed: "double", rounded and corrected, or "pieces", from halves of the factors. */
  readonly highProduct: "double" | "pieces";
  /**
   * Sums of three and more i64: "pairs", each addition with its carry; "doubles", the low halves as one sum in a double, whose
   * upper half is all carries at once.
   */
  readonly sums: "pairs" | "doubles";
  /**
   * Statement shapes that are fewer bytecodes: a loop that ends with its condition as `do … while`, a counter that cannot
   * wrap as `++i`. Optimizing engines make the same of either.
   */
  readonly shapes: "plain" | "short";
  /**
   * The words that copies and fills of few bytes move (emit/bulk.ts): "32", or "64" where a BigInt that is only moved is a machine
   * word; "none" where a loop takes longer than a call of the engine's own.
   */
  readonly shortCopies: "none" | "32" | "64";
  /** Whether small and recursive functions are inlined, from -O2 on (compiler/lower/inline.ts). */
  readonly inlines: boolean;
  /** Whether ranges of variables are worked out, so that coercions and checks that they make needless can go. */
  readonly ranges: boolean;
}

const OPTIMIZING: TargetChoices = {
  memory: "view",
  index: "divide",
  stores: "element",
  localArrays: false,
  carry: "boolean",
  staysInt32: false,
  highProduct: "double",
  sums: "pairs",
  shapes: "plain",
  shortCopies: "32",
  inlines: false,
  ranges: false,
};
const INTERPRETER: TargetChoices = {
  memory: "elements",
  index: "divide",
  stores: "element",
  localArrays: true,
  carry: "conditional",
  staysInt32: false,
  highProduct: "double",
  sums: "doubles",
  shapes: "short",
  shortCopies: "none",
  inlines: true,
  ranges: true,
};

/** Those whose memory is "elements" are also ELEMENT_TARGETS to the loader. */
export const CHOICES: Readonly<Record<Target, TargetChoices>> = {
  generic: OPTIMIZING,
  v8: { ...OPTIMIZING, shortCopies: "64" },
  jsc: { ...OPTIMIZING, carry: "bits", staysInt32: true, highProduct: "pieces" },
  spidermonkey: OPTIMIZING,
  hermes: { ...INTERPRETER, index: "multiply", stores: "bounds" },
  quickjs: INTERPRETER,
};
