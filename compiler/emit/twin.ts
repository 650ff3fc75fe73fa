// A small function that calls itself is printed twice: `f1` calls `f1_`, and `f1_` calls `f1`. V8 inlines small functions,
// several levels of them, but never a function into itself; twins it inlines into each other (RATIONALE.md).
import type { IrFunc } from "../ir/ir.js";
import { type FunctionText, type PrintOptions, printFunction } from "./function.js";
import type { FloatBits } from "../passes/float-bits.js";
import type { References } from "./references.js";

/** Longest text worth a twin: V8 inlines up to 460 bytes of bytecode, and about 1.4 come out of a character. */
const LONGEST = 340;

/** True where a function, printed as `text`, is one that V8 would inline if what it calls by its own name were another. */
export function wantsTwin(func: IrFunc, text: string): boolean {
  const name = `f${func.index}(`;
  return !func.tailCalls && text.length <= LONGEST && text.indexOf(name) !== text.lastIndexOf(name);
}

/** Both declarations. The twin's name is that of the body of a function with tail calls, so traps know it. */
export function printTwins(func: IrFunc, refs: References, bits: FloatBits, options: PrintOptions): FunctionText {
  const name = `f${func.index}`;
  const twin = `${name}_`;
  const print = (own: string, callee: string): FunctionText => {
    refs.rename(func.index, callee);
    return printFunction(func, refs, bits, { ...options, name: own });
  };
  const [first, second] = [print(name, twin), print(twin, name)];
  return {
    text: first.text + (options.lines ? "\n" : "") + second.text,
    offsets: [...first.offsets, ...second.offsets],
  };
}
