// calls: i64 in and out of small functions, and a counter of 64 bits.
#include "kernel.h"
static NOINLINE i64 step(i64 a, i64 b) { return a * 3 + b; }
static NOINLINE u64 mix(u64 a, u64 b) { return (a ^ b >> 7) + (b << 9 | b >> 55); }
EXPORT(run) i32 run(i32 n) {
  i64 a = 1;
  u64 b = 0;
  for (i64 i = 0; i < (i64)n * 1000; i++) {
    a = step(a, i);
    if (!(i & 3)) b = mix(b, (u64)a);
  }
  return fold((u64)a + b);
}
