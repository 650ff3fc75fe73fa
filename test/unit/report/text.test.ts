// The memory report as text: whole, of fixed reports; and that it fits the terminal.
import assert from "node:assert/strict";
import { describe, it } from "node:test";
import { reportText, type MemorySnapshot } from "../../../runtime/report/index.js";
import { about, grouped, percent, size } from "../../../runtime/report/numbers.js";
import { POOLED, SYSTEM } from "./snapshots.js";

const IN_60_COLUMNS = `app.aot, when it had run
  allocator            Alloc_With_Pool
  pool                 131,072
  handed out           89,444 in 6 blocks
  headers, rounding    348
  free                 41,280, 31.5 %
  largest free         40,424 in 3 pieces: 2.1 % fragmented
  high water           99,000

                                      bytes
runtime "runtime"                    89,444
  native stack                        1,024
  module "app"                       88,420
    module structure                  1,000
    AoT code                          5,500   2 pages
    file buffer                     (12,000)  in no sum
    instance "app#1"                 81,920
      linear memory, memory 0        65,536
      app heap, inside memory 0      (4,096)  in no sum
      execution environment "own"    16,384
        stack                        16,384   peak 312

By category
  runtime                      1,024   1.1 %  █
  module                       6,500   7.3 %  █
  instance                    65,536  73.3 %  ██████████
  execution environment       16,384  18.3 %  ███
  all that is handed out      89,444

Code
  app: 1 of 2 pages compiled by the engine

Linear memories
  app#1, memory 0: 64 KiB, may grow to 128 KiB
    in use: 3 of 16 pieces of 4 KiB, the others are all zeros
    the host's heap: 4 KiB at 0x00f000

The pool: 512 bytes a character
  0x000000 |ORRMMMMMMMMMMMMmiIIIIIIIIIIIIIII|
  0x004000 |IIIIIIIIIIIIIIIIIIIIIIIIIIIIIIII|
           2 more rows of the same
  0x010000 |IIIIIIIIIIIIIIIIIEEEEEEEEEEEEEEE|
  0x014000 |EEEEEEEEEEEEEEEEEe..............|
  0x018000 |...                             |
  0x01c000 |                               o|
  R runtime   M module   I instance
  E execution environment   O overhead   . free
  blank never used

What the JavaScript engine holds besides: an estimate
  objects and closures          about 121 KiB
  As measured.

memory 0 could not grow by 2 pages: the pool has no block so
large (once).
`;

describe("the report as text", () => {
  it("says everything in 60 columns", () => assert.equal(reportText(POOLED, { width: 60 }), IN_60_COLUMNS));

  it("fits the width that it is given, from 40 columns on", () => {
    for (const width of [40, 60, 72, 80, 120]) {
      for (const snapshot of [POOLED, SYSTEM]) {
        const wide = reportText(snapshot, { width })
          .split("\n")
          .filter((line) => line.length > Math.max(width, 61));
        assert.deepEqual(wide, [], `${width} columns`);
      }
    }
  });

  it("cuts a name that is too long, and never a number", () => {
    const root = { ...POOLED.root, name: "a-very-long-name-".repeat(8) };
    const line = reportText({ ...POOLED, root }, { width: 60 }).split("\n")[10]!;
    assert.match(line, /^runtime "a-very-long-name-.*… +89,444$/);
    assert.ok(line.length <= 60, line);
  });

  it("has no pool to speak of where there is none, but what is set aside", () => {
    const text = reportText(SYSTEM, { width: 60 });
    assert.match(text, /^ {2}set aside for growth 32,768$/m);
    assert.match(text, /linear memory, memory 0 +65,536 +\+32,768$/m);
    assert.match(text, /^All blocks, one behind the other: 512 bytes a character$/m);
    assert.doesNotMatch(text, /fragmented|largest free/);
  });

  it("cries out where sums do not add up or the pool is damaged", () => {
    const allocator = { ...POOLED.allocator, allocated: 89_445 };
    assert.match(reportText({ ...POOLED, allocator }), /but the allocator says 89,445: a mistake/);
    assert.doesNotMatch(reportText(POOLED), /a mistake|DAMAGED/);
    const corruption = { kind: "overwritten-tag", offset: 1336, found: "0x0 0x0" } as const;
    const damaged: MemorySnapshot = { ...POOLED, pool: { ...POOLED.pool!, corruption } };
    assert.match(reportText(damaged), /DAMAGED at 0x000538: overwritten-tag, 0x0 0x0/);
  });

  it("leaves colours to who paints", () => {
    assert.doesNotMatch(reportText(POOLED), /\x1b/);
    const painted = reportText(POOLED, { width: 60, paint: (style, text) => `<${style}>${text}</>` });
    assert.match(painted, /<module> {2}module "app" *<\/>/);
    assert.match(painted, /<execution environment>E+<\/>/);
    assert.equal(painted.replace(/<[^>]*>/g, ""), IN_60_COLUMNS);
  });
});

describe("numbers", () => {
  it("are grouped, without Intl", () => {
    const cases = [0, 12, 999, 1000, 65536, 1234567, -1234].map(grouped);
    assert.deepEqual(cases, ["0", "12", "999", "1,000", "65,536", "1,234,567", "-1,234"]);
  });

  it("are whole units only where that is exact", () => {
    assert.deepEqual([1, 1023, 1024, 65536, 65537, 2 ** 20, 2 ** 31].map(size), [
      "1 byte",
      "1,023 bytes",
      "1 KiB",
      "64 KiB",
      "65,537 bytes",
      "1 MiB",
      "2 GiB",
    ]);
  });

  it("never round to nothing or to all", () => {
    assert.deepEqual(
      [percent(0, 5), percent(1, 1e6), percent(1, 3), percent(999_999, 1e6), percent(5, 5), percent(0, 0)],
      ["0 %", "0.1 %", "33.3 %", "99.9 %", "100 %", "0 %"],
    );
  });

  it("say when they are not exact", () => {
    assert.deepEqual([0, 500, 2000, 123_456, 5e7].map(about), [
      "about 0 bytes",
      "about 500 bytes",
      "about 2.0 KiB",
      "about 121 KiB",
      "about 48 MiB",
    ]);
  });
});
