// Data segments are merged where nobody can notice, and left alone everywhere else.
import assert from "node:assert/strict";
import { describe, it } from "node:test";
import { compileImageSync } from "../../../compiler/compile.js";
import { mergeDataSegments } from "../../../compiler/write/merge-data.js";
import { Op } from "../../../runtime/wasm/opcodes.js";
import type { DataSegment, DecodedModule, Module } from "../../../runtime/wasm/module.js";
import { ModuleBuilder } from "../../support/module-builder.js";
import { EMPTY_MODULE, importedCounts } from "./images.js";

const memory = { limits: { min: 1 }, shared: false, address64: false, pageSizeLog2: 16 };

function at(start: number, ...bytes: number[]): DataSegment {
  return { mode: "active", memory: 0, offset: [Op.i32_const, start | 0], bytes: Uint8Array.from(bytes) };
}

function merged(segments: readonly DataSegment[], more: Partial<DecodedModule> = {}): readonly (readonly unknown[])[] {
  const module: Module = { ...EMPTY_MODULE, memories: [memory, memory], dataSegments: segments, ...more };
  return mergeDataSegments(module, 64).dataSegments.map(({ memory, offset, bytes }) => [memory, offset[1], ...bytes]);
}

describe("mergeDataSegments", () => {
  it("joins what lies close together", () => {
    assert.deepEqual(merged([at(8, 1, 2), at(12, 3), at(13), at(13, 4)]), [[0, 8, 1, 2, 0, 0, 3, 4]]);
    assert.equal(merged([at(0, 1), at(65, 2)]).length, 1);
    assert.equal(merged([at(0, 1), at(66, 2)]).length, 2);
    assert.deepEqual(merged([at(65535, 1)]), [[0, 65535, 1]]);
  });

  it("keeps memories apart", () => {
    const other = { ...at(1, 7), memory: 1 };
    assert.deepEqual(merged([at(0, 1), other, at(2, 3)]), [
      [0, 0, 1],
      [1, 1, 7],
      [0, 2, 3],
    ]);
  });

  it("changes nothing that could be noticed", () => {
    const apart = [at(0, 1), at(4, 2)];
    const unchanged: readonly (readonly [string, readonly DataSegment[], Partial<DecodedModule>])[] = [
      ["segments that can be named", apart, { dataCount: 2 }],
      ["a passive segment", [...apart, { ...at(9, 9), mode: "passive", offset: [] }], {}],
      ["an imported memory", apart, { imported: importedCounts({ memory: 1 }) }],
      ["a computed offset", [...apart, { ...at(0, 1), offset: [Op.global_get, 0] }], {}],
      ["an overlap", [at(0, 1, 2, 3), at(2, 9)], {}],
      ["descending segments", [at(4, 1), at(0, 9)], {}],
      ["a segment out of bounds", [...apart, at(65535, 1, 2)], {}],
      ["a segment beyond 2 GiB", [...apart, at(0x80000000, 1)], {}],
    ];
    for (const [what, segments, more] of unchanged) assert.equal(merged(segments, more).length, segments.length, what);
  });

  it("is kept from it by functions that name segments, and by nothing else", () => {
    const lengths = (body: readonly number[]): readonly number[] => {
      const module = new ModuleBuilder();
      const memory = module.memory({ min: 1 });
      module.data(Uint8Array.of(1), { memory, offset: 0 });
      module.data(Uint8Array.of(2), { memory, offset: 8 });
      module.func(module.type([], []), [], body);
      const image = compileImageSync(module.toBytes());
      return mergeDataSegments(image.module, 64).dataSegments.map(({ bytes }) => bytes.length);
    };
    assert.deepEqual(lengths([]), [9]);
    assert.deepEqual(lengths([0xfc, 0x09, 0]), [1, 1], "data.drop 0");
  });
});
