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
   * `p*.25`, "rotate" `p>>>2|p<<30`, which puts the bits that must be zero on top (where `p` is a variable; "divide"
   * elsewhere). And one that is aligned: `p>>2`, or the product where shifts have to convert doubles.
   */
  readonly index: "divide" | "multiply" | "rotate";
  /**
   * How a load finds out that there is no element: "nullish" `w[i]??slow`, or "undefined" `(t=w[i])===void 0?slow:t`, which is
   * a strict comparison: Hermes calls a function to find that a number is not null.
   */
  readonly missing: "nullish" | "undefined";
  /**
   * How a store finds out that its address is aligned and in bounds, where that is not known: "element", by reading the element;
   * "bounds", by comparing it with where the memory ends; "view": not at all, the DataView stores.
   */
  readonly stores: "element" | "bounds" | "view";
  /** Whether integers are compared by `==` or `===`, which Ignition is faster at. */
  readonly equality: "loose" | "strict";
  /** Whether a function copies the arrays that it uses more than once to local variables, where memory cannot grow meanwhile. */
  readonly localArrays: boolean;
  /** How an i32 is multiplied by a large constant: "imul", or "split" `(x*high<<16)+x*low`, where a call costs more. */
  readonly products: "imul" | "split";
  /**
   * How the carry of a sum of halves is written: "boolean" `sum>>>0<addend>>>0` added as booleans are, "integer" `…|0`, as all booleans in sums,
   * "bits" by the top bits of sum, addend and difference.
   */
  readonly carry: "boolean" | "integer" | "bits";
  /**
   * How a comparison becomes a number: "or" `(a<b)|0`, or as it is where operators convert it; "conditional" `a<b?1:0`, which interpreters take a
   * third of the time for. What is only asked whether it is zero then stays a boolean (passes/truths.ts).
   */
  readonly booleans: "or" | "conditional";
  /**
   * Whether what is int32 is never more in between: every sum is made int32 at once, `(a+b|0)+c|0`, and numbers from 2^31 on are compared
   * with by sign. JavaScriptCore's optimized code gives up where a sum or an unsigned number leaves int32, and learns it for one place at a time.
   */
  readonly staysInt32: boolean;
  /**
   * How the high half of a product is computed: "double", rounded and corrected; "integer", the same, but from halves of the one factor
   * where the other is a constant below 2^16; or "pieces", from halves of the factors.
   */
  readonly highProduct: "double" | "integer" | "pieces";
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
  /** How a br_table with many cases goes to them: by a `switch`, or, where that compares with one after the other, by a "tree" of comparisons. */
  readonly branches: "switch" | "tree";
  /** Whether the smaller or greater of two integers is Math.min's or Math.max's: an instruction to V8 14, a call to interpreters. */
  readonly extremes: boolean;
  /** Whether integers are selected by a mask that is made of the condition. */
  readonly masks: boolean;
  /** Whether doubles that are integers make the engine compute with int32 (passes/fractions.ts). */
  readonly notesIntegers: boolean;
  /**
   * Which functions are inlined (compiler/lower/inline.ts): "small" and recursive ones, from -O2 on; or those that are "arithmetic" with
   * i64, which would have to be taken apart to be passed, from -O1 on.
   */
  readonly inlines: "arithmetic" | "small";
  /** Whether ranges of variables are worked out, so that coercions and checks that they make needless can go. */
  readonly ranges: boolean;
}

const OPTIMIZING: TargetChoices = {
  memory: "view",
  index: "divide",
  missing: "nullish",
  stores: "element",
  equality: "loose",
  products: "imul",
  localArrays: false,
  carry: "boolean",
  booleans: "or",
  staysInt32: false,
  highProduct: "double",
  sums: "pairs",
  shapes: "plain",
  shortCopies: "32",
  branches: "switch",
  extremes: true,
  masks: false,
  notesIntegers: false,
  inlines: "arithmetic",
  ranges: false,
};
const INTERPRETER: TargetChoices = {
  memory: "elements",
  index: "divide",
  missing: "nullish",
  stores: "element",
  equality: "loose",
  products: "imul",
  localArrays: true,
  carry: "boolean",
  booleans: "conditional",
  staysInt32: false,
  highProduct: "double",
  sums: "doubles",
  shapes: "short",
  shortCopies: "none",
  branches: "switch",
  extremes: false,
  masks: false,
  notesIntegers: false,
  inlines: "small",
  ranges: true,
};

/** Those whose memory is "elements" are also ELEMENT_TARGETS to the loader. */
export const CHOICES: Readonly<Record<Target, TargetChoices>> = {
  generic: OPTIMIZING,
  v8: {
    ...OPTIMIZING,
    carry: "integer",
    highProduct: "integer",
    shortCopies: "64",
    masks: true,
    notesIntegers: true,
  },
  jsc: { ...OPTIMIZING, carry: "bits", staysInt32: true, highProduct: "pieces" },
  spidermonkey: OPTIMIZING,
  "jsc-nojit": { ...INTERPRETER, index: "rotate", stores: "view" },
  hermes: {
    ...INTERPRETER,
    index: "multiply",
    missing: "undefined",
    products: "split",
    stores: "bounds",
    equality: "strict",
  },
  /** QuickJS, and V8 with --jitless. */
  quickjs: { ...INTERPRETER, equality: "strict", branches: "tree" },
};
