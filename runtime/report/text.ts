// The memory report as text: for terminals of any width from 40 columns on, and for hosts that have nothing but `print`.
import { bytesByCategory, CATEGORIES, itemName, ownerName, treeLines, type TreeLine } from "./blocks.js";
import { about, count, fragmentation, grouped, hex, percent, size } from "./numbers.js";
import { GRANULE, type CodeMap, type MemorySnapshot } from "./snapshot.js";
import { mapLines } from "./text-map.js";

export interface TextOptions {
  /** Columns. Default: 72. */
  readonly width?: number | undefined;
  /** Colours a piece of text, for terminals that can. Default: leaves it. */
  readonly paint?: ((style: TextStyle, text: string) => string) | undefined;
}

export type TextStyle = "title" | "note" | "runtime" | "module" | "instance" | "execution environment" | "fault";

type Paint = NonNullable<TextOptions["paint"]>;

/** The report in lines, with a line break behind each. */
export function reportText(
  snapshot: MemorySnapshot,
  { width = 72, paint = (_, text) => text }: TextOptions = {},
): string {
  const columns = Math.max(40, width);
  const parts = [
    [paint("title", snapshot.title), ...allocatorLines(snapshot, paint)],
    treeTable(snapshot, columns, paint),
    categoryTable(snapshot, columns, paint),
    codeLines(snapshot.code, paint),
    memoryLines(snapshot, paint),
    mapLines(snapshot, columns, paint),
    engineLines(snapshot, columns, paint),
    snapshot.remarks.flatMap((remark) => wrapped(remark, columns)),
  ];
  return parts
    .filter((lines) => lines.length > 0)
    .map((lines) => lines.map((line) => `${line.trimEnd()}\n`).join(""))
    .join("\n");
}

function allocatorLines({ allocator, pool }: MemorySnapshot, paint: Paint): string[] {
  const { mode, allocated, overhead, blocks, highWater, total, free, largestFree } = allocator;
  const rows: [string, string][] = [["allocator", mode]];
  if (total !== undefined) rows.push([pool === undefined ? "limit" : "pool", grouped(total)]);
  rows.push(["handed out", `${grouped(allocated)} in ${count(blocks, "block")}`]);
  rows.push([pool === undefined ? "set aside for growth" : "headers, rounding", grouped(overhead)]);
  if (free !== undefined && total !== undefined) rows.push(["free", `${grouped(free)}, ${percent(free, total)}`]);
  if (pool !== undefined) {
    const pieces = `in ${count(pool.freeBlocks, "piece")}`;
    rows.push(["largest free", `${grouped(largestFree!)} ${pieces}: ${fragmentation(pool.fragmentation)}`]);
  }
  rows.push(["high water", grouped(highWater)]);
  const lines = rows.map(([name, value]) => `  ${name.padEnd(21)}${value}`);
  const fault = pool?.corruption;
  if (fault !== undefined)
    lines.push(paint("fault", `  DAMAGED at ${hex(fault.offset)}: ${fault.kind}, ${fault.found}`));
  return lines;
}

interface Line {
  readonly name: string;
  readonly bytes: string;
  readonly notes: readonly string[];
  readonly style?: TextStyle;
}

function treeTable({ root }: MemorySnapshot, columns: number, paint: Paint): string[] {
  const lines = treeLines(root).map(lineOf);
  const bytes = Math.max(...lines.map((line) => line.bytes.length));
  // Names come first: of the notes of a line, those are left out for which there is no room.
  const name = Math.min(Math.max(...lines.map((line) => line.name.length)), columns - bytes - 4);
  const room = columns - name - bytes - 5;
  const shown = lines.map((line) => {
    const notes = line.notes.filter((_, i, all) => all.slice(0, i + 1).join(", ").length <= room).join(", ");
    const text = line.name.length <= name ? line.name.padEnd(name) : `${line.name.slice(0, name - 1)}…`;
    // A closing bracket stands behind the column.
    const number = line.bytes.endsWith(")") ? line.bytes.padStart(bytes + 1) : `${line.bytes.padStart(bytes)} `;
    return `${line.style === undefined ? text : paint(line.style, text)}  ${number}  ${notes === "" ? "" : paint("note", notes)}`.trimEnd();
  });
  return [paint("note", `${"".padEnd(name)}  ${"bytes".padStart(bytes)}`), ...shown];
}

