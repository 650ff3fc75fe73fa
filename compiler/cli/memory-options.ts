// What the options about memory ask for, checked. Loads nothing of what they need.
import { Failure } from "./failure.js";
import type { Invocation } from "./parse.js";

export interface MemoryOptions {
  /** Bytes of the pool that everything is to be taken from. */
  readonly pool: number | undefined;
  /** Pages of 64 KiB. */
  readonly maxMemoryPages: number | undefined;
  /** Bytes. */
  readonly stackSize: number | undefined;
  readonly heapSize: number | undefined;
  /** The report that is to be printed; undefined: none. */
  readonly report: "text" | "json" | undefined;
  /** The file to draw the memory map in. */
  readonly html: string | undefined;
}

/** `mem` always reports, `run` with --mem. */
export function readMemoryOptions({ command, values, switches }: Invocation): MemoryOptions {
  const html = values.get("html");
  const asked = command === "mem" || switches.has("mem");
  if (!asked && (switches.has("json") || html !== undefined)) {
    throw new Failure("usage", `${html === undefined ? "--json" : "--html"} is about the memory report: add --mem`);
  }
  const pages = values.get("max-memory-pages");
  if (pages !== undefined && !(/^\d{1,5}$/.test(pages) && Number(pages) <= 32768)) {
    throw new Failure("usage", `--max-memory-pages is a number of pages of 64 KiB, at most 32768; got ${pages}`);
  }
  const size = (name: string): number | undefined => {
    const text = values.get(name);
    return text === undefined ? undefined : parseSize(`--${name}`, text);
  };
  return {
    pool: size("pool"),
    maxMemoryPages: pages === undefined ? undefined : Number(pages),
    stackSize: size("stack-size"),
    heapSize: size("heap-size"),
    report: !asked ? undefined : switches.has("json") ? "json" : "text",
    html,
  };
}

/** Whether the program has to live in a runtime that keeps account of its memory. */
export function needsRuntime({ pool, stackSize, heapSize, report }: MemoryOptions): boolean {
  return (pool ?? stackSize ?? heapSize ?? report) !== undefined;
}

const UNITS: Readonly<Record<string, number>> = { "": 1, k: 2 ** 10, m: 2 ** 20, g: 2 ** 30 };

/** `65536`, `64K`, `64KiB`, `1.5M` (powers of 1024) in bytes. */
export function parseSize(option: string, text: string): number {
  const [, digits, unit = ""] = /^(\d+(?:\.\d+)?)(?:([kmg])(?:i?b)?)?$/i.exec(text) ?? [];
  const bytes = Number(digits) * UNITS[unit.toLowerCase()]!;
  if (digits === undefined || !Number.isInteger(bytes) || bytes >= 2 ** 32) {
    throw new Failure("usage", `${option} is a size below 4G, such as 65536, 64K or 4M; got ${text}`);
  }
  return bytes;
}
