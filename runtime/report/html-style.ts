// How the page of the memory report looks: colours for light and dark, and a layout from the width of a telephone on.

export const STYLE = `
:root {
  color-scheme: light dark;
  --page: #f6f7f9; --card: #fff; --text: #1b1f24; --dim: #5c6570; --line: #d9dee5;
  --runtime: #7a4fc0; --module: #1a6fd4; --instance: #e59c1c; --env: #0c9a70;
  --overhead: #6d7681; --fault: #d1242f; --free: #e3e7ec; --hatch: #b9c1cb;
  --on-dark: #fff; --on-light: #241a00; --bar: #c9d1da;
}
@media (prefers-color-scheme: dark) {
  :root {
    --page: #0f1215; --card: #181c21; --text: #e7eaee; --dim: #9aa4b0; --line: #2d333b;
    --runtime: #b08cf0; --module: #5ea8ff; --instance: #f0b24a; --env: #3cc79a;
    --overhead: #8b95a1; --fault: #ff6a69; --free: #262c33; --hatch: #48515c;
    --on-dark: #10131a; --on-light: #241a00; --bar: #3a424c;
  }
}
* { box-sizing: border-box; }
body {
  margin: 0; background: var(--page); color: var(--text);
  font: 15px/1.45 system-ui, -apple-system, "Segoe UI", Roboto, sans-serif; font-variant-numeric: tabular-nums;
}
main { max-width: 68rem; margin: 0 auto; padding: clamp(.75rem, 3vw, 2rem); display: grid; gap: 1rem; }
main > * { min-width: 0; }
h1 { font-size: clamp(1.2rem, 4vw, 1.6rem); line-height: 1.2; margin: 0; overflow-wrap: anywhere; }
h2 { font-size: 1rem; margin: 0 0 .25rem; }
p { margin: 0; }
.dim, .at, caption, th, dt { color: var(--dim); }
.card { background: var(--card); border: 1px solid var(--line); border-radius: .6rem; padding: clamp(.75rem, 2vw, 1.1rem); }
.card > p.dim { font-size: .85rem; margin-bottom: .7rem; }
.pair { display: grid; gap: 1rem; grid-template-columns: repeat(auto-fit, minmax(min(22rem, 100%), 1fr)); }
.pair > * { min-width: 0; }
.fault { color: var(--fault); font-weight: 600; }

.figures { display: grid; grid-template-columns: repeat(auto-fit, minmax(9rem, 1fr)); gap: .6rem; margin: 0; }
.figures div { background: var(--card); border: 1px solid var(--line); border-radius: .6rem; padding: .55rem .8rem; }
dt { font-size: .8rem; }
dd { margin: 0; font-size: 1.05rem; font-weight: 600; }
dd small { display: block; font-size: .78rem; font-weight: 400; color: var(--dim); }

i { font-style: normal; display: block; }
.runtime { --c: var(--runtime); --on: var(--on-dark); }
.module { --c: var(--module); --on: var(--on-dark); }
.instance { --c: var(--instance); --on: var(--on-light); }
.env { --c: var(--env); --on: var(--on-dark); }
.overhead { --c: var(--overhead); }
.damaged, .unknown { --c: var(--fault); }
.cells i, .bar i, .swatch { background: var(--c); }
.cells .free, .bar .free, .swatch.free {
  background: repeating-linear-gradient(135deg, var(--hatch) 0 1px, var(--free) 1px 5px);
}
.cells .idle { color: var(--text); }
.cells .idle, .swatch.idle { background: color-mix(in srgb, var(--c) 34%, var(--card)); }
.cells .untouched, .bar .untouched, .swatch.untouched { background: var(--free); }
.cells .reserved, .bar .reserved, .swatch.reserved {
  background: repeating-linear-gradient(135deg, var(--instance) 0 2px, var(--free) 2px 6px);
}
.cells .mixed { background-image: linear-gradient(#fff5, #fff5); }
.cells .heap { box-shadow: inset 0 -4px var(--runtime); }

.map { display: grid; gap: 1px; border-radius: .3rem; }
.map:focus-visible { outline: 2px solid var(--module); outline-offset: 4px; }
.row { display: flex; gap: .5rem; align-items: stretch; }
.at { font: 11px/18px ui-monospace, Menlo, Consolas, monospace; flex: none; }
.cells { display: flex; flex: 1; min-width: 0; height: 18px; }
.cells i {
  flex: var(--w) 1 0; min-width: 2px; overflow: hidden; white-space: nowrap; padding: 0; color: var(--on, var(--dim));
  font: 11px/18px system-ui, sans-serif; text-indent: .4em; cursor: default;
}
.cells i.ends { border-right: 1px solid var(--card); min-width: 3px; }
.cells i:not([data-tip]) { background: none; min-width: 0; }
.bar { display: flex; height: 26px; border-radius: .3rem; overflow: hidden; margin-bottom: .7rem; }
.bar i { flex: var(--w) 1 0; min-width: 3px; border-right: 1px solid var(--card); }
[data-tip].on { outline: 2px solid var(--text); outline-offset: -1px; position: relative; z-index: 1; }
tr.on > * { background: color-mix(in srgb, var(--module) 14%, transparent); }

.legend { list-style: none; margin: 0; padding: 0; display: grid; gap: .1rem .6rem;
  grid-template-columns: repeat(auto-fit, minmax(min(16.5rem, 100%), 1fr)); }
.legend button { all: unset; box-sizing: border-box; width: 100%; display: grid; gap: 0 .5rem; padding: .3rem .4rem;
  grid-template-columns: 1rem 1fr auto; align-items: center; border-radius: .35rem; cursor: pointer; }
.legend button:hover, .legend button[aria-pressed=true] { background: color-mix(in srgb, var(--text) 8%, transparent); }
.legend button:focus-visible { outline: 2px solid var(--module); }
.legend small { grid-column: 2 / -1; color: var(--dim); font-size: .8rem; }
.swatch { width: 1rem; height: 1rem; border-radius: .2rem; display: inline-block; vertical-align: -.15rem; flex: none; }
.key { display: flex; flex-wrap: wrap; gap: .2rem 1rem; font-size: .8rem; color: var(--dim); margin-top: .5rem; }
.key .swatch { width: .8rem; height: .8rem; vertical-align: -.08rem; }

.pages { display: flex; flex-wrap: wrap; gap: 3px; }
.pages i { width: 15px; height: 15px; border-radius: 3px; border: 1.5px solid var(--module); }
.pages .resident, .swatch.resident { background: var(--module); border: 1.5px solid var(--module); }
.pages .released, .swatch.released { border: 1.5px dotted var(--module); background: color-mix(in srgb, var(--module) 35%, transparent); }
.swatch.mapped { border: 1.5px solid var(--module); }
h3 { font-size: .9rem; margin: .9rem 0 .35rem; overflow-wrap: anywhere; }
h3:first-of-type { margin-top: 0; }

.scroll { overflow-x: auto; }
table { border-collapse: collapse; width: 100%; font-size: .9rem; }
th { text-align: left; font-weight: 500; font-size: .8rem; }
th, td { padding: .22rem .5rem; border-bottom: 1px solid var(--line); vertical-align: baseline; }
tr:last-child > * { border-bottom: 0; }
td.n, th.n { text-align: right; white-space: nowrap; }
tbody th { color: var(--text); font-size: .9rem; font-weight: 400; padding-left: calc(.5rem + var(--depth, 0) * 1.1rem); overflow-wrap: anywhere; }
tr.owner > * { font-weight: 600; }
.share { width: 22%; min-width: 3.5rem; }
.share i { height: .6rem; border-radius: .15rem; background: var(--c, var(--bar)); width: calc(var(--part) * 100%); min-width: 2px; }
.note { color: var(--dim); font-size: .8rem; }
.estimate { border-style: dashed; background: none; }
details summary { cursor: pointer; }
code { font: .92em ui-monospace, Menlo, Consolas, monospace; }

.dimmed .cells i:not(.lit), .dimmed .bar i:not(.lit) { opacity: .18; }
#tip {
  position: fixed; z-index: 9; left: 0; top: 0; max-width: min(24rem, calc(100vw - 1rem)); padding: .5rem .7rem; border-radius: .4rem;
  background: var(--text); color: var(--page); font-size: .85rem; pointer-events: none; white-space: pre-line; overflow-wrap: anywhere;
  box-shadow: 0 4px 18px #0006;
}
#tip:empty { display: none; }
#tip::first-line { font-weight: 600; }
#tip.sheet { left: .5rem; right: .5rem; top: auto; bottom: .5rem; max-width: none; }
@media (max-width: 34rem) {
  .at { font-size: 9px; letter-spacing: -.3px; }
  .row { gap: .3rem; }
  .share { display: none; }
}
@media (prefers-reduced-motion: no-preference) { .cells i, .bar i { transition: opacity .12s; } }
`;
