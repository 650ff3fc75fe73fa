// What an artifact of -Os unpacks when it starts is the same on every engine: guesses of reader and writer may not differ by a bit.
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { after, describe } from "node:test";
import { compileSync } from "../../compiler/compile.js";
import { ModuleBuilder } from "../support/module-builder.js";
import { runsEverywhere } from "./shells.js";

const directory = mkdtempSync(join(tmpdir(), "wamrc-ts-engines-"));
after(() => rmSync(directory, { recursive: true }));

/** Slowly varying numbers with noise: nothing in them is certain, so every weight moves. */
const bytes = Uint8Array.from({ length: 6000 }, (_, i) => (i >> 4) + ((i * 40503) >>> 13) * (i & 3));

const DRIVER = `
var out = typeof print === "function" ? print : console.log;
var bytes = new Uint8Array(artifact.instantiateSync().exports.memory.buffer);
for (var i = 0, sum = 0; i < 8192; i++) sum = (Math.imul(sum, 31) + bytes[i]) | 0;
out(sum);
`;

describe("squeezed data", () => {
  const module = new ModuleBuilder();
  const memory = module.memory({ min: 1 });
  module.export("memory", "memory", memory);
  module.data(bytes, { memory, offset: 16 });
  const artifact = compileSync(module.toBytes(), { format: "script", name: "artifact", optLevel: "s" });
  const file = join(directory, "artifact.js");
  writeFileSync(file, new TextDecoder().decode(artifact) + DRIVER);

  const image = new Uint8Array(8192);
  image.set(bytes, 16);
  runsEverywhere(file, `${image.reduce((sum, byte) => (Math.imul(sum, 31) + byte) | 0, 0)}\n`);
});
