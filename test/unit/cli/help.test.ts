// Help fits the terminal, and names every command, option and exit code.
import assert from "node:assert/strict";
import { test } from "node:test";
import { EXIT } from "../../../compiler/cli/exit-codes.js";
import { commandHelp, overview } from "../../../compiler/cli/help.js";
import { COMMANDS } from "../../../compiler/cli/options.js";
import { Folder } from "./command.js";

const folder = new Folder();

for (const columns of [80, 40]) {
  for (const page of ["", ...COMMANDS.map(({ name }) => name)]) {
    test(`wamrc-ts ${page} --help in ${columns} columns`, () => {
      const command = COMMANDS.find(({ name }) => name === page);
      process.env["COLUMNS"] = String(columns);
      const stdout = command ? commandHelp(command) : overview("1.2.3");
      // Command lines to copy are never broken; they stand indented by four.
      const wide = stdout.split("\n").filter((line) => line.length > columns && !line.startsWith("    wamrc-ts "));
      assert.deepEqual(wide, []);
      for (const { name } of command?.options ?? []) assert.match(stdout, new RegExp(`--${name}\\b`));
      for (const { name } of command ? [] : COMMANDS) assert.match(stdout, new RegExp(`^  ${name}\\b`, "m"));
      for (const [number] of Object.values(EXIT)) assert.match(stdout, new RegExp(`^  ${number}\\b`, "m"));
    });
  }
}

test("help is a success, asked for in any way", () => {
  for (const args of [["--help"], ["-h"], ["help"], ["run", "--help"], ["run", "x.aot", "-h"], ["help", "run"]]) {
    const { code, stdout, stderr } = folder.run(args);
    assert.deepEqual([code, stderr], [0, ""]);
    assert.match(stdout, args.includes("run") ? /^ {2}wamrc-ts run \[options\] <file> \[args\.\.\]$/m : /^Commands$/m);
  }
});

test("without arguments help goes to stderr, and it is a failure", () => {
  const { code, stdout, stderr } = folder.run([]);
  assert.equal(code, 64);
  assert.equal(stdout, "");
  assert.match(stderr, /^Usage\n {2}wamrc-ts <command> \[options\]/m);
});

test("colours are for terminals and for who forces them", () => {
  const escape = /\x1b\[/;
  assert.doesNotMatch(folder.run(["--help"]).stdout, escape);
  assert.match(folder.run(["--help"], { env: { FORCE_COLOR: "1" } }).stdout, escape);
  assert.doesNotMatch(folder.run(["--help"], { env: { FORCE_COLOR: "1", NO_COLOR: "1" } }).stdout, escape);
});

test("--version prints the version of package.json", () => {
  assert.match(folder.run(["--version"]).stdout, /^\d+\.\d+\.\d+\n$/);
});
