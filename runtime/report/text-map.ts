// The map of a region as characters: a letter for each piece of it says what most of the piece is. Capital: at least half of it is
// in use.
import { placedBlocks, type BlockKind, type PlacedBlock } from "./blocks.js";
import { count, hex, size } from "./numbers.js";
import type { MemorySnapshot } from "./snapshot.js";
import { type TextOptions, type TextStyle } from "./text.js";

const LETTERS: Readonly<Record<BlockKind, string>> = {
  runtime: "R",
  module: "M",
  instance: "I",
  "execution environment": "E",
  overhead: "O",
  reserved: "S",
  unknown: "?",
  damaged: "!",
  free: ".",
  untouched: " ",
};
const MEANINGS: Partial<Record<BlockKind, string>> = {
  overhead: "overhead",
  reserved: "set aside for growth",
  unknown: "in nobody's books",
  damaged: "damaged",
  free: "free",
  untouched: "never used",
};
const ROWS = 8;

/** @internal */
export function mapLines(
  snapshot: MemorySnapshot,
  columns: number,
  paint: NonNullable<TextOptions["paint"]>,
): string[] {
  const blocks = placedBlocks(snapshot);
  if (blocks.length === 0) return [];
  const last = blocks[blocks.length - 1]!;
  const total = last.offset + last.length;
  const width = columns < 76 ? 32 : 64;
  let piece = 16;
  while (piece * width * ROWS < total) piece *= 2;
  const cells = cellsOf(blocks, piece, total);
  const rows: Cell[][] = [];
  for (let at = 0; at < cells.length; at += width) rows.push(cells.slice(at, at + width));
  const lines: string[] = [];
  const digits = Math.max(6, total.toString(16).length);
  for (let i = 0; i < rows.length; i++) {
    let alike = 0;
    while (isAllOf(rows[i + 1 + alike], rows[i]!)) alike++;
    lines.push(`  ${hex(i * width * piece, digits)} |${painted(rows[i]!, paint)}|`);
    if (alike > 1) lines.push(paint("note", `${"".padEnd(digits + 5)}${count(alike, "more row")} of the same`));
    if (alike > 1) i += alike;
  }
  const seen = new Set(cells.map(({ kind }) => kind));
  const legend = (Object.keys(LETTERS) as BlockKind[])
    .filter((kind) => seen.has(kind))
    .map((kind) => `${LETTERS[kind] === " " ? "blank" : LETTERS[kind]} ${MEANINGS[kind] ?? kind}`);
  const what = snapshot.pool === undefined ? "All blocks, one behind the other" : "The pool";
  return [
    paint("title", `${what}: ${size(piece)} a character`),
    ...lines,
    ...legendLines(legend, columns).map((line) => paint("note", line)),
  ];
}

interface Cell {
  readonly kind: BlockKind;
  readonly letter: string;
}

function cellsOf(blocks: readonly PlacedBlock[], piece: number, total: number): Cell[] {
  const cells: Cell[] = [];
  let first = 0;
  for (let from = 0; from < total; from += piece) {
    const to = Math.min(from + piece, total);
    const sums = new Map<BlockKind, number>();
    while (blocks[first]!.offset + blocks[first]!.length <= from) first++;
    for (let i = first; i < blocks.length && blocks[i]!.offset < to; i++) {
      const { kind, offset, length } = blocks[i]!;
      const part = Math.min(to, offset + length) - Math.max(from, offset);
      sums.set(kind, (sums.get(kind) ?? 0) + part);
    }
    cells.push(cellOf(sums, to - from));
  }
  return cells;
}

/** Whether both rows are of one kind, and the same. */
function isAllOf(row: readonly Cell[] | undefined, other: readonly Cell[]): boolean {
  return row?.length === other.length && [...row, ...other].every(({ letter }) => letter === other[0]!.letter);
}

// What is in use is shown even where there is little of it; so a blank piece has none.
function cellOf(sums: ReadonlyMap<BlockKind, number>, length: number): Cell {
  const isFree = (kind: BlockKind): boolean => kind === "free" || kind === "untouched";
  const parts = [...sums].sort(([a, x], [b, y]) => Number(isFree(a)) - Number(isFree(b)) || y - x);
  const kind = sums.has("damaged") ? "damaged" : parts[0]![0];
  const used = parts.reduce((sum, [part, bytes]) => sum + (isFree(part) ? 0 : bytes), 0);
  const letter = LETTERS[kind];
  return { kind, letter: used * 2 < length ? letter.toLowerCase() : letter };
}

function painted(cells: readonly Cell[], paint: NonNullable<TextOptions["paint"]>): string {
  let text = "";
  for (let i = 0; i < cells.length;) {
    const { kind } = cells[i]!;
    let run = "";
    for (; i < cells.length && cells[i]!.kind === kind; i++) run += cells[i]!.letter;
    const style = styleOf(kind);
    text += style === undefined ? run : paint(style, run);
  }
  return text;
}

function styleOf(kind: BlockKind): TextStyle | undefined {
  if (kind === "damaged" || kind === "unknown") return "fault";
  return kind in MEANINGS ? "note" : (kind as TextStyle);
}

function legendLines(entries: readonly string[], columns: number): string[] {
  const lines: string[] = [];
  let line = "";
  for (const entry of entries) {
    if (line !== "" && line.length + 3 + entry.length > columns) {
      lines.push(line);
      line = "";
    }
    line += line === "" ? `  ${entry}` : `   ${entry}`;
  }
  return [...lines, line];
}
