// Generates a whole module from a seed: what it declares, then the bodies of its functions.
import { Op } from "../../runtime/wasm/opcodes.js";
import { generateBody } from "./body.js";
import { constant, node } from "./nodes.js";
import { randomConstant } from "./menu.js";
import type { ElementsDef, Func, GlobalDef, Letter, Program, Signature, TableDef } from "./program.js";
import { Rng } from "./rng.js";

export interface GenerateOptions {
  /** Features beyond Wasm 2.0 to use, by the names the specification suite has for them. */
  readonly features: ReadonlySet<string>;
}

export function generateProgram(seed: number, { features }: GenerateOptions): Program {
  const rng = new Rng(seed);
  const program: Program = {
    seed,
    hosts: Array.from({ length: rng.below(4) }, () => signature(rng, 3, 2)),
    funcs: [],
    globals: [],
    memories: [],
    tables: [],
    data: [],
    elements: [],
    fuelGlobal: 0,
    mixGlobal: 0,
  };
  declareGlobals(rng, program as Mutable<Program>);
  declareMemories(rng, program, features.has("multi-memory"));
  declareFuncs(rng, program);
  declareTables(rng, program);
  const options = { tailCalls: features.has("tail-call"), multiMemory: features.has("multi-memory") };
  for (const func of program.funcs) generateBody(rng, program, func, options);
  return program;
}

type Mutable<T> = { -readonly [K in keyof T]: T[K] };

function letter(rng: Rng): Letter {
  return rng.weighted<Letter>([
    [6, "i"],
    [8, "l"],
    [4, "f"],
    [4, "d"],
    [1, "e"],
    [1, "n"],
  ]);
}

function signature(rng: Rng, maxParams: number, maxResults: number): Signature {
  const list = (length: number): Letter[] => Array.from({ length }, () => letter(rng));
  return {
    params: list(rng.below(maxParams + 1)),
    results: list(
      rng.weighted([
        [2, 0],
        [7, 1],
        [2, rng.below(maxResults + 1)],
      ]),
    ),
  };
}

function declareGlobals(rng: Rng, program: Mutable<Program>): void {
  const count = rng.between(1, 6);
  for (let i = 0; i < count; i++) {
    const imported = i === 0 ? rng.chance(40) : program.globals[i - 1]!.imported && rng.chance(40);
    const type = imported ? rng.pick<Letter>(["i", "l"]) : rng.pick<Letter>(["i", "l", "l", "f", "d"]);
    const init = constant(type, randomConstant(rng, type));
    program.globals.push({ type, mutable: rng.chance(75), imported, exported: rng.chance(50), init });
  }
  for (const type of ["n", "e"] as const) {
    if (!rng.chance(30)) continue;
    const init: GlobalDef["init"] = node(Op.ref_null, [type], [], [type === "n" ? 0x70 : 0x6f]);
    program.globals.push({ type, mutable: true, imported: false, exported: false, init });
  }
  const counter = (type: Letter): number =>
    program.globals.push({
      type,
      mutable: true,
      imported: false,
      exported: rng.chance(20),
      init: constant(type, type === "i" ? 0 : 0n),
    }) - 1;
  program.fuelGlobal = counter("i");
  program.mixGlobal = counter("l");
}

function declareMemories(rng: Rng, program: Program, multiMemory: boolean): void {
  const count = rng.chance(92) ? (multiMemory && rng.chance(25) ? rng.between(2, 3) : 1) : 0;
  for (let i = 0; i < count; i++) {
    const min = rng.pick([1, 1, 1, 2]);
    const imported = i === 0 ? rng.chance(30) : program.memories[i - 1]!.imported && rng.chance(30);
    program.memories.push({ min, max: min + rng.below(3), imported });
  }
  if (count === 0) return;
  // Where most addresses fall there must be something that tells signed from unsigned, low from high, one byte from another.
  const filling = Uint8Array.from({ length: 320 }, () =>
    rng.chance(20) ? rng.pick([0, 0x7f, 0x80, 0xff]) : rng.bits() & 255,
  );
  for (let memory = 0; memory < count; memory++) {
    if (rng.chance(85)) program.data.push({ bytes: filling, at: { memory, offset: 0 } });
  }
  for (let i = rng.below(4); i > 0; i--) {
    const bytes = Uint8Array.from({ length: rng.below(40) }, () => rng.bits() & 255);
    const memory = rng.below(count);
    const size = program.memories[memory]!.min * 65536;
    // A segment out of bounds makes instantiation trap: once in a while that is what is tested.
    const offset = rng.weighted([
      [20, rng.below(256)],
      [5, size - bytes.length],
      [rng.chance(10) ? 1 : 0, size - bytes.length + 1],
    ]);
    program.data.push(rng.chance(60) ? { bytes, at: { memory, offset } } : { bytes });
  }
}

function declareFuncs(rng: Rng, program: Program): void {
  const count = rng.between(2, 7);
  for (let i = 0; i < count; i++) {
    // Some functions share a signature, so that an indirect call finds several targets.
    const { params, results } =
      i > 0 && rng.chance(40) ? program.funcs[rng.below(i)]! : signature(rng, rng.chance(5) ? 12 : 4, 3);
    const locals = Array.from({ length: rng.below(7) }, () => letter(rng));
    const func: Func = {
      params,
      results,
      locals,
      body: [],
      label: { types: results, isLoop: false },
      exported: i === 0 || rng.chance(85),
    };
    // A function reference that leaves the module is told by its index, which both sides must have; keep to integers.
    if ([...params, ...results].includes("n")) func.exported = false;
    program.funcs.push(func);
  }
  if (rng.chance(8)) program.start = declareStart(program);
}

function declareStart(program: Program): number {
  const func: Func = {
    params: [],
    results: [],
    locals: [],
    body: [],
    label: { types: [], isLoop: false },
    exported: false,
  };
  return program.hosts.length + program.funcs.push(func) - 1;
}

function declareTables(rng: Rng, program: Program): void {
  const count = rng.weighted([
    [1, 0],
    [6, 1],
    [3, 2],
  ]);
  const { funcs, hosts } = program;
  for (let i = 0; i < count; i++) {
    const imported = i === 0 ? rng.chance(25) : program.tables[i - 1]!.imported && rng.chance(25);
    const element: TableDef["element"] = !imported && rng.chance(25) ? "e" : "n";
    const all = [...funcs.map((_, k) => hosts.length + k), ...hosts.map((_, k) => k)];
    const min = all.length + rng.below(4);
    program.tables.push({ element, min, max: min + rng.below(6), imported });
    if (element === "n" && rng.chance(85))
      program.elements.push({
        funcs: all,
        at: { table: i, offset: rng.chance(85) ? 0 : rng.below(4) },
      });
  }
  for (let i = rng.below(3); i > 0; i--) {
    const picked = Array.from({ length: rng.below(5) }, () => rng.below(hosts.length + funcs.length));
    const segment: ElementsDef = { funcs: picked };
    program.elements.push(segment);
  }
}
