// The two readers of the command line: they agree on lines without fault, and faults are told with a remedy.
import assert from "node:assert/strict";
import { test } from "node:test";
import { Failure } from "../../../compiler/cli/failure.js";
import { normalizeArguments } from "../../../compiler/cli/options.js";
import { parseQuickly, parseWithYargs } from "../../../compiler/cli/parse.js";

test("both readers understand the same", async () => {
  const lines = [
    "compile a.wasm -o a.aot",
    "compile --output=a.mjs -O2 a.wasm --threads 3 -q",
    "compile a.wat -o a.js --format script --name App --target hermes -Os -g",
    "compile a.wasm -o a.aot --enable-wide-arithmetic --disable-simd --features=-gc,+threads",
    "run a.aot",
    "run a.aot 01 0x10 1e3 true null",
    "run a.wasm --dir /w=/tmp --dir . --env A=b=c --env A.B=1 --env HOME --argv0 x -- --dir y -h",
    "run --invoke add a.wasm 1 2",
    "run a.wasm -f add -- -1 -2",
    "run a.wasm --function add 1",
    "run a.wasm b --env=A= -- --",
    "run a.wasm --pool 256K --mem --json --html m.html --stack-size=8K --heap-size 0 --max-memory-pages 3 -- --mem",
    "mem a.aot --json --html=m.html --pool 1M",
    "inspect a.aot --json",
    "inspect a.wasm",
    "validate a.wasm b.wasm c.wat --quiet",
  ];
  for (const line of lines) {
    const argv = line.split(" ");
    const quick = parseQuickly(argv);
    assert.ok(quick, `not read quickly: ${line}`);
    assert.deepEqual(await parseWithYargs(argv), quick, line);
  }
});

test("values arrive as they were written", () => {
  const invocation = parseQuickly("run p.wasm --dir /w=/a=b --env A= 007 -- -x --dir z".split(" "))!;
  assert.deepEqual(invocation.positionals, ["p.wasm", "007", "-x", "--dir", "z"]);
  assert.deepEqual(invocation.lists.get("dir"), ["/w=/a=b"]);
  assert.deepEqual(invocation.lists.get("env"), ["A="]);
});

test("spellings of other compilers are translated, but not behind --", () => {
  assert.deepEqual(normalizeArguments(["-O3", "-Oz", "-O", "--disable-simd", "--", "-O3", "--disable-simd"]), [
    "--opt-level=3",
    "--opt-level=z",
    "--opt-level=2",
    "--features=-simd",
    "--",
    "-O3",
    "--disable-simd",
  ]);
});

test("faults name the culprit and the help page", async () => {
  const faults: [line: string, message: string][] = [
    ["rum a.wasm", "unknown command rum; did you mean run? (see wamrc-ts --help)"],
    ["frobnicate", "unknown command or argument frobnicate (see wamrc-ts --help)"],
    ["compile", "no input given (see wamrc-ts compile --help)"],
    ["run", "no file given (see wamrc-ts run --help)"],
    ["validate", "no file given (see wamrc-ts validate --help)"],
    ["compile a.wasm b.wasm", "one input at a time, but also got b.wasm (see wamrc-ts compile --help)"],
    ["compile a.wasm --frmt aot", "unknown option --frmt (see wamrc-ts compile --help)"],
    ["compile a.wasm -x", "unknown option -x (see wamrc-ts compile --help)"],
    ["compile a.wasm -o", "-o needs a value (see wamrc-ts compile --help)"],
    ["compile a.wasm -o b -o c", "--output given 2 times (see wamrc-ts compile --help)"],
    ["compile a.wasm --format zip", "--format is aot, esm, cjs, script; got zip (see wamrc-ts compile --help)"],
    ["compile a.wasm -O7", "--opt-level is 0, 1, 2, 3, s, z; got 7 (see wamrc-ts compile --help)"],
    [
      "run a.wasm --verbose",
      "unknown option --verbose; what is meant for the program goes after -- (see wamrc-ts run --help)",
    ],
    [
      "run a.wasm --invoke",
      "--invoke needs a value; what is meant for the program goes after -- (see wamrc-ts run --help)",
    ],
  ];
  for (const [line, message] of faults) {
    const argv = line.split(" ");
    const parse = async (): Promise<unknown> => parseQuickly(argv) ?? (await parseWithYargs(argv));
    await assert.rejects(parse, (error) => {
      assert.ok(error instanceof Failure, `${line}: ${String(error)}`);
      assert.equal(error.reason, "usage");
      assert.equal(error.message, message, line);
      return true;
    });
  }
});
