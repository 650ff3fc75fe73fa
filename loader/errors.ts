// Everything the loader can find wrong with an artifact: one class, one function per finding. Messages name the section
// and the file offset, and where the user can do something about it, what.
import { WasmError } from "../runtime/wasm/error.js";

export type ArtifactCode =
  | "not-an-artifact"
  | "truncated"
  | "trailing-bytes"
  | "format-version"
  | "abi-version"
  | "target"
  | "features"
  | "digest"
  | "malformed"
  | "symbol"
  | "page"
  | "eval-forbidden";

/** The artifact cannot be used; `code` says why, `offset` and `section` where. */
export class ArtifactError extends WasmError {
  override readonly name: string = "ArtifactError";
  declare readonly code: ArtifactCode;
  readonly section: string;

  /** @internal */
  constructor(code: ArtifactCode, text: string, section: string, offset?: number) {
    super(code, text, offset, section === "header" ? "header" : `${section} section`);
    this.section = section;
  }
}

const RECOMPILE = "compile the .wasm again with this version of wamrc-ts";

export function notAnArtifact(bytes: Uint8Array): ArtifactError {
  const is =
    bytes[0] === 0 && bytes[1] === 0x61 && bytes[2] === 0x73 && bytes[3] === 0x6d
      ? "it is a WebAssembly module; compile it first: wamrc-ts compile in.wasm -o out.aot"
      : bytes[0] === 0 && bytes[1] === 0x61 && bytes[2] === 0x6f && bytes[3] === 0x74
        ? "it is an AoT file of WAMR, whose native code only WAMR can run"
        : "its first 8 bytes are not the magic number";
  return new ArtifactError("not-an-artifact", `not a wamrc-ts artifact: ${is}`, "header", 0);
}

export function damagedInTransfer(): ArtifactError {
  const message = "not a wamrc-ts artifact any more: its line ends were converted, transfer it as a binary file";
  return new ArtifactError("not-an-artifact", message, "header", 0);
}

export function truncated(section: string, offset: number, needed: number, left: number): ArtifactError {
  const message = `unexpected end: expected ${needed} more bytes, got ${left}`;
  return new ArtifactError("truncated", message, section, offset);
}

export function wrongLength(expected: number, got: number): ArtifactError {
  return got < expected
    ? new ArtifactError("truncated", `artifact is cut short: expected ${expected} bytes, got ${got}`, "header", 16)
    : new ArtifactError("trailing-bytes", `artifact is followed by ${got - expected} foreign bytes`, "header", 16);
}

export function wrongFormat(got: number, expected: number): ArtifactError {
  const message = `artifact has format version ${got}, this loader reads ${expected}: ${RECOMPILE}`;
  return new ArtifactError("format-version", message, "header", 8);
}

export function wrongAbi(got: number, expected: number): ArtifactError {
  const message = `artifact was compiled for ABI version ${got}, this runtime has ${expected}: ${RECOMPILE}`;
  return new ArtifactError("abi-version", message, "header", 12);
}

export function wrongTarget(got: string, expected: readonly string[]): ArtifactError {
  const message = `artifact was compiled for target "${got}", expected ${expected.join(" or ")}: compile with --target ${expected[0]}`;
  return new ArtifactError("target", message, "target");
}

export function missingFeatures(missing: readonly string[], supported: readonly string[]): ArtifactError {
  const message = `artifact relies on ${missing.join(", ")}, this runtime supports ${supported.join(", ")}`;
  return new ArtifactError("features", message, "target");
}

export function damaged(section: string, offset: number, what: string): ArtifactError {
  const message = `artifact is damaged: digest of the ${what} does not match: copy or compile it again`;
  return new ArtifactError("digest", message, section, offset);
}

export function malformed(section: string, offset: number, what: string): ArtifactError {
  return new ArtifactError("malformed", `malformed artifact: ${what}`, section, offset);
}

/** The fields of a section contradict each other, or an index space that another section defines. */
export function inconsistent(section: string, what: string): ArtifactError {
  return new ArtifactError("malformed", `malformed artifact: ${what}`, section);
}

export function unknownSymbol(symbol: string, abiVersion: number): ArtifactError {
  const message = `unknown symbol "${symbol}": the runtime of ABI version ${abiVersion} has no such helper: ${RECOMPILE}`;
  return new ArtifactError("symbol", message, "relocations");
}

export function badPage(page: number, what: string): ArtifactError {
  return new ArtifactError("page", `malformed artifact: page ${page} ${what}`, "text");
}

export function evalForbidden(reason: string): ArtifactError {
  const message =
    `code generation from strings is forbidden here (${reason}), and the text of an .aot needs it: ` +
    "compile to JavaScript instead: wamrc-ts compile in.wasm --format esm";
  return new ArtifactError("eval-forbidden", message, "text");
}
