// What a function's text refers to outside itself, collected while it is printed: relocations and Math functions.
import { type Relocation, relocationName } from "../../loader/image.js";
import type { HelperName } from "../../runtime/abi.js";
import type { MemoryPart, ViewMethod } from "../ir/access.js";
import { T } from "../ir/ir.js";
import type { TargetChoices } from "../targets.js";
import { copyFunction, fillFunction } from "./bulk.js";
import { CELL_DIVISION_HELPERS, type CellDivision, cellDivisionFunction } from "./cell-division.js";
import type { Dispatch } from "./dispatch.js";
import { ACCESSOR_NAMES, type MathName } from "./names.js";

/** A part of a memory, by the name of its view. */
export interface PartOf extends MemoryPart {
  readonly view: string;
}

export class References {
  readonly relocations = new Map<string, Relocation>();
  /** Other names that a page binds, with what they stand for: `imul` is `Math.imul`, `W` is `S.W`. */
  readonly bindings = new Map<string, string>();
  /** Functions of the page by name: around a method of a memory's view, or around a call through a table. */
  readonly accessors = new Map<string, string>();
  /** Fields in which the function's pieces leave values, see `out`. */
  readonly outs = new Set<string>();

  /** Parts of memories by name. */
  readonly parts = new Map<string, PartOf>();

  /** The text names data segments by their index. */
  namesSegments = false;

  private readonly cells: readonly boolean[];
  private readonly dispatch: Dispatch | undefined;
  // FAST: nearly every line asks for one of these.
  private stateName: string | undefined;
  private readonly memoryNames: string[] = [];
  private readonly funcNames = new Map<number, string>();
  /** Functions that this text calls by another name. */
  private readonly renamed = new Map<number, string>();
  /** Views that this text holds in variables. */
  private readonly held = new Map<number, string>();

  /**
   * The flag of DataView's methods. SpiderMonkey compiles them only for a boolean: with `1` in its place it calls into its
   * runtime at every access, which takes 5 to 25 times as long. Interpreters need longer for `!0`.
   */
  readonly littleEndian: "!0" | "1";

  /** `cells[i]`: global i lives in a cell of its own (runtime/abi.ts). */
  constructor(cells: readonly boolean[], interpreted: boolean, dispatch?: Dispatch) {
    this.cells = cells;
    this.dispatch = dispatch;
    this.littleEndian = interpreted ? "1" : "!0";
  }

  private use(relocation: Relocation): string {
    const name = relocationName(relocation);
    this.relocations.set(name, relocation);
    return name;
  }

