// Declarations of artifacts: TypeScript accepts right uses and refuses wrong ones.
import assert from "node:assert/strict";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { after, describe, it } from "node:test";
import ts from "typescript";
import { declarations } from "../../../compiler/write/declarations.js";
import { EXTERNREF, F64, FUNCREF, I32, I64 } from "../../../runtime/wasm/types.js";
import { EMPTY_MODULE, fullImage, func, importedCounts } from "./images.js";

const directory = mkdtempSync(join(tmpdir(), "wamrc-ts-dts-"));
after(() => rmSync(directory, { recursive: true }));

/** Codes of the errors in `use`, compiled beside the declarations. */
function check(types: string, use: string): string[] {
  writeFileSync(join(directory, "artifact.d.mts"), types);
  const file = join(directory, "use.mts");
  writeFileSync(file, use);
  const options: ts.CompilerOptions = {
    strict: true,
    noEmit: true,
    target: ts.ScriptTarget.ES2022,
    module: ts.ModuleKind.NodeNext,
    moduleResolution: ts.ModuleResolutionKind.NodeNext,
    types: [],
  };
  return ts
    .getPreEmitDiagnostics(ts.createProgram([file], options))
    .map(({ messageText }) => ts.flattenDiagnosticMessageText(messageText, " "));
}

describe("declarations", () => {
  it("type exports and imports of a module", () => {
    const types = declarations(fullImage().module);
    const good = `
      import { Trap, instantiate, instantiateSync, module } from "./artifact.mjs";
      const { exports } = instantiateSync({ env: { log: (x) => void x.toFixed() } }, { maxMemoryPages: 10 });
      export const sum: number = exports.add(1, 2);
      export const product: bigint = exports.mul(1n, 2n);
      export const nothing: number = exports["täble"].length + exports.memory.buffer.byteLength;
      exports.last.value = 5n;
      export const later: Promise<number> = instantiate({ env: { log() {} } }).then((i) => i.exports.size());
      export const digest: string = module.digest;
      export const frames = new Trap().frames[0]?.funcIndex;`;
    assert.deepEqual(check(types, good), []);
    const bad = `
      import { instantiateSync } from "./artifact.mjs";
      const { exports } = instantiateSync({ env: { log: (x: string) => {} } });
      exports.add("1", 2);
      exports.mul(1, 2);
      exports.nothere();
      exports.last.value = 5;
      instantiateSync();`;
    assert.equal(check(types, bad).length, 6);
  });

  it("know references, several results and imports of every kind", () => {
    const limits = { min: 1 };
    const types = declarations({
      ...EMPTY_MODULE,
      types: [func([EXTERNREF, FUNCREF], [I32, I64, F64])],
      imports: [
        { module: "env", name: "f", desc: { kind: "func", typeIndex: 0 } },
        {
          module: "env",
          name: "m",
          desc: { kind: "memory", memory: { limits, shared: false, address64: false, pageSizeLog2: 16 } },
        },
        { module: "a-b", name: "t t", desc: { kind: "table", table: { limits, address64: false, element: FUNCREF } } },
        { module: "env", name: "g", desc: { kind: "global", global: { type: I64, mutable: true } } },
        { module: "env", name: "h", desc: { kind: "global", global: { type: I32, mutable: false } } },
      ],
      imported: importedCounts({ func: 1, memory: 1, table: 1, global: 2 }),
      funcTypes: [0],
      exports: [{ name: "f", kind: "func", index: 0 }],
    });
    const good = `
      import { Global, Memory, Table, instantiateSync } from "./artifact.mjs";
      const { exports } = instantiateSync({
        env: { f: () => [1, 2n, 3], m: new Memory({ initial: 1 }), g: new Global({ value: "i64", mutable: true }, 1n), h: 3 },
        "a-b": { "t t": new Table({ element: "anyfunc", initial: 1 }) },
      });
      export const [i, l, d]: [number, bigint, number] = exports.f({}, null);`;
    assert.deepEqual(check(types, good), []);
  });

  it("make a namespace for scripts, and need no imports where there are none", () => {
    const types = declarations(EMPTY_MODULE, { globalName: "artifact" });
    writeFileSync(join(directory, "global.d.ts"), types);
    const use = `/// <reference path="./global.d.ts" />
      export const i: artifact.Instance = artifact.instantiateSync();`;
    assert.deepEqual(check("export {};", use), []);
  });
});
