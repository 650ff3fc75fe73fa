// Errors of the compiler proper: valid modules that it cannot translate. Malformed and invalid modules are the decoder's
// and validator's business (runtime/wasm/errors.ts).
import { WasmError } from "../runtime/wasm/errors.js";

export class CompileError extends WasmError {
  override name = "CompileError";
}

/** A valid instruction or type for which there is no lowering. */
export function unsupported(what: string, feature: string, where: string, offset?: number): CompileError {
  return new CompileError(
    "unsupported-feature",
    `unsupported feature: ${what} needs ${feature}, which the compiler does not translate`,
    offset,
    where,
  );
}

/** Control or expressions nested deeper than the compiler's own stack goes. */
export function nestingTooDeep(where: string): CompileError {
  return new CompileError(
    "nesting-too-deep",
    "nesting too deep: the compiler ran out of stack; compile with --threads 2 or more, whose threads have a larger one",
    undefined,
    where,
  );
}
