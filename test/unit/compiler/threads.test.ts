// Functions compiled by several threads, and artifacts that are written page by page: the same bytes as in one go, and the same
// errors.
import assert from "node:assert/strict";
import { describe, it } from "node:test";
import { compileParts } from "../../../compiler/compile-async.js";
import { compile, compileSync, type CompileOptions } from "../../../compiler/index.js";
import { concat } from "../../../compiler/write/parts.js";
import { ByteWriter } from "../../support/module-builder.js";
import { HEADER, section } from "../wasm/bytes.js";

const COUNT = 800;
/** Enough for three tasks in all. */
const LOADS = 50;

const leb = (value: number): number[] => [...new ByteWriter().u32(value).toBytes()];

/** Functions that load from memory, call each other and return what they got; `spoil` gets an operand too few, some end with nested ifs. */
function large(spoil?: number, depth = 0): Uint8Array {
  const bodies = Array.from({ length: COUNT }, (_, i) => {
    const code = [0, 0x41, i & 63];
    for (let k = 0; k < LOADS; k++) code.push(0x41, k & 63, 0x28, 2, ...leb(i), 0x6a);
    if (i > 0) code.push(0x10, ...leb(i - 1), 0x6a);
    if (i === spoil) code.push(0x1a);
    if (i % 400 === 0) {
      for (let k = 0; k < depth; k++) code.push(0x41, 1, 0x04, 0x40);
      for (let k = 0; k < depth; k++) code.push(0x0b);
    }
    code.push(0x0b);
    return [...leb(code.length), ...code];
  });
  const code = [...leb(COUNT), ...bodies.flat()];
  const sections = [
    section(1, 1, 0x60, 0, 1, 0x7f),
    section(3, ...leb(COUNT), ...new Array<number>(COUNT).fill(0)),
    section(5, 1, 0, 1),
    section(7, 1, 1, 0x66, 0, ...leb(COUNT - 1)),
    [10, ...leb(code.length)],
    code,
    section(11, 1, 0, 0x41, 0, 0x0b, 2, 1, 2),
  ];
  return Uint8Array.from([...HEADER, ...sections.flat()]);
}

describe("compiling in threads", () => {
  for (const format of ["aot", "esm"] as const) {
    it(`gives the same ${format} in any number`, async () => {
      const options: CompileOptions = { format, optLevel: 1 };
      const bytes = large();
      const expected = compileSync(bytes, options);
      for (const threads of [1, 3]) {
        const done: number[] = [];
        const onProgress = (count: number, total: number): void => void done.push(count / total);
        assert.deepEqual(await compile(bytes, { ...options, threads, onProgress }), expected, `${threads} threads`);
        assert.deepEqual([done.length, done.at(-1)], [COUNT, 1]);
      }
    });
  }

  it("takes bytes in shared memory as they are", async () => {
    const bytes = large();
    const shared = new Uint8Array(new SharedArrayBuffer(bytes.length));
    shared.set(bytes);
    assert.deepEqual(await compile(shared, { threads: 2 }), compileSync(bytes));
  });

  it("tells of the first invalid function, wherever it is", async () => {
    for (const spoil of [1, COUNT / 2, COUNT - 1]) {
      const bytes = large(spoil);
      const { message } = captured(() => compileSync(bytes));
      assert.match(message, new RegExp(`function ${spoil}\\b`));
      const expected = { name: "ValidationError", message };
      await assert.rejects(compile(bytes, { threads: 2 }), expected);
      await assert.rejects(compileParts(bytes, { threads: 2 }, { joins: true }), expected);
    }
  });

  it("leaves to them what needs a larger stack than the caller's", async () => {
    const bytes = large(undefined, 6000);
    assert.throws(() => compileSync(bytes), { name: "CompileError" });
    const inThreads = await compile(bytes, { threads: 2 });
    assert.deepEqual(concat(await compileParts(bytes, { threads: 2 }, { joins: true })), inThreads);
  });

  it("tells of a module that is none, and ends its threads", async () => {
    const bytes = large();
    const cut = bytes.subarray(0, bytes.length - 1);
    const { name, message } = captured(() => compileSync(cut));
    await assert.rejects(compile(cut, { threads: 2 }), { name, message });
  });
});

describe("an .aot in parts", () => {
  it("is the artifact, its text lent part by part", async () => {
    for (const threads of [1, 2]) {
      const text: Uint8Array[] = [];
      const front = await compileParts(large(), { threads }, { onText: (bytes) => text.push(bytes.slice()) });
      assert.ok(text.length > 2);
      assert.deepEqual(concat([...front, ...text]), compileSync(large()));
    }
  });

  it("ends with what is thrown by who takes the text", async () => {
    for (const threads of [1, 2]) {
      const full = new Error("no space left");
      const refuse = (): void => {
        throw full;
      };
      for (const joins of [false, true]) {
        await assert.rejects(compileParts(large(), { threads }, { onText: refuse, joins }), full);
      }
    }
  });
});

function captured(action: () => unknown): Error {
  try {
    action();
  } catch (error) {
    return error as Error;
  }
  throw new assert.AssertionError({ message: "nothing was thrown" });
}
