// How the command line talks: colours and a progress line on a terminal only, numbers a person can compare.
// stdout carries results, stderr everything else.

const NAMES = { bold: 1, dim: 2, red: 31, green: 32, yellow: 33, blue: 34, magenta: 35, cyan: 36 } as const;

/** Wraps text in a colour where the stream is a terminal; https://no-color.org and FORCE_COLOR have the last word. */
export function paint(name: keyof typeof NAMES, text: string, stream: NodeJS.WriteStream = process.stdout): string {
  return hasColours(stream) ? `\x1b[${NAMES[name]}m${text}\x1b[0m` : text;
}

function hasColours(stream: NodeJS.WriteStream): boolean {
  const { NO_COLOR, FORCE_COLOR, TERM } = process.env;
  if (NO_COLOR !== undefined && NO_COLOR !== "") return false;
  if (FORCE_COLOR !== undefined) return FORCE_COLOR !== "0";
  return stream.isTTY === true && TERM !== "dumb";
}

/** Columns to write help and tables for: those of the terminal, at most 80. */
export function terminalWidth(stream: NodeJS.WriteStream = process.stdout): number {
  const columns = stream.columns ?? Number(process.env.COLUMNS);
  return columns > 0 ? Math.min(columns, 80) : 80;
}

/** `712 B`, `4.9 kB`, `25.7 MB`. */
export function formatBytes(bytes: number): string {
  if (bytes < 1000) return `${bytes} B`;
  const units = ["kB", "MB", "GB"];
  let value = bytes / 1000;
  let unit = 0;
  while (value >= 999.5 && unit < units.length - 1) {
    value /= 1000;
    unit++;
  }
  return `${value < 9.95 ? value.toFixed(1) : value.toFixed(0)} ${units[unit]}`;
}

/** `7 ms`, `1.4 s`, `2 min 5 s`. */
export function formatDuration(ms: number): string {
  if (ms < 999.5) return `${ms < 9.95 ? ms.toFixed(1) : ms.toFixed(0)} ms`;
  if (ms < 59_950) return `${(ms / 1000).toFixed(1)} s`;
  const seconds = Math.round(ms / 1000);
  return `${Math.floor(seconds / 60)} min ${seconds % 60} s`;
}

export function formatCount(n: number): string {
  return n.toLocaleString("en-US");
}

export function plural(n: number, noun: string): string {
  return `${formatCount(n)} ${noun}${n === 1 ? "" : "s"}`;
}

/** A line on stderr that rewrites itself; writes nothing where stderr is no terminal. */
export class ProgressLine {
  readonly #label: string;
  readonly #live = process.stderr.isTTY === true && process.env.TERM !== "dumb";
  readonly #started = performance.now();
  #shown = 0;

  constructor(label: string) {
    this.#label = label;
  }

  /** Short jobs stay silent: the line appears after half a second and changes ten times a second. */
  update(done: number, total: number): void {
    const now = performance.now();
    if (!this.#live || now - this.#started < 500 || now - this.#shown < 100) return;
    this.#shown = now;
    const percent = total > 0 ? Math.floor((100 * done) / total) : 0;
    const text = `${String(percent).padStart(3)}% ${this.#label} (${formatCount(done)} of ${formatCount(total)} functions)`;
    process.stderr.write(`\r\x1b[K${text.slice(0, (process.stderr.columns ?? 80) - 1)}`);
  }

  clear(): void {
    if (this.#shown > 0) process.stderr.write("\r\x1b[K");
    this.#shown = 0;
  }
}
