// What the loader asks of the host it runs on: a digest, and a page text turned into a function. Node (and what offers
// Node's built-in modules) gives fast digests and scripts with a code cache; anywhere else the portable digest and
// `eval` do. Looked up at run time, so that the same file works in browsers and needs no bundler configuration.
import type * as Crypto from "node:crypto";
import type * as Fs from "node:fs";
import type * as Path from "node:path";
import type * as Vm from "node:vm";
import { badPage, evalForbidden } from "./errors.js";
import { sha256Portable } from "./sha256.js";

interface Builtin {
  readonly "node:crypto": typeof Crypto;
  readonly "node:fs": typeof Fs;
  readonly "node:path": typeof Path;
  readonly "node:vm": typeof Vm;
}

/** A built-in module of Node, or undefined where there is none. @internal */
export function builtin<K extends keyof Builtin>(id: K): Builtin[K] | undefined {
  const host = (globalThis as { process?: { getBuiltinModule?: (id: string) => unknown } }).process;
  return typeof host?.getBuiltinModule === "function"
    ? (host.getBuiltinModule(id) as Builtin[K] | undefined)
    : undefined;
}

const vm = builtin("node:vm");

// Looked up when there is something to digest: Node takes 10 ms to start it.
let crypto: typeof Crypto | undefined;
const cryptoOfHost = (): typeof Crypto | undefined => (crypto ??= builtin("node:crypto"));

/** SHA-256 in hex. @internal */
export function sha256Hex(bytes: Uint8Array): string {
  return cryptoOfHost()?.createHash("sha256").update(bytes).digest("hex") ?? sha256Portable(bytes);
}

/** SHA-256 over a text and bytes, in hex; in Node only. @internal */
export function sha256Of(text: string, bytes: Uint8Array): string {
  return cryptoOfHost()!.createHash("sha256").update(text).update(bytes).digest("hex");
}

/** The text whose characters are the bytes (latin-1). @internal */
export function textOf(bytes: Uint8Array): string {
  if (typeof Buffer === "function") return bufferOf(bytes).toString("latin1");
  let text = "";
  for (let i = 0; i < bytes.length; i += 8192) text += String.fromCharCode(...bytes.subarray(i, i + 8192));
  return text;
}

// The same bytes as Node's class, not a copy.
function bufferOf({ buffer, byteOffset, length }: Uint8Array): Buffer {
  return Buffer.from(buffer, byteOffset, length);
}

/** A compiled page, and what the code cache wants to know about it. @internal */
export interface CompiledPage {
  readonly factory: unknown;
  /** Whether the cached data was there and usable. */
  readonly fromCache: boolean;
  /** The engine's compiled form, with all that was compiled lazily until now. */
  createCache?(): Uint8Array;
}

/** Throws where no page could ever be compiled, so that loading fails and not some call later on. @internal */
export function checkCompiler(): void {
  if (vm !== undefined) return;
  try {
    (0, globalThis.eval)("0");
  } catch (error) {
    throw evalForbidden(messageOf(error));
  }
}

/**
 * Evaluates the text of a verified page, an expression. The script name goes into stack traces; it is made of the
 * artifact's digest and the page's number, never of a string from the artifact. @internal
 */
export function compilePage(text: string, page: number, scriptName: string, cache?: Uint8Array): CompiledPage {
  const source = `(${text}\n)`;
  if (vm !== undefined) {
    try {
      const script = new vm.Script(source, { filename: scriptName, ...(cache && { cachedData: bufferOf(cache) }) });
      return {
        factory: script.runInThisContext(),
        fromCache: cache !== undefined && script.cachedDataRejected === false,
        createCache: () => script.createCachedData(),
      };
    } catch (error) {
      throw badPage(page, `is not an expression: ${messageOf(error)}`);
    }
  }
  // Indirect, so that the text sees no variable of this module and begins in line 1.
  try {
    return { factory: (0, globalThis.eval)(`${source}//# sourceURL=${scriptName}`), fromCache: false };
  } catch (error) {
    // `checkCompiler` has seen evaluation work, so this is about the text.
    throw badPage(page, `is not an expression: ${messageOf(error)}`);
  }
}

/** @internal */
export function messageOf(error: unknown): string {
  return error instanceof Error ? error.message : String(error);
}
