// A guest in a pool of 256 KiB on engines that are small, in either container: what it computes is what native WebAssembly computes, the
// pool running out is an error that harms nobody, and nothing stays behind.
import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { before, describe, it } from "node:test";
import { W } from "../support/webassembly.js";
import { NOT_INSTALLED, ROOT, runExample } from "./run-example.js";

/** Readings that three pages of memory have room for. */
const MOST = 139_591;

/** What two stations say natively, of which the first has as many readings as fit: one more, and it needs a fourth page. */
function nativeSummaries(): string[] {
  const module = new W.Module(readFileSync(join(ROOT, "examples/small-host/station.wasm")));
  const lines: string[] = [];
  let seed = 1;
  let value = 2000;
  const reading = (): number => {
    seed = (Math.imul(seed, 1103515245) + 12345) & 0x7fffffff;
    return (value += ((seed >> 16) % 201) - 100);
  };
  const station = (count: number): { record(count: number): void; pages(): number } => {
    const print = (at: number, length: number): void => {
      lines.push(String.fromCharCode(...new Uint8Array(exports.memory.buffer, at, length)));
    };
    const { exports } = new W.Instance(module, { env: { reading, print } }) as unknown as {
      exports: { memory: { buffer: ArrayBuffer }; record(count: number): number; summary(): void };
    };
    assert.equal(exports.record(count), count);
    exports.summary();
    return { record: exports.record, pages: () => exports.memory.buffer.byteLength / 65536 };
  };
  const full = station(MOST);
  assert.equal(full.pages(), 3);
  full.record(1);
  assert.equal(full.pages(), 4);
  station(1000);
  return lines;
}

let expected: string[];
before(() => (expected = nativeSummaries()));

describe("a guest in a pool of 256 KiB", () => {
  for (const engine of ["node", "qjs", "qjs-ng"]) {
    for (const container of ["javascript", "aot"]) {
      it(`${engine}, ${container}`, (t) => {
        const { status, stdout, stderr } = runExample("small-host/run.mjs", [engine, container]);
        if (status === NOT_INSTALLED) return t.skip(stderr.trim());
        assert.deepEqual([status, stderr], [0, ""]);
        const lines = stdout.split("\n");
        assert.equal(lines[0], "WebAssembly here: undefined");
        assert.equal(lines[2], "its memory cannot grow: pool");
        const summaries = lines.filter((line) => /readings in .* crc/.test(line)).map((line) => line.trim());
        assert.equal(summaries.length, 3);
        assert.equal(summaries[1], summaries[0], "the refusal has done no harm");
        assert.match(stdout, /^ {2}MemoryError: out of memory: 65536 bytes for linear memory of instance "station#2"/m);
        checkReport(stdout, container);
        assert.equal(lines.at(-2), "left behind: 0 blocks, 0 bytes");
        assert.deepEqual([summaries[0], summaries[2]], expected);
      });
    }
  }
});

function checkReport(text: string, container: string): void {
  assert.match(text, /^ {2}pool +262,144$/m);
  assert.match(text, /linear memory, memory 0 +196,608$/m, "it has grown to three pages, in place");
  const [, handedOut] = /^ {2}handed out +([\d,]+) in/m.exec(text)!;
  const [, sum] = /^ {2}all that is handed out +([\d,]+)$/m.exec(text)!;
  assert.equal(sum, handedOut);
  assert.doesNotMatch(text, /a mistake|DAMAGED/);
  assert.equal(/^ +AoT code, page 0 +[\d,]+$/m.test(text), container === "aot", "pages of an .aot are in the pool");
}
