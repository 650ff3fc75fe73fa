// What runtimes, instances and their exports keep of themselves in their own memory, as records of 32-bit words.
import type { Account } from "../memory/account.js";
import type { Export } from "../wasm/module.js";

/** Words of the runtime structure. @internal */
export const enum RuntimeWord {
  /** Modules and instances are numbered in the order in which they are made. */
  modulesMade,
  instancesMade,
  count,
}

/** Words of an instance structure. @internal */
export const enum InstanceWord {
  state,
  /** Numbers of the instance and of its module. */
  id,
  module,
  functions,
  tables,
  memories,
  globals,
  count,
}

/** The life of an instance, as its structure says. @internal */
export const enum InstanceState {
  /** Its parts are being made; no code of it has run. */
  beginning,
  live,
  /** Instantiation failed after code of it could be reached from elsewhere, so that its memory stays until the module goes. */
  abandoned,
}

/** The exports of an instance, found by name: a hash table of a word for each slot, the export's number plus 1. @internal */
export class ExportTable {
  private readonly words: Int32Array;
  private readonly exports: readonly Export[];

  constructor(account: Account, exports: readonly Export[]) {
    this.exports = exports;
    let slots = exports.length === 0 ? 0 : 2;
    while (slots < exports.length * 2) slots *= 2;
    this.words = account.allocate("exports", slots * 4).words();
    exports.forEach(({ name }, i) => (this.words[this.slot(name)] = i + 1));
  }

  find(name: string): Export | undefined {
    return this.words.length === 0 ? undefined : this.exports[this.words[this.slot(name)]! - 1];
  }

  // The slot that has the name, or the empty one where it would be. At least half of the slots are empty.
  private slot(name: string): number {
    const mask = this.words.length - 1;
    let slot = hash(name) & mask;
    for (; this.words[slot] !== 0; slot = (slot + 1) & mask) {
      if (this.exports[this.words[slot]! - 1]!.name === name) break;
    }
    return slot;
  }
}

// FNV-1a over the UTF-16 code units.
function hash(name: string): number {
  let h = 0x811c9dc5;
  for (let i = 0; i < name.length; i++) h = Math.imul(h ^ name.charCodeAt(i), 0x01000193);
  return h ^ (h >>> 15);
}
