// A stretch of memory drawn as rows of HTML: each piece as wide as it is long, and never too narrow to be seen and hit.
import { escape } from "./html-text.js";
import { hex } from "./numbers.js";

/** A piece of what is drawn; together, in order, they cover it. */
export interface Piece {
  readonly offset: number;
  readonly length: number;
  /** CSS classes; the first says what it is, and is what `mixed` pieces are counted by. */
  readonly classes: string;
  /** What is told when the piece is pointed at, in lines. */
  readonly tip: string;
  /** A name to write on it, where there is room. */
  readonly label?: string;
  /** Ties it to other places where the same thing is shown. */
  readonly id?: number;
}

/** A row has no more elements than this: pieces that are too small are drawn together. */
const MOST = 150;
/** Rows that a drawing has at most, and the least bytes of one. */
export interface RowLimits {
  readonly rows: number;
  readonly least: number;
}

/** How many bytes a row of a drawing stands for. */
export function rowBytes(total: number, { rows, least }: RowLimits): number {
  let bytes = least;
  while (bytes * rows < total) bytes *= 2;
  return bytes;
}

export function drawRows(pieces: readonly Piece[], total: number, limits: RowLimits): string {
  const bytes = rowBytes(total, limits);
  const digits = Math.max(6, total.toString(16).length);
  const rows: string[] = [];
  const labelled = new Set<Piece | number>();
  let first = 0;
  for (let from = 0; from < total; from += bytes) {
    const to = Math.min(from + bytes, total);
    while (pieces[first]!.offset + pieces[first]!.length <= from) first++;
    const parts: Part[] = [];
    for (let i = first; i < pieces.length && pieces[i]!.offset < to; i++) parts.push(cut(pieces[i]!, from, to));
    const cells = together(parts, bytes / MOST).map((part) => cell(part, bytes, labelled));
    // The last row may be shorter than the others.
    if (to - from < bytes) cells.push(`<i style="--w:${from + bytes - to}"></i>`);
    rows.push(
      `<div class="row"><span class="at">${hex(from, digits)}</span><div class="cells">${cells.join("")}</div></div>`,
    );
  }
  return rows.join("\n");
}

/** A piece as far as it lies in a row. */
interface Part {
  readonly pieces: readonly Piece[];
  readonly length: number;
  readonly begins: boolean;
  readonly ends: boolean;
}

function cut(piece: Piece, from: number, to: number): Part {
  const end = piece.offset + piece.length;
  const length = Math.min(to, end) - Math.max(from, piece.offset);
  return { pieces: [piece], length, begins: piece.offset >= from, ends: end <= to };
}

// In a row with too many parts, neighbours are joined until they have `least` bytes.
function together(parts: readonly Part[], least: number): readonly Part[] {
  if (parts.length <= MOST) return parts;
  const joined: Part[] = [];
  for (const part of parts) {
    const last = joined[joined.length - 1];
    if (last === undefined || last.length >= least || part.length >= least) joined.push(part);
    else
      joined[joined.length - 1] = {
        ...last,
        pieces: [...last.pieces, ...part.pieces],
        length: last.length + part.length,
      };
  }
  return joined;
}

function cell({ pieces, length, begins, ends }: Part, row: number, labelled: Set<Piece | number>): string {
  const piece = pieces.length === 1 ? pieces[0]! : mixed(pieces);
  const { classes, tip, label, id } = piece;
  const shape = `${begins ? " begins" : ""}${ends ? " ends" : ""}`;
  const show = label !== undefined && !labelled.has(id ?? piece) && length * 8 >= row;
  if (show) labelled.add(id ?? piece);
  const tie = id === undefined ? "" : ` data-id="${id}"`;
  return `<i class="${classes}${shape}" style="--w:${length}" data-tip="${escape(tip)}"${tie}>${show ? escape(label) : ""}</i>`;
}

function mixed(pieces: readonly Piece[]): Piece {
  const byClass = new Map<string, number>();
  for (const { classes, length } of pieces) byClass.set(classes, (byClass.get(classes) ?? 0) + length);
  const [[classes]] = [...byClass].sort(([, a], [, b]) => b - a) as [[string, number]];
  const shown = pieces.slice(0, 6).map(({ tip }) => tip.split("\n").slice(0, 2).join(", "));
  const more = pieces.length > shown.length ? [`… ${pieces.length - shown.length} more`] : [];
  const tip = [`${pieces.length} small blocks`, ...shown, ...more].join("\n");
  return { offset: pieces[0]!.offset, length: 0, classes: `${classes} mixed`, tip };
}
