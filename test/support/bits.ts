// Bit patterns of floats, for tests that must tell one NaN from another.
// f32 patterns are unsigned 32-bit numbers, f64 patterns unsigned 64-bit bigints.

const view = new DataView(new ArrayBuffer(8));

export function bitsOfF32(value: number): number {
  view.setFloat32(0, value);
  return view.getUint32(0);
}

/** A signaling f32 NaN becomes quiet on the way: JavaScript numbers cannot hold one. */
export function f32OfBits(bits: number): number {
  view.setUint32(0, bits);
  return view.getFloat32(0);
}

export function bitsOfF64(value: number): bigint {
  view.setFloat64(0, value);
  return view.getBigUint64(0);
}

export function f64OfBits(bits: bigint): number {
  view.setBigUint64(0, bits);
  return view.getFloat64(0);
}
