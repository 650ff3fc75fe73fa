// One script on every engine shell. One that is not in PATH is skipped.
import assert from "node:assert/strict";
import { spawnSync } from "node:child_process";
import { it } from "node:test";
import { findShell, SHELLS } from "../support/shells.js";

/** One test for each shell: that `file` prints `expected`. `modern`: the file is more than ES5. */
export function runsEverywhere(file: string, expected: string, modern = false): void {
  for (const shell of SHELLS) {
    if (modern && !shell.modern) continue;
    it(`runs on ${shell.name}`, (context) => {
      const command = findShell(shell);
      if (command === undefined) {
        context.skip(`${shell.name} is not installed (${shell.source})`);
        return;
      }
      const { status, stdout, stderr } = spawnSync(command, [file], { encoding: "utf8", timeout: 120_000 });
      assert.equal(status, 0, stderr);
      assert.equal(stdout, expected);
    });
  }
}
