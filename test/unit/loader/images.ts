// Images written by hand, so that the loader is tested without a compiler: one with everything that the linker has to
// keep in step, and the smallest there is.
import type { Image, Page } from "../../../loader/image.js";
import { ABI_VERSION, FORMAT_VERSION } from "../../../loader/layout.js";
import { Op } from "../../../runtime/wasm/opcodes.js";
import type { ExternKind, Module } from "../../../runtime/wasm/module.js";
import { FUNCREF, I32, I64 } from "../../../runtime/wasm/types.js";
import type { FuncType, SubType } from "../../../runtime/wasm/types.js";

export const TARGET: Image["target"] = {
  formatVersion: FORMAT_VERSION,
  abiVersion: ABI_VERSION,
  target: "generic",
  features: [],
  optLevel: "1",
  compilerVersion: "0.0.0",
  sourceDigest: "0123456789abcdef".repeat(4),
  sourceSize: 1234,
};

export const EMPTY_MODULE: Module = {
  types: [],
  imports: [],
  funcTypes: [],
  tables: [],
  memories: [],
  globals: [],
  tags: [],
  exports: [],
  elements: [],
  dataSegments: [],
  customs: [],
  imported: { func: 0, table: 0, memory: 0, global: 0, tag: 0 },
  funcNames: new Map(),
};

export function func(params: FuncType["params"], results: FuncType["results"], index = 0): SubType {
  const composite = { kind: "func", params, results } as const;
  return { final: true, supertypes: [], composite, recGroupStart: index, recGroupSize: 1 };
}

export function importedCounts(counts: Partial<Record<ExternKind, number>>): Record<ExternKind, number> {
  return { func: 0, table: 0, memory: 0, global: 0, tag: 0, ...counts };
}

/** One exported function, `answer`, that returns 42. */
export function smallestImage(): Image {
  return {
    target: TARGET,
    module: {
      ...EMPTY_MODULE,
      types: [func([], [I32])],
      funcTypes: [0],
      exports: [{ name: "answer", kind: "func", index: 0 }],
    },
    pages: [
      {
        text: 'function(R){"use strict";\nfunction f0(){\nreturn 42}\nreturn{f:[f0],b:function(i,v){}}}',
        relocations: [],
        functions: [0],
      },
    ],
    funcOffsets: [34],
  };
}

/** Imports `a.f`, calls it as `go`, and tells by `direct` whether its slot holds the function itself and no stub. */
export function importingImage(): Image {
  return {
    target: TARGET,
    module: {
      ...EMPTY_MODULE,
      types: [func([I32, I32], [I32]), func([], [I32], 1)],
      imports: [{ module: "a", name: "f", desc: { kind: "func", typeIndex: 0 } }],
      imported: importedCounts({ func: 1 }),
      funcTypes: [0, 0, 1],
      exports: [
        { name: "go", kind: "func", index: 1 },
        { name: "direct", kind: "func", index: 2 },
      ],
    },
    pages: [
      {
        text: `function(R){"use strict";var f0=R[0];
function f1(a,b){return f0(a,b)}
function f2(){return f0.t===undefined?1:0}
return{f:[f1,f2],b:function(i,v){f0=v}}}`,
        relocations: [{ kind: "func", index: 0 }],
        functions: [1, 2],
      },
    ],
    funcOffsets: [40, 50],
  };
}

const FIRST_PAGE: Page = {
  text: `function(R){"use strict";var f3=R[0],f0=R[1],t0_0=R[2],I=R[3],f9=R[4];
function f1(a,b){return a+b|0}
function f2(a,b){
f0(a);
return f1(f3(a,b),f3(a,b))}
function f6(a,b){return (t0_0[a]||I.bad_call(0,a,0))(b,b)}
function f8(a,b){return f9(a)+b|0}
return{f:[f1,f2,f6,f8],b:function(i,v){switch(i){case 0:f3=v;break;case 1:f0=v;break;case 4:f9=v}}}}`,
  relocations: [
    { kind: "func", index: 3 },
    { kind: "func", index: 0 },
    { kind: "sig", index: 0, index2: 0 },
    { kind: "instance", index: 0 },
    { kind: "func", index: 9 },
  ],
  functions: [1, 2, 6, 8],
};

