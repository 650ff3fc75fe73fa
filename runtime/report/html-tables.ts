// The tables of the page: figures, categories, the tree of owners and items, the engine's estimate, all blocks.
import {
  CATEGORIES,
  bytesByCategory,
  itemName,
  KINDS,
  ownerName,
  placedBlocks,
  treeLines,
  type BlockKind,
  type TreeLine,
} from "./blocks.js";
import { escape } from "./html-text.js";
import { about, count, fragmentation, grouped, hex, percent, size } from "./numbers.js";
import type { MemorySnapshot } from "./snapshot.js";

/** More blocks than this are not listed: the JSON has them all. */
const MOST_BLOCKS = 4000;

export function figures({ allocator, pool }: MemorySnapshot): string {
  const { mode, allocated, overhead, blocks, highWater, total, free, largestFree } = allocator;
  const list: [name: string, value: string, more: string][] = [
    ["Handed out", grouped(allocated), `bytes in ${count(blocks, "block")}`],
    ["High water", grouped(highWater), "bytes, overhead included"],
  ];
  if (pool === undefined) {
    list.push(["Set aside for growth", grouped(overhead), "bytes"], ["Allocator", "system", mode]);
    if (mode === "Alloc_With_Allocator") list[3] = ["Allocator", "host", mode];
  } else {
    list.unshift(["Pool", size(total!), mode]);
    list.push(["Overhead", grouped(overhead), "bytes of headers and rounding"]);
    list.push(["Free", percent(free!, total!), `${grouped(free!)} bytes in ${count(pool.freeBlocks, "piece")}`]);
    list.push(["Largest free block", grouped(largestFree!), `bytes: ${fragmentation(pool.fragmentation)}`]);
  }
  const rows = list.map(([name, value, more]) => `<div><dt>${name}</dt><dd>${value} <small>${more}</small></dd></div>`);
  return `<dl class="figures">${rows.join("")}</dl>`;
}

/** Who has how much, and what the colours mean: a bar, and its legend with buttons. */
export function kindsLegend(snapshot: MemorySnapshot): string {
  const { allocator, root } = snapshot;
  const own = bytesByCategory(root);
  const sums = new Map<BlockKind, number>(CATEGORIES.map((category) => [category, own[category]]));
  if (snapshot.pool === undefined) sums.set("reserved", allocator.overhead);
  else {
    sums.set("overhead", allocator.overhead);
    for (const { kind, length } of placedBlocks(snapshot))
      if (!(kind in own) && kind !== "overhead") sums.set(kind, (sums.get(kind) ?? 0) + length);
  }
  const shown = [...sums].filter(([kind, bytes]) => bytes > 0 || kind in own);
  const total = shown.reduce((sum, [, bytes]) => sum + bytes, 0);
  const bar = shown
    .filter(([, bytes]) => bytes > 0)
    .map(([kind, bytes]) => {
      const [css, name] = KINDS[kind];
      const tip = `${name}\n${count(bytes, "byte")}, ${percent(bytes, total)}`;
      return `<i class="${css}" style="--w:${bytes}" data-tip="${escape(tip)}"></i>`;
    });
  const legend = shown.map(([kind, bytes]) => {
    const [css, name, what] = KINDS[kind];
    return `<li><button type="button" aria-pressed="false" data-kind="${css}"><i class="swatch ${css}"></i><span>${name}</span>
<b>${grouped(bytes)}</b><small>${percent(bytes, total)}, ${what}</small></button></li>`;
  });
  const sum =
    root.bytes === allocator.allocated
      ? `The four categories together have ${grouped(root.bytes)} bytes: exactly what the allocator has handed out.`
      : `<span class="fault">The categories have ${grouped(root.bytes)} bytes, the allocator has handed out ${grouped(allocator.allocated)}.</span>`;
  return `<section class="card"><h2>Bytes by category</h2><p class="dim">${sum}</p>
<div class="bar" aria-hidden="true">${bar.join("")}</div>
<ul class="legend">${legend.join("\n")}</ul></section>`;
}

