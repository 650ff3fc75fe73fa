// One registration of native functions as it lies in the runtime's memory: names and signatures in UTF-8, sorted by name, found
// by bisection. The functions themselves are objects of the engine and stand beside it, in the same order.
//   word 4i     where the name of entry i begins, in bytes      word 4i+1   its length
//   word 4i+2   the same for its signature; 0: it has none      word 4i+3
// and behind the entries the bytes of all strings.
import type { Account, Allocation } from "../memory/account.js";
import { utf8Into, utf8Length, utf8Text } from "../utf8.js";
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
    this.entries = [...entries].sort((a, b) => (a.symbol < b.symbol ? -1 : 1));
    let size = entries.length * ENTRY;
    this.entries.forEach(({ symbol, signature = "" }, i) => {
      size += utf8Length(symbol) + utf8Length(signature);
      if (symbol === this.entries[i + 1]?.symbol)
        throw new WasmError("native-registration", `native function "${moduleName}" "${symbol}" is given twice`);
    });
    this.memory = account.allocate("native API registrations", size, moduleName);
    const [words, bytes] = [this.memory.words(), this.memory.bytes()];
    let at = entries.length * ENTRY;
    const put = (word: number, text: string | undefined): void => {
      if (text === undefined) return;
      words[word] = at;
      words[word + 1] = utf8Length(text);
      utf8Into(text, bytes.subarray(at));
      at += words[word + 1]!;
    };
    this.entries.forEach(({ symbol, signature }, i) => {
      put(4 * i, symbol);
      put(4 * i + 2, signature);
    });
  }

  /** The entry of that name, its signature as it was when it was registered. */
  find(symbol: string): { readonly entry: Entry; readonly signature: string | undefined } | undefined {
    const [words, bytes] = [this.memory.words(), this.memory.bytes()];
    const text = (word: number): string => utf8Text(bytes.subarray(words[word]!, words[word]! + words[word + 1]!));
    let [low, high] = [0, this.entries.length];
    while (low < high) {
      const middle = (low + high) >>> 1;
      const name = text(4 * middle);
      if (name === symbol) {
        const signature = words[4 * middle + 2] === 0 ? undefined : text(4 * middle + 2);
        return { entry: this.entries[middle]!, signature };
      }
      if (name < symbol) low = middle + 1;
      else high = middle;
    }
    return undefined;
  }

  free(): void {
    this.memory.free();
  }
}
