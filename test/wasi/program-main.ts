// Runs a WASI command on native WebAssembly, with our calls or with node:wasi's:
// `node program-main.js ours|node file.wasm [directory or -] [argument…]`, its streams and environment being this process's own.

import { readFileSync } from "node:fs";
import { WASI } from "node:wasi";
import { Wasi } from "../../runtime/wasi/index.js";
import { W } from "../support/webassembly.js";

const [side, file, directory, ...rest] = process.argv.slice(2);
const options = {
  args: ["program", ...rest],
  env: { GREETING: "hello", EMPTY: "" },
  preopens: directory === undefined || directory === "-" ? {} : { "/w": directory },
};
const module = new W.Module(readFileSync(file!));
if (side === "node") {
  const wasi = new WASI({ version: "preview1", returnOnExit: true, ...options });
  process.exitCode = wasi.start(new W.Instance(module, { wasi_snapshot_preview1: wasi.wasiImport }));
} else {
  const wasi = new Wasi(options);
  process.exitCode = wasi.start(new W.Instance(module, wasi.importObject));
}