export function treeTable(snapshot: MemorySnapshot): string {
  const ids = new Map(placedBlocks(snapshot).map(({ held, kind }, id) => [kind === "reserved" ? id : held?.item, id]));
  const whole = Math.max(1, snapshot.root.bytes);
  const rows = treeLines(snapshot.root).map(({ depth, node, items }) => {
    const [css] = KINDS[node.category];
    const [item] = items;
    const bytes = item === undefined ? node.bytes : items.reduce((sum, one) => sum + one.bytes, 0);
    const isSum = item?.byReference !== true;
    const name = item === undefined ? ownerName(node) : items.length > 1 ? item.item : itemName(item);
    const id = items.length === 1 && isSum ? ids.get(item) : undefined;
    const tie = id === undefined ? "" : ` data-id="${id}"`;
    const share = isSum
      ? `<i class="${item === undefined ? "" : css}" style="--part:${(bytes / whole).toFixed(4)}"></i>`
      : "";
    return `<tr${item === undefined ? ' class="owner"' : ""}${tie}><th scope="row" style="--depth:${depth}">${
      item === undefined ? `<i class="swatch ${css}"></i> ` : ""
    }${escape(name)} <span class="note">${notes(items)}</span></th><td class="n">${
      isSum ? grouped(bytes) : `(${grouped(bytes)})`
    }</td><td class="share">${share}</td></tr>`;
  });
  return `<section class="card"><h2>Owners and items</h2>
<p class="dim">An owner's bytes include those of what is below it. What is in brackets belongs to somebody else and is in no sum.</p>
<div class="scroll"><table><thead><tr><th scope="col">Owner, item</th><th scope="col" class="n">Bytes</th><th class="share"></th></tr></thead>
<tbody>
${rows.join("\n")}
</tbody></table></div></section>`;
}

function notes(items: TreeLine["items"]): string {
  if (items.length > 1) return count(items.length, "page");
  const { usage, reserved = 0 } = items[0] ?? {};
  const found = [];
  if (usage !== undefined) found.push(`in use ${grouped(usage.used)}, at most ${grouped(usage.highWater)}`);
  if (reserved > 0) found.push(`${grouped(reserved)} more set aside`);
  return found.join("; ");
}

export function engineTable({ engine }: MemorySnapshot): string {
  if (engine === undefined) return "";
  const rows = engine.parts.map(
    ({ what, bytes }) => `<tr><th scope="row">${escape(what)}</th><td class="n">${about(bytes)}</td></tr>`,
  );
  return `<section class="card estimate"><h2>What the JavaScript engine holds besides: an estimate</h2>
<p class="dim">In no sum above. ${escape(engine.how)}</p><table><tbody>${rows.join("")}</tbody></table></section>`;
}

export function blockTable(snapshot: MemorySnapshot): string {
  const blocks = placedBlocks(snapshot);
  const rows = blocks.slice(0, MOST_BLOCKS).map(({ kind, offset, length, held }) => {
    const what =
      held === undefined
        ? KINDS[kind][1]
        : `${escape(itemName(held.item))} <span class="note">${escape(ownerName(held.node))}</span>`;
    return `<tr><td><code>${hex(offset)}</code></td><td class="n">${grouped(length)}</td><td>${what}</td></tr>`;
  });
  const more =
    blocks.length > rows.length ? `<p class="dim">… and ${grouped(blocks.length - rows.length)} more.</p>` : "";
  return `<section class="card"><details><summary>All ${count(blocks.length, "block")} as a table</summary>
<div class="scroll"><table><thead><tr><th scope="col">Offset</th><th scope="col" class="n">Bytes</th><th scope="col">What</th></tr></thead>
<tbody>${rows.join("\n")}</tbody></table></div>${more}</details></section>`;
}
