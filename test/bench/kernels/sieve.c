// i32: sieve of Eratosthenes over bytes, plus a sum of the primes found.
#include "kernel.h"
#define LIMIT 500000
static u8 composite[LIMIT + 1];
EXPORT(run) i32 run(i32 n) {
  u32 sum = 0;
  for (i32 round = 0; round < n; round++) {
    for (i32 i = 0; i <= LIMIT; i++) composite[i] = 0;
    for (i32 i = 2; i <= LIMIT; i++) {
      if (composite[i]) continue;
      sum = sum * 31 + i;
      for (i32 j = i + i; j <= LIMIT; j += i) composite[j] = 1;
    }
  }
  return (i32)sum;
}
