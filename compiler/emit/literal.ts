// Number literals from bits, as short as JavaScript has them.

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

/** A finite or infinite number; NaN has no literal that keeps its bits. */
export function numberLiteral(value: number): string {
  if (value === Infinity) return "1/0";
  if (value === -Infinity) return "-1/0";
  if (Object.is(value, -0)) return "-0";
  return integerOrDecimal(value);
}

function integerOrDecimal(value: number): string {
  let text = String(value).replace("e+", "e");
  // 0.5 → .5, -0.5 → -.5
  text = text.replace(/^(-?)0\./, "$1.");
  // 1000000 → 1e6
  const zeros = /^(-?[1-9]\d*?)(0{3,})$/.exec(text);
  return zeros === null ? text : `${zeros[1]}e${zeros[2]!.length}`;
}