const SECOND_PAGE: Page = {
  text: `function(R){"use strict";var S=R[0],i64_mul=R[1],M=R[2],G=R[3],c1=R[4],I=R[5],trap=R[6],T0=R[7];
function f3(a,b){return a-b|0}
function f4(a,b,c,d){c1.v=a;c1.h=b;return i64_mul(a,b,c,d)}
function f5(a,b){
G.g0=G.g0+1|0;
I.memory_grow(0,b);
return M.getUint8(a)+G.g0|0}
function f7(){
trap(0);
return 0}
function f9_(a){if(a){S.tf=f9_;S.ta=[a-1|0];return S}return 7}
function f9(a){var r=f9_(a);while(r===S)r=S.tf.apply(null,S.ta);return r}f9.t=f9_;
function f10(){return T0.length}
return{f:[f3,f4,f5,f7,f9,f10],b:function(i,v){switch(i){case 2:M=v}}}}`,
  relocations: [
    { kind: "state", index: 0 },
    { kind: "helper", index: 0, name: "i64_mul" },
    { kind: "memory", index: 0 },
    { kind: "globals", index: 0 },
    { kind: "global", index: 1 },
    { kind: "instance", index: 0 },
    { kind: "helper", index: 0, name: "trap" },
    { kind: "table", index: 0 },
  ],
  functions: [3, 4, 5, 7, 9, 10],
  lines: { lines: [2, 3, 5, 6, 7, 9, 10], offsets: [100, 110, 120, 125, 130, 140, 150] },
};

export const DATA = Uint8Array.from([
  104,
  105,
  ...new Array<number>(40).fill(0),
  255,
  128,
  0,
  49,
  34,
  39,
  92,
  10,
  13,
  60,
  47,
]);

/** Two pages that call each other, a table, a memory, globals, an import, names, lines and a custom section. */
export function fullImage(): Image {
  return {
    target: { ...TARGET, features: ["bulk-memory", "multi-value"] },
    module: {
      types: [
        func([I32, I32], [I32], 0),
        func([I64, I64], [I64], 1),
        func([I32], [], 2),
        func([], [I32], 3),
        func([I32], [I32], 4),
      ],
      imports: [{ module: "env", name: "log", desc: { kind: "func", typeIndex: 2 } }],
      funcTypes: [2, 0, 0, 0, 1, 0, 0, 3, 0, 4, 3],
      tables: [{ type: { element: FUNCREF, limits: { min: 6, max: 10 }, address64: false } }],
      memories: [{ limits: { min: 1, max: 4 }, shared: false, address64: false, pageSizeLog2: 16 }],
      globals: [
        { type: { type: I32, mutable: true }, init: [Op.i32_const, -5] },
        { type: { type: I64, mutable: true }, init: [Op.i64_const, -1, 1] },
      ],
      tags: [],
      exports: [
        { name: "add", kind: "func", index: 1 },
        { name: "twice", kind: "func", index: 2 },
        { name: "mul", kind: "func", index: 4 },
        { name: "peek", kind: "func", index: 5 },
        { name: "apply", kind: "func", index: 6 },
        { name: "boom", kind: "func", index: 7 },
        { name: "count", kind: "func", index: 8 },
        { name: "size", kind: "func", index: 10 },
        { name: "last", kind: "global", index: 1 },
        { name: "memory", kind: "memory", index: 0 },
        { name: "täble", kind: "table", index: 0 },
      ],
      elements: [
        { mode: "active", table: 0, offset: [Op.i32_const, 1], type: FUNCREF, funcs: [1, 3, 2] },
        {
          mode: "passive",
          table: 0,
          offset: [],
          type: FUNCREF,
          exprs: [
            [Op.ref_func, 4],
            [Op.ref_null, 0x10000070],
          ],
        },
      ],
      dataSegments: [
        { mode: "active", memory: 0, offset: [Op.i32_const, 16], bytes: DATA },
        { mode: "passive", memory: 0, offset: [], bytes: new Uint8Array(0) },
      ],
      customs: [{ name: "producers", bytes: Uint8Array.from([1, 2, 3]), at: 99 }],
      imported: importedCounts({ func: 1 }),
      funcNames: new Map([
        [4, "mul"],
        [7, "go boom ☃"],
      ]),
      moduleName: "full",
    },
    pages: [FIRST_PAGE, SECOND_PAGE],
    funcOffsets: [50, 60, 100, 110, 120, 70, 140, 80, 160, 170],
  };
}
