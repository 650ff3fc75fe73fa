// Unsigned division of i64 in cells, as functions of the page. V8 has a machine instruction for the quotient of signed BigInts only, so half
// the dividend is divided: twice that quotient is the whole's, or one less. No branch decides which, since processors would guess it
// wrong half of the time. Divisors from 2^63 on, and zero, are left to the helper.
import type { HelperName } from "../../runtime/abi.js";

export type CellDivision = "div" | "rem";

/** Helpers for the divisors that are left. */
export const CELL_DIVISION_HELPERS: Readonly<Record<CellDivision, HelperName>> = {
  div: "cell_div_u",
  rem: "cell_rem_u",
};

/** `name(i)` divides cell i by cell i + 1, and leaves the result in cell i. `W`, `H`, `Z`, `U` and `A` are what the page binds by these names. */
export function cellDivisionFunction(name: string, kind: CellDivision): string {
  // q: the quotient; r: what it leaves, below twice the divisor y; d: r - y; l: 1 if that is negative. Of r and d both are 2^63 or more
  // only if d is not negative, as y is below.
  const quotient = "q=U(64,U(64,A(64,A(64,U(64,x>>1n))/A(64,y)))<<1n)";
  const rest = "r=W[i]=U(64,x-U(64,q*y)),d=W[i+1]=U(64,r-y),l=(~H[2*i+1]&H[2*i+3])>>>31";
  const result = kind === "div" ? "U(64,q-Z[65-l])" : "U(64,d+U(64,y&Z[64+l]))";
  return (
    `function ${name}(i){if(H[2*i+3]<0||!(H[2*i+2]|H[2*i+3]))${CELL_DIVISION_HELPERS[kind]}(i);` +
    `else{var x=W[i],y=W[i+1],${quotient},${rest};W[i]=${result}}}`
  );
}
