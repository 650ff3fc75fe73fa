// Where the text of an artifact waits for what stands in front of it.
import assert from "node:assert/strict";
import { readdirSync } from "node:fs";
import { join } from "node:path";
import { it } from "node:test";
import { Spool } from "../../../compiler/cli/spool.js";
import { concat } from "../../../compiler/write/parts.js";
import { Folder } from "./command.js";

function spoolIn(folder: string): Spool {
  const target = join(folder, "m.aot");
  return new Spool({ path: "m.aot", target, replaceable: true });
}

for (const [what, count] of [
  ["few bytes", 3],
  ["more than are kept in memory", 300],
] as const) {
  it(`gives back ${what}, and leaves nothing behind`, () => {
    const folder = new Folder();
    const spool = spoolIn(folder.path);
    const lent = new Uint8Array(30_000);
    const expected: Uint8Array[] = [];
    for (let i = 0; i < count; i++) {
      lent.fill(i);
      spool.append(lent);
      expected.push(lent.slice());
    }
    assert.equal(spool.size, count * lent.length);
    const parts: Uint8Array[] = [];
    for (const part of spool.parts()) parts.push(part.slice());
    assert.deepEqual(concat(parts), concat(expected));
    spool.close();
    assert.deepEqual(readdirSync(folder.path), []);
  });
}

it("says which output cannot be written", () => {
  const folder = new Folder();
  const spool = spoolIn(join(folder.path, "missing"));
  assert.throws(() => spool.append(new Uint8Array(5 << 20)), {
    message: "m.aot: cannot be written: no such file or directory",
  });
});
