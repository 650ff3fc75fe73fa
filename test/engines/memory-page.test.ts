// The page of the memory report in a real browser, as a file: it shows its drawings, tells about what is pointed at, tapped or walked
// to, and obeys its own policy. SCREENSHOTS=folder keeps pictures of it, to be looked at.
import assert from "node:assert/strict";
import { mkdirSync, mkdtempSync, rmSync, statSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { after, test, type TestContext } from "node:test";
import { pathToFileURL } from "node:url";
import { reportHtml } from "../../runtime/report/index.js";
import { POOLED, SYSTEM } from "../unit/report/snapshots.js";
import { chromium, findChromium, NO_CHROMIUM } from "./chromium.js";

const folder = mkdtempSync(join(tmpdir(), "wamrc-ts-page-"));
after(() => rmSync(folder, { recursive: true, force: true }));

/** Opens a page that runs `probe` after its own script, and returns what that gives. */
async function ask(t: TestContext, page: string, probe: string): Promise<unknown> {
  const path = findChromium();
  if (path === undefined) return t.skip(NO_CHROMIUM);
  const answer = `<script>document.body.append(Object.assign(document.createElement("pre"), {
    id: "answer", textContent: encodeURIComponent(JSON.stringify((() => {${probe}})())) }));</script></body>`;
  const file = join(folder, "page.html");
  writeFileSync(
    file,
    page.replace("</body>", () => answer),
  );
  const { stdout } = await chromium(path, join(folder, "profile"), ["--dump-dom", pathToFileURL(file).href]);
  const text = /<pre id="answer">([^<]*)<\/pre>/.exec(stdout)?.[1];
  assert.ok(text !== undefined, "the page's scripts failed");
  return JSON.parse(decodeURIComponent(text));
}

/** Points at the first element of a selector, as a mouse or a finger does, and reads what is told. */
const POINT = `const point = (selector, pointerType) => {
  const element = document.querySelector(selector);
  const { x, y, width, height } = element.getBoundingClientRect();
  const type = pointerType === "mouse" ? "pointermove" : "pointerdown";
  element.dispatchEvent(new PointerEvent(type, { bubbles: true, pointerType, clientX: x + width / 2, clientY: y + height / 2 }));
  const tip = document.getElementById("tip");
  return [tip.textContent, tip.classList.contains("sheet"), document.querySelectorAll("tr.on").length];
};`;

test("blocks are as wide as they are long, and none is too narrow to be hit", async (t) => {
  const found = await ask(
    t,
    reportHtml(POOLED),
    `const cells = [...document.querySelectorAll(".map")][0].querySelectorAll(".cells");
    const rows = [...cells].map((row) => [...row.children].map((cell) => cell.getBoundingClientRect().width));
    const heights = [...cells].map((row) => row.getBoundingClientRect().height);
    return { rows, heights, row: cells[0].getBoundingClientRect().width, overflow: document.documentElement.scrollWidth - innerWidth };`,
  );
  if (found === undefined) return;
  const { rows, heights, row, overflow } = found as {
    rows: number[][];
    heights: number[];
    row: number;
    overflow: number;
  };
  assert.equal(rows.length, 32);
  assert.ok(rows.flat().every((width) => width >= 2));
  assert.ok(heights.every((height) => height >= 16));
  // The first: the pool's own 288 bytes, then 1,032 for the native stack, of 4,096 in the row.
  assert.ok(Math.abs(rows[0]![1]! / row - 1032 / 4096) < 0.02, `${rows[0]![1]} of ${row}`);
  assert.ok(overflow <= 0, "the page is wider than its window");
});

test("what is pointed at or tapped is told, and shown in the table", async (t) => {
  const found = await ask(
    t,
    reportHtml(POOLED),
    `${POINT} return [point(".cells .runtime", "mouse"), point(".cells .module", "touch"), point(".pages .mapped", "mouse"), point("h1", "mouse")];`,
  );
  if (found === undefined) return;
  assert.deepEqual(found, [
    [
      'native stack\nruntime "runtime"\n1,024 bytes at 0x000120\nand 8 for header and rounding\nfreed with the runtime',
      false,
      1,
    ],
    [
      'module structure\nmodule "app"\n1,000 bytes at 0x000538\nand 8 for header and rounding\nfreed when the module is disposed of',
      true,
      1,
    ],
    ["Page 1\n2 functions, 2,500 bytes of text\nmapped only", false, 0],
    ["", false, 0],
  ]);
});

test("the keyboard walks from block to block", async (t) => {
  const found = await ask(
    t,
    reportHtml(SYSTEM),
    `const map = document.querySelector(".map");
    map.focus();
    return ["ArrowRight", "ArrowRight", "End", "ArrowLeft", "Home", "Escape"].map((key) => {
      map.dispatchEvent(new KeyboardEvent("keydown", { key, bubbles: true }));
      return document.getElementById("tip").textContent.split("\\n")[0];
    });`,
  );
  if (found === undefined) return;
  assert.deepEqual(found, ["native stack", "module structure", "stack", "Set aside for growth", "native stack", ""]);
});

test("the legend lets one kind stand out, and lets it go again", async (t) => {
  const found = await ask(
    t,
    reportHtml(POOLED),
    `const button = document.querySelector('.legend [data-kind="env"]');
    const look = () => ["env", "module"].map((css) => getComputedStyle(document.querySelector(".cells ." + css)).opacity);
    document.head.append(Object.assign(document.createElement("style"), { textContent: "i { transition: none !important }" }));
    return [look(), (button.click(), look()), (button.click(), look())];`,
  );
  if (found === undefined) return;
  assert.deepEqual(found, [
    ["1", "1"],
    ["1", "0.18"],
    ["1", "1"],
  ]);
});

test("names from modules stay text, and nothing may be loaded", async (t) => {
  const evil = `</script></style><img src=x onerror=document.title="run">`;
  const found = await ask(
    t,
    reportHtml({ ...POOLED, title: evil, remarks: [evil] }),
    `return [document.images.length, document.querySelector("h1").textContent, document.title];`,
  );
  if (found === undefined) return;
  assert.deepEqual(found, [0, evil, `Memory: ${evil}`]);
});

for (const [name, size, flags] of [
  ["wide", "1200,1600", []],
  ["dark", "1000,1600", ["--force-dark-mode"]],
  ["narrow", "500,1600", []],
] as const) {
  test(`it can be drawn: ${name}`, async (t) => {
    const path = findChromium();
    if (path === undefined) return t.skip(NO_CHROMIUM);
    const page = join(folder, `${name}.html`);
    writeFileSync(page, reportHtml(name === "dark" ? SYSTEM : POOLED));
    const { SCREENSHOTS } = process.env;
    if (SCREENSHOTS) mkdirSync(SCREENSHOTS, { recursive: true });
    const picture = join(SCREENSHOTS || folder, `${name}.png`);
    const args = [`--window-size=${size}`, ...flags, `--screenshot=${picture}`, pathToFileURL(page).href];
    await chromium(path, join(folder, "profile"), args);
    assert.ok(statSync(picture).size > 20_000, "the picture is all but empty");
  });
}
