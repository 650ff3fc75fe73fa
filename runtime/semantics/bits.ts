// Floats as bit patterns. An f32 is a JavaScript number; a signalling f32 NaN, which no number is, is represented by the double
// with its sign and its payload 29 bits further up, so that engines that keep a double's bits keep an f32's as well
// (runtime/helpers/convert.ts tells which do).

const scratch = new DataView(new ArrayBuffer(8));

export function f64Bits(x: number): bigint {
  scratch.setFloat64(0, x);
  return scratch.getBigInt64(0);
}

export function f64FromBits(bits: bigint): number {
  scratch.setBigInt64(0, bits);
  return scratch.getFloat64(0);
}

export function f32Bits(x: number): number {
  if (!Number.isNaN(x)) {
    scratch.setFloat32(0, x);
    return scratch.getInt32(0);
  }
  const wide = f64Bits(x);
  const payload = Number((wide >> 29n) & 0x7fffffn);
  return (wide < 0n ? -0x80000000 : 0) | 0x7f800000 | (payload === 0 ? 0x400000 : payload);
}

export function f32FromBits(bits: number): number {
  if ((bits & 0x7f800000) !== 0x7f800000 || (bits & 0x7fffff) === 0) {
    scratch.setInt32(0, bits);
    return scratch.getFloat32(0);
  }
  const sign = bits < 0 ? -0x8000_0000_0000_0000n : 0n;
  return f64FromBits(sign | 0x7ff0_0000_0000_0000n | (BigInt(bits & 0x7fffff) << 29n));
}
