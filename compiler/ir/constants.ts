// The numbers that constants of floats hold, from their bits.

const VIEW = new DataView(new ArrayBuffer(8));

export function f32Of(bits: number): number {
  VIEW.setInt32(0, bits);
  return VIEW.getFloat32(0);
}

export function f64Of(low: number, high: number): number {
  VIEW.setInt32(0, high);
  VIEW.setInt32(4, low);
  return VIEW.getFloat64(0);
}
