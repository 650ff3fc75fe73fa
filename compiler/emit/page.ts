// Functions → a page: one factory expression that the linker calls with the page's relocations (loader/image.ts).
import type { Page, Relocation } from "../../loader/image.js";
import { ELEMENT_ARRAYS } from "../ir/access.js";
import { type PartOf, partName } from "./references.js";

/** ASCII, as a string or as its bytes: what comes from another thread stays bytes, of which no copy is made. */
export type Text = string | Uint8Array;

/** One function's text with what it refers to; `relocations` are keyed by the name in the text. */
export interface CompiledFunction<T extends Text = string> {
  readonly index: number;
  readonly text: T;
  /** Wasm offset of each line of `text`; empty where lines are not kept. */
  readonly offsets: ArrayLike<number>;
  readonly relocations: readonly (readonly [string, Relocation])[];
  /** Further names in the text, with what they stand for. */
  readonly bindings: readonly (readonly [string, string])[];
  /** Parts of memories, by name. */
  readonly parts: readonly (readonly [string, PartOf])[];
  /** Declarations of accessors, by name. */
  readonly accessors: readonly (readonly [string, string])[];
  /** Holds tail calls, so its callers may be handed a continuation. */
  readonly tailCalls: boolean;
  /** Names data segments by their index: memory.init, data.drop. */
  readonly namesSegments: boolean;
}

export interface PageOptions {
  /** Keep the Wasm offsets of lines. */
  readonly lines: boolean;
  /** In which order the functions stand in the text, by their place in `functions`; as they come, if absent. */
  readonly order?: readonly number[];
  /** Functions that can be asked for by index, if the page holds all that can; the others it keeps to itself. */
  readonly reachable?: ReadonlySet<number>;
}

/** A page whose text is in parts yet. */
export interface PageInParts<T extends Text = Text> extends Omit<Page, "text"> {
  readonly parts: readonly (T | string)[];
}

/** Joins functions into a page. References between them become direct; the rest become the page's relocations. */
export function writePage<T extends Text>(
  functions: readonly CompiledFunction<T>[],
  options: PageOptions,
): PageInParts<T> {
  const { lines, order, reachable } = options;
  const own = new Set(functions.map((f) => `f${f.index}`));
  const relocations = new Map<string, Relocation>();
  const others = new Map<string, string>();
  const accessors = new Map<string, string>();
  const memoryParts = new Map<string, PartOf>();
  for (const f of functions) {
    for (const [name, relocation] of f.relocations) if (!own.has(name)) relocations.set(name, relocation);
    for (const [name, value] of f.bindings) others.set(name, value);
    for (const [name, declaration] of f.accessors) accessors.set(name, declaration);
    for (const [name, part] of f.parts) memoryParts.set(name, part);
  }
  // Sorted, so that the text does not depend on which function mentions what first.
  const sorted = [...relocations].sort((a, b) => compare(a[1], b[1]));
  const bindings = sorted.map(([name], i) => `${name}=R[${i}]`);
  for (const name of [...others.keys()].sort()) bindings.push(`${name}=${others.get(name)}`);
  // By name: an array stands before those that begin in the middle of it.
  const views = [...memoryParts].sort(([a], [b]) => (a < b ? -1 : 1));
  for (const [name, part] of views) bindings.push(`${name}=${partOf(part)}`);
  const rebound = sorted.flatMap(([name, { kind }], i) => {
    if (kind === "func") return [`case ${i}:${name}=v;break;`];
    if (kind !== "memory") return [];
    const own = views.filter(([, { view }]) => view === name);
    return [`case ${i}:${name}=v;${own.map(([array, part]) => `${array}=${partOf(part)};`).join("")}break;`];
  });
  let text = 'function(R){"use strict";' + (bindings.length === 0 ? "" : `var ${bindings.join()};`);
  text +=
    [...accessors.keys()]
      .sort()
      .map((name) => accessors.get(name))
      .join("") + "\n";
  const parts: (T | string)[] = [text];
  const lineNumbers: number[] = [];
  const offsets: number[] = [];
  let line = 2;
  for (const f of order === undefined ? functions : order.map((i) => functions[i]!)) {
    parts.push(f.text, "\n");
    if (!lines) continue;
    for (let i = 0; i < f.offsets.length; i++) {
      if (f.offsets[i] === 0) continue;
      lineNumbers.push(line + i);
      offsets.push(f.offsets[i]!);
    }
    line += f.offsets.length;
  }
  const list = functions.map(({ index }) => (reachable?.has(index) === false ? "" : `f${index}`)).join();
  const rebind = rebound.length === 0 ? "" : `switch(i){${rebound.join("")}}`;
  parts.push(`return{f:[${list}],b:function(i,v){${rebind}}}}`);
  return {
    parts,
    relocations: sorted.map(([, relocation]) => relocation),
    functions: functions.map((f) => f.index),
    ...(lines ? { lines: { lines: lineNumbers, offsets } } : {}),
  };
}

/** The page as a value of its own. */
export function joinParts({ parts, ...page }: PageInParts<string>): Page {
  return { text: parts.join(""), ...page };
}

/** Puts functions, in the order in which they come, on pages; a page is handed on as soon as it is full. */
export class PageFiller<T extends Text> {
  private functions: CompiledFunction<T>[] = [];
  private size = 0;
  private readonly full: number;
  private readonly options: PageOptions;
  private readonly onPage: (page: PageInParts<T>) => void;

  /** `full`: characters of text. */
  constructor(full: number, options: PageOptions, onPage: (page: PageInParts<T>) => void) {
    this.full = full;
    this.options = options;
    this.onPage = onPage;
  }

  add(f: CompiledFunction<T>): void {
    this.functions.push(f);
    this.size += f.text.length;
    if (this.size >= this.full) this.flush();
  }

  /** What is next begins a page. */
  flush(): void {
    if (this.functions.length > 0) this.onPage(writePage(this.functions, this.options));
    this.functions = [];
    this.size = 0;
  }
}

function partOf({ view, kind, bytes }: PartOf): string {
  if (kind === "end") return `${view}.byteLength-${bytes}`;
  const shift = SHIFTS[kind];
  if (bytes > 0) return `${partName(view, kind, 0)}.subarray(${bytes / 2 ** shift})`;
  const length = `${view}.byteLength${shift === 0 ? "" : `>>${shift}`}`;
  return `new ${ELEMENT_ARRAYS[kind]}(${view}.buffer,${view}.byteOffset,${length})`;
}

/** Of how many bytes their elements are, as powers of two. */
const SHIFTS = { b: 0, B: 0, h: 1, H: 1, w: 2, f: 2, d: 3 };

const KIND_ORDER = ["state", "instance", "globals", "memory", "global", "table", "sig", "func", "helper"];

function compare(a: Relocation, b: Relocation): number {
  const kind = KIND_ORDER.indexOf(a.kind) - KIND_ORDER.indexOf(b.kind);
  if (kind !== 0) return kind;
  if (a.index !== b.index) return a.index - b.index;
  if (a.kind === "sig") return a.index2! - b.index2!;
  return a.kind === "helper" ? (a.name! < b.name! ? -1 : 1) : 0;
}
