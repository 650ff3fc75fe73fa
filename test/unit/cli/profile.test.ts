// `run --record-profile` and `compile --profile`: functions that ran share pages, everything else is as without.
import assert from "node:assert/strict";
import { existsSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { describe, it } from "node:test";
import { load } from "../../../loader/load.js";
import { Folder, runHere } from "./command.js";

/** 160 functions of some length, of which `even` calls every second one. */
const FUNCTIONS = 160;
const BODY = "(i32.xor (i32.mul (local.get 0) (i32.const 77777)) (i32.const 99999))";
const long = (k: number): string =>
  `(func $f${k} (param i32) (result i32) ${`(local.set 0 ${BODY})`.repeat(200)} (i32.add (local.get 0) (i32.const ${k})))`;
const MODULE = `(module
  ${Array.from({ length: FUNCTIONS }, (_, k) => long(k)).join("\n")}
  (func (export "even") (param i32) (result i32)
    ${Array.from({ length: FUNCTIONS / 2 }, (_, k) => `(local.set 0 (call $f${2 * k} (local.get 0)))`).join(" ")}
    (local.get 0)))`;

describe("profiles", () => {
  const folder = new Folder({ "m.wat": MODULE, "other.wat": "(module)", "none.txt": "hello\n" });
  const path = (name: string): string => join(folder.path, name);
  const pagesRun = (name: string): readonly [resident: number, result: number] => {
    const module = load(readFileSync(path(name)));
    const result = (module.instantiate().exports["even"] as (x: number) => number)(1);
    let resident = 0;
    for (let p = 0; p < module.region.pageCount; p++) if (module.isResident(p)) resident++;
    return [resident, result];
  };

  it("lets a start bring in fewer pages, with the same results", async () => {
    assert.equal(folder.run(["run", "m.wat", "--invoke", "even", "1", "--record-profile", "m.profile"]).code, 0);
    const lines = readFileSync(path("m.profile"), "utf8").trimEnd().split("\n");
    const even = Array.from({ length: FUNCTIONS / 2 }, (_, k) => String(2 * k));
    assert.deepEqual(lines.slice(2), [...even, String(FUNCTIONS)]);
    assert.equal((await runHere(folder, ["compile", "m.wat", "-q", "-o", "plain.aot"])).code, 0);
    assert.equal((await runHere(folder, ["compile", "m.wat", "-q", "--profile", "m.profile", "-o", "m.aot"])).code, 0);
    const [plain, result] = pagesRun("plain.aot");
    assert.deepEqual(pagesRun("m.aot"), [Math.ceil(plain / 2), result]);
    const atAnotherLevel = ["compile", "m.wat", "-q", "-O2", "--profile", "m.profile", "-o", "m2.aot"];
    assert.equal((await runHere(folder, atAnotherLevel)).code, 0);
    assert.deepEqual(pagesRun("m2.aot"), [Math.ceil(plain / 2), result]);
    assert.ok(plain >= 2, `${plain} pages`);
  });

  const REFUSED: readonly (readonly [string, readonly string[], RegExp])[] = [
    ["what is no profile", ["m.wat", "--profile", "none.txt", "-o", "x.aot"], /none\.txt: is no profile/],
    ["that of another module", ["other.wat", "--profile", "m.profile", "-o", "x.aot"], /recorded with another module/],
    ["one for JavaScript", ["m.wat", "--profile", "m.profile", "-o", "x.mjs"], /--profile is for \.aot/],
    ["a missing one", ["m.wat", "--profile", "nowhere", "-o", "x.aot"], /nowhere: cannot be read/],
  ];
  for (const [what, args, message] of REFUSED) {
    it(`refuses ${what}`, async () => {
      const { code, stderr } = await runHere(folder, ["compile", ...args]);
      assert.match(stderr, message);
      assert.ok(code === 64 || code === 66, `exit code ${code}`);
      assert.ok(!existsSync(path(args[args.length - 1]!)));
    });
  }

  it("records modules only", async () => {
    const { code, stderr } = await runHere(folder, ["run", "m.aot", "--invoke", "even", "1", "--record-profile", "p"]);
    assert.equal(code, 64);
    assert.match(stderr, /--record-profile is for \.wasm and \.wat/);
  });
});
