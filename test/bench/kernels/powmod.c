// i64: powers modulo a prime that the compiler knows: products of 60 bits, remainders of a constant division.
#include "kernel.h"
#define PRIME 1000000007u
EXPORT(run) i32 run(i32 n) {
  u32 sum = 0;
  for (i32 i = 1; i <= n; i++) {
    u64 result = 1, base = i;
    for (u32 exponent = PRIME - 2; exponent; exponent >>= 1) {
      if (exponent & 1) result = result * base % PRIME;
      base = base * base % PRIME;
    }
    sum = sum * 31 + (u32)result;
  }
  return (i32)sum;
}
