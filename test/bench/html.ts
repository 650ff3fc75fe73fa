// The bench as a page: one file, no server. Bars on a logarithmic scale, native at 1; behind each kernel the JavaScript that we
// made of it, function by function, with its bytecode's size and how far V8 took it.
import { geomean, type Cell, type Row } from "./table.js";
import type { FunctionFacts } from "./v8-facts.js";

export interface PageData {
  /** What was measured, with what: a line each. */
  readonly heading: readonly string[];
  readonly engine: string;
  readonly base: string;
  readonly rows: readonly Row[];
  /** Our JavaScript, by kernel. */
  readonly sources: ReadonlyMap<string, string>;
  readonly facts: ReadonlyMap<string, readonly FunctionFacts[]>;
}

const LOWEST = 0.25;
const HIGHEST = 128;
/** Source beyond this is left out of the page. */
const LONGEST_SOURCE = 120_000;

export function htmlPage(pages: readonly PageData[]): string {
  return `<!doctype html>
<html lang="en"><head><meta charset="utf-8"><meta name="viewport" content="width=device-width,initial-scale=1">
<title>wamrc-ts bench</title><style>${STYLE}</style></head><body>
<h1>wamrc-ts bench</h1>
${pages.map(section).join("\n")}
</body></html>
`;
}

function section({ heading, engine, base, rows, sources, facts }: PageData): string {
  const kinds = [...new Set(rows.map(({ kind }) => kind))];
  const variants = [...new Set(rows.flatMap(({ cells }) => cells.map(({ variant }) => variant)))].filter(
    (v) => v !== base,
  );
  const means = [...kinds, "all"].map((kind) => {
    const own = rows.filter((row) => kind === "all" || row.kind === kind);
    return `<tr><th>${text(kind)}</th>${variants.map((v) => `<td>${meanOf(own, v)}</td>`).join("")}</tr>`;
  });
  return `<section><h2>${text(engine)}</h2>
<p>${heading.map(text).join("<br>")}<br>Bars: time over ${text(base)}'s, median, on a logarithmic scale; the line is ${text(base)}.</p>
<p class="key">${variants.map((v, i) => `<span class="v${i}">${text(v)}</span>`).join(" ")}</p>
<table class="means"><caption>Geometric means</caption>
<tr><th></th>${variants.map((v) => `<th>${text(v)}</th>`).join("")}</tr>${means.join("")}</table>
${rows.map((row) => kernel(row, variants, sources.get(row.name), facts.get(row.name) ?? [])).join("\n")}
</section>`;
}

function meanOf(rows: readonly Row[], variant: string): string {
  const ratios = rows.flatMap(({ cells }) => {
    const ratio = cells.find((cell) => cell.variant === variant)?.ratio;
    return ratio === undefined ? [] : [ratio];
  });
  return ratios.length === 0 ? "" : `${geomean(ratios).toFixed(2)} ×`;
}

function kernel(
  row: Row,
  variants: readonly string[],
  source: string | undefined,
  facts: readonly FunctionFacts[],
): string {
  const bars = variants.map((variant, i) =>
    bar(
      row.cells.find((cell) => cell.variant === variant),
      variant,
      i,
    ),
  );
  return `<details><summary><span class="name">${text(row.name)} <small>${text(row.kind)}</small></span>
<span class="bars">${bars.join("")}</span></summary>
${factTable(facts)}${source === undefined ? "" : code(source)}</details>`;
}

function bar(cell: Cell | undefined, variant: string, index: number): string {
  if (cell?.ratio === undefined) {
    const why = cell?.problem ?? "not measured";
    return `<span class="row" title="${text(`${variant}: ${why}`)}"><i class="none">${text(why.slice(0, 60))}</i></span>`;
  }
  const { ratio, minRatio = ratio, median = 0 } = cell;
  const title = `${variant}: ${ratio.toFixed(2)} × (of the minimums ${minRatio.toFixed(2)} ×), ${median.toFixed(1)} ms`;
  return (
    `<span class="row" title="${text(title)}"><i class="v${index}" style="width:${place(ratio).toFixed(1)}%"></i>` +
    `<b>${ratio.toFixed(2)}</b><u style="left:${place(1).toFixed(1)}%"></u></span>`
  );
}

