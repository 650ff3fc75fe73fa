// One registration of native functions as it lies in the runtime's memory: names and signatures in UTF-8, sorted by name, found
// by bisection. The functions themselves are objects of the engine and stand beside it, in the same order.
//   word 4i     where the name of entry i begins, in bytes      word 4i+1   its length
//   word 4i+2   the same for its signature; 0: it has none      word 4i+3
// and behind the entries the bytes of all strings.
import type { Account, Allocation } from "../memory/account.js";
import { utf8Bytes, utf8Text } from "../utf8.js";
import { WasmError } from "../wasm/error.js";

const ENTRY = 16;

/** What is stored of a native function. */
export interface TableEntry {
  readonly symbol: string;
  readonly signature?: string | undefined;
}

/** @internal */
export class NativeTable<Entry extends TableEntry> {
  private readonly memory: Allocation;
  private readonly entries: readonly Entry[];

  /** Throws WasmError `native-registration` where a name occurs twice, MemoryError where there is no memory. */
  constructor(account: Account, moduleName: string, entries: readonly Entry[]) {
    const sorted = entries
      .map((entry) => ({ entry, name: utf8Bytes(entry.symbol), signature: utf8Bytes(entry.signature ?? "") }))
      .sort((a, b) => compare(a.name, b.name));
    let size = sorted.length * ENTRY;
    sorted.forEach(({ entry, name, signature }, i) => {
      size += name.length + signature.length;
      if (i > 0 && compare(name, sorted[i - 1]!.name) === 0)
        throw new WasmError("native-registration", `native function "${moduleName}" "${entry.symbol}" is given twice`);
    });
    this.memory = account.allocate("native API registrations", size, moduleName);
    this.entries = sorted.map(({ entry }) => entry);
    const [words, bytes] = [this.memory.words(), this.memory.bytes()];
    let at = sorted.length * ENTRY;
    sorted.forEach(({ entry, name, signature }, i) => {
      words[4 * i] = at;
      words[4 * i + 1] = name.length;
      bytes.set(name, at);
      at += name.length;
      if (entry.signature === undefined) return;
      words[4 * i + 2] = at;
      words[4 * i + 3] = signature.length;
      bytes.set(signature, at);
      at += signature.length;
    });
  }

  /** The entry of that name, its signature as it was when it was registered. */
  find(symbol: string): { readonly entry: Entry; readonly signature: string | undefined } | undefined {
    const wanted = utf8Bytes(symbol);
    const [words, bytes] = [this.memory.words(), this.memory.bytes()];
    const string = (word: number): Uint8Array => bytes.subarray(words[word]!, words[word]! + words[word + 1]!);
    let [low, high] = [0, this.entries.length];
    while (low < high) {
      const middle = (low + high) >>> 1;
      const order = compare(string(4 * middle), wanted);
      if (order < 0) low = middle + 1;
      else if (order > 0) high = middle;
      else {
        const signature = words[4 * middle + 2] === 0 ? undefined : utf8Text(string(4 * middle + 2));
        return { entry: this.entries[middle]!, signature };
      }
    }
    return undefined;
  }

  free(): void {
    this.memory.free();
  }
}

function compare(a: Uint8Array, b: Uint8Array): number {
  for (let i = 0; i < a.length && i < b.length; i++) if (a[i] !== b[i]) return a[i]! - b[i]!;
  return a.length - b.length;
}
