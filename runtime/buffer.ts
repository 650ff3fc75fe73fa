// An ArrayBuffer made longer or shorter, which the language has no operation for on older engines.

/**
 * A buffer of `size` bytes with the contents of `old` as far as they fit, then zeros. The old buffer is detached where the engine
 * can. Nothing has changed if this throws RangeError: there is no memory.
 * @internal
 */
export function resized(old: ArrayBuffer, size: number): ArrayBuffer {
  const { transfer } = old as { transfer?: (size: number) => ArrayBuffer };
  if (typeof transfer === "function") return transfer.call(old, size);
  const clones = typeof structuredClone === "function";
  if (clones && size === old.byteLength) return structuredClone(old, { transfer: [old] });
  const bytes = new Uint8Array(size);
  bytes.set(new Uint8Array(old, 0, Math.min(size, old.byteLength)));
  if (clones) structuredClone(old, { transfer: [old] });
  return bytes.buffer;
}
