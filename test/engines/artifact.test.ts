// A JavaScript artifact on engines other than Node's: the same output everywhere, from scripts that only the language itself
// is needed for. An engine that is not in PATH is skipped.
import assert from "node:assert/strict";
import { spawnSync } from "node:child_process";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { after, describe, it } from "node:test";
import { writeJavaScript } from "../../compiler/write/javascript.js";
import { fullImage } from "../unit/loader/images.js";
import { runsEverywhere } from "./shells.js";

const directory = mkdtempSync(join(tmpdir(), "wamrc-ts-engines-"));
after(() => rmSync(directory, { recursive: true }));

// ES5, as the artifact is; BigInt by its function.
const DRIVER = `
var out = typeof print === "function" ? print : console.log;
var logged = [];
var e = artifact.instantiateSync({ env: { log: function (x) { logged.push(x); } } }).exports;
out([e.add(2, 3), e.twice(10, 3), logged.join(), String(e.mul(BigInt(-3), BigInt("81985529216486895"))), e.peek(16, 1)].join(" "));
out([e.count(100000, 1), e.apply(1, 21), new Uint8Array(e.memory.buffer, 56, 13).join()].join(" "));
function caught(run) { try { run(); } catch (x) { return x.name + ": " + x.message + " " + (x.frames ? x.frames[0].funcIndex : ""); } }
out(caught(function () { e.boom(); }));
out(caught(function () { e.peek(1 << 20, 0); }));
out(caught(function () { artifact.instantiateSync({}); }));
`;

const EXPECTED = `5 14 10 -245956587649460685 100
8 42 0,0,255,128,0,49,34,39,92,10,13,60,47
Trap: unreachable 7
Trap: out of bounds memory access 5
LinkError: unknown import: "env" "log": expected function (i32) -> (), but there is no module "env" 
`;

describe("a JavaScript artifact", () => {
  const file = join(directory, "artifact.js");
  writeFileSync(file, writeJavaScript(fullImage(), { format: "script", name: "artifact", lines: true }) + DRIVER);

  runsEverywhere(file, EXPECTED);

  it("is accepted by hermesc -O", (context) => {
    const compiled = join(directory, "artifact.hbc");
    const { error, status, stderr } = spawnSync("hermesc", ["-O", "-w", "-emit-binary", "-out", compiled, file], {
      encoding: "utf8",
    });
    if (error !== undefined && "code" in error && error.code === "ENOENT") {
      context.skip("hermesc is not installed (npm: hermes-engine)");
      return;
    }
    assert.equal(status, 0, stderr);
  });
});
