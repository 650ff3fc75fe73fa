// What a call between guest and host costs: an import that is a plain function, a registered native function, one with a pointer,
// a raw one; and from the host an export, and the same through an ExecEnv.
//   node test/bench/questions/native-calls.js        (after npm run build)
import binaryen from "binaryen";
import { compileSync } from "../../../dist/compiler/index.js";
import { load } from "../../../dist/loader/index.js";
import { embed, native, Runtime } from "../../../dist/runtime/index.js";

const STEPS = 2e4; // a round is shorter than a slice of a busy machine
const loop = (name, args) => `(func (export "${name}") (param $n i32) (result i32) (local $s i32)
  (loop $l (local.set $s (i32.add (local.get $s) (call $${name} ${args})))
    (br_if $l (local.tee $n (i32.sub (local.get $n) (i32.const 1)))))
  (local.get $s))`;
const text = `(module
  (import "env" "plain" (func $plain (param i32 i32) (result i32)))
  (import "env" "native" (func $native (param i32 i32) (result i32)))
  (import "env" "pointer" (func $pointer (param i32 i32) (result i32)))
  (import "env" "raw" (func $raw (param i32 i32) (result i32)))
  (memory 1)
  ${["plain", "native", "pointer", "raw"].map((name) => loop(name, "(i32.const 16) (i32.const 4)")).join("\n")}
  (func (export "add") (param i32 i32) (result i32) (i32.add (local.get 0) (local.get 1))))`;

const runtime = Runtime.init();
runtime.registerNatives("env", [
  native("native", "(ii)i", (_env, a, b) => a + b),
  native("pointer", "(*~)i", (_env, p) => p.address),
]);
runtime.registerNativesRaw("env", [
  { symbol: "raw", func: (_env, args) => args.setInt32(0, args.getInt32(0, true) + args.getInt32(8, true), true) },
]);
const module = load(compileSync(binaryen.parseText(text).emitBinary(), { format: "aot" }), { runtime });
const instance = embed(module, { imports: { env: { plain: (a, b) => a + b } } });
const { add, ...loops } = instance.exports;

function nanoseconds(name, run) {
  let best = Infinity;
  for (let round = 0; round < 100; round++) {
    const start = performance.now();
    run(STEPS);
    best = Math.min(best, performance.now() - start);
  }
  console.log(`${name.padEnd(28)} ${((best * 1e6) / STEPS).toFixed(1)} ns`);
}

const repeat = (call) => (n) => {
  for (let i = 0; i < n; i++) call(i, 1);
};
for (const name of ["plain", "native", "pointer", "raw"]) nanoseconds(`guest calls ${name}`, loops[name]);
const env = instance.execEnv;
const found = instance.lookupFunction("add");
const args = [1, 2];
const cells = new Int32Array(2);
nanoseconds("host calls export", repeat(add));
nanoseconds(
  "host calls env.call",
  repeat(() => env.call(found, args)),
);
nanoseconds(
  "host calls env.callCells",
  repeat(() => env.callCells(found, cells)),
);
nanoseconds("host calls typedFunction", repeat(instance.typedFunction("add", "(ii)i")));
