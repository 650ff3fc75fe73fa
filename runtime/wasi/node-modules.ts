// Modules of Node that take it milliseconds to start and that few programs need: loaded when first asked for.
import type * as Crypto from "node:crypto";
import { createRequire } from "node:module";
import type * as Tty from "node:tty";

const require = createRequire(import.meta.url);

export function randomFillSync(bytes: Uint8Array): void {
  (require("node:crypto") as typeof Crypto).randomFillSync(bytes);
}

export function isatty(fd: number): boolean {
  return (require("node:tty") as typeof Tty).isatty(fd);
}