function lineOf({ depth, node, items }: TreeLine): Line {
  const [item] = items;
  if (item === undefined)
    return { name: indent(depth) + ownerName(node), bytes: grouped(node.bytes), notes: [], style: node.category };
  if (items.length > 1) {
    const bytes = items.reduce((sum, one) => sum + one.bytes, 0);
    return { name: indent(depth) + item.item, bytes: grouped(bytes), notes: [count(items.length, "page")] };
  }
  const { bytes, byReference, reserved, usage } = item;
  const notes = [];
  if (byReference) notes.push("in no sum");
  if (usage !== undefined) notes.push(`peak ${grouped(usage.highWater)}`);
  if (reserved > 0) notes.push(`+${grouped(reserved)}`);
  const number = byReference ? `(${grouped(bytes)})` : grouped(bytes);
  return { name: indent(depth) + itemName(item), bytes: number, notes };
}

function indent(depth: number): string {
  return "  ".repeat(depth);
}

function categoryTable({ root, allocator }: MemorySnapshot, columns: number, paint: Paint): string[] {
  const sums = bytesByCategory(root);
  const bar = columns - 46;
  const rows = CATEGORIES.map((category) => {
    const share = allocator.allocated === 0 ? 0 : sums[category] / allocator.allocated;
    const filled = sums[category] === 0 ? 0 : Math.max(1, Math.round(share * bar));
    const drawn = bar < 6 ? "" : `  ${paint(category, "█".repeat(filled))}`;
    return `  ${category.padEnd(22)}${grouped(sums[category]).padStart(12)}  ${percent(share, 1).padStart(6)}${drawn}`;
  });
  const total = `  ${"all that is handed out".padEnd(22)}${grouped(root.bytes).padStart(12)}`;
  const wrong =
    root.bytes === allocator.allocated
      ? []
      : [paint("fault", `  but the allocator says ${grouped(allocator.allocated)}: a mistake, please report it`)];
  return [paint("title", "By category"), ...rows, total, ...wrong];
}

function codeLines(code: readonly CodeMap[], paint: Paint): string[] {
  if (code.length === 0) return [];
  const lines = code.map(({ module, pages }) => {
    const resident = pages.filter((page) => page.resident).length;
    return `  ${module}: ${grouped(resident)} of ${count(pages.length, "page")} compiled by the engine`;
  });
  return [paint("title", "Code"), ...lines];
}

function memoryLines({ memories }: MemorySnapshot, paint: Paint): string[] {
  const lines = memories.flatMap(({ instance, memory, bytes, most, heap, written }) => {
    const inUse = written.reduce((sum, [, length]) => sum + length, 0);
    const granules = `${grouped(Math.ceil(inUse / GRANULE))} of ${grouped(Math.ceil(bytes / GRANULE))}`;
    return [
      `  ${instance}, memory ${memory}: ${size(bytes)}${most > bytes ? `, may grow to ${size(most)}` : ", cannot grow"}`,
      `    in use: ${granules} pieces of 4 KiB, the others are all zeros`,
      ...(heap === undefined ? [] : [`    the host's heap: ${size(heap.bytes)} at ${hex(heap.at)}`]),
    ];
  });
  return lines.length === 0 ? [] : [paint("title", "Linear memories"), ...lines];
}

function engineLines({ engine }: MemorySnapshot, columns: number, paint: Paint): string[] {
  if (engine === undefined) return [];
  return [
    paint("title", "What the JavaScript engine holds besides: an estimate"),
    ...engine.parts.map(({ what, bytes }) => `  ${what.padEnd(30)}${about(bytes)}`),
    ...wrapped(engine.how, columns - 2).map((line) => paint("note", `  ${line}`)),
  ];
}

function wrapped(text: string, columns: number): string[] {
  const lines = [""];
  for (const word of text.split(" ")) {
    const last = lines[lines.length - 1]!;
    if (last !== "" && last.length + 1 + word.length > columns) lines.push(word);
    else lines[lines.length - 1] = last === "" ? word : `${last} ${word}`;
  }
  return lines;
}
