// The Instance category: where the parts of one instance live in the runtime's memory, and when they may go.
import type { Func } from "../instance/func.js";
import type { Instance } from "../instance/instance.js";
import type { ImportObject } from "../instance/link.js";
import type { GrowthRefusal, MemoryStorage } from "../instance/memory-storage.js";
import type { InstanceStorage } from "../instance/storage.js";
import type { TableStorage } from "../instance/table.js";
import type { Scalar } from "../instance/value.js";
import type { Account } from "../memory/account.js";
import { LifetimeError } from "../memory/errors.js";
import type { DataSegment, Export, Module } from "../wasm/module.js";
import { isRef } from "../wasm/types.js";
import type { InstanceArgs } from "./embedding.js";
import { supplyImports } from "./import-linking.js";
import { GlobalData, SliceMemory, SlotTable } from "./instance-parts.js";
import { ModuleInstance } from "./module-instance.js";
import type { ModuleOwner } from "./module-owner.js";
import { ExportTable, InstanceState, InstanceWord } from "./records.js";

// Whose memories, tables and global cells are. By way of this map, as others hold them only as what they are.
const owners = new WeakMap<object, InstanceOwner>();
const ownerOf = (part: object): InstanceOwner | undefined => owners.get(part);

/** The books of one instance. */
export class InstanceOwner implements InstanceStorage {
  readonly module: ModuleOwner;
  readonly account: Account;
  /** undefined until instantiation has come so far that code can run. */
  instance: Instance | undefined;
  /** The embedder's side. */
  readonly embedding: ModuleInstance;
  /** Instances that import from this one, and cannot be without it. */
  private readonly dependents = new Set<InstanceOwner>();
  private readonly sources = new Set<InstanceOwner>();
  private readonly words: Int32Array;
  private readonly memories: SliceMemory[] = [];
  private readonly tables: SlotTable[] = [];
  private readonly globalData: GlobalData;
  private readonly functionData: Int32Array;
  private readonly exports: ExportTable;
  private readonly structure: Module;
  private readonly args: InstanceArgs;

  /** Throws MemoryError. @internal */
  constructor(module: ModuleOwner, account: Account, id: number, structure: Module, args: InstanceArgs) {
    this.module = module;
    this.account = account;
    this.structure = structure;
    this.args = args;
    this.words = account.allocate("instance structure", InstanceWord.count * 4).words();
    this.words[InstanceWord.id] = id;
    this.words[InstanceWord.module] = module.id;
    this.words[InstanceWord.functions] = structure.funcTypes.length;
    this.words[InstanceWord.tables] = structure.tables.length;
    this.words[InstanceWord.memories] = structure.memories.length;
    this.words[InstanceWord.globals] = structure.globals.length;
    // What is small and stays as it is comes before what may grow.
    this.functionData = account.allocate("function data", structure.funcTypes.length * 4).words();
    this.exports = new ExportTable(account, structure.exports);
    module.runtime.references.reserve(referencesOf(structure));
    this.globalData = new GlobalData(account, module.runtime.references);
    this.embedding = new ModuleInstance(this, args);
  }

  get id(): number {
    return this.words[InstanceWord.id]!;
  }

  /** Instantiation failed, and nobody has the instance; but its functions may be in tables. @internal */
  get abandoned(): boolean {
    return this.words[InstanceWord.state] === InstanceState.abandoned;
  }

  /** An export by name. */
  findExport(name: string): Export | undefined {
    this.account.use();
    return this.exports.find(name);
  }

  // Instantiation, see InstanceStorage.

  imports(imports: ImportObject | undefined): ImportObject | undefined {
    const supplied = supplyImports(this.embedding, this.structure, imports, this.args);
    this.embedding.unlinkedImports = supplied.unlinked;
    return supplied.imports;
  }

  memory(index: number, size: number): MemoryStorage {
    const bytes = index === 0 ? this.embedding.heap.sizeOfMemory(this.structure, size) : size;
    const allocation = this.account.allocate("linear memory", bytes, `memory ${index}`);
    const memory = new SliceMemory(allocation, (why, delta) => this.growthRefused(index, why, delta));
    owners.set(memory, this);
    this.memories.push(memory);
    return memory;
  }

  table(index: number, length: number): TableStorage {
    const allocation = this.account.allocate("tables", length * 4, `table ${index}`);
    const table = new SlotTable(allocation, this.module.runtime.references);
    owners.set(table, this);
    this.tables.push(table);
    return table;
  }

