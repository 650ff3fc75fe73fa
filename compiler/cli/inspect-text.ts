// The facts of `wamrc-ts inspect` as text for people: a few lines on the whole, then tables.
import type { ExternFacts, Facts } from "./inspect.js";
import { formatBytes, formatCount, paint, plural } from "./terminal.js";

const KINDS = {
  module: "WebAssembly module",
  aot: "ahead-of-time artifact",
  javascript: "JavaScript artifact",
} as const;

export function printFacts(facts: Facts): string {
  return [
    summary(facts),
    sections(facts),
    pages(facts),
    externs("Imports", facts.imports),
    externs("Exports", facts.exports),
  ]
    .filter((part) => part !== "")
    .join("\n\n")
    .concat("\n");
}

function summary(facts: Facts): string {
  const { file, size, kind, name, target, sourceDigest, features, counts, imported, dwarf, producers } = facts;
  const lines = [
    `${paint("bold", file)}: ${KINDS[kind]}${name === undefined ? "" : ` "${name}"`}, ${formatBytes(size)}`,
  ];
  if (target) {
    const { compilerVersion, optLevel, sourceSize, formatVersion, abiVersion } = target;
    lines.push(
      `  compiled by wamrc-ts ${compilerVersion} at -O${optLevel.replace(/^-?O?/, "")} for target ${target.target}`,
    );
    lines.push(`  format ${formatVersion}, ABI ${abiVersion}, from ${formatBytes(sourceSize)} of Wasm`);
    lines.push(`  whose SHA-256 is ${target.sourceDigest}`);
    if (target.features.length > 0) lines.push(`  relies on ${target.features.join(", ")}`);
  }
  if (sourceDigest !== undefined) lines.push(`  from Wasm whose SHA-256 is ${sourceDigest}`);
  if (features) {
    const used = features.map(({ feature }) => feature).join(", ");
    lines.push(`  uses ${used || "nothing beyond WebAssembly 1.0"}${dwarf ? "; has DWARF debug information" : ""}`);
  }
  for (const [role, tools] of Object.entries(producers ?? {})) {
    lines.push(`  ${role}: ${tools.map(({ name, version }) => `${name} ${version}`.trim()).join(", ")}`);
  }
  if (counts && imported) {
    const defined = counts.functions - imported.func;
    lines.push(`  ${plural(defined, "function")}, and ${formatCount(imported.func)} imported`);
  }
  return lines.join("\n");
}

function sections(facts: Facts): string {
  if (!facts.sections?.length) return "";
  return table(
    "Sections",
    facts.sections.map(({ name, offset, size }) => [name, hex(offset), formatBytes(size)]),
    "lrr",
  );
}

function pages({ pages: list, relocations }: Facts): string {
  if (!list?.length || !relocations) return "";
  const shown = list.length <= 12 ? list : list.slice(0, 10);
  const rows = shown.map(({ offset, size, functions, relocations: count }, i) => [
    String(i),
    hex(offset),
    formatBytes(size),
    plural(functions, "function"),
    plural(count, "relocation"),
  ]);
  if (shown.length < list.length) rows.push([`… ${formatCount(list.length - shown.length)} more (--json lists all)`]);
  const kinds = Object.entries(relocations).sort(([, a], [, b]) => b - a);
  return `${table(`Pages (${formatCount(list.length)})`, rows, "rrrrr")}\n\n${table(
    "Relocations",
    kinds.map(([kind, count]) => [kind, formatCount(count)]),
    "lr",
  )}`;
}

function externs(title: string, list: readonly ExternFacts[]): string {
  if (list.length === 0) return "";
  return table(
    `${title} (${formatCount(list.length)})`,
    list.map(({ module, name, kind, type }) => [kind, module === undefined ? name : `${module}.${name}`, type ?? ""]),
    "lll",
  );
}

/** Columns as wide as their longest cell; `l` and `r` align. */
function table(title: string, rows: readonly (readonly string[])[], align: string): string {
  const widths = [...align].map((_, column) =>
    Math.max(0, ...rows.filter((row) => row.length > 1).map((row) => row[column]?.length ?? 0)),
  );
  const lines = rows.map((row) =>
    row.map((cell, i) => (align[i] === "r" ? cell.padStart(widths[i]!) : cell.padEnd(widths[i]!))).join("  "),
  );
  return [paint("bold", title), ...lines.map((line) => `  ${line.trimEnd()}`)].join("\n");
}

function hex(offset: number): string {
  return `0x${offset.toString(16)}`;
}
