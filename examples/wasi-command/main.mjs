// node examples/wasi-command/main.mjs < some.txt: a WASI program in Node, by the three libraries: compile, load, run.
import { readFileSync } from "node:fs";
import binaryen from "binaryen";
import { compile } from "wamrc-ts/compiler";
import { instantiate, load } from "wamrc-ts/loader";
import { Wasi } from "wamrc-ts/wasi";

// Only because the program is written as text: binaryen reads it. A .wasm goes to `compile` as it is.
const text = readFileSync(new URL("count.wat", import.meta.url), "utf8");
const wasm = binaryen.parseText(text).emitBinary();

const artifact = await compile(wasm, { format: "aot" });

const wasi = new Wasi({ args: ["count"], stdin: 0, stdout: 1, stderr: 2 });
const instance = instantiate(load(artifact), wasi.importObject);
process.exitCode = wasi.start(instance);
