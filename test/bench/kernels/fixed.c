// i64: fixed-point arithmetic: products of int32 shifted back, signed division and remainder by powers of two.
#include "kernel.h"
EXPORT(run) i32 run(i32 n) {
  i64 a = 1 << 16, b = 3 << 15;
  i32 sum = 0;
  for (i32 i = 0; i < n; i++) {
    a = (i32)(((i64)(i32)a * (i32)b >> 16) + (i & 0xffff));
    b = b * 3 / 2 % (1 << 20) + 77;
    sum ^= (i32)a;
  }
  return sum;
}
