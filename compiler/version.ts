// The compiler's version is the package's; artifacts name it.
import { readFileSync } from "node:fs";
import { PACKAGE } from "./package.js";

const manifest = JSON.parse(readFileSync(new URL("package.json", PACKAGE), "utf8")) as {
  version: string;
};

export const VERSION = manifest.version;