/** Percent of the width, leaving room for the number. */
function place(ratio: number): number {
  const at = Math.log(ratio / LOWEST) / Math.log(HIGHEST / LOWEST);
  return 88 * Math.min(1, Math.max(0.005, at));
}

function factTable(facts: readonly FunctionFacts[]): string {
  if (facts.length === 0) return "";
  const rows = [...facts]
    .sort((a, b) => (b.bytecode ?? 0) - (a.bytecode ?? 0))
    .slice(0, 40)
    .map(
      ({ name, bytecode, tier, deoptimized }) =>
        `<tr><td>${text(name)}</td><td>${bytecode ?? ""}</td><td class="${tier}">${tier}</td><td>${deoptimized || ""}</td></tr>`,
    );
  return `<table><tr><th>function</th><th>bytecode</th><th>compiled by</th><th>deoptimized</th></tr>${rows.join("")}</table>`;
}

/** The functions only, without the runtime around them. */
function code(source: string): string {
  const own = source
    .split("\n")
    .filter((line) => /^function f\d/.test(line))
    .join("\n");
  if (own.length > LONGEST_SOURCE)
    return `<p>${own.length.toLocaleString("en")} characters of JavaScript, not shown.</p>`;
  return `<pre>${text(own.replace(/([;{}])(?=[^\n;})])/g, "$1\n"))}</pre>`;
}

function text(raw: string): string {
  return raw.replace(/[&<>"]/g, (c) => `&#${c.charCodeAt(0)};`);
}

const STYLE = `
:root{color-scheme:light dark;--c0:#2563eb;--c1:#b45309;--c2:#7c3aed;--c3:#047857;--c4:#be123c}
@media(prefers-color-scheme:dark){:root{--c0:#60a5fa;--c1:#fbbf24;--c2:#c4b5fd;--c3:#34d399;--c4:#fb7185}}
body{font:15px/1.4 system-ui,sans-serif;max-width:60rem;margin:0 auto;padding:1rem}
h1{font-size:1.4rem}h2{font-size:1.1rem}
.key span{border-left:.8em solid;padding-left:.3em;margin-right:1em}
.key .v0{border-color:var(--c0)}.key .v1{border-color:var(--c1)}.key .v2{border-color:var(--c2)}.key .v3{border-color:var(--c3)}.key .v4{border-color:var(--c4)}
i.v0{background:var(--c0)}i.v1{background:var(--c1)}i.v2{background:var(--c2)}i.v3{background:var(--c3)}i.v4{background:var(--c4)}
table{border-collapse:collapse;margin:.5rem 0}td,th{padding:.1rem .6rem;text-align:right;border-bottom:1px solid #8884}
td:first-child,th:first-child{text-align:left}caption{text-align:left;font-weight:600}
td.none,i.none{color:#b91c1c}.maglev{color:#b45309}
details{border-bottom:1px solid #8884}summary{display:flex;gap:1rem;align-items:center;cursor:pointer;padding:.25rem 0}
.name{flex:0 0 9rem}.name small{opacity:.7}.bars{flex:1;min-width:0}
.row{display:flex;align-items:center;position:relative;height:1.05rem;font-size:.8rem}
.row i{display:block;height:.7rem;font-style:normal}.row i.none{height:auto;white-space:nowrap;overflow:hidden}
.row b{font-weight:400;margin-left:.3rem}.row u{position:absolute;top:0;bottom:0;width:1px;background:currentColor;opacity:.5}
pre{overflow:auto;max-height:30rem;background:#8881;padding:.5rem;font-size:.8rem}
@media(max-width:40rem){summary{display:block}.name{display:block}}
`;
