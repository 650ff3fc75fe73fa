// Files in parts: what is large is written, or handed over, without ever being copied into one piece.

/** The bytes of all parts, in one piece. */
export function concat(parts: readonly Uint8Array[]): Uint8Array<ArrayBuffer> {
  const bytes = new Uint8Array(sizeOf(parts));
  let at = 0;
  for (const part of parts) {
    bytes.set(part, at);
    at += part.length;
  }
  return bytes;
}

export function sizeOf(parts: readonly { readonly length: number }[]): number {
  return parts.reduce((size, { length }) => size + length, 0);
}
