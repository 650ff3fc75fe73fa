/** How an index is made from a number of bytes. */
export const enum Quotient {
  /** The number may not be divisible; then the result is no index. */
  none = 0,
  /** It is divisible. */
  divisible = 1,
  /** It is an unsigned i32, which may look negative. */
  unsigned = 2,
  /** The quotient of exactly this i32 is wanted, not only of one that is an index if it is. */
  exact = 4,
}
