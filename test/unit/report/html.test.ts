// The page of the memory report: it loads nothing, it shows what the tables say, and names cannot become markup.
// What a browser makes of it is tested in test/engines/memory-page.test.ts.
import assert from "node:assert/strict";
import { describe, it } from "node:test";
import { placedBlocks, treeLines } from "../../../runtime/report/blocks.js";
import { drawRows, type Piece } from "../../../runtime/report/html-rows.js";
import { reportHtml, type MemorySnapshot } from "../../../runtime/report/index.js";
import { POOLED, SYSTEM } from "./snapshots.js";

const matches = (text: string, pattern: RegExp): string[] => [...text.matchAll(pattern)].map((found) => found[1]!);
/** Widths of the cells of each row. */
const widths = (rows: string): number[][] =>
  rows
    .split('<div class="row">')
    .slice(1)
    .map((row) => matches(row, /--w:(\d+)/g).map(Number));

describe("the page", () => {
  it("is the same for the same snapshot, and loads nothing", () => {
    for (const snapshot of [POOLED, SYSTEM]) {
      const page = reportHtml(snapshot);
      assert.equal(reportHtml(snapshot), page);
      assert.doesNotMatch(page, /https?:|\bsrc=|<link|@import|url\(|\bfetch\(|import\(/);
      assert.match(page, /content="default-src 'none'; /);
    }
  });

  it("draws the whole pool, and marks its largest free block", () => {
    const map = /<h2>The pool<\/h2>.*?<\/section>/s.exec(reportHtml(POOLED))![0];
    const rows = widths(map);
    assert.equal(rows.length, 32);
    assert.ok(rows.every((row) => row.reduce((a, b) => a + b) === 4096));
    assert.match(map, /class="untouched[^"]*"[^>]*of the largest free block/);
    assert.match(map, />linear memory, memory 0</);
    // Of memory 0, 12 KiB of 64 are in use; of the code, one page of two.
    assert.match(map, /class="instance idle/);
    assert.equal(matches(map, /class="(module[^"]*begins[^"]*)"/g).filter((css) => css.includes("idle")).length, 1);
  });

  it("has every owner and item in a table, and every block in another", () => {
    for (const snapshot of [POOLED, SYSTEM]) {
      const page = reportHtml(snapshot);
      const [tree, blocks] = [/Owners and items.*?<\/table>/s, /as a table.*?<\/table>/s].map((p) => p.exec(page)![0]);
      assert.equal(matches(tree!, /(<th scope="row")/g).length, treeLines(snapshot.root).length);
      assert.equal(matches(blocks!, /(<code>)/g).length, placedBlocks(snapshot).length);
      for (const number of ["89,444", "65,536", "16,384", "(12,000)"]) assert.ok(tree!.includes(number), number);
    }
  });

  it("ties a line of the table to its block on the map", () => {
    for (const snapshot of [POOLED, SYSTEM]) {
      const page = reportHtml(snapshot);
      const [, id] = /<tr data-id="(\d+)"><th[^>]*>module structure/.exec(page)!;
      assert.match(page, new RegExp(`<i class="module[^>]*data-tip="module structure&#10;[^>]*data-id="${id}"`));
    }
  });

  it("says what does not add up, and what is damaged", () => {
    assert.doesNotMatch(reportHtml(POOLED), /class="fault"/);
    assert.match(reportHtml(POOLED), /exactly what the allocator has handed out/);
    const allocator = { ...POOLED.allocator, allocated: 1 };
    assert.match(reportHtml({ ...POOLED, allocator }), /<span class="fault">.*has handed out 1\./);
    const corruption = { kind: "broken-link", offset: 8, found: "<b>" } as const;
    const damaged: MemorySnapshot = { ...POOLED, pool: { ...POOLED.pool!, corruption } };
    assert.match(reportHtml(damaged), /role="alert">The pool is damaged: broken-link at 8: &lt;b&gt;/);
  });

  it("keeps names from being markup, wherever they stand", () => {
    const evil = `</script><img src=x onerror="alert('1')">&\n`;
    const renamed = JSON.parse(JSON.stringify(POOLED), (key, value: unknown) =>
      ["title", "name", "module", "instance", "how", "what"].includes(key) ? evil : value,
    ) as MemorySnapshot;
    const page = reportHtml({ ...renamed, remarks: [evil] });
    assert.doesNotMatch(page, /<img|onerror="/);
    assert.equal(matches(page, /(<\/script>)/g).length, 1);
    assert.ok(matches(page, /(&lt;\/script&gt;&lt;img)/g).length > 10, "the names are there");
  });
});

describe("rows", () => {
  const piece = (offset: number, length: number, classes = "module"): Piece => ({
    offset,
    length,
    classes,
    tip: `${classes} ${offset}\nowner`,
  });

  it("cut a piece where a row ends, and fill up the last one", () => {
    const rows = drawRows([piece(0, 10), piece(10, 20), piece(30, 7)], 37, { rows: 4, least: 16 });
    assert.deepEqual(widths(rows), [
      [10, 6],
      [14, 2],
      [5, 11],
    ]);
    assert.deepEqual(matches(rows, /<i class="([^"]*)"/g), [
      "module begins ends",
      "module begins",
      "module ends",
      "module begins",
      "module ends",
    ]);
  });

  it("grow until there are few enough", () => {
    assert.equal(widths(drawRows([piece(0, 1000)], 1000, { rows: 4, least: 16 })).length, 4);
    assert.equal(widths(drawRows([piece(0, 1025)], 1025, { rows: 4, least: 16 })).length, 3);
  });

  it("draw together what is too small, as what most of it is", () => {
    const pieces = Array.from({ length: 4096 }, (_, i) => piece(i, 1, i % 3 === 0 ? "module" : "instance"));
    const rows = drawRows(pieces, 4096, { rows: 1, least: 4096 });
    const [cells] = widths(rows);
    assert.ok(cells!.length <= 150);
    assert.equal(
      cells!.reduce((a, b) => a + b),
      4096,
    );
    assert.match(rows, /class="instance mixed[^"]*"[^>]*data-tip="28 small blocks&#10;module 0, owner&#10;/);
    // A large one among them stays by itself.
    const large = [...pieces.slice(0, 2000), piece(2000, 2096, "runtime")];
    assert.match(drawRows(large, 4096, { rows: 1, least: 4096 }), /class="runtime begins ends" style="--w:2096"/);
  });
});
