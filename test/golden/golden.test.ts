// What the compiler prints for small modules, as files to be read and reviewed. `BLESS=1 npm test golden` rewrites them; the
// diff is then part of the change.
import assert from "node:assert/strict";
import { readdirSync, readFileSync, writeFileSync } from "node:fs";
import { test } from "node:test";
import binaryen from "binaryen";
import { compileImageSync } from "../../compiler/compile.js";
import { compileSettings } from "../support/settings.js";

const FOLDER = new URL("../../../test/golden/", import.meta.url);

function compiled(wat: string): string {
  const module = binaryen.parseText(wat);
  module.setFeatures(binaryen.Features.MVP | binaryen.Features.TailCall);
  const settings = /^;; --set (.*)$/m.exec(wat)?.[1]?.split(" ") ?? [];
  const image = compileImageSync(module.emitBinary(), { format: "esm", optLevel: 1, ...compileSettings(settings) });
  module.dispose();
  // A statement a line, for reading; the text itself has a function a line.
  return image.pages.map((page) => page.text.replace(/([;{}])(?=[^\n;}])(?!\)\{)/g, "$1\n") + "\n").join("\n");
}

for (const file of readdirSync(FOLDER).filter((name) => name.endsWith(".wat"))) {
  test(`output of ${file}`, () => {
    const expected = new URL(file.replace(".wat", ".js.txt"), FOLDER);
    const text = compiled(readFileSync(new URL(file, FOLDER), "utf8"));
    if (process.env["BLESS"] === "1") writeFileSync(expected, text);
    assert.equal(text, readFileSync(expected, "utf8"));
  });
}
