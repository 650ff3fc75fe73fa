// Engine shells for the tests that run one script everywhere. One that is not in PATH is skipped.
import assert from "node:assert/strict";
import { spawnSync } from "node:child_process";
import { it } from "node:test";

interface Shell {
  readonly command: string;
  /** The package that brings it. */
  readonly source: string;
  /** Runs what the language has had since ES2022, and `eval`. */
  readonly modern: boolean;
}

const SHELLS: readonly Shell[] = [
  { command: "qjs", source: "Debian: quickjs", modern: true },
  { command: "qjs-ng", source: "quickjs-ng", modern: true },
  { command: "hermes", source: "npm: hermes-engine", modern: false },
  { command: "jsc", source: "Debian: libjavascriptcoregtk-bin", modern: true },
  { command: "js102", source: "Debian: libmozjs-102-dev", modern: true },
  { command: "js", source: "Mozilla: jsshell", modern: true },
  { command: "sm102", source: "Debian: libmozjs-102-dev", modern: true },
  { command: "sm140", source: "Mozilla: jsshell", modern: true },
  { command: "node", source: "Node", modern: true },
];

/** One test for each shell: that `file` prints `expected`. `modern`: the file is more than ES5. */
export function runsEverywhere(file: string, expected: string, modern = false): void {
  for (const { command, source, modern: able } of SHELLS) {
    if (modern && !able) continue;
    it(`runs on ${command}`, (context) => {
      const { error, status, stdout, stderr } = spawnSync(command, [file], { encoding: "utf8", timeout: 120_000 });
      if (error !== undefined && "code" in error && error.code === "ENOENT") {
        context.skip(`${command} is not installed (${source})`);
        return;
      }
      assert.equal(status, 0, stderr);
      assert.equal(stdout, expected);
    });
  }
}
