// The smaller drawings of the page: the linear memories, the pages of code.
import type { CodePage } from "../environment/module-owner.js";
import { drawRows, type Piece } from "./html-rows.js";
import { escape } from "./html-text.js";
import { count, grouped, hex, size } from "./numbers.js";
import { GRANULE, type LinearMemoryMap, type MemorySnapshot } from "./snapshot.js";

const MEMORY = { rows: 16, least: 65536 };
/** More pages than this are drawn several to a square. */
const MOST_SQUARES = 1024;

export function drawMemories({ memories }: MemorySnapshot): string {
  if (memories.length === 0) return "";
  const drawn = memories.map((memory) => {
    const { instance, memory: index, bytes, most, heap } = memory;
    const pages = `${count(Math.floor(bytes / 65536), "page")}, ${most > bytes ? `may grow to ${size(most)}` : "cannot grow"}`;
    const name = `${instance}, memory ${index}`;
    const inUse = memory.written.reduce((sum, [, length]) => sum + length, 0);
    const used = `${grouped(Math.ceil(inUse / GRANULE))} of ${count(Math.ceil(bytes / GRANULE), "piece")}`;
    const key = [
      `<span><i class="swatch instance"></i> ${used} of 4 KiB in use</span>`,
      `<span><i class="swatch instance idle"></i> all zeros</span>`,
      heap === undefined
        ? ""
        : `<span><i class="swatch runtime"></i> the host's heap, ${size(heap.bytes)} at ${hex(heap.at)}</span>`,
    ];
    const rows =
      bytes === 0
        ? ""
        : `<div class="map" tabindex="0" role="img" aria-label="${escape(`${name}: ${used} of 4 KiB in use`)}">
${drawRows(memoryPieces(memory), bytes, MEMORY)}
</div>`;
    return `<h3>${escape(name)}: ${size(bytes)}</h3><p class="dim note">${pages}</p>${rows}<p class="key">${key.join("")}</p>`;
  });
  return `<section class="card"><h2>Linear memories</h2>
<p class="dim">What the guests see from address 0 on.</p>
${drawn.join("\n")}</section>`;
}

function memoryPieces(memory: LinearMemoryMap): Piece[] {
  return rangesOf(memory).map(({ at, bytes, inUse, inHeap }) => {
    const lines = [inUse ? "In use" : "All zeros", `${size(bytes)} from address ${hex(at)}`];
    if (inHeap) lines.push("in the host's heap");
    return {
      offset: at,
      length: bytes,
      classes: `instance${inUse ? "" : " idle"}${inHeap ? " heap" : ""}`,
      tip: lines.join("\n"),
    };
  });
}

interface Range {
  readonly at: number;
  readonly bytes: number;
  readonly inUse: boolean;
  readonly inHeap: boolean;
}

/** What is in use and what is all zeros in turn, cut at the borders of the heap. @internal */
export function rangesOf({ bytes, written, heap }: LinearMemoryMap): Range[] {
  const borders = new Set([0, bytes, ...written.flatMap(([at, length]) => [at, at + length])]);
  if (heap !== undefined) borders.add(heap.at).add(Math.min(bytes, heap.at + heap.bytes));
  const sorted = [...borders].sort((a, b) => a - b);
  return sorted.slice(0, -1).map((at, i) => ({
    at,
    bytes: sorted[i + 1]! - at,
    inUse: written.some(([from, length]) => at >= from && at < from + length),
    inHeap: heap !== undefined && at >= heap.at && at < heap.at + heap.bytes,
  }));
}

export function drawPages({ code }: MemorySnapshot): string {
  const modules = code.filter(({ pages }) => pages.length > 0);
  if (modules.length === 0) return "";
  const drawn = modules.map(({ module, pages }) => {
    const resident = pages.filter((page) => page.resident).length;
    const each = Math.ceil(pages.length / MOST_SQUARES);
    const squares: string[] = [];
    for (let i = 0; i < pages.length; i += each) squares.push(square(pages.slice(i, i + each), i));
    const summary = `${grouped(resident)} of ${count(pages.length, "page")} resident`;
    return `<h3>${escape(module)}: ${summary}</h3><div class="pages" role="img" aria-label="${summary}">${squares.join("")}</div>`;
  });
  return `<section class="card"><h2>Pages of code</h2>
<p class="dim">A page is compiled by the engine, and resident from then on, when one of its functions is first called.</p>
${drawn.join("\n")}
<p class="key"><span><i class="swatch resident"></i> resident</span><span><i class="swatch mapped"></i> mapped only</span>
<span><i class="swatch released"></i> resident, text given back</span></p></section>`;
}

function square(pages: readonly CodePage[], first: number): string {
  const resident = pages.filter((page) => page.resident).length;
  const css = resident * 2 < pages.length || resident === 0 ? "mapped" : pages[0]!.mapped ? "resident" : "released";
  const functions = pages.reduce((sum, page) => sum + page.functions, 0);
  const bytes = pages.reduce((sum, page) => sum + page.bytes, 0);
  const name = pages.length === 1 ? `Page ${first}` : `Pages ${first} to ${first + pages.length - 1}`;
  const state = { mapped: "mapped only", resident: "resident", released: "resident, text given back" }[css];
  const tip = `${name}\n${count(functions, "function")}, ${count(bytes, "byte")} of text\n${
    pages.length === 1 ? state : `${resident} resident`
  }`;
  return `<i class="${css}" data-tip="${escape(tip)}"></i>`;
}
