// Random bytes, of the quality of the host's cryptographic generator unless the embedder gave its own source.

import type { Context } from "./context.js";

export function randomGet(w: Context, buffer: number, length: number): void {
  w.host.random(w.memory.bytes(buffer, length));
}
