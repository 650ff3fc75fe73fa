// Native functions, registered by import module and name for all instances of a runtime, as WAMR does it: the newest registration
// is asked first, and a name that begins with an underscore is asked for without it too. What the import object of an
// instantiation holds comes before them all. An instance keeps what it was linked to.
// https://github.com/bytecodealliance/wasm-micro-runtime/blob/main/doc/export_native_api.md
import type { Account } from "../memory/account.js";
import { WasmError } from "../wasm/error.js";
import type { ExecEnv } from "./exec-env.js";
import { NativeTable } from "./native-table.js";
import { parseSignature, type NativeFunction } from "./signature.js";

/** A function of the host for guests to import. */
export interface NativeSymbol {
  /** The name of the import. */
  readonly symbol: string;
  /** Gets the ExecEnv of the call, then the arguments as the signature says. What it throws comes out of the call of the guest. */
  readonly func: NativeFunction;
  /** See signature.ts. Without one nothing is checked or converted: integers and floats as they are. */
  readonly signature?: string;
  /** For the function's own use: `env.attachment` while it runs. */
  readonly attachment?: unknown;
}

/** A function that takes its arguments from memory, 8 bytes each, and leaves its result in the first 8; see `registerNativesRaw`. */
export interface RawNativeSymbol {
  readonly symbol: string;
  readonly func: (env: ExecEnv, args: DataView) => void;
  readonly signature?: string;
  readonly attachment?: unknown;
}

/** A NativeSymbol whose function has the parameter types that its signature says. */
export function native<Text extends string>(
  symbol: string,
  signature: Text,
  func: NativeFunction<Text>,
  attachment?: unknown,
): NativeSymbol {
  return { symbol, signature, func: func as NativeFunction, attachment };
}

/** A native function that was found. @internal */
export interface FoundNative {
  readonly symbol: NativeSymbol | RawNativeSymbol;
  readonly signature: string | undefined;
  readonly raw: boolean;
}

interface Registration {
  readonly moduleName: string;
  /** The caller's array, by which it is unregistered. */
  readonly symbols: readonly unknown[];
  readonly table: NativeTable<NativeSymbol | RawNativeSymbol>;
  readonly raw: boolean;
}

/** The native functions of a runtime. @internal */
export class Natives {
  private readonly account: Account;
  /** Newest first. */
  private readonly registrations: Registration[] = [];

  constructor(account: Account) {
    this.account = account;
  }

  register(moduleName: string, symbols: readonly (NativeSymbol | RawNativeSymbol)[], raw: boolean): void {
    for (const { symbol, func, signature } of symbols) {
      if (typeof func !== "function")
        throw new WasmError("native-registration", `native function "${moduleName}" "${symbol}" is not a function`);
      if (signature) parseSignature(signature);
    }
    // Copies: what the caller does to its objects afterwards changes nothing.
    const table = new NativeTable(
      this.account,
      moduleName,
      symbols.map((symbol) => ({ ...symbol })),
    );
    this.registrations.unshift({ moduleName, symbols, table, raw });
  }

  unregister(moduleName: string, symbols: readonly unknown[]): boolean {
    const at = this.registrations.findIndex((r) => r.moduleName === moduleName && r.symbols === symbols);
    if (at < 0) return false;
    this.registrations[at]!.table.free();
    this.registrations.splice(at, 1);
    return true;
  }

  find(moduleName: string, name: string): FoundNative | undefined {
    for (const { moduleName: registered, table, raw } of this.registrations) {
      if (registered !== moduleName) continue;
      const found = table.find(name) ?? (name[0] === "_" ? table.find(name.slice(1)) : undefined);
      if (found !== undefined) return { symbol: found.entry, signature: found.signature, raw };
    }
    return undefined;
  }

  /** The runtime ends. */
  close(): void {
    for (const { table } of this.registrations) table.free();
    this.registrations.length = 0;
  }
}
