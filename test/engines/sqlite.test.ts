// One artifact of SQLite on engines without WebAssembly; all must print what native WebAssembly computes.
import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { createRequire } from "node:module";
import { join } from "node:path";
import { before, test } from "node:test";
import { createContext, runInContext } from "node:vm";
import { W } from "../support/webassembly.js";
import { NOT_INSTALLED, ROOT, runExample } from "./run-example.js";

/** The example's own host and queries over the original module, run natively. */
function nativeOutput(): string {
  const require = createRequire(join(ROOT, "package.json"));
  const wasm = new W.Module(readFileSync(require.resolve("sql.js/dist/sql-wasm.wasm")));
  const lines: string[] = [];
  const context = createContext({
    print: (line: string) => lines.push(line),
    escape,
    unescape,
    WebAssembly: undefined,
    Sqlite: { instantiateSync: (imports: object) => new W.Instance(wasm, imports) },
  });
  for (const file of ["host.es5.js", "demo.es5.js"]) {
    runInContext(readFileSync(join(ROOT, "examples/sqlite-engines", file), "utf8"), context);
  }
  return `${lines.join("\n")}\n`;
}

let expected: string;
before(() => {
  expected = nativeOutput();
  assert.match(expected, /^WebAssembly here: undefined\nSQLite \d/);
  assert.match(expected, /fib\(90\) = 2880067194370816120\n/);
});

for (const engine of ["node", "hermes", "quickjs"]) {
  test(`SQLite on ${engine}`, (t) => {
    const { status, stdout, stderr } = runExample("sqlite-engines/run.mjs", [engine]);
    if (status === NOT_INSTALLED) return t.skip(stderr.trim());
    assert.equal(stderr, "");
    assert.equal(status, 0);
    assert.equal(stdout, expected);
  });
}