  globals(instance: Instance, isCell: readonly boolean[]): Record<string, Scalar> {
    const privates = this.globalData.place(instance, isCell);
    for (const cell of this.globalData.cells) owners.set(cell, this);
    return privates;
  }

  functions(): Record<number, number> {
    return this.functionData;
  }

  segment(index: number, segment: DataSegment): Uint8Array {
    return this.module.segment(index, segment);
  }

  attach(instance: Instance): void {
    this.instance = instance;
    this.words[InstanceWord.state] = InstanceState.live;
    for (const source of importedFrom(instance)) {
      this.sources.add(source);
      source.dependents.add(this);
    }
    this.embedding.attach(instance);
    if (Symbol.dispose) Object.defineProperty(instance, Symbol.dispose, { value: () => instance.dispose() });
  }

  // Functions get out by way of what is imported: first into tables, and once code runs also into globals and by calls.
  abandon(started: boolean): void {
    const { elements, imported } = this.structure;
    const escaped = started
      ? imported.func + imported.table + imported.global > 0
      : this.instance !== undefined && elements.some(({ mode, table }) => mode === "active" && table < imported.table);
    if (escaped) this.words[InstanceWord.state] = InstanceState.abandoned;
    else this.dispose();
  }

  private growthRefused(memory: number, why: GrowthRefusal, delta: number): void {
    const { runtime } = this.module;
    const pool = runtime.allocator.statistics().mode === "Alloc_With_Pool";
    const reason = why !== "no room" ? why : pool ? "pool" : "host";
    runtime.growthRefused?.({ instance: this.embedding, memory, delta, why: reason });
  }

  // The end

  /** Frees everything. Throws LifetimeError, and frees nothing, where others still need it. */
  dispose(): void {
    if (this.account.closed) return;
    for (const dependent of this.dependents) {
      if (dependent.abandoned) continue;
      const names = `${this.account.describe()} is imported from by ${dependent.account.describe()}`;
      throw new LifetimeError("in-use", `${names}: dispose of that first`);
    }
    this.embedding.checkDisposable();
    for (const dependent of [...this.dependents]) dependent.dispose();
    try {
      this.embedding.close();
    } finally {
      this.end();
      this.account.close();
      for (const source of this.sources) source.dependents.delete(this);
      this.module.left(this);
    }
  }

  // What refers to the instance is left, but reaches nothing of its memory any more.
  private end(): void {
    const { instance } = this;
    for (const table of this.tables) table.end();
    this.globalData.end();
    this.module.runtime.references.trim();
    if (instance === undefined) return;
    instance.code.unlink?.();
    const own = instance.funcs.flatMap((func, i) => (func?.instance === instance ? [i] : []));
    const gone = (): never => this.account.use() as never;
    instance.replaceCode(own, Array<() => never>(own.length).fill(gone));
    // Functions may also be in tables that the instance knows nothing of.
    const { modules, references } = this.module.runtime;
    const held = own.some((index) => references.has(instance.funcs[index]));
    for (const { instances } of modules)
      for (const other of instances)
        for (const table of other.instance?.tables ?? [])
          if (held || !(table.elements instanceof SlotTable)) table.refresh(instance);
    for (const memory of instance.memories)
      if (this.memories.includes(memory.storage as SliceMemory)) memory.bind((memory.storage as SliceMemory).end());
  }
}

/** How many references a module's tables and globals hold at first, at most. */
function referencesOf({ elements, globals, imported }: Module): number {
  let count = globals.slice(imported.global).filter(({ type }) => isRef(type.type)).length;
  for (const { mode, funcs, exprs } of elements) if (mode === "active") count += (funcs ?? exprs!).length;
  return count;
}

/** The instances of runtimes that an instance imports from. */
function importedFrom({ module: { imported }, funcs, memories, tables, cells }: Instance): Set<InstanceOwner> {
  const storages: unknown[] = [
    ...(funcs.slice(0, imported.func) as Func[]).map(({ instance }) => instance?.storage),
    ...memories.slice(0, imported.memory).map(({ storage }) => ownerOf(storage)),
    ...tables.slice(0, imported.table).map(({ elements }) => ownerOf(elements)),
    ...cells.slice(0, imported.global).map((cell) => ownerOf(cell!)),
  ];
  return new Set(storages.filter((storage) => storage instanceof InstanceOwner));
}
