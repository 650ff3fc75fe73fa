// The map of the page: the pool from its first byte to its last, or all blocks one behind the other.
import { itemName, KINDS, ownerName, placedBlocks, type PlacedBlock } from "./blocks.js";
import { rangesOf } from "./html-drawings.js";
import { drawRows, rowBytes, type Piece } from "./html-rows.js";
import { escape } from "./html-text.js";
import { count, grouped, hex, size } from "./numbers.js";
import type { MemorySnapshot } from "./snapshot.js";

const LARGEST = "largest free block";
const MAP = { rows: 32, least: 1024 };

export function drawMap(snapshot: MemorySnapshot): string {
  const blocks = placedBlocks(snapshot);
  const last = blocks[blocks.length - 1];
  if (last === undefined) return "";
  const total = last.offset + last.length;
  const pieces = blocks.flatMap((block, id) => blockPieces(block, id, snapshot));
  const [heading, what] =
    snapshot.pool === undefined
      ? ["All blocks", "Each is a buffer of its own; they are drawn one behind the other."]
      : ["The pool", "From its first byte to its last."];
  const pale = [
    ...(snapshot.memories.length > 0 ? ['<i class="swatch instance idle"></i> linear memory that is all zeros'] : []),
    ...(snapshot.code.length > 0 ? ['<i class="swatch module idle"></i> code that is not resident'] : []),
  ];
  const key = pale.length === 0 ? "" : `<p class="key">${pale.map((entry) => `<span>${entry}</span>`).join("")}</p>`;
  const summary = `${heading}: ${count(blocks.length, "block")}, ${size(total)}; a table of them is at the end of the page`;
  return `<section class="card"><h2>${heading}</h2>
<p class="dim">${what} A row is ${size(rowBytes(total, MAP))}. Point at a block, tap it, or walk with the arrow keys.</p>
<div class="map" tabindex="0" role="img" aria-label="${escape(summary)}">
${drawRows(pieces, total, MAP)}
</div>${key}</section>`;
}

// A block in one piece; of a linear memory, what is in use and what is all zeros in turn.
function blockPieces(block: PlacedBlock, id: number, { code, memories }: MemorySnapshot): Piece[] {
  const { kind, offset, length, held } = block;
  const label =
    kind === "reserved" ? undefined : held !== undefined ? itemName(held.item) : block.largest ? LARGEST : undefined;
  const whole = {
    offset,
    length,
    classes: KINDS[kind][0],
    tip: blockTip(block),
    id: block.largest ? -1 : id,
    ...(label !== undefined && { label }),
  };
  const idle = (why: string): Piece => ({ ...whole, classes: `${whole.classes} idle`, tip: `${whole.tip}\n${why}` });
  if (held?.item.item === "AoT code") {
    const { pages = [] } = code.find(({ module }) => module === held.node.name) ?? {};
    const page = pages.find((_, i) => held.item.label === `page ${i}`);
    return [page?.resident === false ? idle("not resident: none of it has been called") : whole];
  }
  if (held?.item.item !== "linear memory" || kind === "reserved") return [whole];
  const memory = memories.find((one) => one.instance === held.node.name && `memory ${one.memory}` === held.item.label);
  if (memory === undefined || memory.bytes === 0) return [whole];
  const ranges = rangesOf(memory);
  // In a pool, a header comes before the memory, and rounding may follow it.
  const header = Math.min(8, length - memory.bytes);
  return ranges.map(({ at, bytes, inUse }, i) => {
    const from = i === 0 ? 0 : header + at;
    const to = i === ranges.length - 1 ? length : header + at + bytes;
    return { ...(inUse ? whole : idle("here: all zeros")), offset: offset + from, length: to - from };
  });
}

function blockTip({ kind, offset, length, held, largest }: PlacedBlock): string {
  const at = `at ${hex(offset)}`;
  const [, name, what] = KINDS[kind];
  if (held === undefined)
    return [name, `${count(length, "byte")} ${at}`, what, ...(largest ? [`of the ${LARGEST}`] : [])].join("\n");
  const { item, node } = held;
  if (kind === "reserved") return `${name}\n${itemName(item)}, ${ownerName(node)}\n${count(length, "byte")}`;
  const more = length - item.bytes;
  const lines = [itemName(item), ownerName(node), `${count(item.bytes, "byte")} ${at}`];
  if (more > 0) lines.push(`and ${grouped(more)} for header and rounding`);
  if (item.usage !== undefined)
    lines.push(`in use ${grouped(item.usage.used)}, at most ${grouped(item.usage.highWater)}`);
  return [...lines, what].join("\n");
}
