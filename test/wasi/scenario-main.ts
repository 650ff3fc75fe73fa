// Makes the scenario's calls on one implementation and prints the answers: `node scenario-main.js ours|ours-path|node`. A process
// of its own, because a call of node:wasi may never return.

import { execFileSync } from "node:child_process";
import { constants, mkdtempSync, openSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { WASI } from "node:wasi";
import { NodeHost, Wasi } from "../../runtime/wasi/index.js";
import { W } from "../support/webassembly.js";
import { Guest, type Imports } from "./guest.js";
import { STEPS, makeTree } from "./scenario.js";

const side = process.argv[2];
const base = mkdtempSync(join(tmpdir(), "wasi-scenario-"));
process.on("exit", () => rmSync(base, { recursive: true, force: true }));
makeTree(base);
writeFileSync(join(base, "stdin"), "stdin text");
execFileSync("mkfifo", [join(base, "stdout")]);
const options = {
  args: ["prog", "arg"],
  env: { A: "1", LONG: "value" },
  preopens: { "/w": join(base, "w"), "/v": join(base, "v") },
  stdin: openSync(join(base, "stdin"), "r"),
  stdout: openSync(join(base, "stdout"), constants.O_RDWR), // both ends, so that opening does not wait
  stderr: 2,
};
const memory = new W.Memory({ initial: 4 });

function imports(): Imports {
  if (side === "node") {
    const wasi = new WASI({ version: "preview1", returnOnExit: true, ...options });
    wasi.initialize({ exports: { memory } });
    return wasi.wasiImport as Imports;
  }
  const wasi = new Wasi({ ...options, host: new NodeHost(side === "ours-path" ? { procfs: false } : {}) });
  wasi.bind(memory);
  return wasi.imports;
}

const state = { g: new Guest(imports(), memory), root: join(base, "w"), fds: {} };
const answers: Record<string, string> = {};
for (const [name, run, notOnNode] of STEPS) {
  if (side === "node" && notOnNode !== undefined) continue;
  answers[name] = JSON.stringify(run(state), (_key, value: unknown) =>
    typeof value === "bigint" ? `${value}n` : value,
  );
}
process.stdout.write(JSON.stringify(answers));
