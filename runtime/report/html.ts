// The memory report as a page: one file that loads nothing, for a browser of any width, in light and dark. What is drawn stands in
// tables as well.
import { drawMemories, drawPages } from "./html-drawings.js";
import { drawMap } from "./html-map.js";
import { SCRIPT } from "./html-script.js";
import { STYLE } from "./html-style.js";
import { blockTable, engineTable, figures, kindsLegend, treeTable } from "./html-tables.js";
import { escape } from "./html-text.js";
import type { MemorySnapshot } from "./snapshot.js";

/** The text of the page, in UTF-8. The same snapshot gives the same text. */
export function reportHtml(snapshot: MemorySnapshot): string {
  const { title, pool, remarks } = snapshot;
  const damage = pool?.corruption;
  const sections = [
    `<header><h1>${escape(title)}</h1></header>`,
    damage === undefined
      ? ""
      : `<p class="fault" role="alert">The pool is damaged: ${escape(`${damage.kind} at ${damage.offset}: ${damage.found}`)}</p>`,
    figures(snapshot),
    kindsLegend(snapshot),
    drawMap(snapshot),
    pair(drawMemories(snapshot), drawPages(snapshot)),
    treeTable(snapshot),
    engineTable(snapshot),
    remarks.length === 0
      ? ""
      : `<section class="card">${remarks.map((remark) => `<p>${escape(remark)}</p>`).join("")}</section>`,
    blockTable(snapshot),
  ];
  return `<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<meta http-equiv="Content-Security-Policy" content="default-src 'none'; style-src 'unsafe-inline'; script-src 'unsafe-inline'">
<title>Memory: ${escape(title)}</title>
<style>${STYLE}</style>
</head>
<body>
<main>
${sections.filter((section) => section !== "").join("\n")}
</main>
<output id="tip" aria-live="polite"></output>
<script>${SCRIPT}</script>
</body>
</html>
`;
}

function pair(left: string, right: string): string {
  return left === "" || right === "" ? left + right : `<div class="pair">\n${left}\n${right}\n</div>`;
}
