// Between one piece of memory and the several that a guest names in a vector.

/** Copies `source` into the buffers, as far as both reach; returns the number of bytes. @internal */
export function scatter(source: Uint8Array, buffers: readonly Uint8Array[]): number {
  let done = 0;
  for (const buffer of buffers) {
    if (done === source.length) break;
    const part = source.subarray(done, done + buffer.length);
    buffer.set(part);
    done += part.length;
  }
  return done;
}

/** Copies what the buffers hold, one after another, to `target`, which has room for it. @internal */
export function gather(buffers: readonly Uint8Array[], target: Uint8Array): Uint8Array {
  let at = 0;
  for (const buffer of buffers) {
    target.set(buffer, at);
    at += buffer.length;
  }
  return target;
}

/** @internal */
export function byteLength(buffers: readonly Uint8Array[]): number {
  let total = 0;
  for (const buffer of buffers) total += buffer.length;
  return total;
}
