// Division for generated code that has i64 as BigInt: the operands are cells i and i + 1, the result goes to cell i. A BigInt
// that passed a call would be allocated. V8 has machine instructions for signed quotients only. Unsigned ones with a divisor below 2^63 are
// functions of the page (compiler/emit/cell-division.ts), as they need literals that this code, read by every engine, cannot have.
import { S } from "../instance/store.js";
import { i64_div_s, i64_div_u, i64_rem_s, i64_rem_u } from "./i64-arith.js";

const W = S.W!;
const H = S.H!;
const A = typeof BigInt === "function" ? BigInt.asIntN : undefined!;
const U = typeof BigInt === "function" ? BigInt.asUintN : undefined!;

export function cell_div_u(i: number): number {
  byHalves(i64_div_u, i);
  return 0;
}

export function cell_rem_u(i: number): number {
  byHalves(i64_rem_u, i);
  return 0;
}

export function cell_div_s(i: number): number {
  // Divisors 0 and -1, which may trap, are left to the halves.
  if (((H[2 * i + 2]! + 1) | 1) !== 1 || ((H[2 * i + 3]! + 1) | 1) !== 1) {
    W[i] = U(64, A(64, A(64, W[i]!) / A(64, W[i + 1]!)));
  } else byHalves(i64_div_s, i);
  return 0;
}

export function cell_rem_s(i: number): number {
  if (((H[2 * i + 2]! + 1) | 1) !== 1 || ((H[2 * i + 3]! + 1) | 1) !== 1) {
    W[i] = U(64, A(64, A(64, W[i]!) % A(64, W[i + 1]!)));
  } else byHalves(i64_rem_s, i);
  return 0;
}

function byHalves(f: (a: number, b: number, c: number, d: number) => number, i: number): void {
  const low = f(H[2 * i]!, H[2 * i + 1]!, H[2 * i + 2]!, H[2 * i + 3]!);
  H[2 * i] = low;
  H[2 * i + 1] = S.h;
}
