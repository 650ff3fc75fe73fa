// Text format to binary, by binaryen: the only reader of .wat here. It takes a second to load, so only this file imports it.
import { Failure } from "./failure.js";

// binaryen writes the most precise type that the features allow: with GC it turns a plain funcref into `(ref func)`, a
// type that the text does not have and plain engines do not know. So GC is on only where the text speaks of such types.
const TYPED_REFERENCES =
  /\((?:ref|struct|array|rec|sub)\s|\b(?:any|eq|i31|struct|array|exn|null|nullfunc|nullextern|nullexn)ref\b|\b(?:return_)?call_ref\b|\bref\.(?!func|null\s+(?:func|extern)\b|is_null)|\bbr_on_/;

/** binaryen reports `line:column: error: reason`; the file's name is put in front. */
export async function readText(path: string, text: string): Promise<Uint8Array> {
  const { default: binaryen } = await import("binaryen");
  let module;
  try {
    module = binaryen.parseText(text);
  } catch (error) {
    const [, place, reason] = /^(\d+:\d+): error: (.*)/s.exec((error as Error).message ?? "") ?? [];
    throw new Failure("invalid", place ? `${path}:${place}: ${reason}` : `${path}: ${(error as Error).message}`);
  }
  try {
    const { All, GC, Strings } = binaryen.Features;
    const { CompactImports = 0 } = binaryen.Features as { CompactImports?: number }; // missing in its declarations
    module.setFeatures(All & ~(CompactImports | Strings | (TYPED_REFERENCES.test(text) ? 0 : GC)));
    binaryen.setDebugInfo(true); // keeps the names of the text
    return module.emitBinary();
  } finally {
    module.dispose();
  }
}
