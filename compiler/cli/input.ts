// What kind of file is this? Decided by content, not by name: the first bytes of .wasm and .aot, text for the rest.
import { extname } from "node:path";
import { Failure } from "./failure.js";

export type InputKind = "wasm" | "wat" | "aot" | "javascript";

export function kindOf(path: string, bytes: Uint8Array): InputKind {
  if (startsWith(bytes, "\0asm")) return "wasm";
  const extension = extname(path).toLowerCase();
  // WAMR's own .aot and damaged ones too: the loader says what is wrong with them.
  if (startsWith(bytes, "\0waot") || startsWith(bytes, "\0aot") || extension === ".aot") return "aot";
  if (looksLikeText(bytes)) {
    if ([".js", ".mjs", ".cjs"].includes(extension)) return "javascript";
    if ([".wat", ".wast"].includes(extension) || /^\s*(?:;;.*\s*)*\(/.test(head(bytes))) return "wat";
  }
  const seen = bytes.length === 0 ? "is empty" : `begins with ${describeHead(bytes)}`;
  throw new Failure("invalid", `${path}: neither WebAssembly nor a wamrc-ts artifact: the file ${seen}`);
}

function startsWith(bytes: Uint8Array, text: string): boolean {
  return bytes.length >= text.length && [...text].every((char, i) => bytes[i] === char.charCodeAt(0));
}

function head(bytes: Uint8Array): string {
  return new TextDecoder().decode(bytes.subarray(0, 4096));
}

function looksLikeText(bytes: Uint8Array): boolean {
  return bytes.length > 0 && !bytes.subarray(0, 4096).includes(0);
}

function describeHead(bytes: Uint8Array): string {
  const first = [...bytes.subarray(0, 4)];
  const printable = first.every((byte) => byte >= 0x20 && byte < 0x7f);
  return printable
    ? JSON.stringify(String.fromCharCode(...first))
    : first.map((b) => b.toString(16).padStart(2, "0")).join(" ");
}
