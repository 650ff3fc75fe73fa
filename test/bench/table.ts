// Statistics over rounds, and the printed table: ratios first, then the milliseconds they come from.
import type { Measured } from "./driver.js";

export interface Cell {
  readonly variant: string;
  readonly problem?: string;
  /** Median and minimum of the variant over the base's, both with the same work. */
  readonly ratio?: number;
  readonly minRatio?: number;
  readonly median?: number;
  readonly min?: number;
  /** The level of work at which both were compared. */
  readonly level?: number;
}

export interface Row {
  readonly name: string;
  readonly kind: string;
  readonly base: string | undefined;
  readonly cells: readonly Cell[];
}

export function median(values: readonly number[]): number {
  const sorted = [...values].sort((a, b) => a - b);
  const half = sorted.length >> 1;
  return sorted.length & 1 ? sorted[half]! : (sorted[half - 1]! + sorted[half]!) / 2;
}

export function geomean(values: readonly number[]): number {
  return Math.exp(values.reduce((sum, value) => sum + Math.log(value), 0) / values.length);
}

/** Every variant against the base, at the largest amount of work that both were measured with. */
export function rowOf(name: string, kind: string, measured: readonly Measured[], bases: readonly string[]): Row {
  const base = bases
    .map((want) => measured.find((one) => one.name === want && one.problem === undefined))
    .find((one) => one !== undefined);
  const cells = measured.map((one): Cell => {
    if (one.problem !== undefined) return { variant: one.name, problem: one.problem };
    const level = Math.max(one.level, base?.level ?? 0);
    const times = one.times[level] ?? [];
    const against = base?.times[level] ?? [];
    if (!times.length) return { variant: one.name, problem: "not measured" };
    const cell = { variant: one.name, level, median: median(times), min: Math.min(...times) };
    if (!against.length) return cell;
    return { ...cell, ratio: cell.median / median(against), minRatio: cell.min / Math.min(...against) };
  });
  return { name, kind, base: base?.name, cells };
}

const number = (value: number | undefined, digits = 2): string =>
  value === undefined ? "" : value >= 100 ? value.toFixed(0) : value >= 20 ? value.toFixed(1) : value.toFixed(digits);

/** `unit`: of what the ratios come from. */
export function printTable(rows: readonly Row[], names: readonly string[], base: string, unit: string): string {
  const others = names.filter((name) => name !== base);
  const lines: string[][] = [
    [
      "kernel",
      "kind",
      ...others.flatMap((name) => [name + " ×", "(min)"]),
      "",
      ...names.map((name) => `${name} ${unit}`),
    ],
  ];
  const notes: string[] = [];
  const problems = new Map<string, string[]>(); // the same problem is told once, for all its kernels
  const find = (row: Row, name: string): Cell | undefined => row.cells.find((cell) => cell.variant === name);
  for (const row of rows) {
    if (find(row, base)?.problem !== undefined) notes.push(`${row.name}: ${base}: ${find(row, base)!.problem}`);
    const ratios = others.flatMap((name) => {
      const cell = find(row, name);
      if (cell?.problem !== undefined) {
        const text = `${name}: ${cell.problem}`;
        problems.set(text, [...(problems.get(text) ?? []), row.name]);
        return [cell.problem.startsWith("wrong") ? "wrong" : "–", ""];
      }
      return [
        number(cell?.ratio) + (cell?.level ? "'".repeat(cell.level) : ""),
        cell?.minRatio === undefined ? "" : `(${number(cell.minRatio)})`,
      ];
    });
    lines.push([row.name, row.kind, ...ratios, "", ...names.map((name) => number(find(row, name)?.median))]);
  }
  const summary = (label: string, kind: string, some: readonly Row[]): void => {
    const ratios = others.flatMap((name) => {
      const cells = some.map((row) => find(row, name)).filter((cell) => cell?.ratio !== undefined);
      if (!cells.length) return ["", ""];
      return [
        number(geomean(cells.map((cell) => cell!.ratio!))),
        `(${number(geomean(cells.map((cell) => cell!.minRatio!)))})`,
      ];
    });
    lines.push([label, kind, ...ratios, "", ...names.map(() => "")]);
  };
  for (const kind of new Set(rows.map((row) => row.kind))) {
    const some = rows.filter((row) => row.kind === kind);
    if (some.length > 1) summary("geomean", kind, some);
  }
  summary("geomean", "all", rows);
  for (const name of names) {
    if (rows.every((row) => find(row, name)?.level === undefined || find(row, name)!.level === 0)) continue;
    notes.push(
      "' = measured with 1/16, '' = with 1/256 of the work (both sides), because the full amount takes too long",
    );
    break;
  }
  const text = [textTable(lines, 2)];
  for (const [problem, kernels] of problems) notes.push(`${problem} (${kernels.join(", ")})`);
  return [...text, ...notes].join("\n");
}

/** Columns in line: the first `left` of them to the left, the others to the right. */
export function textTable(lines: readonly (readonly string[])[], left: number): string {
  const widths = lines[0]!.map((_, column) =>
    Math.max(
      ...lines
        .filter((line) => line.length === lines[0]!.length || column < line.length - 1)
        .map((line) => line[column]!.length),
      0,
    ),
  );
  return lines
    .map((line) =>
      line
        .map((cell, column) => (column < left ? cell.padEnd(widths[column] ?? 0) : cell.padStart(widths[column] ?? 0)))
        .join("  ")
        .trimEnd(),
    )
    .join("\n");
}
