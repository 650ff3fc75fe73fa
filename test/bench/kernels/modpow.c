// i64: modular exponentiation (Miller-Rabin style) with 64-bit unsigned remainders, moduli both below and above 2^32.
#include "kernel.h"
static u64 mulmod_small(u64 a, u64 b, u64 m) { return a * b % m; }
static u64 mulmod_wide(u64 a, u64 b, u64 m) { // m < 2^42: b in two 21-bit halves
  u64 high = (a * (b >> 21)) % m;
  return ((high << 21) % m + (a * (b & 0x1fffff)) % m) % m;
}
static NOINLINE u64 powmod(u64 base, u64 exponent, u64 m) {
  u64 result = 1;
  base %= m;
  if (m >> 32)
    for (; exponent; exponent >>= 1, base = mulmod_wide(base, base, m)) {
      if (exponent & 1) result = mulmod_wide(result, base, m);
    }
  else
    for (; exponent; exponent >>= 1, base = mulmod_small(base, base, m)) {
      if (exponent & 1) result = mulmod_small(result, base, m);
    }
  return result;
}
EXPORT(run) i32 run(i32 n) {
  u64 sum = 0;
  for (i32 i = 0; i < n; i++) {
    u64 m = 4294967291ull - 2 * i;
    sum = sum * 3 + powmod(3 + i, m - 1, m);
    if ((i & 3) == 0) {
      u64 wide = (1ull << 41) - 21 - 2 * i;
      sum = sum * 3 + powmod(5 + i, 0xfffff, wide) / 7;
    }
  }
  return fold(sum);
}
