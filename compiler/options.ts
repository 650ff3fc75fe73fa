// What a caller may choose about a compilation, and the defaults.
import type { JavaScriptFormat } from "./write/javascript.js";
import type { Profile } from "./profile.js";
import type { TARGETS } from "../loader/layout.js";
import type { FeatureSet } from "../runtime/wasm/features.js";

export type Format = "aot" | JavaScriptFormat;
export type Target = (typeof TARGETS)[number];
/** 0 to 3, or for size: "s", "z". */
export type OptLevel = 0 | 1 | 2 | 3 | "s" | "z";

/**
 * How i64 is held inside functions: "auto", as BigInt where the target has machine instructions for it and the function is
 * faster for it; "halves", as two int32; "bigint", as BigInt in every function that can be printed so.
 */
export type I64Form = "auto" | "halves" | "bigint";

export interface CompileOptions {
  /** Default: "aot". */
  readonly format?: Format;
  /** Engine the code is tuned for; it runs everywhere ("v8": where there is BigInt). Default: "generic". */
  readonly target?: Target;
  /** Default: 1. */
  readonly optLevel?: OptLevel;
  /** Default: "auto". BigInt makes code that needs ES2020. */
  readonly i64?: I64Form;
  /** Names of passes to switch off (OPTIONAL_PASSES in passes/index.ts), to find the one behind a fault. Default: none. */
  readonly disabledPasses?: readonly string[];
  /** Worker threads; 1 compiles on the calling thread. Default: as many as there are processors, up to 8. */
  readonly threads?: number;
  /** WebAssembly features to accept: default all of Wasm 3.0. */
  readonly features?: FeatureSet;
  /** JavaScript formats: "external" imports wamrc-ts instead of bundling what is needed of it. Default: "self-contained". */
  readonly runtime?: "self-contained" | "external";
  /** Format "script": the global variable that holds the artifact. */
  readonly name?: string;
  /** Keep what traps need to tell Wasm byte offsets. Default: only for "aot", where it costs no load time. */
  readonly lines?: boolean;
  /** Characters of text in a page, at which it is full. Default: 262144 in an .aot; JavaScript is one page. */
  readonly pageSize?: number;
  /** Functions that were seen to run: they share pages. `wamrc-ts run --record-profile` writes one. */
  readonly profile?: Profile;
  /**
   * Estimated bytes of bytecode from which a function is cut into pieces. Default: what V8 optimizes best; for targets
   * whose engines have no limit, none is cut. For tests and benches.
   * @internal
   */
  readonly outlineLimit?: number;
  /** Called as functions get done. */
  readonly onProgress?: (done: number, total: number) => void;
}
