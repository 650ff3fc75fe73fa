// The public face of the compiler: bytes in, artifact out.
export { compile } from "./compile-async.js";
export { compileSync } from "./compile.js";
export { CompileError } from "./errors.js";
export type { CompileOptions, Format, OptLevel, Target } from "./options.js";
export { formatProfile, parseProfile, type Profile } from "./profile.js";
export { declarations } from "./write/declarations.js";
export { DecodeError, ValidationError, WasmError } from "../runtime/wasm/errors.js";
