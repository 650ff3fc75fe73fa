// The image: the one in-memory form of compiled code. The compiler builds it, both containers (`.aot` and JavaScript)
// carry it, the linker runs it. This file is only the vocabulary: who fills in what, and which promises the linker
// relies on. How an image becomes bytes is in layout.ts and FORMAT.md.
import type { Module } from "../runtime/wasm/module.js";

/** What a relocation stands for; FORMAT.md tells what the linker puts there. */
export const RELOCATION_KINDS = [
  "state",
  "instance",
  "globals",
  "global",
  "memory",
  "sig",
  "table",
  "func",
  "helper",
] as const;

export type RelocationKind = (typeof RELOCATION_KINDS)[number];

/** One free name of a page, resolved by symbol when the page is linked. */
export interface Relocation {
  readonly kind: RelocationKind;
  /** Global, memory, table or function index; 0 where the kind has a single symbol (state, instance, globals, helper). */
  readonly index: number;
  /** Kind "sig": the type index. */
  readonly index2?: number;
  /** Kind "helper": a name of runtime/abi.ts. */
  readonly name?: string;
}

/**
 * Which Wasm file offset a line of a page's text stems from. Both arrays have the same length; lines count from 1 (the
 * first line of `Page.text`) and ascend strictly. A line without an entry belongs to the nearest entry before it.
 */
export interface LineTable {
  readonly lines: ArrayLike<number>;
  readonly offsets: ArrayLike<number>;
}

/** Functions that are verified, compiled and linked together. */
export interface Page {
  /**
   * A factory expression, `function(R){"use strict";…return{f:[…],b:function(i,v){switch(i){…}}}}`: `R` holds the resolved
   * relocations in order, `f` the functions in the order of `functions`, `b(i, v)` rebinds relocation `i`. Kinds
   * "memory" and "func" rebind; `b` ignores the others. ASCII only, lines end with "\n".
   */
  readonly text: string;
  readonly relocations: readonly Relocation[];
  /** Function indices; every defined function is on exactly one page. */
  readonly functions: readonly number[];
  readonly lines?: LineTable;
}

/** What an image was made for and from. An artifact whose versions, target or features do not fit is refused. */
export interface TargetInfo {
  readonly formatVersion: number;
  readonly abiVersion: number;
  /** "generic", "v8", "hermes", … : code for a target runs everywhere, it is only tuned for it. */
  readonly target: string;
  /** Wasm features that the code relies on the runtime for, sorted. */
  readonly features: readonly string[];
  readonly optLevel: string;
  readonly compilerVersion: string;
  /** SHA-256 of the `.wasm` in hex, and its size in bytes. */
  readonly sourceDigest: string;
  readonly sourceSize: number;
}

export interface Image {
  readonly target: TargetInfo;
  /** The structure without code: index spaces, segments, names, and the custom sections to keep. */
  readonly module: Module;
  readonly pages: readonly Page[];
  /** Wasm file offset of each defined function's body (`FuncBody.at`), by function index minus imported functions. */
  readonly funcOffsets: ArrayLike<number>;
}

/** The identifier by which generated code calls a relocation: S, I, G, c3, M, M1, t0_5, T0, f7, i64_mul. */
export function relocationName(relocation: Relocation): string {
  const { kind, index } = relocation;
  switch (kind) {
    case "state":
      return "S";
    case "instance":
      return "I";
    case "globals":
      return "G";
    case "global":
      return `c${index}`;
    case "memory":
      return index === 0 ? "M" : `M${index}`;
    case "sig":
      return `t${index}_${relocation.index2}`;
    case "table":
      return `T${index}`;
    case "func":
      return `f${index}`;
    case "helper":
      return relocation.name!;
  }
}

/** The page of every defined function, by function index minus imported functions; -1 where no page has it. */
export function functionPages(
  pages: readonly { readonly functions: ArrayLike<number> }[],
  imported: number,
  defined: number,
): Int32Array {
  const pageOf = new Int32Array(defined).fill(-1);
  pages.forEach((page, p) => {
    for (let k = 0; k < page.functions.length; k++) pageOf[page.functions[k]! - imported] = p;
  });
  return pageOf;
}
