// Numbers as literals, as short as JavaScript has them.

/** A finite or infinite number; NaN has no literal that keeps its bits. */
export function numberLiteral(value: number): string {
  if (Number.isInteger(value)) {
    if (value === 0) return Object.is(value, -0) ? "-0" : "0";
    // 10000000000 → 1e10. Not what may be an integer to the engine: QuickJS makes a double of 1e6, and all that is computed
    // from it are doubles, of which each is looked up by its name where it is an index (5 times a loop's time).
    if (value % 1000 === 0 && Math.abs(value) >= 2 ** 32) return withExponent(String(value));
    return String(value);
  }
  if (value === Infinity) return "1/0";
  if (value === -Infinity) return "-1/0";
  // 0.5 → .5, -0.5 → -.5
  return String(value).replace(/^(-?)0\./, "$1.");
}

function withExponent(text: string): string {
  const zeros = /^(-?[1-9]\d*?)(0{3,})$/.exec(text);
  return zeros === null ? text.replace("e+", "e") : `${zeros[1]}e${zeros[2]!.length}`;
}

/** Two operands of + or -, with a space where signs would run together. */
export function joined(left: string, sign: string, right: string): string {
  return right.startsWith(sign) ? `${left}${sign} ${right}` : left + sign + right;
}
