// An exported function of a guest as embedders hold it: WAMR's wasm_function_inst_t.
import { describeFuncType, describeValType, funcName, typeLetter, type Func } from "../instance/func.js";
import type { ModuleInstance } from "./module-instance.js";

/** A function of a guest, to be called in an ExecEnv. */
export class GuestFunction {
  readonly instance: ModuleInstance;
  /** @internal */
  readonly func: Func;
  /** @internal */
  readonly paramLetters: readonly string[];
  /** @internal */
  readonly resultLetters: readonly string[];

  /** @internal */
  constructor(instance: ModuleInstance, func: Func) {
    this.instance = instance;
    this.func = func;
    this.paramLetters = func.type.params.map(typeLetter);
    this.resultLetters = func.type.results.map(typeLetter);
  }

  /** By the name section; else the function's index. */
  get name(): string {
    return funcName(this.func);
  }

  /** The types of the parameters, as the text format names them. */
  get params(): readonly string[] {
    return this.func.type.params.map(describeValType);
  }

  get results(): readonly string[] {
    return this.func.type.results.map(describeValType);
  }

  /** `(i32, i64) -> (i32)` */
  toString(): string {
    return describeFuncType(this.func.type);
  }
}