  state(): string {
    return (this.stateName ??= this.use({ kind: "state", index: 0 }));
  }
  instance(): string {
    return this.use({ kind: "instance", index: 0 });
  }
  memory(index: number): string {
    if (this.held.size > 0) {
      const name = this.held.get(index);
      if (name !== undefined) return name;
    }
    return (this.memoryNames[index] ??= this.use({ kind: "memory", index }));
  }
  /** From here on until it is released, the view of memory `index` is in a variable: its assignment, `m_=M`. */
  hold(index: number): string {
    const view = this.memory(index);
    const name = `${view.toLowerCase()}_`;
    this.held.set(index, name);
    return `${name}=${view}`;
  }
  release(index: number): void {
    this.held.delete(index);
  }
  /** `M_w`, memory 0 as an array of int32 (the letters are those of `ELEMENT_ARRAYS`); `M_w8`, likewise from byte 8 on. */
  part(memory: number, { kind, bytes }: MemoryPart): string {
    const view = this.use({ kind: "memory", index: memory });
    const name = partName(view, kind, bytes);
    if (this.parts.has(name)) return name;
    this.parts.set(name, { view, kind, bytes });
    // What others begin in the middle of.
    if (kind !== "end" && bytes > 0) this.part(memory, { kind, bytes: 0 });
    return name;
  }
  /** `L` for `getInt32`: a function of the page, of address, value (of stores) and offset; see `PrintOptions.accessors`. */
  accessor(memory: number, method: ViewMethod, littleEndian: boolean): string {
    const view = this.memory(memory);
    const name = ACCESSOR_NAMES[method] + (memory === 0 ? "" : `_${memory}`);
    if (!this.accessors.has(name)) {
      const flag = littleEndian ? `,${this.littleEndian}` : "";
      // In this order a load is 26 bytes of bytecode, and V8 inlines all that are at most 27. An offset has up to 33 bits:
      // those of the instruction, and 4 for a high half.
      const address = "o+(p>>>0)";
      this.accessors.set(
        name,
        method.startsWith("set")
          ? `function ${name}(p,v,o){return ${view}.${method}(${address},v${flag})}`
          : `function ${name}(p,o){return ${view}.${method}(${address}${flag})}`,
      );
    }
    return name;
  }
  /** `T(p,h,v,o)` stores both halves of an i64, the high one first, by the function that stores an i32. */
  pairAccessor(memory: number): string {
    const store = this.accessor(memory, "setInt32", true);
    const name = memory === 0 ? "T" : `T_${memory}`;
    this.accessors.set(name, `function ${name}(p,h,v,o){${store}(p,h,o+4);${store}(p,v,o)}`);
    return name;
  }
  /** `Mc(d,s,n)` and `Mf(d,v,n)`: memory.copy within a memory, memory.fill (bulk.ts). */
  bulk(memory: number, op: "copy" | "fill", words: TargetChoices["shortCopies"]): string {
    const view = this.use({ kind: "memory", index: memory });
    const name = view + op.charAt(0);
    if (!this.accessors.has(name)) {
      const host = { view, index: memory, instance: this.instance(), littleEndian: this.littleEndian };
      this.accessors.set(name, op === "copy" ? copyFunction(name, host, words) : fillFunction(name, host));
    }
    return name;
  }
  /** `t0_5_(i)`, the function at element i, or one that traps; where there is no dispatcher of that name. */
  finder(table: number, typeIndex: number): string {
    const sig = this.sig(table, typeIndex);
    const name = `${sig}_`;
    const other = `${this.instance()}.bad_call(${table},i,${typeIndex})`;
    this.accessors.set(name, `function ${name}(i){return ${sig}[i]||${other}}`);
    return name;
  }
  /** Where a piece of function `index` leaves value `k` of a type's kind: `L12.i0`. */
  out(index: number, k: number, type: T): string {
    const field = `${type === T.i ? "i" : type === T.r ? "x" : "d"}${k}`;
    this.outs.add(field);
    return `L${index}.${field}`;
  }
  /** Where calls of function `index` are counted (warm-up.ts): `L12.n`. */
  calls(index: number): string {
    this.outs.add("n");
    return `L${index}.n`;
  }
  /** The object of those fields. Numbers begin as what they will be, so that its shape never changes. */
  outsDeclaration(index: number): string {
    const initial: Record<string, string> = { i: "0", n: "0", d: ".5", x: "null" };
    const fields = [...this.outs].sort().map((field) => `${field}:${initial[field[0]!]}`);
    return fields.length === 0 ? "" : `var L${index}={${fields.join()}};`;
  }
  func(index: number): string {
    let name = this.funcNames.get(index);
    if (name === undefined) this.funcNames.set(index, (name = this.use({ kind: "func", index })));
    return this.renamed.get(index) ?? name;
  }
  /** From here on, function `index` is called `name`, which the page declares. */
  rename(index: number, name: string): void {
    this.renamed.set(index, name);
  }
  sig(table: number, typeIndex: number): string {
    return this.use({ kind: "sig", index: table, index2: typeIndex });
  }
  /** `t0_5_(i, …)`, which calls element i; undefined where there is nothing to choose from (dispatch.ts). */
  dispatcher(table: number, typeIndex: number): string | undefined {
    const candidates = this.dispatch?.candidates(table, typeIndex);
    if (candidates === undefined) return undefined;
    const sig = this.sig(table, typeIndex);
    const name = `${sig}_`;
    if (this.accessors.has(name)) return name;
    const params = this.dispatch!.parameters(typeIndex);
    let cases = "";
    for (const [element, index] of candidates) {
      const func = this.use({ kind: "func", index });
      cases += `case ${element}:if(c===${func})return ${func}(${params});break;`;
    }
    const other = `(c||${this.instance()}.bad_call(${table},i,${typeIndex}))(${params})`;
    const head = params === "" ? "i" : `i,${params}`;
    this.accessors.set(name, `function ${name}(${head}){var c=${sig}[i];switch(i){${cases}}return${other}}`);
    return name;
  }
  helper(name: HelperName): string {
    if (!this.relocations.has(name)) this.use({ kind: "helper", index: 0, name });
    return name;
  }
  mathFunction(name: MathName): string {
    this.bindings.set(name, `Math.${name}`);
    return name;
  }
  /** The cells: whole, as halves, as doubles; and the powers of two (runtime/instance/store.ts). */
  cellView(name: "W" | "H" | "D" | "Z"): string {
    this.bindings.set(name, `${this.state()}.${name}`);
    return name;
  }
  /** `Hi(a,b)`: the high half of the product of two unsigned int32, from halves of 16 bits. No sum of them leaves 32 bits. */
  highProduct(): string {
    const imul = this.mathFunction("imul");
    this.accessors.set(
      "Hi",
      "function Hi(a,b){" +
        `var c=a&65535,d=b&65535,e=a>>>16,f=b>>>16,g=${imul}(e,d)+(${imul}(c,d)>>>16)|0,h=${imul}(c,f)+(g&65535)|0;` +
        `return(${imul}(e,f)+(g>>>16)|0)+(h>>>16)|0}`,
    );
    return "Hi";
  }
  /** `Wdiv(i)` and `Wrem(i)`: unsigned division of cells (cell-division.ts). */
  cellDivision(kind: CellDivision): string {
    const name = `W${kind}`;
    if (this.accessors.has(name)) return name;
    this.helper(CELL_DIVISION_HELPERS[kind]);
    for (const view of ["W", "H", "Z"] as const) this.cellView(view);
    for (const wrap of ["U", "A"] as const) this.bigIntFunction(wrap);
    this.accessors.set(name, cellDivisionFunction(name, kind));
    return name;
  }
  /** Wraps a BigInt to 64 bits, unsigned or signed. */
  bigIntFunction(name: "U" | "A"): string {
    this.bindings.set(name, name === "U" ? "BigInt.asUintN" : "BigInt.asIntN");
    return name;
  }

  /** A global's value, or the high half of an i64's: in its cell, or among the instance's own globals. */
  global(index: number, high: boolean): string {
    if (this.cells[index]) return `${this.use({ kind: "global", index })}.${high ? "h" : "v"}`;
    return `${this.use({ kind: "globals", index: 0 })}.${high ? "h" : "g"}${index}`;
  }
}

export function partName(view: string, kind: MemoryPart["kind"], bytes: number): string {
  return kind === "end" ? `${view}_${bytes}` : `${view}_${kind}${bytes === 0 ? "" : bytes}`;
}
